// SPDX-License-Identifier: GPL-2.0-only
/* The level below reading a tree. */
#include <stdio.h>
#include <stdlib.h>

#include <nhv/base.h>
#include <abi/partition.h>
#include "memory.h"
#include "walker.h"

#define LEAF_BITS	(NHV_PTE_VALID | NHV_PTE_LEAF | NHV_PTE_RPN | \
			 NHV_PTE_R | NHV_PTE_C | NHV_PTE_ATT | NHV_PTE_READ | \
			 NHV_PTE_WRITE | NHV_PTE_EXEC)
#define TABLE_BITS	(NHV_PTE_VALID | NHV_PDE_NLB | NHV_PDE_NLS)

static void must(bool holds, const char *what, u64 value)
{
	if (holds)
		return;
	printf("Bail out! the level below finds 0x%llx: %s\n", value, what);
	exit(1);
}

struct walk_at walk_root(u64 pate0)
{
	struct walk_at at = {
		.table = pate0 & NHV_RPDB,
		.bits = pate0 & NHV_RPDS,
		.left = NHV_REAL_BITS,
	};

	must(pate0 & NHV_PATE0_HR, "not radix", pate0);
	must((pate0 & (NHV_RTS_HIGH | NHV_RTS_LOW)) == NHV_RTS_52,
	     "not 52 bits", pate0);
	must(at.bits == NHV_RPDS_52, "root is not 13 bits", pate0);
	must(!(at.table & ((8ULL << at.bits) - 1)), "root not aligned", pate0);
	return at;
}

/* POWER9 and POWER10 take no other shapes for 52 bits. */
static bool legal_width(unsigned int left, unsigned int bits)
{
	return (left == 39 && bits == 9) || (left == 30 && bits == 9) ||
	       (left == 21 && (bits == 9 || bits == 5));
}

u64 walk_step(struct walk_at *at, u64 addr)
{
	u64 index = (addr >> (at->left - at->bits)) & ((1ULL << at->bits) - 1);
	u64 entry = host_read_entry(at->table + 8 * index);

	if (!(entry & NHV_PTE_VALID))
		return entry;
	at->left -= at->bits;
	if (entry & NHV_PTE_LEAF) {
		must(!(entry & ~LEAF_BITS), "reserved bits in a leaf", entry);
		must(at->left <= NHV_SHIFT_1G, "leaf at the root", entry);
		must(!(entry & NHV_PTE_RPN & ((1ULL << at->left) - 1)),
		     "frame not aligned", entry);
		return entry;
	}
	must(!(entry & ~TABLE_BITS), "reserved bits in a table entry", entry);
	at->table = entry & NHV_PDE_NLB;
	at->bits = entry & NHV_PDE_NLS;
	must(legal_width(at->left, at->bits), "no legal width", entry);
	must(!(at->table & ((8ULL << at->bits) - 1)), "table not aligned",
	     entry);
	return entry;
}

u64 walk(u64 pate0, u64 addr, unsigned int *shift)
{
	struct walk_at at = walk_root(pate0);
	u64 entry;

	do {
		entry = walk_step(&at, addr);
	} while ((entry & NHV_PTE_VALID) && !(entry & NHV_PTE_LEAF));

	*shift = entry & NHV_PTE_VALID ? at.left : at.left - at.bits;
	return entry & NHV_PTE_VALID ? entry : 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * H_COPY_TOFROM_GUEST: the memory of a guest's guest by the addresses that it
 * uses itself, through its own process table. be=1: called big-endian.
 */
#include "hv.h"

#define LPID		11
#define PID		7
#define BASE		0x40000000UL	/* of L3: a page of ours each */
#define PAGES		16
#define KERNEL		0x10000000UL	/* effective, in quadrant 3, stripped of its top */
#define USER		0x20000000UL	/* in quadrant 0 of PID */
#define NOWHERE		0x0000700000000000UL
#define PROCESS_TABLE	(BASE + PAGES * 4096)	/* L3 real, 4K */

static struct l3_guest guest;
static u8 *area, *buffer;
static u64 *process_table, *kernel_tree, *user_tree;

static u64 be(u64 v)
{
	return __builtin_bswap64(v);
}

/* L3's own trees: their tables lie in its memory, where ours are one to one. */
static bool make_process(void)
{
	u64 *trees = hv_memory(2 * 65536 + 8 * 4096, 65536);
	u64 bits = 0x18f;	/* R, C, privileged, all permissions */
	u64 *next = trees + 2 * 8192;

	process_table = hv_memory(4096, 4096);
	kernel_tree = trees;
	user_tree = trees + 8192;
	for (unsigned int which = 0; which < 2; which++) {
		u64 ea = which ? USER : KERNEL, *root = which ? user_tree : kernel_tree;

		root[ea >> 39] = be(TREE_VALID | (u64)next | 9);
		next[ea >> 30 & 511] = be(TREE_VALID | (u64)(next + 512) | 9);
		next += 512;
		next[ea >> 21 & 511] = be(TREE_VALID | (u64)(next + 512) | 9);
		next += 512;
		for (unsigned int n = 0; n < PAGES / 2; n++)
			next[n] = be(TREE_VALID | TREE_LEAF |
				     (BASE + (n + which * PAGES / 2) * 4096) |
				     (which ? bits & ~8UL : bits));
		/* the last one is read-only */
		next[PAGES / 2 - 1] &= ~be(2);
		next += 512;
	}
	process_table[0] = be(TREE_RTS_52 | (u64)kernel_tree | TREE_ROOT_BITS);
	process_table[2 * PID] = be(TREE_RTS_52 | (u64)user_tree | TREE_ROOT_BITS);
	return tree_map(guest.root, (u64)trees, (u64)trees, 2 * 65536 + 8 * 4096, 12, LEAF_ALL);
}

static bool ready(void)
{
	static struct l3 vcpu;

	if (!hv_ready())
		return false;
	for (unsigned int n = 0; area && n < PAGES * 4096; n++)
		area[n] = n * 7 + (n >> 12);
	if (area)
		return true;
	check(!hv(H_SET_PARTITION_TABLE, hv_table_value()));
	area = hv_memory(PAGES * 4096, 4096);
	buffer = hv_memory(PAGES * 4096, 4096);
	if (!hv_guest_make(&guest, LPID) || !check(make_process()) ||
	    !check(tree_map(guest.root, BASE, (u64)area, PAGES * 4096, 12, LEAF_ALL)) ||
	    !check(tree_map(guest.root, PROCESS_TABLE, (u64)process_table, 4096, 12, LEAF_ALL)))
		return false;
	hv_set_entry(LPID, hv_root_value(guest.root), 1UL << 63 | PROCESS_TABLE);
	check(!hv_flush_lpid(LPID, 2));
	l3_init(&vcpu, &guest, 0);
	check(l3_go(&vcpu, L3_PROGRAM(call), 0, 0) == 0xc00);
	return ready();
}

static long from_guest(u64 pid, u64 ea, u64 n)
{
	memset(buffer, 0, n < 65536 ? n : 65536);
	return hv(H_COPY_TOFROM_GUEST, LPID, pid, ea, (u64)buffer, 0, n);
}

static long to_guest(u64 pid, u64 ea, u64 n)
{
	return hv(H_COPY_TOFROM_GUEST, LPID, pid, ea, 0, (u64)buffer, n);
}

static void load(void)
{
	static const u64 lengths[] = { 1, 4, 8, 4095, 4096, 4097, 3 * 4096 };

	if (!ready())
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(lengths); i++) {
		u64 n = lengths[i];

		check(!from_guest(0, KERNEL + 5, n), ": kernel, %lu", n);
		check(!memcmp(buffer, area + 5, n), ": kernel, %lu", n);
		check(!from_guest(PID, USER + 0x123, n), ": user, %lu", n);
		check(!memcmp(buffer, area + PAGES / 2 * 4096 + 0x123, n), ": user, %lu", n);
	}
}

static void store(void)
{
	if (!ready())
		return;
	for (unsigned int n = 0; n < 8192; n++)
		buffer[n] = n * 3;
	check(!to_guest(0, KERNEL + 0xff0, 0x1020));
	check(!memcmp(buffer, area + 0xff0, 0x1020));
	check(area[0xfef] == (u8)(0xfef * 7) && area[0x2010] == (u8)(0x2010 * 7 + 2));
	check(!to_guest(PID, USER, 16));
	check(!memcmp(buffer, area + PAGES / 2 * 4096, 16));
}

static void refused(void)
{
	if (!ready())
		return;
	check(hv(H_COPY_TOFROM_GUEST, LPID, 0, KERNEL, (u64)buffer, (u64)buffer, 8) == H_PARAMETER);
	check(hv(H_COPY_TOFROM_GUEST, LPID, 0, KERNEL, 0, 0, 8) == H_PARAMETER);
	for (unsigned int bit = 52; bit < 64; bit++)
		check(from_guest(0, KERNEL | 1UL << bit, 8) == H_PARAMETER, ": bit %u", bit);
	check(hv(H_COPY_TOFROM_GUEST, 1234, 0, KERNEL, (u64)buffer, 0, 8) == H_PARAMETER);
	check(hv(H_COPY_TOFROM_GUEST, 0, 0, KERNEL, (u64)buffer, 0, 8) == H_PARAMETER);
	check(hv(H_COPY_TOFROM_GUEST, ~0UL, 0, KERNEL, (u64)buffer, 0, 8) == H_PARAMETER);
}

static void not_found(void)
{
	if (!ready())
		return;
	check(from_guest(0, USER, 8) == H_NOT_FOUND);
	check(from_guest(PID, KERNEL, 8) == H_NOT_FOUND);
	check(from_guest(PID + 1, USER, 8) == H_NOT_FOUND);
	check(from_guest(0, KERNEL + PAGES / 2 * 4096, 8) == H_NOT_FOUND);
	check(from_guest(0, KERNEL + PAGES / 2 * 4096 - 4, 8) == H_NOT_FOUND);
	check(from_guest(0x80000000UL, USER, 8) != H_SUCCESS);
	check(to_guest(0, KERNEL + (PAGES / 2 - 1) * 4096, 8) == H_NOT_FOUND);
	check(!from_guest(0, KERNEL + (PAGES / 2 - 1) * 4096, 8));
	check(hv(H_COPY_TOFROM_GUEST, LPID, 0, KERNEL, NOWHERE, 0, 8) == H_NOT_FOUND);
	check(hv(H_COPY_TOFROM_GUEST, LPID, 0, KERNEL, 0, NOWHERE, 8) == H_NOT_FOUND);
}

static void lengths(void)
{
	long r;

	if (!ready())
		return;
	r = from_guest(0, KERNEL, 0);
	check(r == H_SUCCESS || r == H_PARAMETER, ": %ld", r);
	for (unsigned int bit = 24; bit < 64; bit++) {
		r = from_guest(0, KERNEL, 1UL << bit);
		check(r == H_NO_MEM || r == H_PARAMETER || r == H_NOT_FOUND, ": bit %u: %ld", bit, r);
	}
	check(from_guest(0, KERNEL, ~0UL) < 0);
}

/* The page of L3 that the copy goes through has gone from its tree. */
static void through_holes(void)
{
	if (!ready())
		return;
	l3_set_leaf(&guest, BASE, 12, 0);
	check(!hv_flush_page(LPID, BASE, 0));
	check(from_guest(0, KERNEL, 8) == H_NOT_FOUND);
	l3_set_leaf(&guest, BASE, 12, TREE_VALID | TREE_LEAF | (u64)area | LEAF_ALL);
	check(!from_guest(0, KERNEL, 8) && !memcmp(buffer, area, 8));
	l3_set_leaf(&guest, PROCESS_TABLE, 12, 0);
	check(!hv_flush_page(LPID, PROCESS_TABLE, 0));
	check(from_guest(0, KERNEL, 8) == H_NOT_FOUND);
	l3_set_leaf(&guest, PROCESS_TABLE, 12,
		    TREE_VALID | TREE_LEAF | (u64)process_table | LEAF_ALL);
	check(!from_guest(0, KERNEL, 8));
}

static void no_guest(void)
{
	if (!ready())
		return;
	hv_guest_end(&guest);
	check(from_guest(0, KERNEL, 8) == H_PARAMETER);
}

TESTS(
	{ "from a guest", load },
	{ "to a guest", store },
	{ "arguments that are refused", refused },
	{ "what is not there", not_found },
	{ "lengths", lengths },
	{ "pages that have gone", through_holes },
	{ "a guest that has gone", no_guest },
);

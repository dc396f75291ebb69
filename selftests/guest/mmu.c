// SPDX-License-Identifier: GPL-2.0-only
/*
 * Radix translation of the payload itself: a process table with one process,
 * memory mapped one to one.  Where the hypervisor refuses the table, mmu_on()
 * says so and the payload stays in real mode.
 */
#include "guest.h"

#define VALID	TREE_VALID
#define LEAF	TREE_LEAF
#define RTS_52	TREE_RTS_52
#define ROOT_BITS TREE_ROOT_BITS
#define ATT_IO	0x20
#define RADIX	0x4
#define GTSE	0x1
#define NEW_TABLE 0x18

/* Index widths from the root down, and what one entry there spans. */
static const struct {
	unsigned int bits, shift;
} levels[] = { { ROOT_BITS, 39 }, { 9, 30 }, { 9, 21 }, { 9, 12 } };

static u64 root[1 << ROOT_BITS] LARGE __attribute__((aligned(1 << 16)));
static u64 process_table[512] LARGE __attribute__((aligned(4096)));
static u64 pool[256][512] LARGE __attribute__((aligned(4096)));
static unsigned int pool_used;
static bool made;

static u64 be(u64 v)
{
	return __builtin_bswap64(v);
}

/* A table of zeroes, aligned to its size; NULL when there are no more. */
u64 *tree_table(void)
{
	unsigned int n = __atomic_fetch_add(&pool_used, 1, __ATOMIC_RELAXED);

	return n < ARRAY_SIZE(pool) ? pool[n] : NULL;
}

/* The entry for ea at the level whose entries span 2^shift, tables made. */
u64 *tree_entry(u64 *table, u64 ea, unsigned int shift)
{
	for (unsigned int l = 0; ; l++) {
		u64 *e = &table[ea >> levels[l].shift & ((1UL << levels[l].bits) - 1)];

		if (levels[l].shift == shift)
			return e;
		if (!*e) {
			table = tree_table();
			if (!table)
				return NULL;
			*e = be(VALID | (u64)table | levels[l + 1].bits);
		}
		if (be(*e) & LEAF)
			return NULL;
		table = (u64 *)(be(*e) & 0x0fffffffffffff00);
	}
}

static unsigned int leaf_shift(u64 ea, u64 real, u64 size)
{
	for (unsigned int l = 1; l < ARRAY_SIZE(levels); l++) {
		u64 span = 1UL << levels[l].shift;

		if (size >= span && !((ea | real) & (span - 1)))
			return levels[l].shift;
	}
	return 12;
}

/*
 * Leaves of 2^shift; bits: the low ones of a leaf. No flush, what was not
 * valid is not cached.
 */
bool tree_map(u64 *table, u64 ea, u64 real, u64 size, unsigned int shift, u64 bits)
{
	for (u64 at = 0; at < size; at += 1UL << shift) {
		u64 *e = tree_entry(table, ea + at, shift);

		if (!e)
			return false;
		*e = be(VALID | LEAF | (real + at) | bits);
	}
	asm volatile("ptesync" : : : "memory");
	return true;
}

static u64 *entry(u64 ea, unsigned int shift)
{
	return tree_entry(root, ea, shift);
}

/* The largest leaves that fit. */
bool mmu_map(u64 ea, u64 real, u64 size, u64 bits)
{
	while (size) {
		unsigned int shift = leaf_shift(ea, real, size);
		u64 span = 1UL << shift;

		if (!tree_map(root, ea, real, span, shift, bits))
			return false;
		ea += span;
		real += span;
		size -= size < span ? size : span;
	}
	return true;
}

bool mmu_unmap(u64 ea)
{
	for (unsigned int l = 1; l < ARRAY_SIZE(levels); l++) {
		u64 *e = entry(ea, levels[l].shift);

		if (e && (be(*e) & LEAF)) {
			*e = 0;
			mmu_flush();
			return true;
		}
		if (!e)
			return false;
	}
	return false;
}

void mmu_flush(void)
{
	asm volatile(".machine push; .machine power9; ptesync; tlbie %0,%1,2,1,1;"
		     "eieio; tlbsync; ptesync; isync; .machine pop"
		     : : "r"(1UL << 10), "r"(0UL) : "memory");
}

static bool make(void)
{
	u64 memory = memory_size(0), extra = memory_size(EXTRA_BASE);

	process_table[0] = be(RTS_52 | (u64)root | ROOT_BITS);
	if (!mmu_map(0, 0, memory, PTE_RWX) ||
	    (extra && !mmu_map(EXTRA_BASE, EXTRA_BASE, extra, PTE_RWX)) ||
	    !mmu_map(DEVICE_BASE, DEVICE_BASE, DEVICE_SIZE, PTE_RWX | ATT_IO))
		return false;
	mtspr(48, 0);	/* PIDR */
	return !hcall(H_REGISTER_PROC_TBL, NEW_TABLE | RADIX | GTSE,
		      (u64)process_table, 0, 0);
}

bool mmu_on(void)
{
	if (!made && !make())
		return false;
	made = true;
	set_msr(mfmsr() | MSR_IR | MSR_DR);
	return true;
}

void mmu_off(void)
{
	set_msr(mfmsr() & ~(MSR_IR | MSR_DR));
}

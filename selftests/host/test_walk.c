// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk of a guest's process table and radix tree.
 *
 * Objects: src/core/walk.o; nhv_guest_read() is the one below
 */
#include <nhv/base.h>
#include <nhv/core.h>
#include <abi/exits.h>
#include <abi/partition.h>
#include "ktap.h"

#define MEMORY_SIZE	(1U << 20)
#define PROCESS_TABLE	0x10000U	/* 64 KiB: PRTS 4 */
#define PRTS		4U
#define TREE		0x20000U
#define KERNEL		0xc000000000000000ULL
#define MSR_KERNEL	(NHV_MSR_SF | NHV_MSR_IR | NHV_MSR_DR)
#define MSR_PROBLEM	(MSR_KERNEL | NHV_MSR_PR)
#define RWX		(NHV_PTE_READ | NHV_PTE_WRITE | NHV_PTE_EXEC)

static u8 memory[MEMORY_SIZE];
static unsigned int reads;

int nhv_guest_read(struct nhv_vm *vm, struct nhv_l2ra ra, void *to, size_t size)
{
	(void)vm;
	reads++;
	if (ra.addr >= MEMORY_SIZE || size > MEMORY_SIZE - ra.addr)
		return -EFAULT;
	memcpy(to, memory + ra.addr, size);
	return 0;
}

static void put(u64 at, u64 value)
{
	__be64 raw = cpu_to_be64(value);

	memcpy(memory + at, &raw, sizeof(raw));
}

static void set_process(u32 pid, unsigned int bits, u64 root,
			unsigned int root_bits)
{
	u64 rts = bits - 31;

	put(PROCESS_TABLE + 16 * pid, (rts >> 3) << 61 | (rts & 7) << 5 |
	    root | root_bits);
}

static u64 directory(u64 table, unsigned int bits)
{
	return NHV_PTE_VALID | table | bits;
}

static u64 leaf(u64 ra, u64 rights)
{
	return NHV_PTE_VALID | NHV_PTE_LEAF | ra | NHV_PTE_R | rights;
}

/* What Linux builds: 52 bits, 13 + 9 + 9 + 9, the last 5 with 64K pages. */
#define PUD		(TREE + 0x10000)
#define PMD		(TREE + 0x20000)
#define PTES		(TREE + 0x30000)

static void build_linux(u32 pid)
{
	memset(memory, 0, sizeof(memory));
	set_process(pid, 52, TREE, 13);
	put(TREE + 8 * 3, directory(PUD, 9));
	put(PUD + 8 * 5, directory(PMD, 9));
	put(PUD + 8 * 6, leaf(0x40000000, RWX | NHV_PTE_PRIV));
	put(PMD + 8 * 7, directory(PTES, 9));
	put(PMD + 8 * 8, leaf(0x00a00000, RWX));
	put(PTES + 8 * 9, leaf(0x6010000000000000 & NHV_PTE_RPN, RWX));
}

#define EA(a, b, c, d)	((u64)(a) << 39 | (u64)(b) << 30 | (c) << 21 | (d) << 12)

static int walk_pid(u64 msr, u32 pid, bool data, u64 ea, u64 *to)
{
	const struct nhv_walk walk = {
		.process_table = PROCESS_TABLE | PRTS,
		.pid = pid,
		.msr = msr,
		.data = data,
		.read = nhv_walk_read_l2,
	};

	reads = 0;
	*to = 0;
	return nhv_walk(&walk, ea, to);
}

static void maps(u64 msr, u32 pid, bool data, u64 ea, u64 want)
{
	u64 got;
	int rc = walk_pid(msr, pid, data, ea, &got);

	CHECK(!rc && got == want, "0x%llx: rc %d, 0x%llx, not 0x%llx",
	      (unsigned long long)ea, rc, (unsigned long long)got,
	      (unsigned long long)want);
}

static void faults(u64 msr, u32 pid, bool data, u64 ea)
{
	u64 got;
	int rc = walk_pid(msr, pid, data, ea, &got);

	CHECK(rc == -EFAULT, "0x%llx: rc %d, 0x%llx", (unsigned long long)ea,
	      rc, (unsigned long long)got);
}

static void test_real_mode(void)
{
	memset(memory, 0, sizeof(memory));
	maps(NHV_MSR_SF, 1, true, 0x1234, 0x1234);
	maps(NHV_MSR_SF, 1, true, 0xc000000000001234, 0x1234);
	maps(NHV_MSR_SF | NHV_MSR_IR, 1, true, 0x0fff000000001234,
	     0x0fff000000001234);
	maps(0, 1, true, 0xffffffff00001234, 0x1234);
	/* Each kind of access has its own bit. */
	faults(NHV_MSR_SF | NHV_MSR_IR, 1, false, 0x1234);
	maps(NHV_MSR_SF | NHV_MSR_DR, 1, false, 0x1234, 0x1234);
}

static void test_linux_tree(void)
{
	build_linux(0);
	maps(MSR_KERNEL, 7, true, KERNEL | EA(3, 5, 7, 9) | 0x123,
	     (0x6010000000000000 & NHV_PTE_RPN) | 0x123);
	maps(MSR_KERNEL, 7, true, KERNEL | EA(3, 5, 8, 2) | 0x123, 0x00a02123);
	maps(MSR_KERNEL, 7, false, KERNEL | EA(3, 6, 8, 2) | 0x123, 0x41002123);
	CHECK_EQ(reads, 3, "reads for a 1G leaf");
	faults(MSR_KERNEL, 7, true, KERNEL | EA(3, 5, 7, 10));
	faults(MSR_KERNEL, 7, true, KERNEL | EA(3, 5, 9, 9));
	faults(MSR_KERNEL, 7, true, KERNEL | EA(4, 5, 7, 9));
	/* 64K pages: the last index has 5 bits. */
	put(PMD + 8 * 7, directory(PTES, 5));
	put(PTES + 8 * 17, leaf(0x00b10000, RWX));
	maps(MSR_KERNEL, 7, true, KERNEL | EA(3, 5, 7, 17 << 4) | 0xfedc,
	     0x00b1fedc);
}

static void test_quadrants(void)
{
	u64 ea = EA(3, 5, 7, 9);
	u64 ra = 0x6010000000000000 & NHV_PTE_RPN;

	build_linux(5);
	maps(MSR_PROBLEM, 5, true, ea, ra);
	faults(MSR_PROBLEM, 4, true, ea);
	faults(MSR_PROBLEM, 5, true, KERNEL | ea);
	faults(MSR_PROBLEM, 5, true, 0x4000000000000000 | ea);
	faults(MSR_PROBLEM, 5, true, 0x8000000000000000 | ea);
	/* The bits between quadrant and tree. */
	faults(MSR_PROBLEM, 5, true, 1ULL << 52 | ea);
	faults(MSR_PROBLEM, 5, true, 1ULL << 61 | ea);
	/* In 32-bit mode the high half does not count. */
	set_process(5, 52, TREE, 13);
	put(TREE, directory(PUD, 9));
	put(PUD + 8, directory(PMD, 9));
	maps(MSR_PROBLEM & ~NHV_MSR_SF, 5, true,
	     0xffffffff00000000 | EA(0, 1, 8, 1), 0x00a01000);
	/* The last entry of the table, and the one after. */
	build_linux(0xfff);
	memcpy(memory + TREE, memory + PROCESS_TABLE + 16 * 0xfff, 8);
	maps(MSR_PROBLEM, 0xfff, true, ea, ra);
	faults(MSR_PROBLEM, 0x1000, true, ea);
	faults(MSR_PROBLEM, 0xffffffff, true, ea);
}

static void test_rights(void)
{
	u64 ea = EA(3, 5, 8, 0);
	static const struct {
		u64 rights;
		bool data;
		bool fetch;
		bool problem;
	} want[] = {
		{ 0, false, false, true },
		{ NHV_PTE_READ, true, false, true },
		{ NHV_PTE_WRITE, true, false, true },
		{ NHV_PTE_EXEC, false, true, true },
		{ RWX, true, true, true },
		{ RWX | NHV_PTE_PRIV, true, true, false },
	};
	unsigned int i;
	u64 to;

	for (i = 0; i < ARRAY_SIZE(want); i++) {
		build_linux(5);
		put(PMD + 8 * 8, leaf(0x00a00000, want[i].rights));
		CHECK(!walk_pid(MSR_KERNEL, 5, true, ea, &to) == want[i].data,
		      "data %u", i);
		CHECK(!walk_pid(MSR_KERNEL, 5, false, ea, &to) == want[i].fetch,
		      "fetch %u", i);
		CHECK(!walk_pid(MSR_PROBLEM, 5, true, ea, &to) ==
		      (want[i].data && want[i].problem), "problem %u", i);
	}
}

static void test_store(void)
{
	struct nhv_walk walk = {
		.process_table = PROCESS_TABLE | PRTS, .msr = MSR_KERNEL,
		.data = true, .store = true, .read = nhv_walk_read_l2,
	};
	u64 ea = KERNEL | EA(3, 5, 7, 9), ra;

	build_linux(0);
	CHECK_EQ(nhv_walk(&walk, ea, &ra), 0, "writable");
	put(PTES + 8 * 9, leaf(0x60000, NHV_PTE_READ | NHV_PTE_EXEC));
	CHECK_EQ(nhv_walk(&walk, ea, &ra), -EFAULT, "not writable");
	walk.store = false;
	CHECK_EQ(nhv_walk(&walk, ea, &ra), 0, "readable");
}

static void test_bad_tables(void)
{
	const struct nhv_walk none = {
		.msr = MSR_KERNEL, .data = true, .read = nhv_walk_read_l2,
	};
	const struct nhv_walk huge = {
		.process_table = PROCESS_TABLE | 31, .msr = MSR_KERNEL,
		.data = true, .read = nhv_walk_read_l2,
	};
	u64 ea = KERNEL | EA(3, 5, 7, 9), ra;

	build_linux(0);
	CHECK_EQ(nhv_walk(&none, ea, &ra), -EFAULT, "no process table");
	CHECK_EQ(nhv_walk(&huge, ea, &ra), -EFAULT, "huge table");
	/* Tables outside memory, entries that are not valid. */
	build_linux(0);
	put(PMD + 8 * 7, directory(MEMORY_SIZE, 9));
	faults(MSR_KERNEL, 0, true, ea);
	put(PMD + 8 * 7, directory(PTES, 9) & ~NHV_PTE_VALID);
	faults(MSR_KERNEL, 0, true, ea);
	set_process(0, 52, NHV_RPDB & ~0xffffULL, 13);
	faults(MSR_KERNEL, 0, true, ea);
}

/* Tables have 2^5 entries at least, and no more than the address has bits. */
static void test_bad_sizes(void)
{
	u64 ea = KERNEL | EA(3, 5, 7, 9);
	unsigned int bits, i;
	u64 to;

	for (bits = 0; bits < 32; bits++) {
		build_linux(0);
		for (i = 0; i < 512; i++)
			put(PTES + 8 * i, leaf(0, RWX));
		put(PMD + 8 * 7, directory(PTES, bits));
		CHECK(!walk_pid(MSR_KERNEL, 0, true, ea, &to) ==
		      (bits >= 5 && bits <= 9), "table of 2^%u", bits);

		set_process(0, 31, PTES, bits);
		CHECK(!walk_pid(MSR_KERNEL, 0, true, KERNEL, &to) ==
		      (bits >= 5 && bits <= 19), "root of 2^%u", bits);
	}
}

/* A tree that never comes to a leaf ends when the address is used up. */
static void test_endless(void)
{
	unsigned int i;
	u64 to;

	memset(memory, 0, sizeof(memory));
	set_process(0, 62, TREE, 5);
	for (i = 0; i < 32; i++)
		put(TREE + 8 * i, directory(TREE, 5));
	CHECK_EQ(walk_pid(MSR_KERNEL, 0, true, KERNEL, &to), -EFAULT, "rc");
	CHECK(reads <= 11, "%u reads", reads);
}

static u64 seed = 0x9e3779b97f4a7c15ULL;

static u64 next_random(void)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return seed >> 16;
}

/* Any sizes of tree and tables, a leaf at any level. */
static void random_geometry(void)
{
	unsigned int bits = 31 + next_random() % 32, left = bits;
	unsigned int levels = 1 + next_random() % 4, level, size[4];
	u64 ea = (next_random() << 16 ^ next_random()) & ((1ULL << bits) - 1);
	u64 rpn, mask;

	memset(memory, 0, sizeof(memory));
	for (level = 0; level < levels && left >= 12 + 5; level++) {
		size[level] = 5 + next_random() % 9;
		if (size[level] > left - 12)
			size[level] = left - 12;
		left -= size[level];
	}
	levels = level;
	set_process(0, bits, TREE, size[0]);
	mask = (1ULL << left) - 1;
	rpn = (next_random() << 16) & NHV_PTE_RPN & ~mask;
	left = bits;
	for (level = 0; level < levels; level++) {
		u64 index;

		left -= size[level];
		index = ea >> left & ((1ULL << size[level]) - 1);
		put(TREE + 0x10000 * level + 8 * index, level == levels - 1 ?
		    leaf(rpn, RWX) :
		    directory(TREE + 0x10000 * (level + 1), size[level + 1]));
	}
	maps(MSR_KERNEL, 0, true, KERNEL | ea, rpn | (ea & mask));
	CHECK_EQ(reads, levels + 1, "reads");
}

static void test_geometry(void)
{
	unsigned int i;

	for (i = 0; i < 3000; i++)
		random_geometry();
}

/* Garbage for tables: any answer, but an end and no access outside. */
static void test_garbage(void)
{
	unsigned int i, n;
	u64 to;

	for (n = 0; n < 200; n++) {
		for (i = 0; i < MEMORY_SIZE; i += 8)
			put(i, next_random() << 24 ^ next_random());
		for (i = 0; i < 64; i++) {
			walk_pid(next_random() << 20 ^ next_random(),
				 next_random(), i & 1,
				 next_random() << 24 ^ next_random(), &to);
			CHECK(reads <= 11, "%u reads", reads);
		}
	}
}

int main(void)
{
	static const struct ktap_case cases[] = {
		{ "walk: real mode", test_real_mode },
		{ "walk: trees of Linux", test_linux_tree },
		{ "walk: quadrants and PIDs", test_quadrants },
		{ "walk: rights", test_rights },
		{ "walk: stores", test_store },
		{ "walk: bad tables", test_bad_tables },
		{ "walk: sizes of tables", test_bad_sizes },
		{ "walk: endless tree", test_endless },
		{ "walk: any geometry", test_geometry },
		{ "walk: garbage", test_garbage },
	};

	return ktap_main(cases, ARRAY_SIZE(cases));
}

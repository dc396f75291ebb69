// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shadow trees: the walk of L2's tree, what both levels allow, the reverse map,
 * faults, quota, and allocations that fail, one by one. nested_model.c asks
 * whether all that holds in any order.
 */
#include <nhv/base.h>
#include <abi/exits.h>
#include <nhv/level.h>
#include "ktap.h"
#include "memory.h"
#include "walker.h"
#include "world.h"

#define ALL		(RWX | RC)
#define AT		(2 * PAGE_SIZE)			/* in the first space */
#define RA		(2 * MIB2 + 5 * PAGE_SIZE)	/* in the first piece */
#define PAGE_SIZE_L2	(1ULL << l2_page_shift(0, 0))

static unsigned int sent, sent_all, unreadable;
static u32 sent_lpid;
static int memory_error;

void nhv_level_invalidate(const struct nhv_batch *batch)
{
	sent++;
	sent_all += batch->all;
	sent_lpid = batch->lpid;
}

bool world_unreadable(u64 ra)
{
	(void)ra;
	return unreadable && !--unreadable;
}

int world_no_memory(void)
{
	return memory_error;
}

static void start(void)
{
	world_start();
	sent = 0;
	sent_all = 0;
	unreadable = 0;
	memory_error = 0;
	nhv_nested_limits.tables = 1024;
}

static struct nhv_nested *const nested = &guests[0];
static struct nhv_shadow_fault fault;

static enum nhv_shadow_verdict access_as(u64 at, u64 status, bool store,
					 bool fetch)
{
	struct nhv_fault_runs runs = { };

	fault = (struct nhv_shadow_fault){
		.ra = nhv_l3ra(at),
		.status = status,
		.store = store,
		.fetch = fetch,
	};
	return nhv_shadow_fault(nested, &runs, &fault);
}

static enum nhv_shadow_verdict load(u64 at)
{
	return access_as(at, NHV_DSISR_NOHPTE, false, false);
}

static enum nhv_shadow_verdict store(u64 at)
{
	return access_as(at, NHV_DSISR_NOHPTE | NHV_DSISR_ISSTORE, true, false);
}

static enum nhv_shadow_verdict fetch(u64 at)
{
	return access_as(at, NHV_DSISR_NOHPTE, false, true);
}

static u64 shadow(u64 at, unsigned int *shift)
{
	return walk(nhv_tree_pate0(&nested->tree), at, shift);
}

static void expect(u64 at, u64 frame, u64 bits, unsigned int want_shift)
{
	unsigned int shift;
	u64 leaf = shadow(at, &shift);

	CHECK_EQ(leaf & NHV_PTE_RPN, frame, "frame");
	CHECK_EQ(leaf & (ALL | NHV_PTE_ATT), bits, "bits");
	CHECK_EQ(shift, want_shift, "size");
}

static void expect_none(u64 at)
{
	unsigned int shift;

	CHECK_EQ(shadow(at, &shift), 0, "leaf");
}

static void expect_reflect(enum nhv_shadow_verdict verdict, u64 status)
{
	CHECK_EQ(verdict, NHV_SHADOW_REFLECT, "verdict");
	CHECK_EQ(fault.status, status, "status");
	CHECK_EQ(fault.table, status == NHV_DSISR_PRTABLE_FAULT, "table");
}

/* ---- the walk of L2's tree --------------------------------------------------- */

static u64 walk_l2(u64 at, struct nhv_shadow_leaf *leaf)
{
	return nhv_shadow_walk(nested, nhv_l3ra(at), leaf);
}

static void test_walk_sizes(void)
{
	static const enum level levels[] = { LEVEL_PAGE, LEVEL_2M, LEVEL_1G };
	const u8 shifts[] = { l2_page_shift(0, GIB), NHV_SHIFT_2M,
			      NHV_SHIFT_1G };
	struct nhv_shadow_leaf leaf;
	unsigned int i;

	start();
	for (i = 0; i < ARRAY_SIZE(levels); i++) {
		u64 at = GIB + 0x123456, inside = (1ULL << shifts[i]) - 1;

		l2_map(0, at, GIB, levels[i], NHV_PTE_READ | NHV_PTE_R);
		CHECK_EQ(walk_l2(at, &leaf), 0, "walk");
		CHECK_EQ(leaf.ra.addr, GIB + (at & inside), "address");
		CHECK_EQ(leaf.shift, shifts[i], "size");
		CHECK_EQ(leaf.bits, NHV_PTE_READ | NHV_PTE_R, "bits");
		CHECK_EQ(leaf.entry.addr, l2_entry(0, at, levels[i]), "entry");
	}
	world_end();
}

/* Both widths of the lowest table. */
static void test_walk_small_tables(void)
{
	struct nhv_shadow_leaf leaf;
	u64 at = spaces[3] + 0x30000;

	start();
	l2_map(0, at, 0x50000, LEVEL_PAGE, ALL);
	CHECK_EQ(walk_l2(at + 0x7654, &leaf), 0, "walk");
	CHECK_EQ(leaf.shift, l2_page_shift(0, at), "size");
	CHECK_EQ(leaf.shift, NHV_SHIFT_64K, "size");
	CHECK_EQ(leaf.ra.addr, 0x57654, "address");
	world_end();
}

static void test_walk_absent(void)
{
	struct nhv_shadow_leaf leaf;

	start();
	CHECK_EQ(walk_l2(AT, &leaf), NHV_DSISR_NOHPTE, "page");
	l2_put(l2_entry(0, AT, LEVEL_2M), 0);
	CHECK_EQ(walk_l2(AT, &leaf), NHV_DSISR_NOHPTE, "table");
	CHECK_EQ(walk_l2(5ULL << NHV_SHIFT_512G, &leaf), NHV_DSISR_NOHPTE,
		 "root entry");
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);
	CHECK_EQ(walk_l2(AT, &leaf), 0, "there");
	CHECK_EQ(walk_l2(1ULL << NHV_REAL_BITS | AT, &leaf), NHV_DSISR_NOHPTE,
		 "beyond");
	CHECK_EQ(walk_l2(~0ULL, &leaf), NHV_DSISR_NOHPTE, "far beyond");
	world_end();
}

/* Each wrong by one thing: shapes, alignments, leaves where none may be. */
static void test_walk_bad_shapes(void)
{
	const u64 pate = NHV_PATE0_HR | NHV_RTS_52 | NHV_RPDS_52;
	struct nhv_shadow_leaf leaf;
	static const u8 widths[] = { 0, 1, 4, 6, 8, 10, 13, 31 };
	u64 table, root;
	unsigned int i;

	start();
	root = nested->pate[0] & NHV_RPDB;
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);
	table = l2_get(l2_entry(0, AT, LEVEL_2M));
	for (i = 0; i < ARRAY_SIZE(widths); i++) {
		l2_put(l2_entry(0, AT, LEVEL_2M),
		       (table & ~NHV_PDE_NLS) | widths[i]);
		CHECK_EQ(walk_l2(AT, &leaf), NHV_DSISR_UNSUPP_MMU, "width");
	}
	l2_put(l2_entry(0, AT, LEVEL_2M), NHV_PTE_VALID | 9 |
	       ((table + 0x100) & NHV_PDE_NLB));
	CHECK_EQ(walk_l2(AT, &leaf), NHV_DSISR_UNSUPP_MMU, "table alignment");

	l2_put(l2_entry(0, AT, LEVEL_2M), table);
	CHECK_EQ(walk_l2(AT, &leaf), 0, "as it was");
	l2_put(l2_entry(0, AT, LEVEL_1G), (l2_get(l2_entry(0, AT, LEVEL_1G)) &
	       ~NHV_PDE_NLS) | 5);
	CHECK_EQ(walk_l2(AT, &leaf), NHV_DSISR_UNSUPP_MMU, "32 entries of 2M");
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);

	nested->pate[0] = pate | (root + 0x1000);
	CHECK_EQ(walk_l2(AT, &leaf), NHV_DSISR_UNSUPP_MMU, "root alignment");
	nested->pate[0] = (pate ^ NHV_PATE0_HR) | root;
	CHECK_EQ(walk_l2(AT, &leaf), NHV_DSISR_UNSUPP_MMU, "hash");
	nested->pate[0] = (pate ^ (1ULL << 5)) | root;
	CHECK_EQ(walk_l2(AT, &leaf), NHV_DSISR_UNSUPP_MMU, "51 bits");
	nested->pate[0] = (pate - 1) | root;
	CHECK_EQ(walk_l2(AT, &leaf), NHV_DSISR_UNSUPP_MMU, "root of 12 bits");
	nested->pate[0] = 0;
	CHECK_EQ(walk_l2(AT, &leaf), NHV_DSISR_UNSUPP_MMU, "none");
	world_end();
}

static void test_walk_bad_leaves(void)
{
	struct nhv_shadow_leaf leaf;
	u64 root;

	start();
	l2_map(0, AT, RA, LEVEL_2M, ALL);
	CHECK_EQ(walk_l2(AT, &leaf), NHV_DSISR_UNSUPP_MMU, "frame of 2M");
	l2_map(0, AT, MIB2, LEVEL_1G, ALL);
	CHECK_EQ(walk_l2(AT, &leaf), NHV_DSISR_UNSUPP_MMU, "frame of 1G");
	root = nested->pate[0] & NHV_RPDB;
	l2_put(root, NHV_PTE_VALID | NHV_PTE_LEAF | ALL);
	CHECK_EQ(walk_l2(AT, &leaf), NHV_DSISR_UNSUPP_MMU, "leaf at the root");
	world_end();

	/* A table below the lowest one. */
	start();
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);
	l2_put(l2_entry(0, AT, LEVEL_PAGE), NHV_PTE_VALID | 9);
	CHECK_EQ(walk_l2(AT, &leaf), NHV_DSISR_UNSUPP_MMU, "a table for a page");
	world_end();
}

/* A tree that points at itself ends as any other. */
static void test_walk_loop(void)
{
	struct nhv_shadow_leaf leaf;
	u64 entry = l2_entry(0, AT, LEVEL_1G);

	start();
	l2_put(entry, NHV_PTE_VALID | (entry & ~0xfffULL) | 9);
	CHECK_EQ(walk_l2(0, &leaf), NHV_DSISR_UNSUPP_MMU, "loop");
	world_end();
}

static void test_walk_unreadable(void)
{
	struct nhv_shadow_leaf leaf;
	unsigned int level;

	start();
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);
	for (level = 1; level <= 4; level++) {
		unreadable = level;
		CHECK_EQ(walk_l2(AT, &leaf), NHV_DSISR_PRTABLE_FAULT, "read");
	}
	CHECK_EQ(leaf.ra.addr, l2_entry(0, AT, LEVEL_PAGE), "where");
	unreadable = 4;
	expect_reflect(load(AT), NHV_DSISR_PRTABLE_FAULT);
	CHECK_EQ(fault.at.addr, l2_entry(0, AT, LEVEL_PAGE), "where");
	world_end();
}

/* ---- what both levels allow ---------------------------------------------------- */

static void test_map(void)
{
	start();
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);
	CHECK_EQ(load(AT + 8), NHV_SHADOW_RESUME, "load");
	expect(AT, host_frame(RA), ALL, PAGE_SHIFT);
	CHECK_EQ(sent, 0, "invalidations");
	world_end();
}

static void test_permission_of_l2(void)
{
	static const struct {
		u64 bits, load, store, fetch;
	} rows[] = {
		{ ALL, 0, 0, 0 },
		{ RWX | NHV_PTE_R, 0, NHV_DSISR_SET_RC, 0 },
		{ RWX | NHV_PTE_C, NHV_DSISR_SET_RC, NHV_DSISR_SET_RC,
		  NHV_DSISR_SET_RC },
		{ NHV_PTE_READ | RC, 0, NHV_DSISR_PROTFAULT,
		  NHV_DSISR_NOEXEC_OR_G },
		{ NHV_PTE_WRITE | RC, 0, 0, NHV_DSISR_NOEXEC_OR_G },
		{ NHV_PTE_EXEC | RC, NHV_DSISR_PROTFAULT, NHV_DSISR_PROTFAULT,
		  0 },
		{ RC, NHV_DSISR_PROTFAULT, NHV_DSISR_PROTFAULT,
		  NHV_DSISR_NOEXEC_OR_G },
	};
	unsigned int i, kind;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		for (kind = 0; kind < 3; kind++) {
			u64 want = kind == 0 ? rows[i].load :
				   kind == 1 ? rows[i].store : rows[i].fetch;
			enum nhv_shadow_verdict verdict;

			start();
			l2_map(0, AT, RA, LEVEL_PAGE, rows[i].bits);
			verdict = kind == 0 ? load(AT) :
				  kind == 1 ? store(AT) : fetch(AT);
			if (!want)
				CHECK_EQ(verdict, NHV_SHADOW_RESUME, "verdict");
			else
				expect_reflect(verdict, want | (kind == 1 ?
					       NHV_DSISR_ISSTORE : 0));
			world_end();
		}
}

/* W is L2's, C is not: what is mapped may not be written. */
static void test_c_of_l2(void)
{
	start();
	l2_map(0, AT, RA, LEVEL_PAGE, RWX | NHV_PTE_R);
	CHECK_EQ(load(AT), NHV_SHADOW_RESUME, "load");
	expect(AT, host_frame(RA), NHV_PTE_READ | NHV_PTE_EXEC | NHV_PTE_R,
	       PAGE_SHIFT);
	world_end();
}

static void test_host_not_writable(void)
{
	struct host_page *page = &piece[0].page[5];
	u64 was;

	start();
	page->writable = false;
	was = page->frame;
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);
	CHECK_EQ(load(AT), NHV_SHADOW_RESUME, "load");
	expect(AT, was, NHV_PTE_READ | NHV_PTE_EXEC | NHV_PTE_R, PAGE_SHIFT);
	CHECK_EQ(store(AT), NHV_SHADOW_RESUME, "store");
	CHECK(page->frame != was, "the same frame");
	expect(AT, page->frame, ALL, PAGE_SHIFT);
	world_end();
}

/* The attribute is the memory's, whatever L2 says. */
static void test_attributes(void)
{
	start();
	l2_map(0, AT, RA, LEVEL_PAGE, ALL | NHV_PTE_ATT_NONIDEMPOTENT);
	CHECK_EQ(load(AT), NHV_SHADOW_RESUME, "load");
	expect(AT, host_frame(RA), ALL, PAGE_SHIFT);
	world_end();

	start();
	piece[0].page[5].uncached = true;
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);
	CHECK_EQ(load(AT), NHV_SHADOW_RESUME, "load");
	expect(AT, host_frame(RA), NHV_PTE_READ | NHV_PTE_WRITE | RC |
	       NHV_PTE_ATT_NONIDEMPOTENT, PAGE_SHIFT);
	CHECK_EQ(fetch(AT), NHV_SHADOW_REFUSE, "fetch");
	CHECK_EQ(fault.status, NHV_DSISR_NOEXEC_OR_G, "status");
	world_end();
}

static void test_sizes(void)
{
	static const struct {
		enum level level;
		unsigned int own, want;
	} rows[] = {
		{ LEVEL_PAGE, PAGE_SHIFT, PAGE_SHIFT },
		{ LEVEL_PAGE, NHV_SHIFT_2M, PAGE_SHIFT },
		{ LEVEL_PAGE, NHV_SHIFT_1G, PAGE_SHIFT },
		{ LEVEL_2M, PAGE_SHIFT, PAGE_SHIFT },
		{ LEVEL_2M, NHV_SHIFT_2M, NHV_SHIFT_2M },
		{ LEVEL_2M, NHV_SHIFT_1G, NHV_SHIFT_2M },
		{ LEVEL_1G, PAGE_SHIFT, PAGE_SHIFT },
		{ LEVEL_1G, NHV_SHIFT_2M, NHV_SHIFT_2M },
		{ LEVEL_1G, NHV_SHIFT_1G, NHV_SHIFT_1G },
	};
	u64 at = GIB + MIB2 + 5 * PAGE_SIZE_L2, ra = at;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 mask = -(1ULL << rows[i].want);

		start();
		at = GIB + 5 * (1ULL << l2_page_shift(0, GIB));
		ra = at;
		if (rows[i].own == NHV_SHIFT_2M) {
			piece[3].large = true;
			piece[3].frame = frame_new(NHV_SHIFT_2M);
		} else if (rows[i].own == NHV_SHIFT_1G) {
			huge_frame[1] = frame_new(NHV_SHIFT_1G);
		}
		l2_map(0, at, rows[i].level == LEVEL_PAGE ? ra : GIB,
		       rows[i].level, ALL);
		CHECK_EQ(load(at), NHV_SHADOW_RESUME, "load");
		expect(at, host_frame(ra) & mask, ALL, rows[i].want);
		world_end();
	}
}

/* A large leaf of the shadow tree does what a smaller one would. */
static void test_large_stays(void)
{
	start();
	piece[0].large = true;
	piece[0].frame = frame_new(NHV_SHIFT_2M);
	l2_map(0, 0, pieces[0], LEVEL_2M, ALL);
	CHECK_EQ(load(0), NHV_SHADOW_RESUME, "load");
	CHECK_EQ(load(PAGE_SIZE), NHV_SHADOW_RESUME, "again");
	expect(PAGE_SIZE, piece[0].frame, ALL, NHV_SHIFT_2M);
	CHECK_EQ(sent, 0, "invalidations");

	/* L2 splits it, and only adds to what there was. */
	l2_map(0, AT, pieces[0] + AT, LEVEL_PAGE, ALL);
	CHECK_EQ(load(AT), NHV_SHADOW_RESUME, "load");
	expect(AT, piece[0].frame, ALL, NHV_SHIFT_2M);

	/* And to somewhere else. */
	l2_map(0, AT, pieces[1], LEVEL_PAGE, ALL);
	CHECK_EQ(load(AT), NHV_SHADOW_RESUME, "load");
	expect(AT, host_frame(pieces[1]), ALL, PAGE_SHIFT);
	expect_none(AT + 64 * PAGE_SIZE);
	CHECK(sent, "nothing invalidated");
	world_end();
}

/* A part of a page cannot be mapped: the VM ends, and nothing else. */
static void test_smaller_than_a_page(void)
{
	u64 entry;

	if (PAGE_SHIFT == NHV_SHIFT_4K)
		return;
	start();
	entry = l2_entry(0, 0, LEVEL_2M);
	l2_put(entry, (l2_get(entry) & ~NHV_PDE_NLS) | 9);
	l2_put(l2_entry(0, 0, LEVEL_PAGE),
	       NHV_PTE_VALID | NHV_PTE_LEAF | ALL | RA);
	CHECK_EQ(load(0), NHV_SHADOW_MEMORY, "verdict");
	CHECK_EQ(fault.error, -EINVAL, "error");
	world_end();
}

/* ---- neighbours ------------------------------------------------------------------ */

static void own_touch(u64 ra)
{
	struct nhv_fault_runs runs = { };
	struct nhv_fault own = { .ra = nhv_l2ra(ra), .store = true };

	nhv_mmu_fault(&vm, &runs, &own);
}

static void test_neighbours(void)
{
	const unsigned int nr = 32, shift = l2_page_shift(0, 0);
	unsigned int i, s;

	start();
	for (i = 0; i < nr; i++) {
		u64 ra = pieces[i % 3] + ((u64)i << shift);

		if (i != 9)
			own_touch(ra);
		l2_map(0, (u64)i << shift, ra, LEVEL_PAGE,
		       i == 7 ? RWX : i == 8 ? 0 : ALL);
	}
	CHECK_EQ(load(AT), NHV_SHADOW_RESUME, "load");
	for (i = 0; i < nr; i++) {
		u64 at = (u64)i << shift;

		/* Not R, not there, not in the own tree. */
		if (i == 7 || i == 8 || i == 9)
			expect_none(at);
		else
			CHECK(shadow(at, &s), "neighbour %u", i);
	}
	expect(3ULL << shift, host_frame(pieces[0] + (3ULL << shift)), ALL,
	       PAGE_SHIFT);
	CHECK_EQ(atomic64_read(&vm.stats.shadow_mapped), 1, "mapped");
	CHECK_EQ(atomic64_read(&vm.stats.shadow_around), nr - 4, "around");
	world_end();
}

/* Neighbours inside a leaf of L2's that is larger than ours. */
static void test_neighbours_inside(void)
{
	unsigned int i, shift;

	start();
	for (i = 0; i < 40; i++)
		own_touch(pieces[0] + i * PAGE_SIZE);
	l2_map(0, 0, pieces[0], LEVEL_2M, ALL);
	CHECK_EQ(load(AT), NHV_SHADOW_RESUME, "load");
	for (i = 0; i < 32; i++)
		expect(i * PAGE_SIZE, host_frame(pieces[0] + i * PAGE_SIZE),
		       ALL, PAGE_SHIFT);
	CHECK(PAGES <= 32 || !shadow(32 * PAGE_SIZE, &shift), "too many");
	world_end();
}

/* The window cannot be read, or is garbage: the page itself is mapped. */
static void test_neighbours_bad(void)
{
	unsigned int i;
	int before;

	start();
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);
	for (i = 0; i < 32; i++)
		if (i != AT >> l2_page_shift(0, 0))
			l2_put((l2_entry(0, 0, LEVEL_PAGE)) + 8 * i,
			       NHV_PTE_VALID | (i % 2 ? NHV_PTE_LEAF : 0) |
			       DEVICE * 16 | ALL);
	before = nhv_live_counts.rmaps.counter;
	CHECK_EQ(load(AT), NHV_SHADOW_RESUME, "load");
	expect(AT, host_frame(RA), ALL, PAGE_SHIFT);
	CHECK_EQ(atomic64_read(&vm.stats.shadow_around), 0, "around");
	/* A node and the list heads of one page, and none for what is no memory. */
	CHECK_EQ(nhv_live_counts.rmaps.counter - before, 2, "objects");
	world_end();

	start();
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);
	unreadable = 5;
	CHECK_EQ(load(AT), NHV_SHADOW_RESUME, "load");
	expect(AT, host_frame(RA), ALL, PAGE_SHIFT);
	world_end();
}

static void test_refill(void)
{
	struct nhv_fault_runs runs = { };

	start();
	expect_reflect(store(AT), NHV_DSISR_NOHPTE | NHV_DSISR_ISSTORE);
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);
	nhv_shadow_refill(nested, &runs, nhv_l3ra(AT));
	expect(AT, host_frame(RA), ALL, PAGE_SHIFT);
	/* Where L2 has not resolved it, nothing happens. */
	nhv_shadow_refill(nested, &runs, nhv_l3ra(GIB));
	expect_none(GIB);
	world_end();
}

/* ---- verdicts ----------------------------------------------------------------------- */

static void test_mmio(void)
{
	start();
	l2_map(0, AT, DEVICE, LEVEL_PAGE, ALL);
	CHECK_EQ(load(AT + 4), NHV_SHADOW_MMIO, "verdict");
	CHECK_EQ(fault.at.addr, DEVICE + 4, "address");
	/* L3's own tables cannot be in a device. */
	CHECK_EQ(access_as(AT, NHV_DSISR_NOHPTE | NHV_DSISR_PRTABLE_FAULT,
			   false, false), NHV_SHADOW_REFUSE, "tables");
	CHECK_EQ(fault.status, NHV_DSISR_PRTABLE_FAULT, "status");
	world_end();
}

static void test_refused(void)
{
	start();
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);
	CHECK_EQ(access_as(AT, NHV_DSISR_BADACCESS, true, false),
		 NHV_SHADOW_REFUSE, "verdict");
	CHECK_EQ(fault.status, NHV_DSISR_BADACCESS | NHV_DSISR_ISSTORE,
		 "status");
	l2_map(0, AT, pieces[READONLY], LEVEL_PAGE, ALL);
	CHECK_EQ(load(AT), NHV_SHADOW_RESUME, "load");
	CHECK_EQ(store(AT), NHV_SHADOW_REFUSE, "store to a read-only slot");
	CHECK_EQ(fault.status, NHV_DSISR_PROTFAULT | NHV_DSISR_ISSTORE,
		 "status");
	world_end();
}

static void test_errors(void)
{
	start();
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);
	CHECK_EQ(access_as(AT, NHV_DSISR_UNSUPP_MMU, false, false),
		 NHV_SHADOW_MEMORY, "our own tree");
	CHECK_EQ(fault.error, -EINVAL, "error");
	memory_error = -EFAULT;
	CHECK_EQ(load(AT), NHV_SHADOW_MEMORY, "no memory behind it");
	CHECK_EQ(fault.error, -EFAULT, "error");
	world_end();
}

/* A fault on L3's process table is one for L2 too. */
static void test_process_table(void)
{
	start();
	expect_reflect(access_as(AT, NHV_DSISR_NOHPTE |
				 NHV_DSISR_PRTABLE_FAULT, false, false),
		       NHV_DSISR_NOHPTE | NHV_DSISR_PRTABLE_FAULT);
	/* An update of R in it during a fetch is a store, not a fetch. */
	l2_map(0, AT, RA, LEVEL_PAGE, NHV_PTE_READ | NHV_PTE_WRITE | RC);
	CHECK_EQ(access_as(AT, NHV_DSISR_NOHPTE, true, true),
		 NHV_SHADOW_RESUME, "verdict");
	world_end();
}

/* It was taken out of the map, and a vCPU is still inside. */
static void test_gone(void)
{
	start();
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);
	nested->gone = true;
	expect_reflect(load(AT), NHV_DSISR_UNSUPP_MMU);
	expect_none(AT);
	world_end();
}

/* While the host is changing its mappings L3 tries again. */
static void test_in_flux(void)
{
	start();
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);
	vm.invalidate_active = 1;
	CHECK_EQ(load(AT), NHV_SHADOW_RESUME, "verdict");
	expect_none(AT);
	vm.invalidate_active = 0;
	CHECK_EQ(load(AT), NHV_SHADOW_RESUME, "verdict");
	expect(AT, host_frame(RA), ALL, PAGE_SHIFT);
	world_end();
}

/* ---- the reverse map ------------------------------------------------------------------- */

static bool young(u64 ra, u64 size)
{
	return nhv_rmap_test_bits(&vm, nhv_l2ra(ra), size, NHV_PTE_R);
}

static void host_takes(u64 ra, u64 size)
{
	nhv_mmu_unmap_range(&vm, nhv_l2ra(ra), size);
}

static void test_host_takes(void)
{
	start();
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);
	l2_map(0, GIB, RA & -(1ULL << l2_page_shift(0, GIB)), LEVEL_PAGE, ALL);
	load(AT);
	load(GIB);
	host_takes(RA + PAGE_SIZE, PAGE_SIZE);
	CHECK_EQ(sent, 0, "nothing was there");
	host_takes(RA, PAGE_SIZE);
	expect_none(AT);
	CHECK(sent >= 2, "%u invalidations", sent);
	CHECK(!young(RA, PAGE_SIZE), "young");
	world_end();
}

/* L2 has put another page there and invalidated nothing: that one counts. */
static void test_other_page(void)
{
	start();
	l2_map(0, AT, RA, LEVEL_PAGE, NHV_PTE_READ | RC);
	load(AT);
	l2_map(0, AT, RA + PAGE_SIZE_L2, LEVEL_PAGE, ALL);
	CHECK_EQ(store(AT), NHV_SHADOW_RESUME, "store");
	expect(AT, host_frame(RA + PAGE_SIZE_L2), ALL, PAGE_SHIFT);
	CHECK(!young(RA, PAGE_SIZE), "the page before");
	CHECK(young(RA + PAGE_SIZE_L2, PAGE_SIZE), "the page now");
	host_takes(RA + PAGE_SIZE_L2, PAGE_SIZE);
	expect_none(AT);
	world_end();
}

/* A shadow leaf is found by any page it maps. */
static void test_host_takes_part(void)
{
	start();
	piece[0].large = true;
	piece[0].frame = frame_new(NHV_SHIFT_2M);
	l2_map(0, 0, pieces[0], LEVEL_2M, ALL);
	load(0);
	CHECK(young(pieces[0] + 7 * PAGE_SIZE, PAGE_SIZE), "not young");
	host_takes(pieces[0] + 7 * PAGE_SIZE, 1);
	expect_none(0);
	world_end();

	start();
	huge_frame[1] = frame_new(NHV_SHIFT_1G);
	l2_map(0, GIB, GIB, LEVEL_1G, ALL);
	load(GIB);
	host_takes(GIB + 300 * MIB2, PAGE_SIZE);
	expect_none(GIB);
	world_end();
}

static void test_rmap_borders(void)
{
	start();
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);
	CHECK(!young(RA, PAGE_SIZE), "before");
	load(AT);
	CHECK(young(RA, PAGE_SIZE), "the page");
	CHECK(!young(RA - PAGE_SIZE, PAGE_SIZE), "the one before");
	CHECK(!young(RA + PAGE_SIZE, PAGE_SIZE), "the one behind");
	CHECK(young(RA - 1, 2), "the first byte");
	CHECK(young(RA + PAGE_SIZE - 1, 1), "the last byte");
	CHECK(young(0, ~0ULL), "all");
	CHECK(!young(RA, 0), "nothing");
	CHECK(!young(1ULL << NHV_REAL_BITS, PAGE_SIZE), "beyond");
	CHECK(!young(~0ULL, ~0ULL), "far beyond");
	world_end();
}

/* Before a VM nests there is nothing, and nothing to find. */
static void test_no_rmap(void)
{
	struct nhv_vm plain = { };

	CHECK(!nhv_rmap_test_bits(&plain, nhv_l2ra(0), ~0ULL, NHV_PTE_R),
	      "young");
	nhv_rmap_send(&plain);
	nhv_rmap_release(&plain);
}

static void test_rmap_prepare(void)
{
	const u64 beyond = 1ULL << NHV_REAL_BITS;
	struct nhv_rmap_leaf leaf = { .shift = PAGE_SHIFT };

	start();
	leaf.side = &nested->side;
	CHECK_EQ(nhv_rmap_prepare_leaf(leaf.side, leaf.at, 13), -EINVAL, "size");
	CHECK_EQ(nhv_rmap_prepare_page(&vm, leaf.page, 39), -EINVAL, "size");
	CHECK_EQ(nhv_rmap_prepare_leaf(leaf.side, (struct nhv_tra){ beyond },
				       PAGE_SHIFT), -EINVAL, "address");
	CHECK_EQ(nhv_rmap_prepare_page(&vm, nhv_l2ra(beyond), PAGE_SHIFT),
		 -EINVAL, "address");
	CHECK(!nhv_rmap_has_page(&vm, leaf.page, 13), "a size there is not");
	CHECK(!nhv_rmap_has_page(&vm, leaf.page, PAGE_SHIFT), "not yet");
	CHECK(!nhv_rmap_map(&leaf, NULL), "nothing prepared");
	CHECK_EQ(nhv_rmap_prepare_page(&vm, leaf.page, PAGE_SHIFT), 0, "page");
	CHECK(nhv_rmap_has_page(&vm, leaf.page, PAGE_SHIFT), "there");
	CHECK(!nhv_rmap_map(&leaf, NULL), "no record");
	CHECK_EQ(nhv_rmap_prepare_leaf(leaf.side, leaf.at, PAGE_SHIFT), 0,
		 "leaf");
	CHECK_EQ(nhv_rmap_prepare_leaf(leaf.side, leaf.at, PAGE_SHIFT), 0,
		 "again");
	CHECK_EQ(nhv_rmap_prepare_page(&vm, leaf.page, PAGE_SHIFT), 0, "again");
	CHECK(!nhv_rmap_map(&leaf, NULL), "no tables");
	CHECK(!nhv_rmap_map(&leaf, &(struct nhv_stock){ }), "empty stock");
	world_end();
}

static void test_aging(void)
{
	struct nhv_change change = { .vm = &vm, .bits = NHV_PTE_R };
	struct nhv_batch batch;

	start();
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);
	load(AT);
	nhv_change_range(&change, nhv_l2ra(RA), PAGE_SIZE);
	CHECK_EQ(change.nr, 2, "leaves aged");
	CHECK(!young(RA, PAGE_SIZE), "young");
	CHECK_EQ(sent, 0, "not sent");

	nhv_batch_init(&batch, vm.lpid);
	change.batch = &batch;
	nhv_change_range(&change, nhv_l2ra(RA), PAGE_SIZE);
	nhv_change_send(&change);
	CHECK_EQ(sent, 1, "sent now");
	CHECK_EQ(sent_lpid, nested->lpid, "LPID");

	/* Used again: by a fault, which L2 hears nothing of. */
	CHECK_EQ(access_as(AT, NHV_DSISR_SET_RC, false, false),
		 NHV_SHADOW_RESUME, "verdict");
	CHECK(young(RA, PAGE_SIZE), "not young");
	world_end();
}

/* After the log was read the next store is told to it again. */
static void test_dirty_log(void)
{
	unsigned long taken[BITS_TO_LONGS(PAGES)] = { };

	start();
	piece[0].logs = true;
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);
	CHECK_EQ(load(AT), NHV_SHADOW_RESUME, "load");
	expect(AT, host_frame(RA), NHV_PTE_READ | NHV_PTE_EXEC | NHV_PTE_R,
	       PAGE_SHIFT);
	CHECK_EQ(store(AT), NHV_SHADOW_RESUME, "store");
	expect(AT, host_frame(RA), ALL, PAGE_SHIFT);
	CHECK(test_bit(5, slots[0].dirty), "not in the log");

	memcpy(taken, slots[0].dirty, sizeof(taken));
	memset(slots[0].dirty, 0, sizeof(taken));
	nhv_mmu_protect_dirty(&vm, &slots[0], taken);
	expect(AT, host_frame(RA), NHV_PTE_READ | NHV_PTE_EXEC | NHV_PTE_R,
	       PAGE_SHIFT);
	CHECK_EQ(store(AT), NHV_SHADOW_RESUME, "store");
	CHECK(test_bit(5, slots[0].dirty), "not in the log again");
	world_end();
}

/* One page of L2 at many places of many guests. */
static void test_shared(void)
{
	struct nhv_fault_runs runs = { };
	unsigned int i, g, shift;

	start();
	for (g = 0; g < GUESTS; g++)
		for (i = 0; i < 20; i++) {
			u64 at = (u64)i << l2_page_shift(g, 0);
			u64 page = -(1ULL << l2_page_shift(g, 0));

			l2_map(g, at, RA & page, LEVEL_PAGE, ALL);
			fault = (struct nhv_shadow_fault){
				.ra = nhv_l3ra(at + (RA & ~page))
			};
			CHECK_EQ(nhv_shadow_fault(&guests[g], &runs, &fault),
				 NHV_SHADOW_RESUME, "load");
		}
	host_takes(RA, PAGE_SIZE);
	for (g = 0; g < GUESTS; g++)
		for (i = 0; i < 20; i++) {
			u64 at = ((u64)i << l2_page_shift(g, 0)) +
				 (RA & ((1ULL << l2_page_shift(g, 0)) - 1));

			CHECK_EQ(walk(nhv_tree_pate0(&guests[g].tree), at,
				      &shift), 0, "leaf");
		}
	world_end();
}

static unsigned int dropped_at_once, dropped_before;

static unsigned int shadow_leaves(void)
{
	unsigned int g, nr = 0;
	enum nhv_leaf_size size;

	for (g = 0; g < GUESTS; g++)
		for (size = 0; size < NHV_LEAF_SIZES; size++)
			nr += guests[g].tree.leaves[size];
	return nr;
}

/* How much went since the last time the lock was given back. */
static void count_drops(void)
{
	unsigned int now = shadow_leaves();

	if (dropped_before > now && dropped_before - now > dropped_at_once)
		dropped_at_once = dropped_before - now;
	dropped_before = now;
}

/* So many that L1 would be busy for long if it did them all at once. */
static void map_often(void)
{
	unsigned int i, n, per = PAGE_SHIFT == NHV_SHIFT_4K ? 512 : 32;
	struct nhv_rmap_leaf leaf = {
		.side = &nested->side,
		.page = nhv_l2ra(RA),
		.to = nhv_l1ra(host_frame(RA)),
		.shift = PAGE_SHIFT,
		.bits = ALL,
	};
	struct nhv_stock stock = { };

	nhv_rmap_prepare_page(&vm, leaf.page, PAGE_SHIFT);
	for (i = 0; i * per < 10000; i++) {
		leaf.at.addr = i * MIB2;
		nhv_rmap_prepare_leaf(leaf.side, leaf.at, PAGE_SHIFT);
		for (n = 0; n < per; n++) {
			nhv_stock_fill(&stock);
			spin_lock(&vm.mmu_lock);
			CHECK(nhv_rmap_map(&leaf, &stock), "map");
			spin_unlock(&vm.mmu_lock);
			leaf.at.addr += PAGE_SIZE;
		}
	}
	nhv_stock_drain(&stock);
}

static bool counting;

static void test_often(void)
{
	struct nhv_change change = { .vm = &vm };

	start();
	own_touch(RA);
	map_often();
	CHECK(shadow_leaves() >= 10000, "%u leaves", shadow_leaves());
	CHECK(young(RA, PAGE_SIZE), "not young");
	dropped_before = shadow_leaves();
	dropped_at_once = 0;
	counting = true;
	host_takes(RA, PAGE_SIZE);
	counting = false;
	CHECK_EQ(shadow_leaves(), 0, "leaves");
	CHECK(dropped_at_once && dropped_at_once <= 4096, "%u at once",
	      dropped_at_once);
	world_end();

	/* Some are aged, and the page is young. Too many to write-protect go. */
	start();
	own_touch(RA);
	map_often();
	change.bits = NHV_PTE_R;
	nhv_change_range(&change, nhv_l2ra(RA), PAGE_SIZE);
	CHECK(change.nr >= 4096, "%lu aged", change.nr);
	CHECK(young(RA, PAGE_SIZE), "not young");
	change.bits = NHV_PTE_WRITE | NHV_PTE_C;
	nhv_change_range(&change, nhv_l2ra(RA), PAGE_SIZE);
	CHECK_EQ(shadow_leaves(), 0, "leaves");
	nhv_rmap_send(&vm);
	world_end();
}

/* ---- what L2 invalidates ------------------------------------------------------------------ */

static void test_invalidate(void)
{
	start();
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);
	load(AT);
	nhv_shadow_unmap_range(nested, nhv_l3ra(AT + PAGE_SIZE), PAGE_SIZE);
	nhv_shadow_unmap_range(nested, nhv_l3ra(AT), 0);
	nhv_shadow_unmap_range(nested, nhv_l3ra(1ULL << NHV_REAL_BITS), GIB);
	nhv_shadow_unmap_range(nested, nhv_l3ra(~0ULL), ~0ULL);
	expect(AT, host_frame(RA), ALL, PAGE_SHIFT);
	CHECK_EQ(sent, 0, "sent");
	nhv_shadow_unmap_range(nested, nhv_l3ra(AT + 3), 1);
	expect_none(AT);
	CHECK_EQ(sent, 1, "sent");
	CHECK_EQ(sent_lpid, nested->lpid, "LPID");
	CHECK(!young(RA, PAGE_SIZE), "young");
	world_end();
}

static void test_invalidate_much(void)
{
	start();
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);
	l2_map(0, GIB, pieces[1], LEVEL_PAGE, ALL);
	load(AT);
	load(GIB);
	nhv_shadow_unmap_range(nested, nhv_l3ra(0), 3 * GIB);
	expect_none(AT);
	expect_none(GIB);
	CHECK(nested->tree.tables, "no tables");
	load(AT);
	nhv_shadow_unmap_range(nested, nhv_l3ra(0), ~0ULL);
	expect_none(AT);
	CHECK_EQ(nested->tree.tables, 0, "tables");
	CHECK_EQ(nhv_rmap_tables(&vm), 0, "tables counted");
	CHECK(sent_all, "not all");
	world_end();
}

/* ---- limits ----------------------------------------------------------------------------------- */

/* The tree that was entered longest ago goes, and L3 goes on. */
static void test_quota(void)
{
	struct nhv_fault_runs runs = { };
	unsigned int i;

	start();
	nhv_nested_limits.tables = 0;
	for (i = 0; i < SPACES; i++) {
		l2_map(1, spaces[i], pieces[0], LEVEL_PAGE, ALL);
		l2_map(0, spaces[i], pieces[0], LEVEL_PAGE, ALL);
		fault = (struct nhv_shadow_fault){ .ra = nhv_l3ra(spaces[i]) };
		CHECK_EQ(nhv_shadow_fault(&guests[1], &runs, &fault),
			 NHV_SHADOW_RESUME, "load");
	}
	guests[1].stamp = 0;
	guests[0].stamp = 5;
	for (i = 0; i < SPACES; i++) {
		CHECK_EQ(load(spaces[i]), NHV_SHADOW_RESUME, "load");
		expect(spaces[i], host_frame(pieces[0]), ALL, PAGE_SHIFT);
	}
	CHECK_EQ(guests[1].tree.tables, 0, "the oldest");
	CHECK_EQ(guests[1].refs, 0, "references");
	CHECK(nhv_rmap_tables(&vm) <= 16, "%lu tables", nhv_rmap_tables(&vm));
	CHECK_EQ(atomic64_read(&vm.stats.shadow_reclaimed), 1, "reclaimed");
	world_end();
}

/* With nobody else to take from, a guest begins anew. */
static void test_quota_alone(void)
{
	unsigned int i;

	start();
	nhv_nested_limits.tables = 0;
	for (i = 0; i < 40; i++) {
		u64 at = GIB + i * MIB2;

		l2_map(0, at, pieces[i % 3], LEVEL_2M, ALL);
		CHECK_EQ(load(at), NHV_SHADOW_RESUME, "load");
		expect(at, host_frame(pieces[i % 3]), ALL, PAGE_SHIFT);
	}
	CHECK(atomic64_read(&vm.stats.shadow_reclaimed), "nothing reclaimed");
	CHECK(nhv_rmap_tables(&vm) <= 16, "%lu tables", nhv_rmap_tables(&vm));
	world_end();
}

/* Each allocation fails once: the right answer, nothing held, nothing lost. */
static void test_allocation_failures(void)
{
	int nr;

	for (nr = 0; nr < 32; nr++) {
		enum nhv_shadow_verdict verdict;

		start();
		l2_map(0, AT, RA, LEVEL_PAGE, ALL);
		own_touch(RA);
		host_fail_after(nr);
		verdict = load(AT);
		host_fail_after(-1);
		CHECK_EQ(nested->lock.held, 0, "lock");
		CHECK_EQ(vm.mmu_lock.held, 0, "mmu_lock");
		if (verdict == NHV_SHADOW_MEMORY)
			CHECK_EQ(fault.error, -ENOMEM, "error");
		else
			expect(AT, host_frame(RA), ALL, PAGE_SHIFT);
		CHECK_EQ(load(AT), NHV_SHADOW_RESUME, "then");
		expect(AT, host_frame(RA), ALL, PAGE_SHIFT);
		world_end();
		if (verdict == NHV_SHADOW_RESUME)
			break;
	}
	CHECK(nr > 4 && nr < 32, "%d allocations", nr);
}

static void test_init_failures(void)
{
	struct nhv_nested another = { .lpid = 9 };
	struct nhv_vm other = { };
	int nr, err = -ENOMEM;

	start();
	another.vm = &other;
	for (nr = 0; nr < 8 && err; nr++) {
		host_fail_after(nr);
		err = nhv_shadow_init(&another);
		host_fail_after(-1);
		if (err)
			CHECK_EQ(err, -ENOMEM, "error");
	}
	CHECK_EQ(err, 0, "in the end");
	CHECK_EQ(nr, 3, "allocations and one more");
	nhv_shadow_release(&another);
	nhv_rmap_release(&other);
	world_end();
}

/* ---- two threads -------------------------------------------------------------------------------- */

static void (*meanwhile)(void);

void host_unlocked(spinlock_t *lock)
{
	void (*what)(void) = meanwhile;

	(void)lock;
	if (counting)
		count_drops();
	meanwhile = NULL;
	if (what)
		what();
}

static unsigned int sent_by_other;

static void other_takes(void)
{
	unsigned int before = sent_all;

	host_takes(RA, PAGE_SIZE);
	sent_by_other = sent_all - before;
}

/* The page is gone when it comes, but nobody has been told yet. */
static void test_taken_by_another(void)
{
	start();
	l2_map(0, AT, RA, LEVEL_PAGE, ALL);
	load(AT);
	meanwhile = other_takes;
	host_takes(RA, PAGE_SIZE);
	/* Its own tree's, and that of each shadow tree or what is on the list. */
	CHECK(sent_by_other >= 1, "%u", sent_by_other);
	CHECK_EQ(vm.unsent, 0, "unsent");
	world_end();
}

static const struct ktap_case cases[] = {
	{ "shadow: the walk finds leaves of each size", test_walk_sizes },
	{ "shadow: the walk knows tables of 32 entries", test_walk_small_tables },
	{ "shadow: the walk finds nothing where nothing is", test_walk_absent },
	{ "shadow: the walk refuses bad shapes", test_walk_bad_shapes },
	{ "shadow: the walk refuses bad leaves", test_walk_bad_leaves },
	{ "shadow: the walk ends in a tree that points at itself",
	  test_walk_loop },
	{ "shadow: the walk says where it could not read", test_walk_unreadable },
	{ "shadow: a fault maps a page", test_map },
	{ "shadow: what L2 does not allow, it hears of", test_permission_of_l2 },
	{ "shadow: nothing is written before L2 has set C", test_c_of_l2 },
	{ "shadow: what the host does not allow", test_host_not_writable },
	{ "shadow: storage attributes are the memory's", test_attributes },
	{ "shadow: the smaller size of both levels", test_sizes },
	{ "shadow: a large leaf stays until it must go", test_large_stays },
	{ "shadow: a leaf smaller than a page", test_smaller_than_a_page },
	{ "shadow: neighbours", test_neighbours },
	{ "shadow: neighbours inside a large leaf", test_neighbours_inside },
	{ "shadow: neighbours that cannot be had", test_neighbours_bad },
	{ "shadow: what L2 was given a fault for is filled", test_refill },
	{ "shadow: MMIO of L3 is that of L2", test_mmio },
	{ "shadow: refused accesses", test_refused },
	{ "shadow: errors", test_errors },
	{ "shadow: faults on a process table", test_process_table },
	{ "shadow: a guest that is gone", test_gone },
	{ "shadow: the host is changing its mappings", test_in_flux },
	{ "rmap: the host takes a page", test_host_takes },
	{ "rmap: a leaf of another page of L2", test_other_page },
	{ "rmap: the host takes a part of a leaf", test_host_takes_part },
	{ "rmap: borders", test_rmap_borders },
	{ "rmap: none", test_no_rmap },
	{ "rmap: what is not prepared is not mapped", test_rmap_prepare },
	{ "rmap: aging", test_aging },
	{ "rmap: dirty log", test_dirty_log },
	{ "rmap: one page at many places", test_shared },
	{ "rmap: one page at very many places", test_often },
	{ "shadow: L2 invalidates", test_invalidate },
	{ "shadow: L2 invalidates much", test_invalidate_much },
	{ "shadow: quota", test_quota },
	{ "shadow: quota, alone", test_quota_alone },
	{ "shadow: each allocation of a fault fails", test_allocation_failures },
	{ "shadow: each allocation of a new tree fails", test_init_failures },
	{ "rmap: two threads take the same page", test_taken_by_another },
};

int main(void)
{
	return ktap_main(cases, ARRAY_SIZE(cases));
}

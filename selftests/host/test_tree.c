// SPDX-License-Identifier: GPL-2.0-only
/*
 * src/mmu/tree.c: each operation by itself, checked by the walk that the level
 * below would make.
 */
#include <stdlib.h>

#include <nhv/base.h>
#include <nhv/level.h>
#include <nhv/mmu.h>
#include <nhv/observe.h>
#include "ktap.h"
#include "memory.h"
#include "walker.h"

#define LPID		7
#define RWX		(NHV_PTE_READ | NHV_PTE_WRITE | NHV_PTE_EXEC)
#define RX		(NHV_PTE_READ | NHV_PTE_EXEC)
#define RC		(NHV_PTE_R | NHV_PTE_C)
#define GIB		(1ULL << NHV_SHIFT_1G)
#define MIB2		(1ULL << NHV_SHIFT_2M)
#define TOP		(1ULL << NHV_REAL_BITS)
#define FRAMES		0x0040000000000000ULL	/* where frames are: bit 54 */
#define BASE_LEAF	(PAGE_SHIFT == 12 ? NHV_LEAF_4K : NHV_LEAF_64K)
#define BASE_TABLE	(MIB2 >> PAGE_SHIFT)

struct nhv_live_counts nhv_live_counts;
struct nhv_level nhv_level = { .keeps_translations = true };

static struct nhv_tree tree;
static struct nhv_stock stock;
static struct nhv_batch batch;
static unsigned int objects_at_send;

void nhv_level_invalidate(const struct nhv_batch *sent)
{
	(void)sent;
	objects_at_send = host_objects();
}

void nhv_host_drop_translations(struct nhv_vm *vm)
{
	(void)vm;
}

void nhv_host_count_batch(struct nhv_vm *vm, const struct nhv_batch *sent)
{
	(void)vm;
	(void)sent;
}

static void start(void)
{
	memset(&tree, 0, sizeof(tree));
	memset(&stock, 0, sizeof(stock));
	CHECK_EQ(nhv_tree_init(&tree, LPID), 0, "init");
	nhv_batch_init(&batch, LPID);
}

static void end(void)
{
	nhv_batch_send(&batch, NULL);
	nhv_stock_drain(&stock);
	nhv_tree_destroy(&tree);
	CHECK_EQ(host_objects(), 0, "objects left");
	CHECK_EQ(nhv_live_counts.tables.counter, 0, "tables counted");
}

static struct nhv_tra tra(u64 addr)
{
	return (struct nhv_tra){ addr };
}

/* Map with all the tables it may take. */
static bool map(u64 addr, u64 frame, unsigned int shift, u64 bits)
{
	CHECK_EQ(nhv_stock_fill(&stock), 0, "stock");
	return nhv_tree_map(&tree, &stock, tra(addr), nhv_l1ra(frame), shift,
			    bits, &batch);
}

/* The level below and nhv_tree_find() agree on what is there. */
static void expect(u64 addr, u64 leaf, unsigned int shift)
{
	unsigned int walked, found;
	u64 want = leaf ? leaf | NHV_PTE_VALID | NHV_PTE_LEAF : 0;

	CHECK_EQ(walk(nhv_tree_pate0(&tree), addr, &walked), want, "walk");
	CHECK_EQ(nhv_tree_find(&tree, tra(addr), &found), want, "find");
	CHECK_EQ(found, walked, "size found");
	if (leaf)
		CHECK_EQ(walked, shift, "size");
}

static void expect_batch(unsigned int nr, u64 addr, unsigned int shift)
{
	CHECK(!batch.all, "all of the LPID");
	CHECK_EQ(batch.nr, nr, "pages in the batch");
	if (nr) {
		CHECK_EQ(batch.page[nr - 1].addr.addr, addr, "page");
		CHECK_EQ(batch.page[nr - 1].shift, shift, "page size");
	}
}

static void test_empty(void)
{
	start();
	expect(0, 0, 0);
	expect(TOP - 1, 0, 0);
	CHECK_EQ(nhv_tree_find(&tree, tra(TOP), &(unsigned int){ 0 }), 0,
		 "beyond");
	CHECK(!nhv_tree_table_present(&tree, tra(0)), "no table");
	CHECK_EQ(nhv_tree_unmap(&tree, tra(0), ~0ULL, &batch), 0, "unmap");
	CHECK(nhv_batch_empty(&batch), "batch");
	end();
}

static void test_sizes(void)
{
	static const struct {
		u64 addr;
		unsigned int shift;
		enum nhv_leaf_size size;
		unsigned int tables;
	} rows[] = {
		{ 0,			PAGE_SHIFT,	BASE_LEAF,	3 },
		{ PAGE_SIZE,		PAGE_SHIFT,	BASE_LEAF,	0 },
		{ MIB2 - PAGE_SIZE,	PAGE_SHIFT,	BASE_LEAF,	0 },
		{ MIB2,			NHV_SHIFT_2M,	NHV_LEAF_2M,	0 },
		{ GIB,			NHV_SHIFT_1G,	NHV_LEAF_1G,	0 },
		{ 511 * GIB,		NHV_SHIFT_1G,	NHV_LEAF_1G,	0 },
		{ 512 * GIB,		NHV_SHIFT_2M,	NHV_LEAF_2M,	2 },
		{ TOP - PAGE_SIZE,	PAGE_SHIFT,	BASE_LEAF,	3 },
		{ TOP - 2 * GIB,	NHV_SHIFT_1G,	NHV_LEAF_1G,	0 },
	};
	unsigned int i;

	start();
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 frame = FRAMES + rows[i].addr;
		unsigned long before = tree.tables, leaves =
			tree.leaves[rows[i].size];

		CHECK(map(rows[i].addr, frame, rows[i].shift, RWX | RC),
		      "row %u", i);
		expect(rows[i].addr, frame | RWX | RC, rows[i].shift);
		expect(rows[i].addr + (1ULL << rows[i].shift) - 1,
		       frame | RWX | RC, rows[i].shift);
		CHECK_EQ(tree.tables - before, rows[i].tables, "tables");
		CHECK_EQ(tree.leaves[rows[i].size] - leaves, 1, "leaves");
	}
	CHECK(nhv_batch_empty(&batch), "nothing to forget");
	CHECK_EQ(nhv_tree_unmap(&tree, tra(0), ~0ULL, &batch), i, "unmapped");
	end();
}

static void test_near(void)
{
	u64 leaf[4] = { FRAMES | RX, 0, (FRAMES + 8 * PAGE_SIZE) | RWX,
			(FRAMES + 3 * PAGE_SIZE) | RWX };

	start();
	CHECK_EQ(nhv_tree_map_near(&tree, tra(0), 4, leaf), 0, "no table");
	CHECK_EQ(nhv_tree_map_near(&tree, tra(TOP), 4, leaf), 0, "beyond");
	CHECK(map(2 * PAGE_SIZE, FRAMES + 2 * PAGE_SIZE, PAGE_SHIFT, RX), "one");
	CHECK(map(3 * PAGE_SIZE, FRAMES + 3 * PAGE_SIZE, PAGE_SHIFT, RX), "two");
	/* A new one, none, another frame, more permission. */
	CHECK_EQ(nhv_tree_map_near(&tree, tra(0), 4, leaf), 2, "changed");
	expect(0, leaf[0], PAGE_SHIFT);
	expect(PAGE_SIZE, 0, 0);
	expect(2 * PAGE_SIZE, (FRAMES + 2 * PAGE_SIZE) | RX, PAGE_SHIFT);
	expect(3 * PAGE_SIZE, leaf[3], PAGE_SHIFT);
	CHECK_EQ(tree.leaves[BASE_LEAF], 3, "leaves");
	CHECK_EQ(nhv_tree_map_near(&tree, tra(0), 4, leaf), 0, "again");
	CHECK(nhv_batch_empty(&batch), "nothing to forget");
	end();

	/* Behind the last entry of a table there is none of its own. */
	start();
	CHECK(map(MIB2 - PAGE_SIZE, FRAMES, PAGE_SHIFT, RX), "last");
	CHECK_EQ(nhv_tree_map_near(&tree, tra(MIB2 - 2 * PAGE_SIZE), 4, leaf),
		 1, "at the end");
	expect(MIB2, 0, 0);
	end();

	start();
	CHECK(map(0, FRAMES, NHV_SHIFT_2M, RX), "2M");
	CHECK_EQ(nhv_tree_map_near(&tree, tra(0), 4, leaf), 0, "below 2M");
	expect(0, FRAMES | RX, NHV_SHIFT_2M);
	end();
}

/* A place near the last one, if nothing is there. */
static void test_free(void)
{
	start();
	CHECK(!nhv_tree_map_free(&tree, tra(0), FRAMES | RX), "no table");
	CHECK(map(0, FRAMES, PAGE_SHIFT, RX), "page");
	expect(0, FRAMES | RX, PAGE_SHIFT);
	CHECK(!nhv_tree_map_free(&tree, tra(0), (2 * FRAMES) | RWX), "taken");
	expect(0, FRAMES | RX, PAGE_SHIFT);
	CHECK(nhv_tree_map_free(&tree, tra(PAGE_SIZE), (2 * FRAMES) | RX),
	      "beside it");
	expect(PAGE_SIZE, (2 * FRAMES) | RX, PAGE_SHIFT);
	CHECK(!nhv_tree_map_free(&tree, tra(MIB2), FRAMES | RX), "not near");
	CHECK(!nhv_tree_map_free(&tree, tra(TOP), FRAMES | RX), "beyond");
	CHECK_EQ(tree.leaves[BASE_LEAF], 2, "leaves");
	CHECK(map(0, FRAMES, NHV_SHIFT_2M, RWX), "2M");
	CHECK(!nhv_tree_map_free(&tree, tra(PAGE_SIZE), FRAMES | RX),
	      "the table is gone");
	end();
}

static void test_refusals(void)
{
	start();
	CHECK(!nhv_tree_map(&tree, NULL, tra(0), nhv_l1ra(0), PAGE_SHIFT, RX,
			    &batch), "no stock");
	CHECK(!map(TOP, FRAMES, PAGE_SHIFT, RX), "beyond 52 bits");
	CHECK(!map(~0ULL << PAGE_SHIFT, FRAMES, PAGE_SHIFT, RX), "far beyond");
	CHECK(!map(0, FRAMES, 22, RX), "no such size");
	CHECK(!map(0, FRAMES, NHV_SHIFT_512G, RX), "too large");
	expect(0, 0, 0);
	CHECK_EQ(tree.tables, 0, "tables");

	/* A stock that lacks the last table changes nothing either. */
	CHECK(map(0, FRAMES, NHV_SHIFT_2M, RX), "2M");
	nhv_stock_drain(&stock);
	CHECK(!nhv_tree_map(&tree, &stock, tra(0), nhv_l1ra(FRAMES),
			    PAGE_SHIFT, RWX, &batch), "empty stock");
	expect(0, FRAMES | RX, NHV_SHIFT_2M);
	CHECK(nhv_batch_empty(&batch), "batch");
	end();
}

static void test_same_frame(void)
{
	start();
	map(PAGE_SIZE, FRAMES, PAGE_SHIFT, RX | NHV_PTE_R);
	CHECK(map(PAGE_SIZE, FRAMES, PAGE_SHIFT, RWX | RC), "more");
	expect(PAGE_SIZE, FRAMES | RWX | RC, PAGE_SHIFT);
	CHECK(map(PAGE_SIZE, FRAMES, PAGE_SHIFT, RX), "less");
	expect(PAGE_SIZE, FRAMES | RWX | RC, PAGE_SHIFT);

	/* A piece of a large leaf, with what that allows already. */
	map(GIB, FRAMES + GIB, NHV_SHIFT_1G, RX | NHV_PTE_R);
	CHECK(map(GIB + MIB2, FRAMES + GIB + MIB2, NHV_SHIFT_2M, RX), "2M");
	CHECK(map(GIB + PAGE_SIZE, FRAMES + GIB + PAGE_SIZE, PAGE_SHIFT, RX),
	      "page");
	expect(GIB + MIB2, (FRAMES + GIB) | RX | NHV_PTE_R, NHV_SHIFT_1G);
	CHECK(nhv_batch_empty(&batch), "nothing to forget");
	end();
}

static void test_replace(void)
{
	start();
	map(0, FRAMES, PAGE_SHIFT, RWX | RC);
	CHECK(map(0, FRAMES + PAGE_SIZE, PAGE_SHIFT, RX), "another frame");
	expect(0, (FRAMES + PAGE_SIZE) | RX, PAGE_SHIFT);
	expect_batch(1, 0, PAGE_SHIFT);
	CHECK(map(0, FRAMES + PAGE_SIZE, PAGE_SHIFT,
		  RX | NHV_PTE_ATT_NONIDEMPOTENT), "another attribute");
	expect_batch(2, 0, PAGE_SHIFT);
	CHECK_EQ(tree.leaves[BASE_LEAF], 1, "leaves");
	end();
}

static void test_break_large(void)
{
	start();
	map(GIB, FRAMES, NHV_SHIFT_1G, RX);
	CHECK(map(GIB + 3 * MIB2 + PAGE_SIZE, FRAMES + 3 * MIB2 + PAGE_SIZE,
		  PAGE_SHIFT, RWX | RC), "a page to write");
	expect(GIB + 3 * MIB2 + PAGE_SIZE,
	       (FRAMES + 3 * MIB2 + PAGE_SIZE) | RWX | RC, PAGE_SHIFT);
	expect(GIB + 3 * MIB2, 0, 0);
	expect(GIB, 0, 0);
	expect_batch(1, GIB, NHV_SHIFT_1G);
	CHECK_EQ(tree.leaves[NHV_LEAF_1G], 0, "1G leaves");
	CHECK_EQ(tree.leaves[BASE_LEAF], 1, "base leaves");
	CHECK_EQ(tree.tables, 3, "tables");
	CHECK(nhv_tree_table_present(&tree, tra(GIB + 3 * MIB2)), "table");
	CHECK(!nhv_tree_table_present(&tree, tra(GIB)), "table elsewhere");
	end();
}

/* The tables stay until the invalidation, and go with it. */
static void test_collapse(void)
{
	unsigned int before;

	start();
	map(0, FRAMES, PAGE_SHIFT, RX);
	map(MIB2 - PAGE_SIZE, FRAMES + PAGE_SIZE, PAGE_SHIFT, RX);
	map(MIB2, FRAMES + MIB2, NHV_SHIFT_2M, RX);
	map(5 * MIB2, FRAMES, PAGE_SHIFT, RX);
	CHECK_EQ(tree.tables, 4, "tables before");
	nhv_stock_drain(&stock);
	before = host_objects();

	CHECK(nhv_tree_map(&tree, NULL, tra(0), nhv_l1ra(FRAMES), NHV_SHIFT_1G,
			   RX, &batch), "1G over tables");
	expect(MIB2, FRAMES | RX, NHV_SHIFT_1G);
	CHECK(batch.all && batch.walk_cache, "what is to be forgotten");
	CHECK_EQ(tree.tables, 1, "tables after");
	CHECK_EQ(tree.leaves[NHV_LEAF_2M] + tree.leaves[BASE_LEAF], 0,
		 "smaller leaves");
	CHECK_EQ(host_objects(), before, "nothing freed yet");
	nhv_batch_send(&batch, NULL);
	CHECK_EQ(objects_at_send, before, "nothing freed before it was sent");
	CHECK_EQ(host_objects(), before - 3, "freed");
	CHECK(nhv_batch_empty(&batch), "batch");
	end();
}

static void test_unmap(void)
{
	unsigned long losses;
	unsigned int i;

	start();
	for (i = 0; i < BASE_TABLE; i++)
		map(MIB2 + i * PAGE_SIZE, FRAMES + i * PAGE_SIZE, PAGE_SHIFT,
		    RX);
	map(0, FRAMES, NHV_SHIFT_2M, RX);
	map(2 * MIB2, FRAMES, NHV_SHIFT_2M, RX);

	CHECK_EQ(nhv_tree_unmap(&tree, tra(MIB2), 0, &batch), 0, "nothing");
	CHECK_EQ(nhv_tree_unmap(&tree, tra(MIB2 + PAGE_SIZE), PAGE_SIZE,
				&batch), 1, "one page");
	expect_batch(1, MIB2 + PAGE_SIZE, PAGE_SHIFT);
	expect(MIB2, FRAMES | RX, PAGE_SHIFT);
	expect(MIB2 + PAGE_SIZE, 0, 0);
	expect(MIB2 + 2 * PAGE_SIZE, (FRAMES + 2 * PAGE_SIZE) | RX, PAGE_SHIFT);

	/* From within the last page of one leaf to within the next. */
	losses = tree.losses;
	CHECK_EQ(nhv_tree_unmap(&tree, tra(MIB2 - 1), 2, &batch), 2, "edge");
	CHECK_EQ(tree.losses, losses + 2, "leaves lost");
	expect_batch(3, MIB2, PAGE_SHIFT);
	expect(0, 0, 0);
	expect(MIB2, 0, 0);

	CHECK_EQ(nhv_tree_unmap(&tree, tra(3 * MIB2 - 1), TOP, &batch), 1,
		 "one byte of a large leaf");
	expect(2 * MIB2, 0, 0);
	CHECK_EQ(nhv_tree_unmap(&tree, tra(TOP), ~0ULL, &batch), 0, "beyond");
	CHECK_EQ(nhv_tree_unmap(&tree, tra(0), ~0ULL, &batch), BASE_TABLE - 2,
		 "the rest");
	CHECK_EQ(tree.leaves[BASE_LEAF] + tree.leaves[NHV_LEAF_2M], 0,
		 "leaves");
	end();
}

static void test_bits(void)
{
	start();
	map(0, FRAMES, PAGE_SHIFT, RWX | RC);
	map(PAGE_SIZE, FRAMES + PAGE_SIZE, PAGE_SHIFT, RX | NHV_PTE_R);
	map(MIB2, FRAMES + MIB2, NHV_SHIFT_2M, RWX | RC);

	CHECK_EQ(tree.losses, 0, "nothing lost");
	CHECK(!nhv_tree_test_bits(&tree, tra(PAGE_SIZE), MIB2 - PAGE_SIZE,
				  NHV_PTE_C), "C before");
	CHECK(nhv_tree_test_bits(&tree, tra(PAGE_SIZE), MIB2 - PAGE_SIZE + 1,
				 NHV_PTE_C), "C of the large leaf");
	CHECK_EQ(nhv_tree_clear_bits(&tree, tra(0), 2 * PAGE_SIZE,
				     NHV_PTE_WRITE | NHV_PTE_C, &batch), 1,
		 "protected");
	expect(0, FRAMES | RX | NHV_PTE_R, PAGE_SHIFT);
	expect_batch(1, 0, PAGE_SHIFT);
	CHECK_EQ(nhv_tree_clear_bits(&tree, tra(0), 2 * MIB2, NHV_PTE_R, NULL),
		 3, "aged");
	CHECK_EQ(tree.losses, 1 + 3, "bits lost");
	CHECK(!nhv_tree_test_bits(&tree, tra(0), ~0ULL, NHV_PTE_R), "R after");
	expect(MIB2, (FRAMES + MIB2) | RWX | NHV_PTE_C, NHV_SHIFT_2M);
	expect_batch(1, 0, PAGE_SHIFT);
	CHECK(map(MIB2, FRAMES + MIB2, NHV_SHIFT_2M, RWX | RC), "used again");
	expect(MIB2, (FRAMES + MIB2) | RWX | RC, NHV_SHIFT_2M);
	CHECK_EQ(nhv_tree_clear_bits(&tree, tra(MIB2 + PAGE_SIZE), 1,
				     NHV_PTE_WRITE | NHV_PTE_C, &batch), 1,
		 "a piece of a large leaf");
	expect_batch(2, MIB2, NHV_SHIFT_2M);
	end();
}

/* Every allocation that can fail does, once, and nothing is left behind. */
static void expect_run(u64 at, u64 from, u64 size, u64 to, unsigned int shift)
{
	struct nhv_tree_run run;

	CHECK(nhv_tree_run(&tree, tra(at), &run), "a run at 0x%llx", at);
	CHECK_EQ(run.from.addr, from, "from");
	CHECK_EQ(run.size, size, "size");
	CHECK_EQ(run.to.addr, to, "to");
	CHECK_EQ(run.shift, shift, "size of each");
}

static void test_runs(void)
{
	struct nhv_tree_run run;
	unsigned int i;

	start();
	CHECK(!nhv_tree_run(&tree, tra(0), &run), "none");
	for (i = 1; i < 4; i++)
		map(i * PAGE_SIZE, FRAMES + i * PAGE_SIZE, PAGE_SHIFT, RWX | RC);
	map(4 * PAGE_SIZE, FRAMES + 4 * PAGE_SIZE, PAGE_SHIFT, RX | RC);
	map(5 * PAGE_SIZE, FRAMES + 9 * PAGE_SIZE, PAGE_SHIFT, RX | RC);
	map(MIB2, FRAMES + MIB2, NHV_SHIFT_2M, RWX | RC);
	expect_run(0, PAGE_SIZE, 3 * PAGE_SIZE, FRAMES + PAGE_SIZE, PAGE_SHIFT);
	CHECK(nhv_tree_run(&tree, tra(0), &run) && run.bits == (RWX | RC),
	      "bits");
	expect_run(2 * PAGE_SIZE + 1, 2 * PAGE_SIZE, 2 * PAGE_SIZE,
		   FRAMES + 2 * PAGE_SIZE, PAGE_SHIFT);
	expect_run(4 * PAGE_SIZE, 4 * PAGE_SIZE, PAGE_SIZE,
		   FRAMES + 4 * PAGE_SIZE, PAGE_SHIFT);
	expect_run(5 * PAGE_SIZE, 5 * PAGE_SIZE, PAGE_SIZE,
		   FRAMES + 9 * PAGE_SIZE, PAGE_SHIFT);
	expect_run(6 * PAGE_SIZE, MIB2, MIB2, FRAMES + MIB2, NHV_SHIFT_2M);
	CHECK(!nhv_tree_run(&tree, tra(2 * MIB2), &run), "none behind");
	end();
}

static void test_no_memory(void)
{
	int nr;

	memset(&tree, 0, sizeof(tree));
	host_fail_after(0);
	CHECK_EQ(nhv_tree_init(&tree, LPID), (unsigned long long)-ENOMEM,
		 "root");
	nhv_tree_destroy(&tree);
	for (nr = 0; nr < NHV_STOCK_TABLES; nr++) {
		host_fail_after(-1);
		start();
		host_fail_after(nr);
		CHECK_EQ(nhv_stock_fill(&stock), (unsigned long long)-ENOMEM,
			 "stock");
		CHECK(!nhv_tree_map(&tree, &stock, tra(0), nhv_l1ra(FRAMES),
				    PAGE_SHIFT, RX, &batch), "half a stock");
		CHECK_EQ(tree.tables, 0, "tables");
		host_fail_after(-1);
		CHECK(map(0, FRAMES, PAGE_SHIFT, RX), "filled up");
		end();
	}
}

static void test_destroy(void)
{
	unsigned int i;

	start();
	for (i = 0; i < 40; i++)
		map(i * 37 * GIB + i * MIB2 + i * PAGE_SIZE, FRAMES, PAGE_SHIFT,
		    RX);
	nhv_stock_drain(&stock);
	CHECK_EQ(host_objects(), 1 + tree.tables, "root and tables");
	end();
	nhv_tree_destroy(&tree);
}

int main(void)
{
	static const struct ktap_case cases[] = {
		{ "tree: empty", test_empty },
		{ "tree: leaf sizes", test_sizes },
		{ "tree: neighbours", test_near },
		{ "tree: free places", test_free },
		{ "tree: refusals", test_refusals },
		{ "tree: same frame", test_same_frame },
		{ "tree: replaced leaf", test_replace },
		{ "tree: broken large leaf", test_break_large },
		{ "tree: collapsed tables", test_collapse },
		{ "tree: unmap", test_unmap },
		{ "tree: bits", test_bits },
		{ "tree: runs", test_runs },
		{ "tree: no memory", test_no_memory },
		{ "tree: destroy", test_destroy },
	};

	if (nhv_tree_module_init())
		return 1;
	return ktap_main(cases, ARRAY_SIZE(cases));
}

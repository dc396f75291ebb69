// SPDX-License-Identifier: GPL-2.0-only
/* src/mmu/run.c: which faults are a run, and how many pages the next one brings. */
#include <nhv/base.h>
#include <nhv/mmu.h>
#include "ktap.h"

/* A fault that maps so many pages. Return: the run's length at it. */
static unsigned int fault(struct nhv_fault_runs *runs, u64 frame, u64 pages)
{
	struct nhv_fault_run *run = nhv_run_of(runs, frame);

	run->next = frame + pages;
	return run->length;
}

static void test_one(void)
{
	struct nhv_fault_runs runs = { };
	unsigned int i;

	CHECK_EQ(fault(&runs, 100, 16), 0, "alone");
	for (i = 0; i < 5; i++)
		CHECK_EQ(fault(&runs, 116 + 32 * i, 32), i + 1, "in sequence");
	CHECK_EQ(fault(&runs, 116 + 32 * 5 + 1, 1), 0, "one left out");
}

static void test_between(void)
{
	struct nhv_fault_runs runs = { };

	CHECK_EQ(fault(&runs, 100, 1), 0, "first");
	CHECK_EQ(fault(&runs, 101, 1), 1, "second");
	CHECK_EQ(fault(&runs, 5000, 1), 0, "one between");
	CHECK_EQ(fault(&runs, 102, 1), 2, "goes on behind it");
	/* The one used last stays: it is the other one that is replaced. */
	CHECK_EQ(fault(&runs, 7000, 1), 0, "another");
	CHECK_EQ(fault(&runs, 103, 1), 3, "goes on again");
	CHECK_EQ(fault(&runs, 5001, 1), 0, "replaced");
	CHECK_EQ(fault(&runs, 104, 1), 4, "and on");
	CHECK_EQ(fault(&runs, 6000, 1), 0, "one");
	CHECK_EQ(fault(&runs, 8000, 1), 0, "two");
	CHECK_EQ(fault(&runs, 105, 1), 0, "not three are remembered");
}

/* As a copy makes them. */
static void test_two(void)
{
	struct nhv_fault_runs runs = { };
	unsigned int i;

	for (i = 0; i < 40; i++) {
		CHECK_EQ(fault(&runs, 1000 + i, 1), i, "from");
		CHECK_EQ(fault(&runs, 9000 + i, 1), i, "to");
	}
}

static void test_pages(void)
{
	const u64 much = 1000;

	CHECK_EQ(nhv_run_pages(64, much, NHV_PIECE), NHV_PIECE, "a run");
	CHECK_EQ(nhv_run_pages(64, much, much), NHV_PIECE, "no limit");
	/* It ends where a window of the level below does. */
	CHECK_EQ(nhv_run_pages(65, much, NHV_PIECE), NHV_PIECE - 1,
		 "one in");
	CHECK_EQ(nhv_run_pages(95, much, NHV_PIECE), 1, "the last one");
	CHECK_EQ(nhv_run_pages(92, much, 8), 4, "beyond it is no room");
	CHECK_EQ(nhv_run_pages(64, 5, NHV_PIECE), 5, "end of the slot");
	CHECK_EQ(nhv_run_pages(64, much, 8), 8, "limit");
	CHECK_EQ(nhv_run_pages(64, much, 0), 1, "no neighbours wanted");
}

int main(void)
{
	static const struct ktap_case cases[] = {
		{ "run: one", test_one },
		{ "run: faults between", test_between },
		{ "run: two", test_two },
		{ "run: pages", test_pages },
	};

	return ktap_main(cases, ARRAY_SIZE(cases));
}

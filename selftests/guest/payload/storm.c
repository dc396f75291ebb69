// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stores without an exit on all processors but the first, while the host reads
 * the dirty log, deletes the slot and replaces its memory; vmm/storm.c looks
 * whether any store is lost or comes too late.
 */
#include "guest.h"

#define PAGES 64

static volatile u64 stop, running[MAX_CPUS], stores[MAX_CPUS];

/* A value says by itself where it belongs: page = value % PAGES. */
static void store(u64 me)
{
	u64 base = EXTRA_BASE + me * 64, n = 1;

	running[me] = 1;
	while (!stop) {
		for (u64 burst = 0; burst < 1000; burst++, n++)
			*(volatile u64 *)(base + n % PAGES * 4096) = n;
	}
	stores[me] = n;
	running[me] = 2;
	for (;;)
		hcall(H_CEDE);
}

static void storm(void)
{
	unsigned int cpus = cpu_count() > MAX_CPUS ? MAX_CPUS : cpu_count();
	u64 out[9] = { 0 }, total = 0;

	if (cpus < 2 || memory_size(EXTRA_BASE) < PAGES * 4096) {
		skip("needs 2 processors and --extra");
		return;
	}
	for (unsigned int i = 1; i < cpus; i++)
		check(!start_cpu(i, store, i));
	for (unsigned int i = 1; i < cpus; i++)
		while (!running[i])
			hcall(H_CONFER, -1UL, 0);
	check(!ask2(out, ASK_STORM, arg("rounds", 50), PAGES));
	stop = 1;
	sync();
	for (unsigned int i = 1; i < cpus; i++) {
		while (running[i] != 2)
			hcall(H_CONFER, -1UL, 0);
		total += stores[i];
	}
	check(!out[0], ": %lu complaints", out[0]);
	check(out[1], ": no store ever met a deleted slot");
	print("# %lu stores, %lu of them met a deleted slot\n", total, out[1]);
}

TESTS(
	{ "no store is lost or late", storm },
);

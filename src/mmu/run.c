// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs of faults: guests touch fresh memory in order. One that copies has two of
 * them at a time, each fault of the one between two of the other.
 */
#include <linux/minmax.h>

#include <nhv/mmu.h>

struct nhv_fault_run *nhv_run_of(struct nhv_fault_runs *runs, u64 frame)
{
	struct nhv_fault_run *run = &runs->run[runs->last];

	/* What neither expects replaces the one that was not used last. */
	if (run->next != frame) {
		runs->last ^= 1;
		run = &runs->run[runs->last];
	}
	run->length = run->next == frame ? run->length + 1 : 0;
	return run;
}

unsigned int nhv_run_pages(u64 frame, u64 left, unsigned int most)
{
	u64 piece = NHV_PIECE - frame % NHV_PIECE;

	return most ? min3(piece, left, (u64)most) : 1;
}

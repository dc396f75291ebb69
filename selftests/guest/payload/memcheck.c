// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes and checks memory all the time until told to stop (--stop-after), on
 * every processor, each its own part of low memory and of the second slot.
 * The host does meanwhile what it likes with that memory.
 */
#include "guest.h"

static volatile u64 stop, wrong, turns[MAX_CPUS], finished;
static unsigned int cpus;

struct part { u64 from, to; };

static struct part part_of(u64 me, u64 base, u64 from)
{
	u64 size = memory_size(base), share;

	/* The device tree and RTAS are at the end of low memory. */
	if (!base)
		size = (size > 0x20000000 ? 0x20000000 : size) - 0x40000;
	if (size <= from)
		return (struct part){ 0, 0 };
	share = (size - from) / cpus & ~0xffffUL;
	return (struct part){ base + from + share * me, base + from + share * (me + 1) };
}

static u64 value(u64 at, u64 generation)
{
	return at * 0xff51afd7ed558ccdUL + generation;
}

static void write(struct part p, u64 generation, u64 stride)
{
	for (u64 at = p.from; at < p.to && !stop; at += stride)
		*(volatile u64 *)at = value(at, generation);
}

static void verify(struct part p, u64 generation, u64 stride)
{
	for (u64 at = p.from; at < p.to && !stop; at += stride) {
		u64 is = *(volatile u64 *)at;

		if (is == value(at, generation))
			continue;
		if (!__sync_fetch_and_add(&wrong, 1))
			print("# cpu %lu: at %lx is %lx, not %lx\n", this_cpu()->index,
			      at, is, value(at, generation));
	}
}

static void work(u64 me)
{
	struct part low = part_of(me, 0, ((u64)image_end + 0xffff) & ~0xffffUL);
	struct part extra = part_of(me, EXTRA_BASE, 0);
	u64 stride = arg("stride", 256);

	for (u64 generation = 1; !stop; generation++) {
		u64 seed = generation << 8 | me;

		write(low, seed, stride);
		write(extra, seed, stride);
		if (stop)
			break;
		for (int again = 0; again < 3; again++) {
			verify(low, seed, stride);
			verify(extra, seed, stride);
		}
		turns[me]++;
	}
	__sync_fetch_and_add(&finished, 1);
	while (me)
		hcall(H_CEDE);
}

static void memcheck(void)
{
	u64 total = 0;

	cpus = cpu_count() > MAX_CPUS ? MAX_CPUS : cpu_count();
	check(!ask(ASK_STOP_WORD, (u64)&stop));
	for (unsigned int i = 1; i < cpus; i++)
		check(!start_cpu(i, work, i));
	work(0);
	while (finished < cpus)
		hcall(H_CONFER, -1UL, 0);
	for (unsigned int i = 0; i < cpus; i++)
		total += turns[i];
	check(!wrong, ": %lu words", wrong);
	check(total, ": not one turn");
	print("# %lu turns\n", total);
}

TESTS(
	{ "memory holds what was stored", memcheck },
);

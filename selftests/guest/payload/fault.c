// SPDX-License-Identifier: GPL-2.0-only
/*
 * Page faults on the second slot (--extra, --extra-backing): first touch, what
 * is there again after the host took it away, execution, dirty log.
 */
#include "guest.h"

#define BASE	EXTRA_BASE
#define LOG	1	/* KVM_MEM_LOG_DIRTY_PAGES */
#define READONLY 2

static u64 size, page;

static u64 value(u64 at, u64 generation)
{
	return (at ^ generation * 0x9e3779b97f4a7c15UL) * 0xff51afd7ed558ccdUL;
}

static volatile u64 *word(u64 offset)
{
	return (volatile u64 *)(BASE + offset);
}

static bool ready(void)
{
	size = memory_size(BASE);
	page = arg("page", 4096);	/* of the host */
	if (!size)
		skip("needs --extra");
	return size;
}

static void fill(u64 generation, u64 stride)
{
	for (u64 at = 0; at < size; at += stride)
		*word(at) = value(at, generation);
}

static void look(u64 generation, u64 stride)
{
	for (u64 at = 0; at < size && !failed(); at += stride)
		check(*word(at) == value(at, generation), ": at %lx is %lx", at, *word(at));
}

static void empty(u64 from, u64 to)
{
	for (u64 at = from; at < to && !failed(); at += 512)
		check(!*word(at), ": at %lx is %lx", at, *word(at));
}

static void first_touch(void)
{
	if (!ready())
		return;
	empty(0, size / 4);		/* first touch by loads */
	fill(1, 4096);			/* and by stores */
	look(1, 4096);
	fill(2, 512);
	look(2, 512);
}

/* Backwards and far apart, so that nothing helps by going ahead. */
static void scattered(void)
{
	u64 pages, at = 0;

	if (!ready())
		return;
	pages = size / 4096;
	check(!ask(ASK_DONTNEED, BASE, size));
	for (u64 i = 0; i < pages; i++) {
		at = (at + (pages | 1) / 2 * 7 + 13) % pages;
		*word(at * 4096 + 8) = value(at, 3);
	}
	at = 0;
	for (u64 i = 0; i < pages && !failed(); i++) {
		at = (at + (pages | 1) / 2 * 7 + 13) % pages;
		check(*word(at * 4096 + 8) == value(at, 3), ": page %lx", at);
	}
}

static void translated(void)
{
	if (!ready())
		return;
	check(!ask(ASK_DONTNEED, BASE, size));
	if (!check(mmu_on()))
		return;
	fill(4, 4096);
	look(4, 4096);
	mmu_off();
	look(4, 4096);
}

/* Memory that the host has thrown away is zero, and its neighbours are not. */
static void thrown_away(void)
{
	u64 from, length;

	if (!ready())
		return;
	if (arg("keeps", 0)) {
		skip("this backing keeps its content");
		return;
	}
	fill(5, 512);
	for (u64 i = 0; i < 8 && !failed(); i++) {
		length = page << i;
		from = (size / 8 * i) & ~(page - 1);
		if (length > size / 16)
			break;
		check(!ask(ASK_DONTNEED, BASE + from, length));
		empty(from, from + length);
		check(*word(from + length) == value(from + length, 5));
		if (from)
			check(*word(from - 512) == value(from - 512, 5));
	}
}

static void slot_again(void)
{
	if (!ready())
		return;
	fill(6, 4096);
	check(!ask(ASK_SLOT_DELETE, 1));
	/* Nobody is there now: the VMM answers with all ones, stores are lost. */
	check(*word(0) == ~0UL);
	check(*word(size / 2) == ~0UL);
	*word(4096) = 1;
	check(!ask(ASK_SLOT_ADD, 1, 0));
	look(6, 4096);
}

/* Code in memory that was never touched: li r3,n; blr */
static void execute(void)
{
	if (!ready())
		return;
	check(!ask(ASK_DONTNEED, BASE, size));
	for (u64 n = 1; n <= 64 && !failed(); n++) {
		u64 at = size / 65 * n & ~7UL;
		u64 (*code)(void) = (void *)(BASE + at);

		*(volatile u32 *)(BASE + at) = 0x38600000 | n;
		*(volatile u32 *)(BASE + at + 4) = 0x4e800020;
		asm volatile("dcbst 0,%0; sync; icbi 0,%0; sync; isync" : : "r"(code) : "memory");
		if (n % 2)
			check(!ask(ASK_SLOT_DELETE, 1) && !ask(ASK_SLOT_ADD, 1, 0));
		check(code() == n, ": %lu", n);
	}
}

static u64 dirty(void)
{
	u64 out[9];

	check(!ask2(out, ASK_DIRTY_PAGES, 1));
	return out[0];
}

static void dirty_log(void)
{
	u64 out[9], some;

	if (!ready())
		return;
	some = size / page / 2;
	fill(7, page);
	check(!ask(ASK_SLOT_ADD, 1, LOG));	/* flags only */
	dirty();
	check(!dirty(), ": %lu pages", dirty());
	for (u64 at = 0; at < size; at += page)
		(void)*word(at);
	print("# dirty after loads alone: %lu pages\n", dirty());
	*word(some * page + 64) = 1;
	check(!ask2(out, ASK_DIRTY_FIRST, 1));
	check(out[0] <= some && out[1] >= some && out[1] != ~0UL, ": %lx %lx", out[0], out[1]);
	check(out[1] - out[0] < size / page / 2, ": %lu pages", out[1] - out[0] + 1);
	check(!dirty());
	*word(some * page + 128) = 2;
	check(dirty() >= 1);
	fill(8, page);
	check(dirty() == size / page);
	check(!ask(ASK_SLOT_ADD, 1, 0));
	fill(9, page);
	check(!ask(ASK_SLOT_ADD, 1, LOG));
	dirty();
	fill(10, page);
	check(dirty() == size / page);
	check(!ask(ASK_SLOT_ADD, 1, 0));
	look(10, page);
}

/* Loads see RAM, stores go to the VMM, which loses them here. */
static void read_only(void)
{
	if (!ready())
		return;
	fill(11, page);
	check(!ask(ASK_SLOT_DELETE, 1));
	if (ask(ASK_SLOT_ADD, 1, READONLY)) {
		skip("no read-only slots");
		ask(ASK_SLOT_ADD, 1, 0);
		return;
	}
	look(11, page);
	*word(0) = 1;
	look(11, page);
	check(!ask(ASK_SLOT_DELETE, 1) && !ask(ASK_SLOT_ADD, 1, 0));
	*word(0) = 1;
	check(*word(0) == 1);
}

TESTS(
	{ "first touch", first_touch },
	{ "scattered first touch", scattered },
	{ "first touch with translation on", translated },
	{ "memory thrown away by the host", thrown_away },
	{ "slot deleted and added again", slot_again },
	{ "execution", execute },
	{ "dirty log", dirty_log },
	{ "read-only slot", read_only },
);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an exit costs, in ticks of the timebase.  On an L0 that counts
 * instructions these are instructions, and repeat; elsewhere they are time.
 *
 * A row is a line "# cost KEY: N ticks each (COUNT, TICKS in all)"; rows that count
 * something else end with what that is.
 * Arguments: n=COUNT, page=BYTES between two touches, rounds=COUNT of the whole,
 * only=NUMBER of one test.
 */
#include "guest.h"

/* A gap between two readings of the timebase that only an exit explains. */
#define EXIT_TICKS	100

static void row(const char *key, u64 ticks, u64 n)
{
	print("# cost %s: %lu ticks each (%lu, %lu in all)\n", key, n ? ticks / n : 0, n,
	      ticks);
}

static void count_row(const char *key, u64 count, const char *what)
{
	print("# cost %s: %lu %s\n", key, count, what);
}

static void dec_far(void)
{
	mtspr(22, 0x7fffffffffffffUL);
}

/* The second of two passes counts: the first one meets faults. */
static void per_hcall(const char *key, u64 nr, u64 a, u64 b, u64 c, u64 d)
{
	u64 args[10], start, ticks = 0, n = arg("n", 2000);

	dec_far();
	for (int pass = 0; pass < 2; pass++) {
		start = mftb();
		for (u64 i = 0; i < n; i++) {
			args[0] = nr;
			args[1] = a;
			args[2] = b;
			args[3] = c;
			args[4] = d;
			hcall_block(args);
		}
		ticks = mftb() - start;
	}
	row(key, ticks, n);
}

static void prod(void)
{
	per_hcall("prod", H_PROD, 0, 0, 0, 0);
}

static void set_mode(void)
{
	/* mflags, resource 2: DAWR0 and DAWRX0 (PAPR, H_SET_MODE) */
	per_hcall("set_mode", H_SET_MODE, 0, 2, 0, 0);
}

static void user(void)
{
	per_hcall("user", H_TEST_NONE, 0, 0, 0, 0);
}

/* What of it is neither the hypervisor's nor the guest's: see empty_turns(). */
static void user_empty(void)
{
	u64 n = arg("n", 2000), out[9];

	for (int pass = 0; pass < 2; pass++)
		if (!check(!ask2(out, ASK_EMPTY_TURNS, n)))
			return;
	row("user_empty", out[0], n);
}

static void prod_cede(void)
{
	u64 n = arg("n", 2000), start;

	dec_far();
	start = mftb();
	for (u64 i = 0; i < n; i++) {
		hcall(H_PROD, 0);
		hcall(H_CEDE);
		ee_off();
	}
	row("prod_cede", mftb() - start, n);
}

/* L1's own timer takes the processor away: the gaps of a guest that only looks. */
static void timer(void)
{
	u64 end, last, now, gaps = 0, ticks = 0;

	dec_far();
	last = mftb();
	end = last + tb_hz() / 4;
	while (last < end) {
		now = mftb();
		if (now - last > EXIT_TICKS) {
			gaps++;
			ticks += now - last;
		}
		last = now;
	}
	row("timer", ticks, gaps);
}

static void mmio_load(void)
{
	u64 n = arg("n", 2000), start = mftb();

	for (u64 i = 0; i < n; i++)
		(void)*(volatile u32 *)DEVICE_BASE;
	row("mmio_load", mftb() - start, n);
}

static void mmio_store(void)
{
	u64 n = arg("n", 2000), start = mftb();

	for (u64 i = 0; i < n; i++)
		*(volatile u32 *)DEVICE_BASE = i;
	row("mmio_store", mftb() - start, n);
}

static void ioeventfd(void)
{
	u64 n = arg("n", 2000), at = DEVICE_BASE + 0x1000, start;

	if (!check(!ask(ASK_EVENT_ADD, at, 4)))
		return;
	start = mftb();
	for (u64 i = 0; i < n; i++)
		*(volatile u32 *)at = i;
	row("ioeventfd", mftb() - start, n);
	check(!ask(ASK_EVENT_DEL, at, 4));
}

/* ---- memory ---------------------------------------------------------------- */

static u64 extra(void)
{
	u64 size = memory_size(EXTRA_BASE);

	if (!size)
		skip("needs --extra");
	return size;
}

static u64 page(void)
{
	return arg("page", 4096);
}

/* Each page of @size bytes once, in order or in an order that is not. */
static u64 touch(u64 size, u64 stride, bool in_order)
{
	u64 pages = size / stride, start = mftb();

	/* An odd factor and a power of two: every page once. */
	for (u64 i = 0; i < pages; i++)
		*(volatile u64 *)(EXTRA_BASE +
			(in_order ? i : i * 40503 % pages) * stride) = i;
	return mftb() - start;
}

static void touch_absent(void)
{
	u64 size = extra();

	if (size && check(!ask(ASK_DONTNEED, EXTRA_BASE, size)))
		row("touch_absent", touch(size, page(), true), size / page());
}

/* MADV_POPULATE_WRITE by the VMM: what L1 alone spends on these pages. */
static void touch_present(void)
{
	u64 size = extra(), out[9];

	if (!size || !check(!ask(ASK_DONTNEED, EXTRA_BASE, size)) ||
	    !check(!ask2(out, ASK_POPULATE, EXTRA_BASE, size)))
		return;
	row("populate_l1", out[0], size / page());
	row("touch_present", touch(size, page(), true), size / page());
}

static void touch_random(void)
{
	u64 size = extra();

	if (!size || !check(!ask(ASK_DONTNEED, EXTRA_BASE, size)))
		return;
	row("touch_absent_random", touch(size, page(), false), size / page());
	if (!check(!ask(ASK_DONTNEED, EXTRA_BASE, size)) ||
	    !check(!ask(ASK_POPULATE, EXTRA_BASE, size)))
		return;
	row("touch_present_random", touch(size, page(), false), size / page());
}

static const struct {
	const char *key, *calls;
	u64 pages;
} dontneed_sizes[] = {
	{ "dontneed_1", "dontneed_1_calls", 1 },
	{ "dontneed_32", "dontneed_32_calls", 32 },
	{ "dontneed_4096", "dontneed_4096_calls", 4096 },
};

/* One madvise(MADV_DONTNEED) of pages that the guest has mapped. */
static void dontneed(void)
{
	u64 size = extra(), out[9], before[9], after[9];

	for (unsigned int i = 0; size && i < ARRAY_SIZE(dontneed_sizes); i++) {
		u64 bytes = dontneed_sizes[i].pages * 4096;
		bool counted;

		if (bytes > size)
			continue;
		touch(bytes, 4096, true);
		counted = !ask2(before, ASK_INVALIDATIONS);
		if (!check(!ask2(out, ASK_DONTNEED, EXTRA_BASE, bytes)))
			return;
		row(dontneed_sizes[i].key, out[0], 1);
		if (counted && check(!ask2(after, ASK_INVALIDATIONS)))
			count_row(dontneed_sizes[i].calls, after[0] - before[0], "hypercalls");
	}
}

/* Log on, all pages written, log read: what a round of a migration costs. */
static void dirty_round(void)
{
	u64 size = extra(), out[9], start;

	if (!size)
		return;
	touch(size, 4096, true);
	if (!check(!ask(ASK_SLOT_ADD, 1, 1)))
		return;
	start = mftb();
	touch(size, 4096, true);
	check(!ask2(out, ASK_DIRTY_PAGES, 1));
	row("dirty_round", mftb() - start, size / 4096);
	check(out[0] >= size / 65536);
	check(!ask(ASK_SLOT_ADD, 1, 0));
}

/* All registers out and in again, as QEMU does it. */
static void register_sync(void)
{
	u64 out[9], ticks = 0, n = arg("n", 2000) / 20 + 1;

	for (u64 i = 0; i < n; i++) {
		if (!check(!ask2(out, ASK_SYNC)))
			return;
		ticks += out[0];
	}
	row("register_sync", ticks, n);
}

/* Over and over, for selftests/bench/profile. */
#define ROUNDS(test) \
	static void test ## _rounds(void) \
	{ \
		for (u64 left = arg("rounds", 1); left && !failed(); left--) \
			test(); \
	}
#define TEST(test) { #test, test ## _rounds }

ROUNDS(prod)
ROUNDS(set_mode)
ROUNDS(user)
ROUNDS(prod_cede)
ROUNDS(timer)
ROUNDS(mmio_load)
ROUNDS(mmio_store)
ROUNDS(ioeventfd)
ROUNDS(touch_absent)
ROUNDS(touch_present)
ROUNDS(touch_random)
ROUNDS(dontneed)
ROUNDS(dirty_round)
ROUNDS(register_sync)
ROUNDS(user_empty)

TESTS(
	TEST(prod),
	TEST(set_mode),
	TEST(user),
	TEST(prod_cede),
	TEST(timer),
	TEST(mmio_load),
	TEST(mmio_store),
	TEST(ioeventfd),
	TEST(touch_absent),
	TEST(touch_present),
	TEST(touch_random),
	TEST(dontneed),
	TEST(dirty_round),
	TEST(register_sync),
	TEST(user_empty),
);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an exit costs, in ticks of the timebase.  On an L0 that counts
 * instructions these are instructions, and repeat; elsewhere they are time.
 *
 * Each row is measured some times, and the median counts: what L1 does for itself
 * meanwhile, its timer first of all, is no part of what an exit costs.
 * A row is a line "# cost KEY: N ticks each (COUNT, TICKS in all)"; rows that count
 * something else end with what that is.
 * Arguments: n=COUNT, page=BYTES between two touches, rounds=COUNT of the whole,
 * only=NUMBER of one test.
 */
#include "guest.h"

/* A gap between two readings of the timebase that only an exit explains. */
#define EXIT_TICKS	100
#define PIECES		20
#define PASSES		5
#define MAX_GAPS	1000

static u64 ordered(u64 *values, u64 n)
{
	for (u64 i = 1; i < n; i++)
		for (u64 j = i; j && values[j] < values[j - 1]; j--) {
			u64 larger = values[j - 1];

			values[j - 1] = values[j];
			values[j] = larger;
		}
	return n ? values[n / 2] : 0;
}

/* The median of what each of so many times took for n operations. */
static void row(const char *key, u64 *ticks, u64 times, u64 n)
{
	u64 median = ordered(ticks, times);

	print("# cost %s: %lu ticks each (%lu, %lu in all)\n", key, n ? median / n : 0, n,
	      median);
	if (times > 1)
		print("# %s: from %lu to %lu in %lu measurements\n", key, ticks[0],
		      ticks[times - 1], times);
}

static void count_row(const char *key, u64 count, const char *what)
{
	print("# cost %s: %lu %s\n", key, count, what);
}

static void dec_far(void)
{
	mtspr(22, 0x7fffffffffffffUL);
}

/*
 * A row of operations that are all alike. The second of two passes counts: the first
 * one meets faults.
 */
static inline __attribute__((always_inline)) void row_of(const char *key, void (*one)(u64))
{
	u64 pieces[PIECES], start, n = arg("n", 2000) / PIECES;

	dec_far();
	for (int pass = 0; pass < 2; pass++)
		for (u64 piece = 0; piece < PIECES; piece++) {
			start = mftb();
			for (u64 i = 0; i < n; i++)
				one(i);
			pieces[piece] = mftb() - start;
		}
	row(key, pieces, PIECES, n);
}

static inline void one_hcall(u64 nr, u64 resource)
{
	u64 args[10];

	args[0] = nr;
	args[1] = 0;
	args[2] = resource;
	args[3] = 0;
	args[4] = 0;
	hcall_block(args);
}

static inline void one_prod(u64 i)
{
	one_hcall(H_PROD, 0);
}

static void prod(void)
{
	row_of("prod", one_prod);
}

/* mflags, resource 2: DAWR0 and DAWRX0 (PAPR, H_SET_MODE) */
static inline void one_set_mode(u64 i)
{
	one_hcall(H_SET_MODE, 2);
}

static void set_mode(void)
{
	row_of("set_mode", one_set_mode);
}

/* A watchpoint that is another one each time, and watches neither loads nor stores. */
static inline void one_set_mode_other(u64 i)
{
	hcall(H_SET_MODE, 0, 2, 8 * i + 8, 1);
}

static void set_mode_other(void)
{
	row_of("set_mode_other", one_set_mode_other);
	hcall(H_SET_MODE, 0, 2, 0, 0);
}

static inline void one_user(u64 i)
{
	one_hcall(H_TEST_NONE, 0);
}

static void user(void)
{
	row_of("user", one_user);
}

/* The same of a guest that has registered its virtual processor area, as Linux does. */
static void user_vpa(void)
{
	static u8 vpa[640] __attribute__((aligned(1024)));

	/* Its length (PAPR, H_REGISTER_VPA); the performance monitor is not in use. */
	*(u16 *)(vpa + 4) = __builtin_bswap16(sizeof(vpa));
	if (!check(hcall(H_REGISTER_VPA, 1UL << 45, this_cpu()->index, (u64)vpa) ==
		   H_SUCCESS))
		return;
	row_of("user_vpa", one_user);
	check(hcall(H_REGISTER_VPA, 5UL << 45, this_cpu()->index) == H_SUCCESS);
}

/* What of it is neither the hypervisor's nor the guest's: see empty_turns(). */
static void user_empty(void)
{
	u64 pieces[PIECES], n = arg("n", 2000) / PIECES, out[9];

	for (int pass = 0; pass < 2; pass++)
		for (u64 piece = 0; piece < PIECES; piece++) {
			if (!check(!ask2(out, ASK_EMPTY_TURNS, n)))
				return;
			pieces[piece] = out[0];
		}
	row("user_empty", pieces, PIECES, n);
}

static inline void one_prod_cede(u64 i)
{
	hcall(H_PROD, 0);
	hcall(H_CEDE);
	ee_off();
}

static void prod_cede(void)
{
	row_of("prod_cede", one_prod_cede);
}

/* L1's own timer takes the processor away: the gaps of a guest that only looks. */
static void timer(void)
{
	static u64 gaps[MAX_GAPS];
	u64 end, last, now, n = 0;

	dec_far();
	last = mftb();
	end = last + tb_hz() / 2;
	while (last < end && n < MAX_GAPS) {
		now = mftb();
		if (now - last > EXIT_TICKS)
			gaps[n++] = now - last;
		last = now;
	}
	row("timer", gaps, n, 1);
}

static inline void one_load(u64 i)
{
	(void)*(volatile u32 *)DEVICE_BASE;
}

static void mmio_load(void)
{
	row_of("mmio_load", one_load);
}

static inline void one_store(u64 i)
{
	*(volatile u32 *)DEVICE_BASE = i;
}

static void mmio_store(void)
{
	row_of("mmio_store", one_store);
}

#define EVENT_AT	(DEVICE_BASE + 0x1000)

static inline void one_event(u64 i)
{
	*(volatile u32 *)EVENT_AT = i;
}

static void ioeventfd(void)
{
	if (!check(!ask(ASK_EVENT_ADD, EVENT_AT, 4)))
		return;
	row_of("ioeventfd", one_event);
	check(!ask(ASK_EVENT_DEL, EVENT_AT, 4));
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

/* Each page of @size bytes at @base once, in order or in an order that is not. */
static u64 touch_at(u64 base, u64 size, u64 stride, bool in_order)
{
	u64 pages = size / stride, start = mftb();

	/* An odd factor and a power of two: every page once. */
	for (u64 i = 0; i < pages; i++)
		*(volatile u64 *)(base + (in_order ? i : i * 40503 % pages) * stride) = i;
	return mftb() - start;
}

static u64 touch(u64 size, u64 stride, bool in_order)
{
	return touch_at(EXTRA_BASE, size, stride, in_order);
}

/* No page is left in L1, nor in the file where the memory is one (huge2m). */
static bool absent(u64 size)
{
	if (!check(!ask(ASK_DONTNEED, EXTRA_BASE, size)))
		return false;
	ask(ASK_REMOVE, EXTRA_BASE, size);
	return true;
}

static void touches_absent(const char *key, bool in_order)
{
	u64 size = extra(), ticks[PASSES];

	for (int pass = 0; size && pass < PASSES; pass++) {
		if (!absent(size))
			return;
		ticks[pass] = touch(size, page(), in_order);
	}
	if (size)
		row(key, ticks, PASSES, size / page());
}

/*
 * Each pass has pages that L1 has, and the guest has not yet: MADV_POPULATE_WRITE by
 * the VMM, which is what L1 alone spends on them.
 */
static void touches_present(const char *key, bool in_order)
{
	u64 size = extra(), out[9], ticks[PASSES], l1[PASSES];

	for (int pass = 0; size && pass < PASSES; pass++) {
		if (!absent(size) || !check(!ask2(out, ASK_POPULATE, EXTRA_BASE, size)))
			return;
		l1[pass] = out[0];
		ticks[pass] = touch(size, page(), in_order);
	}
	if (!size)
		return;
	if (in_order)
		row("populate_l1", l1, PASSES, size / page());
	row(key, ticks, PASSES, size / page());
}

static void touch_absent(void)
{
	touches_absent("touch_absent", true);
}

static void touch_present(void)
{
	touches_present("touch_present", true);
}

static void touch_random(void)
{
	touches_absent("touch_absent_random", false);
	touches_present("touch_present_random", false);
}

/* A row for each third of what nobody, in L1 or below, has touched yet. */
static void touch_fresh(void)
{
	u64 part = extra() / 3 & -page(), ticks;

	if (!arg("only", 0)) {
		skip("other tests have touched it");
		return;
	}
	for (int i = 0; part && i < 3; i++) {
		ticks = touch_at(EXTRA_BASE + i * part, part, page(), true);
		row("touch_fresh", &ticks, 1, part / page());
	}
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
static void dontneed_of(const char *key, const char *calls, u64 bytes)
{
	u64 out[9], before[9], after[9], ticks[PASSES];
	bool counted = false;

	for (int pass = 0; pass < PASSES; pass++) {
		touch(bytes, 4096, true);
		counted = !ask2(before, ASK_INVALIDATIONS);
		if (!check(!ask2(out, ASK_DONTNEED, EXTRA_BASE, bytes)))
			return;
		ticks[pass] = out[0];
		if (counted && !check(!ask2(after, ASK_INVALIDATIONS)))
			return;
	}
	row(key, ticks, PASSES, 1);
	if (counted)
		count_row(calls, after[0] - before[0], "hypercalls");
}

static void dontneed(void)
{
	u64 size = extra();

	for (unsigned int i = 0; i < ARRAY_SIZE(dontneed_sizes); i++)
		if (dontneed_sizes[i].pages * 4096 <= size)
			dontneed_of(dontneed_sizes[i].key, dontneed_sizes[i].calls,
				    dontneed_sizes[i].pages * 4096);
}

/* Log on, all pages written, log read: what a round of a migration costs. */
static bool dirty_once(u64 size, u64 *ticks)
{
	u64 out[9], start;

	if (!check(!ask(ASK_SLOT_ADD, 1, 1)))
		return false;
	start = mftb();
	touch(size, 4096, true);
	check(!ask2(out, ASK_DIRTY_PAGES, 1));
	*ticks = mftb() - start;
	return check(out[0] >= size / 65536) && check(!ask(ASK_SLOT_ADD, 1, 0));
}

static void dirty_round(void)
{
	u64 size = extra(), ticks[PASSES];

	if (!size)
		return;
	touch(size, 4096, true);
	for (int pass = 0; pass < PASSES; pass++)
		if (!dirty_once(size, &ticks[pass]))
			return;
	row("dirty_round", ticks, PASSES, size / 4096);
}

/* All registers out and in again, as QEMU does it. */
static void register_sync(void)
{
	u64 out[9], ticks[PIECES];

	for (u64 i = 0; i < PIECES; i++) {
		if (!check(!ask2(out, ASK_SYNC)))
			return;
		ticks[i] = out[0];
	}
	row("register_sync", ticks, PIECES, 1);
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
ROUNDS(touch_fresh)
ROUNDS(user_vpa)
ROUNDS(set_mode_other)

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
	TEST(touch_fresh),
	TEST(user_vpa),
	TEST(set_mode_other),
);

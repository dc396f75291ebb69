// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two processors of a hypervisor at once: first entries of the same guest,
 * invalidations of what the other's guest is using, guests that end meanwhile.
 */
#include "hv.h"

#define LPID	20
#define BASE	0x40000000UL
#define NEVER	0x7fffffffffffffUL
#define ROUNDS	arg("rounds", 50)

static struct l3_guest guest;
static struct l3 vcpu, other;
static volatile u64 phase, answered, stop;
static u64 *pages;

static bool until(volatile u64 *word, u64 value)
{
	u64 start = mftb();

	while (*word < value)
		if (mftb() - start > 30 * tb_hz())
			return check(!"the other processor is not late");
	return true;
}

static bool ready(void)
{
	if (!hv_ready())
		return false;
	if (cpu_count() < 2) {
		skip("one processor");
		return false;
	}
	check(!hv(H_SET_PARTITION_TABLE, hv_table_value()));
	if (!pages)
		pages = hv_memory(65536, 65536);
	phase = answered = stop = 0;
	return hv_guest_make(&guest, LPID);
}

/* Its last one may not have quite stopped yet. */
static void begin(void (*fn)(u64))
{
	u64 start = mftb();

	while (start_cpu(1, fn, 0))
		if (mftb() - start > 30 * tb_hz()) {
			check(!"the other processor starts");
			return;
		}
}

static void end(void)
{
	stop = 1;
	sync();
}

/* One turn for each phase: enters a guest that nobody has entered yet. */
static void enter_each(u64 me)
{
	for (u64 n = 1; n <= ROUNDS; n++) {
		while (phase < n)
			;
		l3_init(&other, &guest, 0);
		other.state.lpid = LPID + n;
		other.state.token = 1;
		check(l3_go(&other, L3_PROGRAM(call), 1, 0) == 0xc00, ": second, round %lu", n);
		sync();
		answered = n;
	}
	stop_cpu();
}

static void first_entry(void)
{
	if (!ready())
		return;
	begin(enter_each);
	for (u64 n = 1; n <= ROUNDS; n++) {
		hv_set_entry(LPID + n, hv_root_value(guest.root), 1UL << 63);
		check(!hv_flush_lpid(LPID + n, 2));
		l3_init(&vcpu, &guest, 0);
		vcpu.state.lpid = LPID + n;
		vcpu.state.token = 0;
		sync();
		phase = n;
		check(l3_go(&vcpu, L3_PROGRAM(call), 1, 0) == 0xc00, ": first, round %lu", n);
		if (!until(&answered, n))
			return;
		hv_set_entry(LPID + n, 0, 0);
		check(!hv_flush_lpid(LPID + n, 2));
	}
}

/* Enters again and again until told to stop, whatever comes. */
static void follow(u64 me)
{
	l3_init(&other, &guest, L3_PROGRAM(follow));
	other.state.token = 1;
	other.regs.gpr[3] = BASE;
	other.regs.gpr[4] = BASE + 0x8000;
	mtspr(SPR_DEC, NEVER);
	while (!stop) {
		long r;

		other.state.hdec_expiry = mftb() + tb_hz() / 20;
		r = l3_enter(&other);
		/* A page or a guest that is not there just now: again. */
		if ((r < 0 && r != H_PARAMETER) || r == 0xc00 || r == 0xe40) {
			check(!r, ": %lx at %lx", r, other.regs.nip);
			break;
		}
		mtspr(SPR_DEC, NEVER);
	}
	sync();
	answered = 1;
	stop_cpu();
}

static u64 leaf(u64 n, u64 bits)
{
	return TREE_VALID | TREE_LEAF | ((u64)pages + n * 4096) | bits;
}

/* L3 has loaded from there n times more. */
static bool loaded(u64 n)
{
	volatile u64 *count = (u64 *)((u64)pages + 0x8000 + 8);
	u64 before = *count, start = mftb();

	/* It starts from 0 when it is entered anew; not here. */
	while (*count - before < n)
		if (mftb() - start > 30 * tb_hz())
			return check(!"L3 does not go on");
	return true;
}

static u64 published(void)
{
	return *(volatile u64 *)((u64)pages + 0x8000);
}

/*
 * Once the invalidation has returned nobody uses the old page any more: the
 * load after next of the other processor must see the new one.
 */
static void invalidate_running(void)
{
	if (!ready())
		return;
	for (unsigned int n = 0; n < 16; n++)
		pages[n * 512] = 0x1000 + n;
	l3_set_leaf(&guest, BASE, 12, leaf(0, LEAF_ALL));
	l3_set_leaf(&guest, BASE + 0x8000, 12, leaf(8, LEAF_ALL));
	begin(follow);
	if (!loaded(1))
		return;
	for (u64 n = 1; n <= ROUNDS * 4 && !failed(); n++) {
		u64 which = n % 8;

		l3_set_leaf(&guest, BASE, 12, leaf(which, LEAF_ALL));
		switch (n & 3) {
		case 0: check(!hv_flush_lpid(LPID, 0)); break;
		case 1: check(!hv_flush_lpid(LPID, 2)); break;
		default: check(!hv_flush_page(LPID, BASE, 0)); break;
		}
		if (!loaded(2))
			break;
		check(published() == 0x1000 + which, ": round %lu: %lx", n, published());
	}
	end();
	until(&answered, 1);
}

/* Taken away for a while: nothing is loaded, nothing is stored there. */
static void take_away(void)
{
	volatile u64 *count;

	if (!ready())
		return;
	count = (u64 *)((u64)pages + 0x8000 + 8);
	l3_set_leaf(&guest, BASE, 12, leaf(0, LEAF_ALL));
	l3_set_leaf(&guest, BASE + 0x8000, 12, leaf(8, LEAF_ALL));
	begin(follow);
	if (!loaded(1))
		return;
	for (u64 n = 1; n <= ROUNDS && !failed(); n++) {
		u64 before, start;

		l3_set_leaf(&guest, BASE + 0x8000, 12, 0);
		check(!hv_flush_page(LPID, BASE + 0x8000, 0));
		before = *count;
		for (start = mftb(); mftb() - start < tb_hz() / 1000;)
			;
		check(*count == before, ": %lu stores after the invalidation", *count - before);
		l3_set_leaf(&guest, BASE + 0x8000, 12, leaf(8, LEAF_ALL));
		if (!loaded(2))
			break;
	}
	end();
	until(&answered, 1);
}

/* A guest ends and begins while the other processor enters it: all live on. */
static void guests_come_and_go(void)
{
	if (!ready())
		return;
	l3_set_leaf(&guest, BASE, 12, leaf(0, LEAF_ALL));
	l3_set_leaf(&guest, BASE + 0x8000, 12, leaf(8, LEAF_ALL));
	begin(follow);
	for (u64 n = 1; n <= ROUNDS * 10 && !failed(); n++) {
		hv_set_entry(LPID, 0, 0);
		check(!hv_flush_lpid(LPID, 2));
		if (n % 3 == 0)
			check(!hv(H_TLB_INVALIDATE, TLBIE(2, 0, 1), 0, IS_ALL));
		hv_set_entry(LPID, hv_root_value(guest.root), 1UL << 63);
		check(!hv_flush_lpid(LPID, 2));
		if (n % 7 == 0) {
			check(!hv(H_SET_PARTITION_TABLE, hv_table_value()));
			check(!hv(H_TLB_INVALIDATE, TLBIE(0, 0, 1), 0, IS_ALL));
		}
	}
	loaded(1);
	end();
	until(&answered, 1);
}

TESTS(
	{ "first entries at once", first_entry },
	{ "invalidation of what runs", invalidate_running },
	{ "a page taken from what runs", take_away },
	{ "guests come and go", guests_come_and_go },
);

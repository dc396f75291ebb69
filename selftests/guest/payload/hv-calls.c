// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypercalls that a hypervisor makes to the one below it, each with valid,
 * border and hostile arguments, and the code that each has to return.
 * be=1: called big-endian; gentle=1: without what the in-tree kvm-hv does not survive;
 * own_rpt=0: kvm-hv is below nhv, and answers H_RPT_INVALIDATE for ourselves.
 */
#include "hv.h"

#define NOWHERE		0x0000700000000000UL	/* no memory slot is there */
#define LAST_LPID	4095
#define UNUSED_LPID	77
#define NESTED		1
#define TYPE_ALL	0xe

static struct l3_guest guest;
static struct l3 vcpu;

/* A guest that ran once, so that there is something to lose. */
static bool with_guest(void)
{
	if (!hv_ready())
		return false;
	if (guest.root)
		return true;
	if (!check(!hv(H_SET_PARTITION_TABLE, hv_table_value())) || !hv_guest_make(&guest, 3))
		return false;
	l3_init(&vcpu, &guest, 0);
	return check(l3_go(&vcpu, L3_PROGRAM(call), 0x123, 0) == 0xc00);
}

/* It still runs. */
static void alive(void)
{
	l3_init(&vcpu, &guest, 0);
	check(l3_go(&vcpu, L3_PROGRAM(call), 0x123, 0) == 0xc00);
	check(vcpu.regs.gpr[3] == 0x123);
}

/* The second API is not offered to our guests, so that they take the first. */
static void second_api(void)
{
	for (u64 nr = H_GUEST_GET_CAPABILITIES; nr <= H_GUEST_DELETE; nr += 4)
		check(hv(nr) == H_FUNCTION, ": %lx", nr);
}

/*
 * A hypervisor is in radix mode before it has a process table, and stays so: the
 * hash MMU is refused, so that no call has to be refused for it.
 */
static void hash_mode(void)
{
	const u64 new_table = 0x18, gtse = 0x1;

	if (!hv_ready())
		return;
	check(!hv(H_SET_PARTITION_TABLE, 0));
	check(hcall(H_REGISTER_PROC_TBL, new_table, (u64)hv_partition_table, 0, 0) ==
	      H_PARAMETER);
	check(hcall(H_REGISTER_PROC_TBL, new_table | gtse, (u64)hv_partition_table, 0, 0) ==
	      H_PARAMETER);
	check(!hv(H_SET_PARTITION_TABLE, hv_table_value()));
}

static void no_table(void)
{
	if (!hv_ready())
		return;
	check(!hv(H_SET_PARTITION_TABLE, 0));
	memset(&vcpu, 0, sizeof(vcpu));
	vcpu.state.version = 2;
	vcpu.state.lpid = 1;
	check(l3_enter(&vcpu) == H_NOT_AVAILABLE);
	check(l3_enter_raw(&vcpu, NOWHERE, NOWHERE) == H_NOT_AVAILABLE);
}

static void partition_table(void)
{
	u64 base = (u64)hv_partition_table;

	if (!hv_ready())
		return;
	for (u64 size = 0; size < 32; size++)
		check(hv(H_SET_PARTITION_TABLE, base | size) ==
		      (size > PARTITION_SIZE_FIELD ? H_PARAMETER : H_SUCCESS), ": size %lu", size);
	check(hv(H_SET_PARTITION_TABLE, NOWHERE | PARTITION_SIZE_FIELD) == H_PARAMETER);
	check(hv(H_SET_PARTITION_TABLE, 0x0ffffffffffff000UL) == H_PARAMETER);
	check(hv(H_SET_PARTITION_TABLE, memory_size(0)) == H_PARAMETER ||
	      memory_size(0) == EXTRA_BASE);
	/* What was refused has changed nothing. */
	check(!hv(H_SET_PARTITION_TABLE, 0));
	check(hv(H_SET_PARTITION_TABLE, base | 5) == H_PARAMETER);
	memset(&vcpu, 0, sizeof(vcpu));
	vcpu.state.version = 2;
	vcpu.state.lpid = 1;
	check(l3_enter(&vcpu) == H_NOT_AVAILABLE);
	check(!hv(H_SET_PARTITION_TABLE, hv_table_value()));
}

static void bad_addresses(void)
{
	u64 last = memory_size(0), state, regs;

	if (!with_guest())
		return;
	l3_init(&vcpu, &guest, L3_PROGRAM(call));
	state = (u64)vcpu.wire_state;
	regs = (u64)vcpu.wire_regs;
	check(l3_enter_raw(&vcpu, NOWHERE, regs) == H_PARAMETER);
	check(l3_enter_raw(&vcpu, state, NOWHERE) == H_PARAMETER);
	check(l3_enter_raw(&vcpu, ~0UL, regs) == H_PARAMETER);
	check(l3_enter_raw(&vcpu, state, ~0UL) == H_PARAMETER);
	check(l3_enter_raw(&vcpu, ~7UL, ~7UL) == H_PARAMETER);
	if (last != EXTRA_BASE) {	/* over the end of memory */
		check(l3_enter_raw(&vcpu, last - 8, regs) == H_PARAMETER);
		check(l3_enter_raw(&vcpu, state, last - 0x100) == H_PARAMETER);
	}
	alive();
}

static void versions(void)
{
	static const u64 bad[] = { 0, 3, 4, 0x100000002UL, 1UL << 63, ~0UL };

	if (!with_guest())
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		l3_init(&vcpu, &guest, L3_PROGRAM(call));
		vcpu.state.version = bad[i];
		check(l3_enter(&vcpu) == H_PARAMETER, ": %lx", bad[i]);
	}
	for (u64 version = 1; version <= 2; version++) {
		l3_init(&vcpu, &guest, L3_PROGRAM(call));
		vcpu.state.version = version;
		check(l3_run(&vcpu) == 0xc00, ": %lu", version);
	}
}

/* Version 1 ends before dawr1: nothing is stored there, nor behind either. */
static void lengths(void)
{
	if (!with_guest())
		return;
	for (u64 version = 1; version <= 2; version++) {
		unsigned int end = (version == 1 ? STATE_V1_SIZE : sizeof(struct hv_state)) / 8;

		l3_init(&vcpu, &guest, L3_PROGRAM(call));
		vcpu.state.version = version;
		vcpu.state.dawr1 = vcpu.state.dawrx1 = 0;
		for (unsigned int i = 31; i < 64; i++)
			vcpu.wire_state[i] = 0xc0ffee00 + i;
		for (unsigned int i = 48; i < 64; i++)
			vcpu.wire_regs[i] = 0xc0ffee00 + i;
		check(l3_run(&vcpu) == 0xc00);
		for (unsigned int i = end; i < 31; i++)
			check(!vcpu.wire_state[i], ": version %lu, state[%u]", version, i);
		for (unsigned int i = 31; i < 64; i++)
			check(vcpu.wire_state[i] == 0xc0ffee00 + i, ": state[%u]", i);
		for (unsigned int i = 48; i < 64; i++)
			check(vcpu.wire_regs[i] == 0xc0ffee00 + i, ": regs[%u]", i);
	}
}

/* What nobody defines comes back as it went, at least in what is in uapi. */
static void opaque(void)
{
	if (!with_guest())
		return;
	l3_init(&vcpu, &guest, L3_PROGRAM(call));
	vcpu.regs.orig_gpr3 = 0x11;
	vcpu.regs.softe = 0x22;
	vcpu.regs.trap = 0x33;
	vcpu.regs.dar = 0x44;
	vcpu.regs.dsisr = 0x55;
	vcpu.regs.result = 0x66;
	check(l3_run(&vcpu) == 0xc00);
	check(vcpu.regs.orig_gpr3 == 0x11 && vcpu.regs.softe == 0x22 && vcpu.regs.trap == 0x33);
	check(vcpu.regs.dar == 0x44 && vcpu.regs.dsisr == 0x55 && vcpu.regs.result == 0x66);
}

static void lpids(void)
{
	static const u32 bad[] = { 4096, 0x10000, 0x80000003, ~0U };

	if (!with_guest())
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		l3_init(&vcpu, &guest, L3_PROGRAM(call));
		vcpu.state.lpid = bad[i];
		check(l3_enter(&vcpu) == H_PARAMETER, ": %x", bad[i]);
	}
	/* The host's own number; kvm-hv takes it. */
	l3_init(&vcpu, &guest, L3_PROGRAM(call));
	vcpu.state.lpid = 0;
	check(l3_enter(&vcpu) == H_PARAMETER);
	/* A smaller table has fewer. */
	check(!hv(H_SET_PARTITION_TABLE, (u64)hv_partition_table));
	l3_init(&vcpu, &guest, L3_PROGRAM(call));
	vcpu.state.lpid = 256;
	check(l3_enter(&vcpu) == H_PARAMETER);
	check(!hv(H_SET_PARTITION_TABLE, hv_table_value()));
	alive();
}

/* One without a tree has no memory; the last number is as good as any. */
static void no_entry(void)
{
	struct l3_guest last;
	long r;

	if (!with_guest())
		return;
	l3_init(&vcpu, &guest, L3_PROGRAM(call));
	vcpu.state.lpid = UNUSED_LPID;
	r = l3_run(&vcpu);
	check(r == 0xe20 || r == 0xe00 || r == H_PARAMETER, ": %ld", r);
	if (!hv_guest_make(&last, LAST_LPID))
		return;
	l3_init(&vcpu, &last, 0);
	check(l3_go(&vcpu, L3_PROGRAM(call), 1, 0) == 0xc00);
	hv_guest_end(&last);
	alive();
}

/* 2048 and more is what the hosts of the common distributions refuse. */
static void tokens(void)
{
	static const u32 odd[] = { 2047, 2048, 0x10000, 0x7fffffff, 0x80000000, ~0U };

	if (!with_guest())
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(odd); i++) {
		long r;

		l3_init(&vcpu, &guest, L3_PROGRAM(call));
		vcpu.state.token = odd[i];
		r = l3_run(&vcpu);
		check(r == (odd[i] < 2048 ? 0xc00 : H_PARAMETER), ": %x %ld",
		      odd[i], r);
	}
	alive();
}

/* Transactions: none of ours is suspended, so a guest's cannot be either. */
static void transactions(void)
{
	if (!with_guest())
		return;
	for (u64 ts = 1; ts < 4; ts++) {
		l3_init(&vcpu, &guest, L3_PROGRAM(call));
		vcpu.regs.msr |= ts << 33;
		check(l3_enter(&vcpu) == H_BAD_MODE, ": TS %lu", ts);
	}
	alive();
}

static long tlbie_answer(unsigned int ric, unsigned int prs, unsigned int r, u64 is,
			 unsigned int ap)
{
	if (!r || prs || ric == 3 || is == IS_PID)
		return H_PARAMETER;
	if (is == IS_PAGE)
		return ric || (ap != 0 && ap != 1 && ap != 2 && ap != 5) ? H_PARAMETER :
			H_SUCCESS;
	return H_SUCCESS;
}

/* Each combination, for a guest that is there and for one that is not. */
static void tlbie(void)
{
	static const u32 lpid[] = { 3, UNUSED_LPID, LAST_LPID, 0x12345 };

	if (!with_guest())
		return;
	for (unsigned int i = 0; i < 4 * 2 * 2 * 4 * 8 * ARRAY_SIZE(lpid); i++) {
		unsigned int ric = i & 3, prs = i >> 2 & 1, r = i >> 3 & 1, ap = i >> 6 & 7;
		u64 is = (i >> 4 & 3) << 10, who = lpid[i >> 9];
		long is_ = hv(H_TLB_INVALIDATE, TLBIE(ric, prs, r), who, is | AP(ap) | 0x3000);

		check(is_ == tlbie_answer(ric, prs, r, is, ap),
		      ": RIC %u PRS %u R %u IS %lx AP %u lpid %lx: %ld", ric, prs, r, is, ap,
		      who, is_);
	}
	alive();
}

/* Addresses at and over the ends, and bits of no meaning in RS. */
static void tlbie_borders(void)
{
	if (!with_guest())
		return;
	for (unsigned int ap = 0; ap < 3; ap++) {
		check(!hv(H_TLB_INVALIDATE, TLBIE(0, 0, 1), 3, 0xfffffffffffff000UL | AP(ap)));
		check(!hv(H_TLB_INVALIDATE, TLBIE(0, 0, 1), 3, 0x000ffffffffff000UL | AP(ap)));
		check(!hv(H_TLB_INVALIDATE, TLBIE(0, 0, 1), 3, 0x0010000000000000UL | AP(ap)));
	}
	check(!hv(H_TLB_INVALIDATE, TLBIE(0, 0, 1), 0xdead00000003UL, 0));
	alive();
}

static long rpt(u64 lpid, u64 target, u64 type, u64 pages, u64 start, u64 end)
{
	return hv(H_RPT_INVALIDATE, lpid, target, type, pages, start, end);
}

static void rpt_codes(void)
{
	if (!with_guest())
		return;
	if (rpt(3, 1, NESTED | TYPE_ALL, ~0UL, 0, ~0UL) == H_FUNCTION) {
		skip("no H_RPT_INVALIDATE");
		return;
	}
	check(!rpt(3, 1, NESTED | TYPE_ALL, ~0UL, 0, ~0UL));
	check(!rpt(UNUSED_LPID, 1, NESTED | TYPE_ALL, ~0UL, 0, ~0UL));
	check(!rpt(UNUSED_LPID, 1, NESTED | 2, 1, 0, 0x1000));
	check(!rpt(0x123456, 1, NESTED | 2, 1, 0, 0x1000));
	check(rpt(3, 1, NESTED | 2, 1, 0x2000, 0x1000) == H_P5);
	if (arg("own_rpt", 1))
		check(rpt(3, 1, 2, 1, 0x2000, 0x1000) == H_P5);
	for (u64 target = 0; target < 16; target++)
		check(rpt(3, target, NESTED | 2, 1, 0, 0x1000) ==
		      (target == 1 ? H_SUCCESS : H_P2), ": target %lx", target);
	check(!rpt(3, 1, NESTED | 4, 1, 0, 0x1000));
	check(!rpt(3, 1, NESTED | 2, 0, 0, ~0UL));
	check(rpt(3, 1, NESTED | 2, 0, 0, 0x1000) == H_P4);
	check(rpt(3, 1, NESTED | 2, 1UL << 40, 0, 0x1000) == H_P4);
	for (u64 pages = 1; pages < 16; pages++)
		check(!rpt(3, 1, NESTED | 2, pages, 0x1000, 0x2345678), ": %lx", pages);
	alive();
}

/* To the end of all addresses: kvm-hv never comes back from that. */
static void rpt_end(void)
{
	if (arg("gentle", 0)) {
		skip("what kvm-hv does not survive");
		return;
	}
	if (!with_guest())
		return;
	check(rpt(3, 1, NESTED | 2, 1, 0xfffffffffffff000UL, ~0UL) <= H_SUCCESS);
	check(rpt(3, 1, NESTED | 2, 15, 0xffffffffffff0000UL, ~0UL) <= H_SUCCESS);
	if (arg("own_rpt", 1))
		check(rpt(3, 1, 2, 1, 0xfffffffffffff000UL, ~0UL) <= H_SUCCESS);
	alive();
}

/* For ourselves, by the number of a process. */
static void rpt_process(void)
{
	if (!with_guest())
		return;
	if (rpt(0, 1, TYPE_ALL, ~0UL, 0, ~0UL) == H_FUNCTION) {
		skip("no H_RPT_INVALIDATE");
		return;
	}
	for (u64 type = 2; type <= TYPE_ALL; type += 2) {
		check(!rpt(0, 1, type, ~0UL, 0, ~0UL), ": %lx", type);
		check(!rpt(0, 1, type, 1, 0x1000, 0x5000), ": %lx", type);
		check(!rpt(12345, 1, type, 4, 0, 1UL << 40), ": %lx", type);
	}
}

/*
 * Anything at all. The hypervisor lives, and so does L2: what a guest could do
 * to it is in memory that it has given to it.
 */
static u64 random_number(void)
{
	static u64 x;

	if (!x)
		x = arg("seed", 88172645463325252UL);
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static u64 random_word(void)
{
	u64 r = random_number();

	switch (r >> 60) {
	case 0 ... 3: return r & 7;
	case 4 ... 6: return 1UL << (r & 63);
	case 7 ... 8: return -(r & 15);
	case 9 ... 10: return r & 0xffffff;
	case 11: return (u64)&vcpu + (r & 0xff8);
	case 12: return (u64)hv_partition_table | (r & 0x1f);
	}
	return r;
}

static void random_calls(void)
{
	static const u64 calls[] = {
		H_TLB_INVALIDATE, H_RPT_INVALIDATE, H_COPY_TOFROM_GUEST, H_TLB_INVALIDATE,
	};
	bool own_rpt = arg("own_rpt", 1);

	if (arg("gentle", 0)) {
		skip("what kvm-hv does not survive");
		return;
	}
	if (!with_guest())
		return;
	for (u64 n = arg("n", 2000); n && !failed(); n--) {
		u64 nr = calls[random_number() % ARRAY_SIZE(calls)];
		u64 to = random_word(), from = random_word(), type = random_word();

		/* Not over our own code and data. */
		if (nr == H_COPY_TOFROM_GUEST && from % 2)
			to = 0;
		else if (nr == H_COPY_TOFROM_GUEST)
			to = NOWHERE | to;
		else if (nr == H_RPT_INVALIDATE && !own_rpt)
			type |= NESTED;
		hv(nr, random_word(), random_word(), type, to, from, random_word());
	}
	alive();
}

static void random_entries(void)
{
	u64 keep;

	if (arg("gentle", 0)) {
		skip("what kvm-hv does not survive");
		return;
	}
	if (!with_guest())
		return;
	/* A guest that stores anywhere must not store into its own code. */
	for (u64 real = 0; real < 0x10000; real += 0x1000)
		l3_set_leaf(&guest, real, 12, l3_get_leaf(&guest, real, 12) & ~LEAF_W);
	check(!hv_flush_lpid(guest.lpid, 0));
	for (u64 n = arg("n", 2000); n && !failed(); n--) {
		l3_init(&vcpu, &guest, L3_PROGRAM(call));
		for (u64 k = random_number() % 6; k; k--)
			((u64 *)&vcpu.state)[random_number() % 31] = random_word();
		for (u64 k = random_number() % 6; k; k--)
			((u64 *)&vcpu.regs)[random_number() % 48] = random_word();
		/* It must come back, and soon. */
		vcpu.state.hdec_expiry = mftb() + 50000;
		if (random_number() % 2)
			vcpu.state.lpid = guest.lpid;
		keep = mfspr(SPR_SPRG1);
		l3_enter(&vcpu);
		check(mfspr(SPR_SPRG1) == keep);
		mtspr(SPR_DEC, 0x7fffffffffffffUL);
		/* These are live, and the guest may have set them. */
		mtspr(29, 0);
		mtspr(61, 0);
	}
	mtspr(SPR_PIDR, 0);
	alive();
}

TESTS(
	{ "the second API", second_api },
	{ "the hash MMU", hash_mode },
	{ "without a partition table", no_table },
	{ "H_SET_PARTITION_TABLE", partition_table },
	{ "H_ENTER_NESTED with bad addresses", bad_addresses },
	{ "versions", versions },
	{ "lengths", lengths },
	{ "words without a meaning", opaque },
	{ "guest numbers", lpids },
	{ "a guest without a tree", no_entry },
	{ "processor tokens", tokens },
	{ "transactions", transactions },
	{ "H_TLB_INVALIDATE, each combination", tlbie },
	{ "H_TLB_INVALIDATE at the borders", tlbie_borders },
	{ "H_RPT_INVALIDATE for guests", rpt_codes },
	{ "H_RPT_INVALIDATE for ourselves", rpt_process },
	{ "H_RPT_INVALIDATE to the end", rpt_end },
	{ "random calls", random_calls },
	{ "random entries", random_entries },
);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What H_ENTER_NESTED does with the registers of both: what goes in, what comes
 * back, what is filtered, and what of our own is kept.  be=1: big-endian.
 */
#include "hv.h"

#define MSR_HV		(1UL << 60)
#define LPCR_ILE	0x02000000UL
#define LPCR_MER	0x00000800UL
#define LPCR_LD		0x00020000UL
#define SPR_TAR		815
#define SPR_DSCR	17
#define SPR_VRSAVE	256
#define SPR_AMR		29
#define NEVER		0x7fffffffffffffUL

static struct l3_guest guest;
static struct l3 vcpu;

static bool ready(void)
{
	if (!hv_ready())
		return false;
	if (!guest.root) {
		check(!hv(H_SET_PARTITION_TABLE, hv_table_value()));
		if (!hv_guest_make(&guest, 5))
			return false;
	}
	l3_init(&vcpu, &guest, 0);
	return true;
}

static void registers(void)
{
	if (!ready())
		return;
	for (unsigned int i = 0; i < 32; i++)
		vcpu.regs.gpr[i] = 0x0101010101010101UL * i;
	vcpu.regs.nip = L3_PROGRAM(call);
	vcpu.regs.ctr = 0x1234567890UL;
	vcpu.regs.link = 0xabcdef0000UL;
	vcpu.regs.xer = 0xe0000000;
	vcpu.regs.ccr = 0x13579bdf;
	check(l3_run(&vcpu) == 0xc00);
	for (unsigned int i = 0; i < 32; i++)
		check(vcpu.regs.gpr[i] == 0x0101010101010101UL * i, ": r%u %lx", i,
		      vcpu.regs.gpr[i]);
	check(vcpu.regs.nip == L3_PROGRAM(call) + 4, ": %lx", vcpu.regs.nip);
	check(vcpu.regs.link == 0xabcdef0000UL, ": %lx", vcpu.regs.link);
	/* L3 ends with a hypercall, over which these may be lost (PAPR). */
	if (arg("volatile", 0))
		return;
	check(vcpu.regs.ctr == 0x1234567890UL, ": %lx", vcpu.regs.ctr);
	check((u32)vcpu.regs.xer == 0xe0000000, ": %lx", vcpu.regs.xer);
	check((u32)vcpu.regs.ccr == 0x13579bdf, ": %lx", vcpu.regs.ccr);
}

/* In by the state, or live in the processor; read by L3, changed, and back. */
static void sprs(void)
{
	u64 vrsave = mfspr(SPR_VRSAVE), dscr = mfspr(SPR_DSCR);

	if (!ready())
		return;
	vcpu.state.srr0 = 0x1110;
	vcpu.state.srr1 = 0x2222;
	vcpu.state.sprg[0] = 0x3333333333333333UL;
	vcpu.state.sprg[3] = 0x4444444444444444UL;
	vcpu.state.pidr = 0x555;
	mtspr(SPR_TAR, 0x6666666666666666UL);
	mtspr(SPR_DSCR, 0x77);
	mtspr(SPR_VRSAVE, 0x88888888);
	mtspr(SPR_AMR, 0x0999999999999999UL);
	for (unsigned int i = 14; i <= 22; i++)
		vcpu.regs.gpr[i] = 0x11 * i;
	vcpu.regs.gpr[22] = 0x1000000000000000UL;
	check(l3_go(&vcpu, L3_PROGRAM(sprs), 0, 0) == 0xc00);
	check(mfspr(SPR_TAR) == 0x11 * 19, ": %lx", mfspr(SPR_TAR));
	check(mfspr(SPR_DSCR) == (0x11 * 20 & 0x1ffffff), ": %lx", mfspr(SPR_DSCR));
	check(mfspr(SPR_VRSAVE) == 0x11 * 21, ": %lx", mfspr(SPR_VRSAVE));
	check(mfspr(SPR_AMR) == 0x1000000000000000UL, ": %lx", mfspr(SPR_AMR));
	mtspr(SPR_AMR, 0);
	mtspr(SPR_VRSAVE, vrsave);
	mtspr(SPR_DSCR, dscr);
	check(vcpu.regs.gpr[4] == 0x1110 && vcpu.regs.gpr[5] == 0x2222, ": %lx %lx",
	      vcpu.regs.gpr[4], vcpu.regs.gpr[5]);
	check(vcpu.regs.gpr[6] == 0x3333333333333333UL);
	check(vcpu.regs.gpr[7] == 0x4444444444444444UL);
	check(vcpu.regs.gpr[8] == 0x555, ": %lx", vcpu.regs.gpr[8]);
	check(vcpu.regs.gpr[9] == 0x6666666666666666UL, ": %lx", vcpu.regs.gpr[9]);
	check(vcpu.regs.gpr[10] == 0x77, ": %lx", vcpu.regs.gpr[10]);
	check(vcpu.regs.gpr[11] == 0x88888888, ": %lx", vcpu.regs.gpr[11]);
	check(vcpu.regs.gpr[12] == 0x0999999999999999UL, ": %lx", vcpu.regs.gpr[12]);
	/* A hypercall sets these, too. */
	check(vcpu.state.srr0 == vcpu.regs.nip, ": %lx", vcpu.state.srr0);
	check(vcpu.state.sprg[0] == 0x11 * 16 && vcpu.state.sprg[3] == 0x11 * 17);
	check(vcpu.state.pidr == 0x11 * 18, ": %lx", vcpu.state.pidr);
}

/* Ours are not the guest's. */
static void own_sprs(void)
{
	if (!ready())
		return;
	mtspr(SPR_SPRG0, 0xaaaa);
	mtspr(SPR_SPRG3, 0xbbbb);
	mtspr(SPR_PIDR, 0x123);
	vcpu.state.sprg[0] = vcpu.state.sprg[3] = vcpu.state.pidr = 1;
	check(l3_go(&vcpu, L3_PROGRAM(sprs), 0, 0) == 0xc00);
	check(mfspr(SPR_SPRG0) == 0xaaaa && mfspr(SPR_SPRG3) == 0xbbbb);
	check(mfspr(SPR_PIDR) == 0x123, ": %lx", mfspr(SPR_PIDR));
	mtspr(SPR_PIDR, 0);
	mtspr(SPR_AMR, 0);
}

/* FP, VMX and VSX registers are in the processor all the time. */
static void vectors(void)
{
	u64 one[2] = { 0x3ff0000000000000UL, 0x3ff0000000000000UL };	/* 1.0 */
	u64 vmx[2] = { 0xfedcba9876543210UL, 0x0123456789abcdefUL }, back[4];

	if (!ready())
		return;
	mtmsrd(mfmsr() | MSR_FP | MSR_VEC | MSR_VSX);
	asm volatile(".machine push; .machine power9; lxvx 1,0,%0; lxvx 34,0,%1; .machine pop"
		     : : "r"(one), "r"(vmx) : "memory");
	check(l3_go(&vcpu, L3_PROGRAM(fp), 0, 0) == 0xc00);
	asm volatile(".machine push; .machine power9; stxvx 1,0,%0; stxvx 34,0,%1; .machine pop"
		     : : "r"(back), "r"(back + 2) : "memory");
	mtmsrd(mfmsr() & ~(MSR_FP | MSR_VEC | MSR_VSX));
	/* f1 is the upper doubleword, which is the second in memory: 1.0 + 1.0 */
	check(back[1] == 0x4000000000000000UL, ": %lx %lx", back[0], back[1]);
	check(back[2] == vmx[0] && back[3] == vmx[1], ": %lx %lx", back[2], back[3]);
}

static void msr(void)
{
	if (!ready())
		return;
	vcpu.regs.nip = L3_PROGRAM(time);
	vcpu.regs.msr = (vcpu.regs.msr | MSR_HV) & ~MSR_ME;
	check(l3_run(&vcpu) == 0xc00);
	/* Whoever runs us below has set it or, on API v2, left it alone. */
	check(!((vcpu.regs.gpr[6] ^ mfmsr()) & MSR_ME), ": %lx", vcpu.regs.gpr[6]);
	check(!(vcpu.regs.gpr[6] & MSR_HV), ": %lx", vcpu.regs.gpr[6]);
	check(!(vcpu.regs.msr & MSR_HV), ": %lx", vcpu.regs.msr);
	check(vcpu.regs.msr & MSR_LE);
}

/* All the bits that only a host may have, and all that a guest may ask for. */
static void host_bits(void)
{
	if (!ready())
		return;
	vcpu.state.lpcr = ~LPCR_MER;
	vcpu.state.hfscr = ~0UL;
	vcpu.state.dawrx0 = vcpu.state.dawrx1 = 4;
	vcpu.state.ciabr = 3;
	check(l3_go(&vcpu, L3_PROGRAM(time), 0, 0) == 0xc00);
	check(vcpu.regs.gpr[6] & MSR_LE);
	l3_init(&vcpu, &guest, 0);
	vcpu.state.lpcr = 0;
	vcpu.state.hfscr = 0;
	check(l3_go(&vcpu, L3_PROGRAM(call), 0x77, 0) == 0xc00);
	check(vcpu.regs.gpr[3] == 0x77);
}

/* An interrupt of L3 finds the byte order that LPCR[ILE] says. */
static void interrupt_order(void)
{
	u32 *vector = (u32 *)(l3_image + 0xc00), keep = *vector;

	if (!ready())
		return;
	check(l3_go(&vcpu, L3_PROGRAM(sc), 0, 0) == 0xc00);
	check(vcpu.regs.gpr[3] == 0xc00 && vcpu.regs.msr & MSR_LE);
	check(vcpu.regs.gpr[4] == L3_PROGRAM(sc) + 4, ": %lx", vcpu.regs.gpr[4]);
	*vector = 0x22000044;	/* sc 1, as big-endian reads it */
	asm volatile("dcbst 0,%0; sync; icbi 0,%0; sync; isync" : : "r"(vector) : "memory");
	vcpu.state.lpcr &= ~LPCR_ILE;
	check(l3_go(&vcpu, L3_PROGRAM(sc), 1, 0) == 0xc00);
	check(!(vcpu.regs.msr & MSR_LE) && vcpu.regs.nip == 0xc04, ": %lx %lx", vcpu.regs.msr,
	      vcpu.regs.nip);
	*vector = keep;
	asm volatile("dcbst 0,%0; sync; icbi 0,%0; sync; isync" : : "r"(vector) : "memory");
}

/* A hypercall from problem state is the hypervisor's to refuse. */
static void user_hypercall(void)
{
	if (!ready())
		return;
	vcpu.regs.nip = L3_PROGRAM(call);
	vcpu.regs.gpr[3] = 0x4c;
	/* real mode, as no table for translation is there */
	vcpu.regs.msr |= MSR_PR;
	check(l3_run(&vcpu) == 0xc00);
	/* By the ISA there is no such mode (Book III, rfid): PR sets IR. */
	if (vcpu.regs.gpr[3] == 0x400)
		skip("problem state has address translation here");
	else
		check(vcpu.regs.msr & MSR_PR && vcpu.regs.gpr[3] == 0x4c, ": %lx %lx",
		      vcpu.regs.msr, vcpu.regs.gpr[3]);
}

/* Exceptions that are the guest's own, and those that its hypervisor gets. */
static void exceptions(void)
{
	long r;

	if (!ready())
		return;
	r = l3_go(&vcpu, L3_PROGRAM(illegal), 0, 0);
	check(r == 0xe40 || (r == 0xc00 && vcpu.regs.gpr[3] == 0x700), ": %lx", r);
	if (r == 0xe40)
		check(vcpu.regs.nip == L3_PROGRAM(illegal) && vcpu.state.heir == 0x00c0ffee, ": %lx %lx",
		      vcpu.regs.nip, vcpu.state.heir);
	l3_init(&vcpu, &guest, 0);
	vcpu.regs.nip = L3_PROGRAM(fp);
	vcpu.regs.msr &= ~MSR_FP;
	check(l3_run(&vcpu) == 0xc00 && vcpu.regs.gpr[3] == 0x800, ": %lx", vcpu.regs.gpr[3]);
	check(vcpu.regs.gpr[4] == L3_PROGRAM(fp));
}

static void timebase(void)
{
	/* Hardware takes whole multiples of 2^24. */
	static const long offsets[] = { 0, 1L << 24, -(1L << 24), 1L << 40, -(1L << 36) };

	if (!ready())
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(offsets); i++) {
		u64 before = mftb(), is;

		vcpu.state.tb_offset = offsets[i];
		check(l3_go(&vcpu, L3_PROGRAM(time), 0, 0) == 0xc00);
		is = vcpu.regs.gpr[4] - offsets[i];
		check(is - before <= mftb() - before, ": offset %lx: %lx of %lx to %lx",
		      offsets[i], is, before, mftb());
	}
}

/* The decrementer is live: ours at the call is L3's, L3's at its exit is ours. */
static void decrementer(void)
{
	if (!ready())
		return;
	vcpu.regs.nip = L3_PROGRAM(time);
	mtspr(SPR_DEC, 0x123456789UL);
	check(l3_enter(&vcpu) == 0xc00);
	check(vcpu.regs.gpr[5] <= 0x123456789UL && vcpu.regs.gpr[5] > 0x100000000UL, ": %lx",
	      vcpu.regs.gpr[5]);
	vcpu.regs.nip = L3_PROGRAM(set_dec);
	vcpu.regs.gpr[3] = 0x234567890UL;
	mtspr(SPR_DEC, NEVER);
	check(l3_enter(&vcpu) == 0xc00);
	check(mfspr(SPR_DEC) <= 0x234567890UL && mfspr(SPR_DEC) > 0x200000000UL, ": %lx",
	      mfspr(SPR_DEC));
	mtspr(SPR_DEC, NEVER);
}

/* Without LPCR[LD] it has 32 bits. */
static void small_decrementer(void)
{
	if (!ready())
		return;
	vcpu.state.lpcr &= ~LPCR_LD;
	vcpu.regs.nip = L3_PROGRAM(set_dec);
	vcpu.regs.gpr[3] = 0x7ffffff0;
	check(l3_enter(&vcpu) == 0xc00);
	check((u32)vcpu.regs.gpr[4] <= 0x7ffffff0 && (u32)vcpu.regs.gpr[4] > 0x70000000, ": %lx",
	      vcpu.regs.gpr[4]);
	mtspr(SPR_DEC, NEVER);
}

/* An interrupt of the decrementer is L3's own, when it has enabled it. */
static void decrementer_interrupt(void)
{
	u64 start = mftb();
	long r = 0;

	if (!ready())
		return;
	for (unsigned int late = 0; late < 2; late++) {
		l3_init(&vcpu, &guest, L3_PROGRAM(wait));
		mtspr(SPR_DEC, late ? 5000000 : 1);
		while (mftb() - start < 10 * tb_hz()) {
			r = l3_enter(&vcpu);
			if (r == 0xc00 || r < 0)
				break;
		}
		check(r == 0xc00 && vcpu.regs.gpr[3] == 0x900, ": %lx %lx", r, vcpu.regs.gpr[3]);
		mtspr(SPR_DEC, NEVER);
	}
}

/* The hypervisor's limit, in its own timebase, whatever that of L3 is. */
static void limit(void)
{
	static const long offsets[] = { 0, 1L << 40, -(1L << 36) };

	if (!ready())
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(offsets); i++) {
		u64 start, expiry;
		long r;

		l3_init(&vcpu, &guest, L3_PROGRAM(spin));
		vcpu.state.tb_offset = offsets[i];
		mtspr(SPR_DEC, NEVER);
		start = mftb();
		expiry = start + tb_hz() / 50;
		vcpu.state.hdec_expiry = expiry;
		do
			r = l3_enter(&vcpu);
		while (r != 0x980 && r >= 0 && mftb() - start < 20 * tb_hz());
		check(r == 0x980, ": %lx", r);
		check(mftb() >= expiry, ": %lu ticks early", expiry - mftb());
		/* One that has passed: not one instruction is executed. */
		vcpu.regs.nip = L3_PROGRAM(call);
		vcpu.state.hdec_expiry = mftb() - 1;
		r = l3_enter(&vcpu);
		check(r == 0x980 && vcpu.regs.nip == L3_PROGRAM(call), ": %lx at %lx", r,
		      vcpu.regs.nip);
		mtspr(SPR_DEC, NEVER);
	}
}

/* Whoever asks for nothing gets nothing: the entry does not change requests. */
static void requests(void)
{
	if (!ready())
		return;
	vcpu.state.dawr0 = 0x1230;
	vcpu.state.hdec_expiry = 0x7000000000000000UL;
	check(l3_go(&vcpu, L3_PROGRAM(call), 0, 0) == 0xc00);
	check(vcpu.state.version == 2 && vcpu.state.dawr0 == 0x1230);
	check(vcpu.state.hdec_expiry == 0x7000000000000000UL);
	check(!vcpu.state.tb_offset && !vcpu.state.dpdes);
}

/* Several processors of several guests, by turns on this one. */
static void by_turns(void)
{
	static struct l3_guest other;
	static struct l3 vcpus[4];
	u64 n = arg("n", 200);

	if (!ready() || !hv_guest_make(&other, 6))
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(vcpus); i++) {
		l3_init(&vcpus[i], i & 1 ? &other : &guest, L3_PROGRAM(call));
		vcpus[i].state.token = i;
		vcpus[i].state.sprg[0] = i;
		vcpus[i].regs.gpr[3] = 0x100 + i;
		vcpus[i].regs.gpr[31] = 0x200 + i;
	}
	for (u64 turn = 0; turn < n && !failed(); turn++) {
		for (unsigned int i = 0; i < ARRAY_SIZE(vcpus); i++) {
			vcpus[i].regs.nip = L3_PROGRAM(call);
			check(l3_run(&vcpus[i]) == 0xc00);
			check(vcpus[i].regs.gpr[3] == 0x100 + i);
			check(vcpus[i].regs.gpr[31] == 0x200 + i);
			check(vcpus[i].state.sprg[0] == i);
		}
	}
	hv_guest_end(&other);
}

TESTS(
	{ "registers", registers },
	{ "special purpose registers", sprs },
	{ "our own special purpose registers", own_sprs },
	{ "FP, VMX and VSX registers", vectors },
	{ "MSR", msr },
	{ "bits that are the host's", host_bits },
	{ "byte order of L3's interrupts", interrupt_order },
	{ "hypercall from problem state", user_hypercall },
	{ "exceptions", exceptions },
	{ "timebase", timebase },
	{ "decrementer", decrementer },
	{ "decrementer of 32 bits", small_decrementer },
	{ "decrementer interrupt", decrementer_interrupt },
	{ "the hypervisor's limit", limit },
	{ "requests are left alone", requests },
	{ "guests by turns", by_turns },
);

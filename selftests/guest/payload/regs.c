// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every register keeps its value over exits: all are given new values, the
 * guest is left by a hypercall or by what the host does while it spins, and
 * all are compared.  n= turns; exits that the guest does not choose need spin=.
 */
#include "guest.h"
#include "regs.h"

#define OPT_P9	1
#define OPT_P10	2
#define OPT_PMU	4

void regs_hcall(u64 optional);
void regs_spin(u64 optional);

struct block {
	u64 gpr[32];
	u64 vsr[64][2];
	u64 cr, xer, lr, ctr, fpscr, pad, vscr[2], msr, pad2[7];
	u64 spr[(REGS_SIZE - REGS_SPR) / 8];
};

_Static_assert(offsetof(struct block, spr) == REGS_SPR, "regs.h");

#define in	((volatile struct block *)REGS_IN)
#define out	((volatile struct block *)REGS_OUT)

static const struct {
	const char *name;
	u64 mask, fixed;
	unsigned int optional;
} sprs[] = {
#define SPR(name, number, mask, fixed) { #name, mask, fixed, 0 },
#define SPR_P9(name, number, mask, fixed) { #name, mask, fixed, OPT_P9 },
#define SPR_P10(name, number, mask, fixed) { #name, mask, fixed, OPT_P10 },
#define SPR_PMU(name, number, mask, fixed) { #name, mask, fixed, OPT_PMU },
#include "sprs.def"
};

enum {
#define SPR(name, number, mask, fixed) name,
#define SPR_P9 SPR
#define SPR_P10 SPR
#define SPR_PMU SPR
#include "sprs.def"
};

static u64 random(void)
{
	static u64 x = 88172645463325252UL;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

/* Which optional registers this processor has. */
static u64 optional(void)
{
	u64 pvr = mfspr(287) >> 16;

	return pvr == 0x4e ? OPT_P9 : pvr == 0x80 || pvr == 0x82 ? OPT_P10 : 0;
}

static void fill(u64 have)
{
	for (int i = 0; i < 32; i++)
		in->gpr[i] = random();
	for (int i = 0; i < 64; i++) {
		in->vsr[i][0] = random();
		in->vsr[i][1] = random();
	}
	in->cr = random() & 0xffffffff;
	in->xer = random() & 0xe00c007f;
	in->lr = random();
	in->ctr = random();
	in->fpscr = random() & 0x70001f0ff;
	in->vscr[0] = 0;
	in->vscr[1] = 0;
	((volatile u32 *)in->vscr)[0] = random() & 0x10001;
	for (size_t i = 0; i < ARRAY_SIZE(sprs); i++)
		in->spr[i] = sprs[i].optional & ~have ? 0 :
			     (random() & sprs[i].mask) | sprs[i].fixed;
}

static void differs(const char *what, int n, u64 is, u64 was, u64 turn)
{
	fail("regs", n, "turn %lu: %s is %lx, was %lx", turn, what, is, was);
}

static void compare(const char *what, int n, u64 is, u64 was, u64 turn)
{
	if (is != was)
		differs(what, n, is, was, turn);
}

enum how { HCALL, SPIN };

/*
 * What a level below us may lose, by the rules or by a mistake of its own:
 * volatile=1 PAPR 14.5.3: CR0, CR1, CR5 to CR7, XER and CTR over a hypercall;
 * ebb=0 the event-based branch registers.
 */
static bool volatile_regs, ebb;

/* sc 1 itself overwrites these two, as any system call does. */
static bool lost_in(enum how how, size_t spr)
{
	if (!ebb && (spr == EBBHR || spr == EBBRR || spr == BESCR))
		return true;
	return how == HCALL && (spr == SRR0 || spr == SRR1);
}

static void rules(void)
{
	volatile_regs = arg("volatile", 0);
	ebb = arg("ebb", 1);
}

static void compare_volatile(u64 turn, enum how how)
{
	bool lost = how == HCALL && volatile_regs;
	u64 kept = lost ? 0x00fff000 : 0xffffffff;

	compare("cr", 0, out->cr & kept, in->cr & kept, turn);
	if (lost)
		return;
	compare("xer", 0, out->xer, in->xer, turn);
	compare("ctr", 0, out->ctr, in->ctr, turn);
}

static void compare_all(u64 turn, u64 have, int first_gpr, enum how how)
{
	for (int i = 0; i < 32; i++)
		if (i < 3 || i >= first_gpr)
			compare("gpr", i, out->gpr[i], in->gpr[i], turn);
	for (int i = 0; i < 64; i++) {
		compare("vsr (high)", i, out->vsr[i][0], in->vsr[i][0], turn);
		compare("vsr (low)", i, out->vsr[i][1], in->vsr[i][1], turn);
	}
	compare_volatile(turn, how);
	compare("lr", 0, out->lr, in->lr, turn);
	compare("fpscr", 0, out->fpscr, in->fpscr, turn);
	compare("vscr", 0, ((volatile u32 *)out->vscr)[0],
		((volatile u32 *)in->vscr)[0], turn);
	compare("msr", 0, out->msr, in->msr, turn);
	for (size_t i = 0; i < ARRAY_SIZE(sprs); i++)
		if (!(sprs[i].optional & ~have) && !lost_in(how, i))
			compare(sprs[i].name, i, out->spr[i], in->spr[i], turn);
}

static void hcalls(u64 nr, u64 n, u64 have)
{
	rules();
	for (u64 turn = 0; turn < n && !failed(); turn++) {
		fill(have);
		in->gpr[3] = nr;
		in->gpr[4] = this_cpu()->index;
		regs_hcall(have);
		compare_all(turn, have, 4, HCALL);
		check((long)out->gpr[3] == (nr == H_PROD ? H_SUCCESS : H_FUNCTION),
		      ": %lx", out->gpr[3]);
	}
}

static void in_kernel(void)
{
	hcalls(H_PROD, arg("n", 2000), optional());
}

static void in_user_space(void)
{
	hcalls(H_TEST_NONE, arg("n", 2000), optional());
}

/* Two guests of one host must differ in their patterns: seed= */
static void seed(void)
{
	for (u64 i = arg("seed", 0); i; i--)
		random();
}

static void spin_turns(u64 n, u64 spin, u64 have)
{
	rules();
	for (u64 turn = 0; turn < n && !failed(); turn++) {
		fill(have);
		in->ctr = spin;
		regs_spin(have);
		in->ctr = 0;
		compare_all(turn, have, 3, SPIN);
	}
}

static void asynchronous(void)
{
	u64 begin = mftb();

	seed();
	spin_turns(arg("spins", 100), arg("spin", 10000000), optional());
	print("# spun for %lu ms\n", (mftb() - begin) * 1000 / tb_hz());
}

static void pmu(void)
{
	hcalls(H_PROD, 50, optional() | OPT_PMU);
	hcalls(H_TEST_NONE, 50, optional() | OPT_PMU);
	spin_turns(20, arg("spin", 10000000), optional() | OPT_PMU);
}

TESTS(
	{ "registers over exits for the host", asynchronous },
	{ "registers over hypercalls answered in the kernel", in_kernel },
	{ "registers over hypercalls answered in user space", in_user_space },
	{ "frozen PMU registers", pmu },
);

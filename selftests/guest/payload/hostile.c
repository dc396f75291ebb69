// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest that does what no guest should.  It may get any error; it must come
 * to its end, and the host must not notice.
 */
#include "guest.h"

static const u64 wild[] = {
	0, 1, 7, -1UL, 0x7fffffffffffffffUL, 1UL << 63, 1UL << 52, (1UL << 52) - 8,
	1UL << 60, 0xfffffffffffff000UL, 0x0fffffffffffffffUL, 0xc000000000000000UL,
	0xdeadbeefdeadbeefUL, 0xffffffffUL, 1UL << 32, 1UL << 40, 1UL << 47,
	0x10000, 0x1000, 0xffff,
};

static u64 seed = 1;

static u64 random(void)
{
	seed = seed * 6364136223846793005UL + 1442695040888963407UL;
	return seed >> 33 | seed << 31;
}

static u64 nasty(void)
{
	u64 r = random();

	return r & 1 ? wild[r / 2 % ARRAY_SIZE(wild)] : r & 2 ? r % 4096 : random();
}

/* These end or stop the machine, or are answered by the test's own VMM. */
static bool left_out(u64 nr)
{
	switch (nr) {
	case H_CEDE: case H_RTAS: case H_TEST_EXIT: case H_TEST_PRINT: case H_TEST_ASK:
	case H_REGISTER_PROC_TBL: case H_PUT_TERM_CHAR: case H_PAGE_INIT: case H_REGISTER_VPA:
	case H_LOGICAL_CI_STORE:
		return true;
	}
	return false;
}

static void hcall_random(u64 nr)
{
	u64 args[10] = { nr };

	for (int i = 1; i < 10; i++)
		args[i] = nasty();
	hcall_block(args);
}

static void all_hcalls(void)
{
	for (u64 nr = 0; nr <= 0xffff; nr += 4)
		if (!left_out(nr))
			hcall_random(nr);
	for (u64 nr = 1; nr < 0x500; nr++)
		if (nr % 4)
			hcall_random(nr);
	for (int i = 0; i < 200; i++)
		hcall_random(nasty() | 0x10000);
	check(hcall(H_TEST_NONE) == H_FUNCTION);
}

/* Those that take addresses, with addresses that must not be believed. */
static void bad_addresses(void)
{
	static const u64 nrs[] = {
		H_REGISTER_VPA, H_PAGE_INIT, H_LOGICAL_CI_LOAD, H_LOGICAL_CI_STORE,
		H_REGISTER_PROC_TBL, H_SET_MODE, H_RANDOM, H_CONFER, H_PROD,
	};

	for (size_t i = 0; i < ARRAY_SIZE(nrs); i++) {
		for (size_t w = 6; w < ARRAY_SIZE(wild); w++) {
			u64 a = wild[w] < 1UL << 32 ? wild[w] | 1UL << 44 : wild[w];
			long ret;

			ret = hcall(nrs[i], a, a, a, a);
			if (nrs[i] == H_REGISTER_PROC_TBL)
				check(ret, ": %lx", a);
		}
	}
	for (u64 f = 0; f < 8; f++)
		for (size_t w = 6; w < ARRAY_SIZE(wild); w++)
			if (f != 5 && f != 6 && f != 7 && wild[w] >= 1UL << 40)
				check(hcall(H_REGISTER_VPA, f << 45, 0, wild[w]),
				      ": %lx %lx", f, wild[w]);
	check(hcall(H_REGISTER_VPA, 1UL << 45, 0x7fff, 0x100000));
}

/* Loads and stores all over the real address space, translation off. */
static void wild_accesses(void)
{
	catch_traps(true);
	for (unsigned int i = 0; i < 300; i++) {
		u64 at = i < ARRAY_SIZE(wild) ? wild[i] : random() & ~7UL;

		/* Memory and the device are not wild. */
		if (at < 1UL << 33)
			at |= 1UL << 48;
		(void)*(volatile u64 *)at;
		(void)*(volatile u8 *)at;
		*(volatile u32 *)at = i;
	}
	catch_traps(false);
}

/* Where the guest's own tree maps nothing the exception is its own. */
static void wild_jumps(void)
{
	if (!check(mmu_on()))
		return;
	catch_traps(true);
	for (size_t i = 6; i < ARRAY_SIZE(wild); i++) {
		u64 at = wild[i] & ~3UL;

		if (at >> 60 == 0xc || at < 1UL << 33)
			continue;
		this_cpu()->catches = 0;
		asm volatile("mtctr %0; bctrl" : : "r"(at)
			     : "lr", "ctr", "memory", "r0", "r3", "r4", "r5", "r6", "r7",
			       "r8", "r9", "r10", "r11", "r12", "cr0", "cr1", "cr5",
			       "cr6", "cr7", "xer");
		check(caught() && (this_cpu()->caught.vector & ~0x80UL) == 0x400,
		      ": jump to %lx: %lx", at, this_cpu()->caught.vector);
	}
	catch_traps(false);
	mmu_off();
}

static void illegal(void)
{
	u64 vector;

	catch_traps(true);
	asm volatile(".long 0");
	vector = this_cpu()->caught.vector;
	check(caught() && (vector == 0x700 || vector == 0xe40), ": %lx", vector);
	check(vector != 0x700 || this_cpu()->caught.msr & 0x80000, ": srr1 %lx",
	      this_cpu()->caught.msr);
	this_cpu()->catches = 0;
	asm volatile(".long 0x00000200");	/* attn, off */
	check(caught());
	this_cpu()->catches = 0;
	asm volatile("hrfid");			/* hypervisor only */
	check(caught());
	catch_traps(false);
}

/* GPR3 to GPR7 of what runs in problem state. */
static u64 user_gpr[5];

/* Runs one instruction in problem state; the exception that ends it is left. */
static void in_problem_state(u32 insn)
{
	static u32 code[4] __attribute__((aligned(16)));
	u64 msr = mfmsr();

	code[0] = insn;
	code[1] = 0x7fe00008;	/* trap */
	asm volatile("dcbst 0,%0; sync; icbi 0,%0; sync; isync" : : "r"(code) : "memory");
	asm volatile("bl 1f\n"
		     "1:	mflr %%r4\n"
		     "	addi %%r4,%%r4,2f-1b\n"
		     "	std %%r4,0(%2)\n"
		     "	mtspr 26,%0; mtspr 27,%1\n"
		     "	ld %%r3,0(%3); ld %%r4,8(%3); ld %%r5,16(%3)\n"
		     "	ld %%r6,24(%3); ld %%r7,32(%3); rfid\n"
		     "2:"
		     : : "r"(code), "r"(msr | MSR_PR | MSR_IR | MSR_DR),
		       "b"(&this_cpu()->spare), "b"(user_gpr)
		     : "r3", "r4", "r5", "r6", "r7", "lr", "memory", "ctr");
}

static struct frame seen;
static u64 seen_count;

/* The first exception in problem state: note it, return behind the rfid. */
static void on_user_trap(struct frame *f)
{
	if (!(f->msr & MSR_PR)) {
		print("# unexpected %lx at %lx\n", f->vector, f->nip);
		quit(98);
	}
	seen = *f;
	seen_count++;
	f->nip = this_cpu()->spare;
	f->msr &= ~(MSR_PR | MSR_IR | MSR_DR);
}

/* Code and data are reachable from problem state, or not any more. */
static void problem_state_may(bool run)
{
	static const u64 vectors[] = { 0x300, 0x380, 0x400, 0x480, 0x600, 0x700, 0xc00, 0xe40, 0xf60 };

	mmu_map(0, 0, memory_size(0), run ? PTE_USER : PTE_RWX);
	mmu_flush();
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++)
		on_trap(vectors[i], run ? on_user_trap : NULL);
	seen_count = 0;
}

static void problem_state(void)
{
	if (!mmu_on()) {
		skip("no translation");
		return;
	}
	mmu_off();
	problem_state_may(true);
	in_problem_state(0x44000022);		/* sc 1 */
	check(seen_count == 1);
	check(seen.vector == 0x700, ": %lx", seen.vector);
	check(seen.msr & 0x40000, ": srr1 %lx", seen.msr);
	in_problem_state(0x44000002);		/* sc: the guest's own */
	check(seen.vector == 0xc00, ": %lx", seen.vector);
	in_problem_state(0x7c0004ac);		/* sync, then the trap behind it */
	check(seen.vector == 0x700 && seen.msr & 0x20000, ": %lx %lx", seen.vector, seen.msr);
	in_problem_state(0x7c6000a6);		/* mfmsr r3 */
	check(seen.vector == 0x700 && seen.msr & 0x40000, ": %lx %lx", seen.vector, seen.msr);
	in_problem_state(0);
	check(seen.vector == 0x700 || seen.vector == 0xe40, ": %lx", seen.vector);
	problem_state_may(false);
}

#define DAWR0		2
#define ID_DAWR		0x10300000000000aaUL

/* Return: SRR1 of the program interrupt that came of it. */
static u64 user_watch(u64 at, u64 how)
{
	const u64 gpr[] = { H_SET_MODE, 0, DAWR0, at, how };

	memcpy(user_gpr, gpr, sizeof(gpr));
	in_problem_state(0x44000022);		/* sc 1 */
	memset(user_gpr, 0, sizeof(user_gpr));
	check(seen.vector == 0x700, ": %lx", seen.vector);
	return seen.msr;
}

/* A program does not change the kernel's watchpoint. */
static void problem_state_watches(void)
{
	u64 at = 0x56780, srr1;

	if (!mmu_on()) {
		skip("no translation");
		return;
	}
	mmu_off();
	if (hcall(H_SET_MODE, 0, DAWR0, 0, 0) == H_P2) {
		skip("no watchpoint on this processor");
		return;
	}
	problem_state_may(true);
	srr1 = user_watch(at, 1);
	check(srr1 & 0x40000, ": srr1 %lx", srr1);
	srr1 = user_watch(0, 1);
	check(srr1 & 0x40000, ": srr1 %lx", srr1);
	check(!get_one_reg(ID_DAWR), ": %lx", get_one_reg(ID_DAWR));
	check(!hcall(H_SET_MODE, 0, DAWR0, at, 1));
	srr1 = user_watch(0, 0);
	check(srr1 & 0x40000, ": srr1 %lx", srr1);
	check(get_one_reg(ID_DAWR) == at, ": %lx", get_one_reg(ID_DAWR));
	check(!hcall(H_SET_MODE, 0, DAWR0, 0, 0));
	/* Off it is: whatever the answer, or the trap behind the call. */
	srr1 = user_watch(0, 0);
	check(srr1 & 0x60000, ": srr1 %lx", srr1);
	check(!get_one_reg(ID_DAWR), ": %lx", get_one_reg(ID_DAWR));
	problem_state_may(false);
}

static void bad_process_table(void)
{
	static const u64 tables[] = { 0x10000000000UL, 1UL << 50, 0xfffffff000UL };

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		/* It may be taken; what it leads to is this guest's own loss. */
		hcall(H_REGISTER_PROC_TBL, 0x1d, tables[i], 0, 0);
		catch_traps(true);
		mtmsrd(mfmsr() | MSR_DR);
		(void)*(volatile u64 *)0x1000;
		mtmsrd(mfmsr() & ~MSR_DR);
		catch_traps(false);
	}
	hcall(H_REGISTER_PROC_TBL, 0x10, 0, 0, 0);
}

TESTS(
	{ "all hypercalls", all_hcalls },
	{ "hypercalls with bad addresses", bad_addresses },
	{ "accesses all over the real address space", wild_accesses },
	{ "jumps to unmapped addresses", wild_jumps },
	{ "illegal instructions", illegal },
	{ "problem state", problem_state },
	{ "problem state: H_SET_MODE", problem_state_watches },
	{ "process table in nowhere", bad_process_table },
);

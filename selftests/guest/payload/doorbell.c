// SPDX-License-Identifier: GPL-2.0-only
/*
 * Doorbells between the threads of a core (ISA 3.1 Book III, chapter 11), and
 * what a thread can read about itself.  Run with --threads 2 --cpus 2.
 *
 * Translation is on: kvm-hv as the level below fetches the instruction that
 * trapped by L2's own tables alone, and tries for ever where there are none.
 */
#include "guest.h"

#define SPR_DPDES	176
#define SPR_TIR		446
#define DOORBELL	(5UL << 27)	/* message type: directed privileged doorbell */

static volatile u64 rung[2], other_tir, go, answered;

/*
 * Each is what an indirect branch goes to: of one that traps, QEMU's processor
 * says that it was the instruction that the last such branch went to.
 */
#define BRANCHED_TO(insn) \
	"lis 9,1f@h; ori 9,9,1f@l; mtctr 9; bctr; 1: " insn

static void msgsndp(u64 message)
{
	sync();
	asm volatile(BRANCHED_TO("msgsndp %0")
		     : : "r"(message) : "r9", "ctr", "memory");
}

static void msgclrp(u64 message)
{
	asm volatile(BRANCHED_TO("msgclrp %0")
		     : : "r"(message) : "r9", "ctr", "memory");
}

static u64 dpdes(void)
{
	u64 value;

	asm volatile(BRANCHED_TO("mfspr %0,%1")
		     : "=r"(value) : "i"(SPR_DPDES) : "r9", "ctr", "memory");
	return value;
}

static void on_doorbell(struct frame *f)
{
	rung[this_cpu()->index]++;
}

/* With EE on for a moment: what is pending is taken. */
static void let_in(void)
{
	u64 start = mftb();

	ee_on();
	while (mftb() - start < tb_hz() / 1000)
		;
	ee_off();
}

static bool begin(void)
{
	if (!check(mmu_on()))
		return false;
	on_trap(0xa00, on_doorbell);
	let_in();
	rung[0] = rung[1] = 0;
	return true;
}

static void own_doorbell(void)
{
	if (!begin())
		return;
	msgsndp(DOORBELL | 0);
	check(dpdes() == 1);
	check(!rung[0]);
	let_in();
	check(rung[0] == 1, ": %lu", rung[0]);
	check(dpdes() == 0);
}

static void taken_back(void)
{
	if (!begin())
		return;
	msgsndp(DOORBELL | 0);
	msgclrp(DOORBELL);
	check(dpdes() == 0);
	let_in();
	check(!rung[0], ": %lu", rung[0]);
}

/* A thread that is not there, and a message that is no doorbell. */
static void nobody(void)
{
	if (!begin())
		return;
	msgsndp(DOORBELL | 5);
	let_in();
	check(!rung[0] && !rung[1]);
}

static void ends_cede(void)
{
	if (!begin())
		return;
	msgsndp(DOORBELL | 0);
	mtspr(22, 0x7fffffffffffffUL);
	check(!hcall(H_CEDE));
	let_in();
	check(rung[0] == 1, ": %lu", rung[0]);
}

/* Thread 1 answers each ring with one of its own; every other time it sleeps. */
static void second_thread(u64 rounds)
{
	other_tir = mfspr(SPR_TIR);
	mtspr(22, 0x7fffffffffffffUL);
	ee_off();
	mmu_on();
	go = 1;
	for (u64 i = 1; i <= rounds; i++) {
		while (rung[1] < i) {
			if (i & 1)
				hcall(H_CEDE);
			let_in();
		}
		answered = i;
		msgsndp(DOORBELL | 0);
	}
	go = 2;
	stop_cpu();
}

static void there_and_back(void)
{
	u64 rounds = arg("rounds", 200);

	if (cpu_count() < 2) {
		skip("needs --cpus 2");
		return;
	}
	if (!begin())
		return;
	go = answered = 0;
	if (!check(!start_cpu(1, second_thread, rounds)))
		return;
	while (!go)
		;
	for (u64 i = 1; i <= rounds; i++) {
		msgsndp(DOORBELL | 1);
		while (rung[0] < i)
			let_in();
		if (!check(answered == i, ": %lu of %lu", answered, i))
			break;
	}
	while (go != 2)
		;
	check(rung[0] == rounds && rung[1] == rounds, ": %lu and %lu", rung[0],
	      rung[1]);
}

/* After there_and_back(), which has started the other thread. */
static void thread_number(void)
{
	if (!arg("tir", 1)) {
		skip("this L0's processor does not trap mfspr TIR");
		return;
	}
	check(mfspr(SPR_TIR) == 0, ": %lu", mfspr(SPR_TIR));
	check(other_tir == 1, ": %lu", other_tir);
}

TESTS(
	{ "a doorbell of one's own", own_doorbell },
	{ "taken back", taken_back },
	{ "nobody there", nobody },
	{ "ends a cede", ends_cede },
	{ "there and back", there_and_back },
	{ "thread number", thread_number },
);

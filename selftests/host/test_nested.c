// SPDX-License-Identifier: GPL-2.0-only
/*
 * src/nested but for the shadow trees: a guest hypervisor makes its calls.
 */
#include <nhv/base.h>
#include <nhv/level.h>
#include <abi/exits.h>
#include <abi/numbers.h>
#include <nhv/papr.h>
#include "hypervisor.h"
#include "ktap.h"

static void test_enter(void)
{
	start();
	pass(2, 1, NHV_MSR_EE);
	CHECK_EQ(enter(), NHV_H_SUCCESS, "enter");
	CHECK(t.vcpu.nested.guest && t.vcpu.gs == &t.nested_gs &&
	      t.vcpu.regs == &t.nested_regs, "the other block");
	CHECK_EQ(t.vcpu.regs->gpr[31], 0x131, "GPR 31");
	CHECK_EQ(t.vcpu.regs->msr, NHV_MSR_EE | NHV_MSR_ME, "MSR");
	CHECK_EQ(t.vcpu.lpcr, NHV_LPCR_HR | NHV_LPCR_GTSE | NHV_LPCR_MER,
		 "LPCR");
	CHECK_EQ(t.vcpu.hfscr, NHV_HFSCR_FP, "HFSCR");
	CHECK_EQ(t.vcpu.nested.tb_offset, 0x1000000, "tb_offset");
	CHECK_EQ(t.vcpu.nested.deadline, NHV_NO_DEADLINE, "deadline");
	CHECK_EQ(t.tables_set, 1, "announced");
	CHECK_EQ(t.process_table, NHV_PATE1_GR | 0x5000 | 4, "process table");

	t.nested_regs.gpr[31] = 0x31;
	t.nested_gs.srr0 = 0x4321;
	t.nested_gs.purr = 80;
	t.vcpu.cause = 0x40000000;
	CHECK(nhv_nested_exit(&t.vcpu, NHV_VEC_MACHINE_CHECK), "reflected");
	CHECK(t.vcpu.gs == &t.gs && t.vcpu.regs == &t.regs, "its own block");
	CHECK_EQ(t.regs.gpr[3], NHV_VEC_MACHINE_CHECK, "GPR 3");
	CHECK_EQ(t.gs.purr, 30, "time used");
	CHECK_EQ(t.vcpu.nested.tb_offset, 0, "tb_offset");
	CHECK_EQ(t.vcpu.lpcr, NHV_LPCR_HR | NHV_LPCR_GTSE, "LPCR");
	CHECK_EQ(t.vcpu.hfscr, NHV_HFSCR_FP | NHV_HFSCR_TAR, "HFSCR");
	end();
}

/* What comes back, and the opaque words with it, in both byte orders. */
static void back(u64 msr, u64 version)
{
	struct nhv_hv_guest_state gs;
	struct nhv_pt_regs regs;

	start();
	t.regs.msr = msr;
	pass(version, 1, 0);
	memset(t.memory + STATE + 0xe8, 0xcc, version == 1 ? 16 : 0);
	CHECK_EQ(enter(), NHV_H_SUCCESS, "enter");
	CHECK_EQ(t.nested_gs.dawr1, version == 1 ? 0 : 0x77, "DAWR1");
	CHECK_EQ(t.nested_regs.nip, 0x4000, "NIA");
	t.nested_regs.nip = 0x4004;
	t.nested_gs.srr0 = 0x8;
	t.vcpu.cause = 0x00080000;
	nhv_nested_exit(&t.vcpu, NHV_VEC_PROGRAM);

	memcpy(&gs, t.memory + STATE, sizeof(gs));
	memcpy(&regs, t.memory + REGS, sizeof(regs));
	if (version == 1)
		CHECK_EQ(gs.dawr1, 0xccccccccccccccccULL, "behind version 1");
	if (!(msr & NHV_MSR_LE)) {
		nhv_serve_swap_state(&gs);
		nhv_serve_swap_regs(&regs);
	}
	CHECK_EQ(gs.lpid, 1, "LPID");
	CHECK_EQ(gs.vcpu_token, 3, "token");
	CHECK_EQ(gs.srr0, 8, "SRR0");
	CHECK_EQ(gs.hfscr, NHV_HFSCR_FP | NHV_HFSCR_PM, "HFSCR as asked");
	CHECK_EQ(gs.lpcr, NHV_LPCR_MER, "LPCR as asked");
	CHECK_EQ(regs.nip, 0x4004, "NIA");
	CHECK_EQ(regs.msr, NHV_MSR_ME | 0x00080000, "MSR with the cause");
	CHECK_EQ(regs.result, 0x9999, "an opaque word");
	end();
}

static void test_orders(void)
{
	back(OWN_MSR, 2);
	back(OWN_MSR & ~NHV_MSR_LE, 2);
	back(OWN_MSR, 1);
	back(OWN_MSR & ~NHV_MSR_LE, 1);
}

/* What is read twice may be another thing the second time. */
static void test_once(void)
{
	unsigned int i;

	start();
	pass(2, 1, 0);
	memset(t.read, 0, sizeof(t.read));
	enter();
	for (i = 0; i < sizeof(struct nhv_hv_guest_state); i++)
		CHECK_EQ(t.read[STATE + i], 1, "reads of the state");
	for (i = 0; i < sizeof(struct nhv_pt_regs); i++)
		CHECK_EQ(t.read[REGS + i], 1, "reads of the registers");
	for (i = 0; i < sizeof(struct nhv_pate); i++)
		CHECK_EQ(t.read[TABLE + 16 + i], 1, "reads of the entry");
	nhv_nested_leave(&t.vcpu, 0);
	end();
}

/* Between finding a guest and using it, another vCPU has it go and come again. */
static void go_and_come(void)
{
	const struct nhv_serve_flush f = { .what = NHV_SERVE_ENTRY, .lpid = 1 };

	set_entry(1, 0, 0);
	nhv_nested_flush(&t.vm, &f);
	set_entry(1, TREE, NHV_PATE1_GR);
}

static void test_race(void)
{
	start();
	pass(2, 1, 0);
	enter();
	nhv_nested_leave(&t.vcpu, 0);
	meanwhile = go_and_come;
	CHECK_EQ(enter(), NHV_H_SUCCESS, "enter");
	CHECK(!meanwhile && t.trees == 1, "another guest, the old one gone");
	nhv_nested_leave(&t.vcpu, 0);
	end();
}

/* ---- within one turn: quick.c --------------------------------------------------- */

#define LOADS	(NHV_PTE_READ | NHV_PTE_R)
#define STORES	(LOADS | NHV_PTE_WRITE | NHV_PTE_C)

static bool quickly(void)
{
	t.regs.gpr[4] = STATE;
	t.regs.gpr[5] = REGS;
	return nhv_nested_quick_enter(&t.vcpu);
}

/* L3 runs, was entered in the long way, and ends with a hypercall. */
static void start_quick(void)
{
	start();
	t.leaf = STORES;
	pass(2, 1, NHV_MSR_EE);
	CHECK(!quickly(), "no guest that was left");
	CHECK_EQ(enter(), NHV_H_SUCCESS, "enter");
	t.nested_regs.gpr[3] = NHV_H_PROD;
}

static void end_quick(void)
{
	nhv_nested_forget(&t.vcpu, false);
	end();
}

static void test_quick(void)
{
	struct nhv_hv_guest_state gs;
	struct nhv_pt_regs regs;

	start_quick();
	t.nested_regs.gpr[31] = 0x31;
	t.nested_gs.srr0 = 0x4321;
	t.nested_gs.purr = 80;
	t.nested_gs.lpcr = 0;
	t.vcpu.nested.doorbell = 1;
	t.vcpu.cause = 0x40000000;
	CHECK(nhv_nested_quick_leave(&t.vcpu), "out");
	CHECK(t.vcpu.gs == &t.gs && t.vcpu.regs == &t.regs &&
	      !t.vcpu.nested.guest && t.vcpu.nested.kept, "L2 runs");
	CHECK_EQ(t.regs.gpr[3], NHV_VEC_SYSCALL, "GPR 3");
	CHECK_EQ(t.gs.purr, 30, "time used");
	CHECK_EQ(t.until, NHV_NO_DEADLINE, "L2 has no deadline");
	memcpy(&gs, t.memory + STATE, sizeof(gs));
	memcpy(&regs, t.memory + REGS, sizeof(regs));
	CHECK_EQ(gs.srr0, 0x4321, "SRR0");
	CHECK_EQ(gs.dpdes, 1, "doorbell");
	CHECK_EQ(gs.lpcr, NHV_LPCR_MER, "LPCR as asked");
	CHECK_EQ(gs.dawr1, 0x77, "DAWR1 as given");
	CHECK_EQ(regs.gpr[31], 0x31, "GPR 31");
	CHECK_EQ(regs.msr, NHV_MSR_EE | NHV_MSR_ME | 0x40000000,
		 "MSR with the cause");

	t.vm.nesting.stamp = 7;
	memset(t.read, 0, sizeof(t.read));
	pass(2, 1, 0);
	CHECK(quickly(), "in again");
	CHECK(t.vcpu.nested.guest && !t.vcpu.nested.kept &&
	      t.vcpu.gs == &t.nested_gs && t.vcpu.regs == &t.nested_regs,
	      "L3 runs");
	CHECK_EQ(t.vcpu.nested.guest->stamp, 7, "entered last");
	CHECK_EQ(t.nested_regs.gpr[31], 0x131, "its GPR 31");
	CHECK_EQ(t.nested_regs.msr, NHV_MSR_ME, "its MSR");
	CHECK_EQ(t.vcpu.hfscr, NHV_HFSCR_FP, "HFSCR");
	CHECK_EQ(t.switched, 2, "the level below was told");
	CHECK_EQ(t.vcpu.stats.nested_entries, 2, "entries");
	CHECK_EQ(t.vcpu.stats.hcall[NHV_SLOT_H_ENTER_NESTED], 1, "calls");
	nhv_nested_leave(&t.vcpu, 0);
	CHECK_EQ(t.vcpu.stats.nested_exits, 2, "exits");
	end_quick();
}

/* What is not for this way out, with nothing changed. */
static void test_not_out(void)
{
	start_quick();
	t.leaf = STORES & ~NHV_PTE_WRITE;
	CHECK(!nhv_nested_quick_leave(&t.vcpu), "nowhere to write to");
	t.leaf = STORES & ~NHV_PTE_C;
	CHECK(!nhv_nested_quick_leave(&t.vcpu), "the dirty log");
	t.leaf = STORES;
	t.nested_regs.gpr[3] = NHV_H_RPT_INVALIDATE;
	CHECK(!nhv_nested_quick_leave(&t.vcpu), "perhaps not L2's");
	t.nested_regs.gpr[3] = NHV_H_PROD;
	t.other_turn = true;
	CHECK(!nhv_nested_quick_leave(&t.vcpu), "not the same turn");
	t.other_turn = false;
	t.vcpu.nested.swap = true;
	CHECK(!nhv_nested_quick_leave(&t.vcpu), "the other byte order");
	t.vcpu.nested.swap = false;
	t.vm.mmu_lock.held = -1;
	CHECK(!nhv_nested_quick_leave(&t.vcpu), "the lock is not free");
	t.vm.mmu_lock.held = 0;
	CHECK(t.vcpu.nested.guest && !t.switched && !t.vm.mmu_lock.held &&
	      !t.gs.purr, "nothing done");
	CHECK(nhv_nested_quick_leave(&t.vcpu), "out");
	end_quick();
}

static void test_not_in(void)
{
	struct nhv_nested *kept;

	start_quick();
	CHECK(nhv_nested_quick_leave(&t.vcpu), "out");
	kept = t.vcpu.nested.kept;
	pass(1, 1, 0);
	CHECK(!quickly(), "version 1");
	pass(2, 2, 0);
	CHECK(!quickly(), "another LPID");
	pass(2, 1, NHV_MSR_TS);
	CHECK(!quickly(), "a transaction");
	pass(2, 1, 0);
	t.leaf = LOADS & ~NHV_PTE_R;
	t.vm.tree.losses++;
	CHECK(!quickly(), "not mapped");
	t.leaf = STORES;
	t.other_turn = true;
	CHECK(!quickly(), "not the same turn");
	t.other_turn = false;
	t.vcpu.nested.refill = true;
	CHECK(!quickly(), "a page to be mapped first");
	t.vcpu.nested.refill = false;
	t.vm.nesting.enabled = false;
	CHECK(!quickly(), "not switched on");
	t.vm.nesting.enabled = true;
	t.regs.msr &= ~NHV_MSR_LE;
	CHECK(!quickly(), "the other byte order");
	t.regs.msr |= NHV_MSR_LE;
	t.vm.mmu_lock.held = -1;
	CHECK(!quickly(), "the lock is not free");
	t.vm.mmu_lock.held = 0;
	nhv_nested_set_ptcr(&t.vm, 0);
	CHECK(!quickly(), "no table");
	nhv_nested_set_ptcr(&t.vm, PTCR);
	t.regs.gpr[4] = STATE + 4;
	t.regs.gpr[5] = REGS;
	CHECK(!nhv_nested_quick_enter(&t.vcpu), "not aligned");
	t.regs.gpr[4] = MEMORY - 0x80;
	CHECK(!nhv_nested_quick_enter(&t.vcpu), "out of memory");
	CHECK(t.vcpu.gs == &t.gs && t.vcpu.nested.kept == kept, "L2 runs");
	CHECK(quickly(), "in");
	nhv_nested_leave(&t.vcpu, 0);
	end_quick();
}

/* The guest that was left goes: it is not entered again, nor kept for long. */
static void test_kept_goes(void)
{
	start_quick();
	CHECK(nhv_nested_quick_leave(&t.vcpu), "out");
	nhv_nested_forget(&t.vcpu, true);
	CHECK(t.vcpu.nested.kept, "kept while it is there");
	t.vcpu.nested.kept->gone = true;
	CHECK(!quickly(), "not in the map");
	t.vcpu.nested.kept->gone = false;
	go_and_come();
	CHECK(!quickly(), "it is gone");
	CHECK_EQ(t.trees, 1, "and there");
	nhv_nested_forget(&t.vcpu, true);
	CHECK_EQ(t.trees, 0, "until it is forgotten");
	CHECK_EQ(enter(), NHV_H_SUCCESS, "another one");
	CHECK(nhv_nested_quick_leave(&t.vcpu), "out");
	CHECK_EQ(enter(), NHV_H_SUCCESS, "in the long way");
	CHECK(!t.vcpu.nested.kept, "one reference");
	nhv_nested_leave(&t.vcpu, 0);
	end_quick();
}

/* Both in one page, or each in its own. */
static void test_areas(void)
{
	unsigned int i;

	start_quick();
	CHECK(nhv_nested_quick_leave(&t.vcpu), "out");
	memcpy(t.memory + STATE + 0x400, t.memory + REGS, sizeof(t.regs));
	for (i = 0; i < 2; i++) {
		t.regs.gpr[4] = STATE;
		t.regs.gpr[5] = i ? REGS : STATE + 0x400;
		CHECK(nhv_nested_quick_enter(&t.vcpu), "in");
		CHECK_EQ(t.nested_regs.gpr[0], 0x100, "GPR 0");
		t.nested_regs.gpr[3] = NHV_H_PROD;
		t.nested_regs.gpr[30] = 0x55 + i;
		CHECK(nhv_nested_quick_leave(&t.vcpu), "out");
		CHECK(!memcmp(t.memory + t.regs.gpr[5] + 30 * 8,
			      &t.nested_regs.gpr[30], 8), "GPR 30");
	}
	t.regs.gpr[5] = REGS;
	t.hole = REGS + 8;
	t.vm.tree.losses++;
	CHECK(!nhv_nested_quick_enter(&t.vcpu), "one of them is nowhere");
	t.hole = 0;
	/* What was looked up holds for as long as nothing is taken from the tree. */
	t.regs.gpr[5] = STATE + 0x400;
	t.leaf = LOADS;
	t.vm.tree.losses++;
	CHECK(nhv_nested_quick_enter(&t.vcpu), "in");
	t.nested_regs.gpr[3] = NHV_H_PROD;
	CHECK(!nhv_nested_quick_leave(&t.vcpu), "it is only to be read");
	t.leaf = STORES;
	CHECK(nhv_nested_quick_leave(&t.vcpu), "out");
	t.leaf = 0;
	t.vm.tree.losses++;
	CHECK(!nhv_nested_quick_enter(&t.vcpu), "it is not mapped any more");
	t.leaf = STORES;
	t.regs.gpr[5] = REGS;
	/* The state ends where memory does. */
	memcpy(t.memory + MEMORY - sizeof(t.gs), t.memory + STATE, sizeof(t.gs));
	t.regs.gpr[4] = MEMORY - sizeof(t.gs);
	t.regs.gpr[5] = REGS;
	CHECK(nhv_nested_quick_enter(&t.vcpu), "at the end");
	nhv_nested_leave(&t.vcpu, 0);
	end_quick();
}

static void test_refused(void)
{
	start();
	pass(2, 1, 0);
	nhv_nested_set_ptcr(&t.vm, 0);
	CHECK_EQ(enter(), NHV_H_NOT_AVAILABLE, "no table");
	nhv_nested_set_ptcr(&t.vm, PTCR);
	CHECK_EQ(nhv_nested_enter(&t.vcpu, MEMORY, REGS), NHV_H_PARAMETER,
		 "state out of memory");
	CHECK_EQ(nhv_nested_enter(&t.vcpu, MEMORY - 16, REGS), NHV_H_PARAMETER,
		 "state over the end");
	CHECK_EQ(nhv_nested_enter(&t.vcpu, ~0ULL, ~0ULL), NHV_H_PARAMETER,
		 "the last address");
	CHECK_EQ(nhv_nested_enter(&t.vcpu, STATE, MEMORY - 351),
		 NHV_H_PARAMETER, "registers over the end");
	pass(3, 1, 0);
	CHECK_EQ(enter(), NHV_H_PARAMETER, "version");
	pass(0, 1, 0);
	CHECK_EQ(enter(), NHV_H_PARAMETER, "version 0");
	pass(2, 0, 0);
	CHECK_EQ(enter(), NHV_H_PARAMETER, "LPID 0");
	pass(2, 4096, 0);
	CHECK_EQ(enter(), NHV_H_PARAMETER, "LPID beyond the table");
	pass(2, 2, 0);
	CHECK_EQ(enter(), NHV_H_PARAMETER, "no entry");
	pass(2, 1, 1ULL << 33);
	CHECK_EQ(enter(), NHV_H_BAD_MODE, "suspended");
	CHECK_EQ(t.vm.nesting.nr, 0, "guests made for nothing");
	t.full = true;
	pass(2, 1, 0);
	CHECK_EQ(enter(), NHV_H_NOT_ENOUGH_RESOURCES, "no LPID below");
	end();
}

static void test_lost(void)
{
	start();
	pass(2, 1, 0);
	enter();
	t.hole = STATE + 8;
	nhv_nested_leave(&t.vcpu, NHV_VEC_EXTERNAL);
	CHECK_EQ((long)t.regs.gpr[3], NHV_H_AUTHORITY, "state lost");
	t.hole = 0;
	enter();
	t.hole = REGS + 100;
	nhv_nested_leave(&t.vcpu, NHV_VEC_EXTERNAL);
	CHECK_EQ((long)t.regs.gpr[3], NHV_H_AUTHORITY, "registers lost");
	end();
}

/* Each allocation fails once: a code, and nothing left. */
static void test_no_memory(void)
{
	int nr;
	long rc;

	for (nr = 0;; nr++) {
		start();
		pass(2, 1, 0);
		t.fail_after = nr;
		rc = enter();
		t.fail_after = -1;
		if (!rc)
			break;
		CHECK_EQ(rc, NHV_H_NO_MEM, "code");
		CHECK_EQ(t.vm.nesting.nr, 0, "guests");
		end();
	}
	CHECK(nr >= 4, "only %d failed", nr);
	nhv_nested_leave(&t.vcpu, 0);
	t.unready = -ENOMEM;
	CHECK_EQ(enter(), NHV_H_NO_MEM, "no vCPU below");
	CHECK(!t.vcpu.nested.guest, "L2 runs");
	end();
}

static void test_quota(void)
{
	u32 lpid;

	start();
	nhv_nested_limits.guests = 3;
	for (lpid = 1; lpid <= 4; lpid++) {
		set_entry(lpid, TREE, NHV_PATE1_GR);
		pass(2, lpid, 0);
		CHECK_EQ(enter(), lpid <= 3 ? NHV_H_SUCCESS :
			 NHV_H_NOT_ENOUGH_RESOURCES, "enter");
		if (t.vcpu.nested.guest)
			nhv_nested_leave(&t.vcpu, 0);
	}
	CHECK_EQ(t.vm.nesting.nr, 3, "guests");
	/* One goes, another can come. */
	set_entry(2, 0, 0);
	nhv_nested_flush(&t.vm, &(struct nhv_serve_flush){
		.what = NHV_SERVE_ENTRY, .lpid = 2 });
	CHECK_EQ(t.vm.nesting.nr, 2, "guests");
	pass(2, 4, 0);
	CHECK_EQ(enter(), NHV_H_SUCCESS, "enter");
	nhv_nested_leave(&t.vcpu, 0);
	end();
}

/* ---- exits -------------------------------------------------------------------------- */

static void test_ours(void)
{
	static const long ours[] = {
		0, 0x100, 0x500, 0x980, 0xe00, 0xe20, 0xe60, 0xe80, 0xea0, 0xf00,
	};
	static const long theirs[] = {
		0x200, 0x700, 0xc00, 0xe40, 0xf80, 0x1500, 0x300, 0x12340,
	};
	unsigned int i;

	start();
	pass(2, 1, 0);
	enter();
	for (i = 0; i < ARRAY_SIZE(ours); i++)
		CHECK(!nhv_nested_exit(&t.vcpu, ours[i]), "0x%lx", ours[i]);
	nhv_nested_leave(&t.vcpu, 0);
	for (i = 0; i < ARRAY_SIZE(theirs); i++) {
		enter();
		CHECK(nhv_nested_exit(&t.vcpu, theirs[i]), "0x%lx", theirs[i]);
		CHECK_EQ(t.regs.gpr[3], theirs[i], "GPR 3");
	}
	end();
}

static void test_deadline(void)
{
	struct nhv_hv_guest_state gs;

	start();
	pass(2, 1, 0);
	memcpy(&gs, t.memory + STATE, sizeof(gs));
	gs.hdec_expiry = 7000;
	memcpy(t.memory + STATE, &gs, sizeof(gs));
	enter();
	CHECK_EQ(t.vcpu.nested.deadline, 6000, "in our timebase");
	t.now = 5999;
	CHECK(!nhv_nested_exit(&t.vcpu, NHV_VEC_HDEC), "our own timer");
	t.now = 6000;
	CHECK(nhv_nested_exit(&t.vcpu, NHV_VEC_HDEC), "its timer");
	CHECK_EQ(t.regs.gpr[3], NHV_VEC_HDEC, "GPR 3");
	end();
}

static void test_wanted(void)
{
	start();
	t.vcpu.irq_pending = 1;
	CHECK(!nhv_nested_wanted(&t.vcpu), "L2 runs");
	pass(2, 1, 0);
	enter();
	CHECK(nhv_nested_wanted(&t.vcpu), "an interrupt");
	nhv_nested_interrupt(&t.vcpu);
	CHECK_EQ(t.regs.gpr[3], NHV_VEC_EXTERNAL, "GPR 3");
	t.vcpu.irq_pending = 0;
	enter();
	CHECK(!nhv_nested_wanted(&t.vcpu), "nothing");
	t.vcpu.doorbell = 1;
	CHECK(nhv_nested_wanted(&t.vcpu), "a doorbell");
	nhv_nested_interrupt(&t.vcpu);
	CHECK_EQ(t.regs.gpr[3], 0, "GPR 3");
	CHECK_EQ(t.vcpu.doorbell, 1, "it is still to be taken");
	end();
}

/* Doorbells of L2 and of L3 are two. */
static void test_doorbell(void)
{
	struct nhv_hv_guest_state gs;

	start();
	pass(2, 1, 0);
	memcpy(&gs, t.memory + STATE, sizeof(gs));
	gs.dpdes = 4;
	memcpy(t.memory + STATE, &gs, sizeof(gs));
	enter();
	CHECK_EQ(*nhv_vcpu_doorbell(&t.vcpu), 1, "of L3");
	CHECK_EQ(t.vcpu.doorbell, 0, "of L2");
	CHECK(!nhv_nested_wanted(&t.vcpu), "L3 runs, and takes it");
	nhv_nested_leave(&t.vcpu, 0);
	memcpy(&gs, t.memory + STATE, sizeof(gs));
	CHECK_EQ(gs.dpdes, 1, "not taken, so given back");
	CHECK(nhv_vcpu_doorbell(&t.vcpu) == &t.vcpu.doorbell, "of L2");
	end();
}

static void test_below_refuses(void)
{
	start();
	pass(2, 1, 0);
	enter();
	CHECK(nhv_nested_exit(&t.vcpu, NHV_H_PARAMETER), "taken");
	CHECK(t.vcpu.nested.guest, "a lost race is tried again");
	CHECK(nhv_nested_exit(&t.vcpu, NHV_H_PARAMETER), "taken");
	CHECK(!t.vcpu.nested.guest, "but not for ever");
	CHECK_EQ((long)t.regs.gpr[3], NHV_H_PARAMETER, "GPR 3");
	enter();
	nhv_nested_exit(&t.vcpu, NHV_H_NOT_AVAILABLE);
	CHECK_EQ((long)t.regs.gpr[3], NHV_H_NOT_AVAILABLE, "GPR 3");
	end();
}

static void test_faults(void)
{
	struct nhv_shadow_fault fault = {
		.ra = { 0x123000 }, .status = NHV_DSISR_NOHPTE | NHV_DSISR_ISSTORE,
		.store = true,
	};
	struct nhv_hv_guest_state gs;
	struct nhv_pt_regs regs;

	start();
	pass(2, 1, 0);
	enter();
	t.nested_gs.asdr = 0x123000;
	nhv_nested_reflect_fault(&t.vcpu, &fault);
	memcpy(&gs, t.memory + STATE, sizeof(gs));
	CHECK_EQ(t.regs.gpr[3], NHV_VEC_H_DATA_STORAGE, "GPR 3");
	CHECK_EQ(gs.hdsisr, fault.status, "HDSISR");
	CHECK_EQ(gs.asdr, 0x123000, "ASDR");
	enter();
	CHECK_EQ(t.refills, 1, "filled again");
	CHECK_EQ(t.from.addr, 0x123000, "where");

	fault.fetch = true;
	fault.store = false;
	fault.table = true;
	fault.at = nhv_l2ra(0x777000);
	fault.status = NHV_DSISR_PRTABLE_FAULT;
	nhv_nested_reflect_fault(&t.vcpu, &fault);
	memcpy(&gs, t.memory + STATE, sizeof(gs));
	memcpy(&regs, t.memory + REGS, sizeof(regs));
	CHECK_EQ(t.regs.gpr[3], NHV_VEC_H_INST_STORAGE, "GPR 3");
	CHECK_EQ(gs.asdr, 0x777000, "ASDR");
	CHECK_EQ(regs.msr & NHV_SRR1_STATUS, NHV_DSISR_PRTABLE_FAULT, "status");
	enter();
	CHECK_EQ(t.refills, 1, "a broken table is not filled from");
	nhv_nested_leave(&t.vcpu, 0);
	end();
}

static void test_rpt(void)
{
	start();
	pass(2, 1, 0);
	enter();
	t.nested_regs.gpr[3] = NHV_H_RPT_INVALIDATE;
	t.nested_regs.gpr[6] = NHV_RPTI_TYPE_TLB;
	t.rpt = true;
	CHECK(nhv_nested_exit(&t.vcpu, NHV_VEC_SYSCALL), "taken");
	CHECK(t.vcpu.nested.guest && t.batches == 1, "done here");
	CHECK_EQ(t.last_lpid, 100, "of L3");
	CHECK_EQ(t.nested_regs.gpr[3], NHV_H_SUCCESS, "GPR 3");

	t.nested_regs.gpr[3] = NHV_H_RPT_INVALIDATE;
	t.nested_regs.msr |= NHV_MSR_PR;
	nhv_nested_exit(&t.vcpu, NHV_VEC_SYSCALL);
	CHECK(!t.vcpu.nested.guest && t.batches == 1, "not of a program");
	enter();
	t.nested_regs.gpr[3] = NHV_H_RPT_INVALIDATE;
	t.nested_regs.gpr[6] = NHV_RPTI_TYPE_NESTED;
	nhv_nested_exit(&t.vcpu, NHV_VEC_SYSCALL);
	CHECK(!t.vcpu.nested.guest && t.batches == 1, "not for its own guests");
	end();
}

/* ---- invalidations ---------------------------------------------------------------------- */

static void flush(enum nhv_serve_what what, bool every, u32 lpid)
{
	const struct nhv_serve_flush f = {
		.what = what, .every = every, .lpid = lpid,
		.from = { 0x5000 }, .size = 0x1000,
	};

	nhv_nested_flush(&t.vm, &f);
}

static void test_flush(void)
{
	start();
	flush(NHV_SERVE_ALL, false, 1);
	flush(NHV_SERVE_ALL, false, ~0U);
	flush(NHV_SERVE_ALL, true, 0);
	CHECK_EQ(t.unmapped_all, 0, "nothing there");
	pass(2, 1, 0);
	enter();
	nhv_nested_leave(&t.vcpu, 0);
	flush(NHV_SERVE_RANGE, false, 1);
	CHECK(t.ranges == 1 && t.from.addr == 0x5000 && t.size == 0x1000,
	      "the range");
	flush(NHV_SERVE_RANGE, false, 2);
	CHECK_EQ(t.ranges, 1, "of another");
	flush(NHV_SERVE_ALL, true, 0);
	CHECK_EQ(t.unmapped_all, 1, "all");
	set_entry(1, TREE, NHV_PATE1_GR | 0x6000);
	flush(NHV_SERVE_ENTRY, false, 1);
	CHECK_EQ(t.process_table, NHV_PATE1_GR | 0x6000, "read again");
	CHECK_EQ(t.vm.nesting.nr, 1, "guests");
	end();
}

/* All LPIDs, with the entries gone, and a vCPU still inside one of them. */
static void test_flush_inside(void)
{
	start();
	set_entry(2, TREE, NHV_PATE1_GR);
	pass(2, 2, 0);
	enter();
	nhv_nested_leave(&t.vcpu, 0);
	pass(2, 1, 0);
	enter();
	set_entry(1, 0, 0);
	set_entry(2, 0, 0);
	flush(NHV_SERVE_ENTRY, true, 0);
	CHECK_EQ(t.vm.nesting.nr, 0, "guests");
	CHECK_EQ(t.trees, 1, "the one a vCPU is in is still there");
	CHECK(!nhv_nested_find(&t.vm, 1), "but not to be found");
	nhv_nested_leave(&t.vcpu, 0);
	CHECK_EQ(t.trees, 0, "then it goes");
	CHECK_EQ(enter(), NHV_H_PARAMETER, "no entry");
	end();
}

static void test_tlbie(void)
{
	start();
	pass(2, 1, 0);
	enter();
	nhv_nested_leave(&t.vcpu, 0);
	t.regs.nip = 0x100;
	t.regs.gpr[4] = 1;
	t.regs.gpr[5] = 0x800;
	CHECK(nhv_nested_tlbie_insn(&t.vcpu, 0x7c812a64), "tlbie 5,4,0,0,1");
	CHECK(t.unmapped_all == 1 && t.regs.nip == 0x104, "done");
	t.regs.gpr[5] = 0x400;
	CHECK(!nhv_nested_tlbie_insn(&t.vcpu, 0x7c812a64), "an illegal form");
	CHECK(!nhv_nested_tlbie_insn(&t.vcpu, 0x60000000), "a nop");
	t.vm.nesting.enabled = false;
	t.regs.gpr[5] = 0x800;
	CHECK(!nhv_nested_tlbie_insn(&t.vcpu, 0x7c812a64), "no hypervisor");
	CHECK(t.unmapped_all == 1 && t.regs.nip == 0x104, "not done");
	end();
}

static void test_ptcr(void)
{
	start();
	CHECK_EQ(nhv_nested_set_ptcr(&t.vm, TABLE | 5), NHV_H_PARAMETER, "PATS");
	CHECK_EQ(nhv_nested_set_ptcr(&t.vm, MEMORY), NHV_H_PARAMETER, "nowhere");
	CHECK_EQ(t.vm.nesting.ptcr, PTCR, "as it was");
	CHECK_EQ(nhv_nested_set_ptcr(&t.vm, 0), NHV_H_SUCCESS, "none");
	CHECK_EQ(t.vm.nesting.ptcr, 0, "none");
	end();
}

static void test_oldest(void)
{
	struct nhv_nested *nested[4] = {}, *oldest;
	u32 lpid;

	start();
	for (lpid = 1; lpid < 4; lpid++) {
		CHECK_EQ(nhv_nested_get(&t.vm, lpid, &nested[lpid]), 0, "get");
		nested[lpid]->tree.tables = 1;
	}
	oldest = nhv_nested_oldest(&t.vm, NULL, ~0ULL);
	CHECK(oldest == nested[1], "the first");
	nhv_nested_put(oldest);
	oldest = nhv_nested_oldest(&t.vm, nested[1], ~0ULL);
	CHECK(oldest == nested[2], "but that");
	nhv_nested_put(oldest);
	nested[2]->tree.tables = 0;
	oldest = nhv_nested_oldest(&t.vm, nested[1], ~0ULL);
	CHECK(oldest == nested[3], "but one with nothing in it");
	nhv_nested_put(oldest);
	CHECK(!nhv_nested_oldest(&t.vm, NULL, 0), "none that old");
	for (lpid = 1; lpid < 4; lpid++)
		nhv_nested_put(nested[lpid]);
	end();
}

/* ---- failures ------------------------------------------------------------------------------- */

/* A code for each call of a guest's life; whichever fails, the rest goes on. */
static void life(void)
{
	static const long codes[] = {
		NHV_H_SUCCESS, NHV_H_PARAMETER, NHV_H_NO_MEM,
		NHV_H_NOT_ENOUGH_RESOURCES, NHV_H_AUTHORITY,
	};
	long rc[3];
	unsigned int i, n;

	rc[0] = call(nhv_h_set_partition_table, 1, (u64)PTCR);
	pass(2, 1, 0);
	rc[1] = enter();
	if (!rc[1]) {
		CHECK(nhv_nested_exit(&t.vcpu, NHV_VEC_PROGRAM), "L2's");
		CHECK(t.regs.gpr[3] == NHV_VEC_PROGRAM ||
		      (long)t.regs.gpr[3] == NHV_H_AUTHORITY, "GPR 3");
	}
	rc[2] = call(nhv_h_tlb_invalidate, 3, NHV_TLBIE_R |
		     NHV_TLBIE_RIC(NHV_TLBIE_RIC_ALL), 1ULL,
		     (u64)NHV_TLBIE_RB_IS_LPID);
	for (i = 0; i < ARRAY_SIZE(rc); i++) {
		for (n = 0; n < ARRAY_SIZE(codes) && rc[i] != codes[n]; n++)
			;
		CHECK(n < ARRAY_SIZE(codes), "call %u: %ld", i, rc[i]);
	}
	CHECK_EQ(rc[2], NHV_H_SUCCESS, "an invalidation cannot fail");
}

static void test_failures(void)
{
	int nr, left = -1;

	for (nr = 0; left < 0; nr++) {
		start();
		t.fail_ask = nr;
		life();
		left = t.fail_ask;
		/* What failed once is not failed for ever. */
		t.fail_ask = -1;
		pass(2, 1, 0);
		CHECK_EQ(enter(), NHV_H_SUCCESS, "and once more");
		nhv_nested_leave(&t.vcpu, 0);
		end();
	}
	CHECK(nr >= 10, "only %d can fail", nr);
}

/* ---- two vCPUs ------------------------------------------------------------------------------ */

/* HFSCR and token are a vCPU's, not of the guest that both of them run. */
static void test_two(void)
{
	static struct nhv_vcpu other;
	static struct nhv_hv_guest_state gs, nested_gs;
	static struct nhv_pt_regs regs, nested_regs;

	start();
	pass(2, 1, 0);
	CHECK_EQ(enter(), NHV_H_SUCCESS, "enter");
	CHECK_EQ(t.vcpu.hfscr, NHV_HFSCR_FP, "HFSCR");

	other = t.vcpu;
	memset(&other.nested, 0, sizeof(other.nested));
	regs = t.regs;
	other.gs = &gs;
	other.regs = &regs;
	other.hfscr = NHV_HFSCR_PM;
	CHECK_EQ(nhv_nested_enter(&other, STATE, REGS), NHV_H_SUCCESS, "enter");
	other.nested.gs = &nested_gs;
	other.nested.regs = &nested_regs;
	CHECK(other.nested.guest == t.vcpu.nested.guest, "one guest");
	CHECK_EQ(other.hfscr, NHV_HFSCR_PM, "HFSCR of the other");
	CHECK_EQ(t.vcpu.hfscr, NHV_HFSCR_FP, "HFSCR of the one");
	nhv_nested_leave(&other, 0);
	CHECK(t.vcpu.nested.guest, "still inside");
	CHECK_EQ(t.vcpu.nested.own.hfscr, NHV_HFSCR_FP | NHV_HFSCR_TAR,
		 "what it goes back to");
	nhv_nested_leave(&t.vcpu, 0);
	end();
}

/* While one vCPU makes it, another has made it. */
static struct nhv_nested *first;

static void make_first(void)
{
	CHECK_EQ(nhv_nested_get(&t.vm, 1, &first), 0, "the other vCPU");
}

static void test_both_make(void)
{
	start();
	pass(2, 1, 0);
	first = NULL;
	meanwhile = make_first;
	CHECK_EQ(enter(), NHV_H_SUCCESS, "enter");
	CHECK(first && first == t.vcpu.nested.guest, "the same guest");
	CHECK_EQ(t.vm.nesting.nr, 1, "guests");
	CHECK_EQ(t.trees, 1, "trees");
	nhv_nested_leave(&t.vcpu, 0);
	nhv_nested_put(first);
	end();
}

static unsigned int looked;

static void look(void)
{
	looked++;
}

/* Each way to a guest by its LPID takes the lock of the map. */
static void test_locked(void)
{
	start();
	pass(2, 1, 0);
	enter();
	nhv_nested_leave(&t.vcpu, 0);
	looked = 0;
	meanwhile = look;
	nhv_nested_put(nhv_nested_find(&t.vm, 1));
	meanwhile = look;
	CHECK(!nhv_nested_find(&t.vm, 2), "there is no other");
	meanwhile = look;
	call(nhv_h_rpt_invalidate, 6, 2ULL, 1ULL, 0xfULL, ~0ULL, 0ULL, ~0ULL);
	meanwhile = look;
	call(nhv_h_copy_tofrom_guest, 6, 2ULL, 0ULL, 0ULL, (u64)STATE, 0ULL, 8ULL);
	CHECK_EQ(looked, 4, "looks");
	end();
}

/* ---- the calls ------------------------------------------------------------------------------ */

static long all_rpt(u64 id)
{
	return call(nhv_h_rpt_invalidate, 6, id, (u64)NHV_RPTI_TARGET_CMMU,
		    (u64)(NHV_RPTI_TYPE_NESTED | NHV_RPTI_TYPE_ALL),
		    (u64)NHV_RPTI_PAGE_ALL, 0ULL, ~0ULL);
}

static void test_off(void)
{
	start();
	pass(2, 1, 0);
	t.vm.nesting.enabled = false;
	CHECK_EQ(call(nhv_h_set_partition_table, 1, (u64)PTCR), NHV_H_FUNCTION,
		 "H_SET_PARTITION_TABLE");
	CHECK_EQ(call(nhv_h_enter_nested, 2, (u64)STATE, (u64)REGS),
		 NHV_H_FUNCTION, "H_ENTER_NESTED");
	CHECK_EQ(call(nhv_h_tlb_invalidate, 3, (u64)NHV_TLBIE_R, 1ULL,
		      (u64)NHV_TLBIE_RB_IS_LPID), NHV_H_FUNCTION,
		 "H_TLB_INVALIDATE");
	CHECK_EQ(call(nhv_h_copy_tofrom_guest, 6, 1ULL, 0ULL, 0ULL, (u64)STATE,
		      0ULL, 8ULL), NHV_H_FUNCTION, "H_COPY_TOFROM_GUEST");
	CHECK_EQ(all_rpt(1), NHV_H_FUNCTION, "H_RPT_INVALIDATE, nested");
	CHECK_EQ(t.vm.nesting.nr, 0, "guests");
	/* Its own processes are not nested. */
	t.vm.lpid = 77;
	CHECK_EQ(call(nhv_h_rpt_invalidate, 6, 5ULL, 1ULL,
		      (u64)NHV_RPTI_TYPE_TLB, ~0ULL, 0ULL, ~0ULL),
		 NHV_H_SUCCESS, "H_RPT_INVALIDATE, process");
	CHECK(t.batches == 1 && t.last_lpid == 77, "all of its LPID");
	end();
}

static void test_arguments(void)
{
	start();
	pass(2, 1, 0);
	CHECK_EQ(call(nhv_h_set_partition_table, 1, 0ULL), NHV_H_SUCCESS, "none");
	CHECK_EQ(call(nhv_h_enter_nested, 2, (u64)STATE, (u64)REGS),
		 NHV_H_NOT_AVAILABLE, "no table");
	CHECK_EQ(call(nhv_h_set_partition_table, 1, (u64)PTCR), NHV_H_SUCCESS,
		 "a table");
	CHECK_EQ(call(nhv_h_enter_nested, 2, (u64)STATE, (u64)REGS),
		 NHV_H_NO_ANSWER, "inside");
	nhv_nested_leave(&t.vcpu, 0);
	CHECK_EQ(call(nhv_h_tlb_invalidate, 3, (u64)NHV_TLBIE_R, 1ULL,
		      (u64)NHV_TLBIE_RB_IS_LPID), NHV_H_SUCCESS, "TLB");
	CHECK_EQ(t.unmapped_all, 1, "all of it");
	CHECK_EQ(call(nhv_h_tlb_invalidate, 3, 0ULL, 1ULL, 0ULL),
		 NHV_H_PARAMETER, "no radix");
	CHECK_EQ(all_rpt(1), NHV_H_SUCCESS, "of one");
	CHECK_EQ(t.unmapped_all, 2, "all of it");
	CHECK_EQ(all_rpt(9), NHV_H_SUCCESS, "of one that is not");
	CHECK_EQ(call(nhv_h_rpt_invalidate, 6, 1ULL, 2ULL, 0xfULL, ~0ULL, 0ULL,
		      ~0ULL), NHV_H_P2, "target");
	CHECK_EQ(call(nhv_h_rpt_invalidate, 6, 1ULL, 1ULL, 0xfULL, ~0ULL, 2ULL,
		      1ULL), NHV_H_P5, "end before start");
	CHECK_EQ(t.unmapped_all, 2, "nothing");
	end();
}

/* Where L2 takes L3's registers from when it enters it again. */
static void test_set_gpr(void)
{
	struct nhv_pt_regs regs;

	start();
	pass(2, 1, 0);
	enter();
	nhv_nested_leave(&t.vcpu, 0);
	nhv_nested_set_gpr(&t.vcpu, 7, 0x1122334455667788ULL);
	memcpy(&regs, t.memory + REGS, sizeof(regs));
	CHECK_EQ(regs.gpr[7], 0x1122334455667788ULL, "GPR 7");
	t.regs.msr &= ~NHV_MSR_LE;
	pass(2, 1, 0);
	enter();
	nhv_nested_leave(&t.vcpu, 0);
	nhv_nested_set_gpr(&t.vcpu, 31, 0x1122334455667788ULL);
	memcpy(&regs, t.memory + REGS, sizeof(regs));
	CHECK_EQ(regs.gpr[31], 0x8877665544332211ULL, "GPR 31, big-endian");
	end();
}

int main(void)
{
	static const struct ktap_case cases[] = {
		{ "nested: in and out", test_enter },
		{ "nested: byte orders and versions", test_orders },
		{ "nested: read once", test_once },
		{ "nested: gone and come again", test_race },
		{ "nested: in and out within a turn", test_quick },
		{ "nested: not out within a turn", test_not_out },
		{ "nested: not in within a turn", test_not_in },
		{ "nested: left, and gone", test_kept_goes },
		{ "nested: where L2 has both structures", test_areas },
		{ "nested: refused", test_refused },
		{ "nested: nowhere to write to", test_lost },
		{ "nested: no memory", test_no_memory },
		{ "nested: quota", test_quota },
		{ "nested: whose exit it is", test_ours },
		{ "nested: time limit", test_deadline },
		{ "nested: something for L2", test_wanted },
		{ "nested: doorbells", test_doorbell },
		{ "nested: the level below refuses", test_below_refuses },
		{ "nested: faults given to L2", test_faults },
		{ "nested: H_RPT_INVALIDATE of L3", test_rpt },
		{ "nested: invalidations", test_flush },
		{ "nested: all LPIDs, one in use", test_flush_inside },
		{ "nested: tlbie", test_tlbie },
		{ "nested: PTCR", test_ptcr },
		{ "nested: oldest", test_oldest },
		{ "nested: each thing asked of others fails", test_failures },
		{ "nested: two vCPUs, one guest", test_two },
		{ "nested: two vCPUs make one guest", test_both_make },
		{ "nested: looked up under the lock", test_locked },
		{ "nested: not switched on", test_off },
		{ "nested: arguments of the calls", test_arguments },
		{ "nested: a load that user space answered", test_set_gpr },
	};

	return ktap_main(cases, ARRAY_SIZE(cases));
}

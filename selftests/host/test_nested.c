// SPDX-License-Identifier: GPL-2.0-only
/*
 * src/nested but for the shadow trees: a guest hypervisor makes its calls, and
 * this file is its memory, the shadow trees and the level below.
 */
#include <stdlib.h>

#include <nhv/base.h>
#include <nhv/core.h>
#include <nhv/level.h>
#include <nhv/nested.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>
#include <abi/exits.h>
#include <abi/numbers.h>
#include "ktap.h"

#define MEMORY		0x40000U
#define TABLE		0x10000U	/* partition table, PATS 4 */
#define PTCR		(TABLE | 4)
#define STATE		0x1000U
#define REGS		0x2000U
#define TREE		(NHV_PATE0_HR | NHV_RTS_52 | 0x30000 | NHV_RPDS_52)
#define OWN_MSR		(NHV_MSR_SF | NHV_MSR_ME | NHV_MSR_LE)

static struct {
	struct nhv_vm vm;
	struct nhv_vcpu vcpu;
	struct nhv_hv_guest_state gs, nested_gs;
	struct nhv_pt_regs regs, nested_regs;
	u8 memory[MEMORY];
	u8 read[MEMORY];	/* how often each byte was read */
	u64 hole;		/* an address that cannot be reached, with its page */
	u64 now;
	/* what exists */
	int objects, lpids, trees, fail_after;
	/* what was called */
	unsigned int tables_set, cleared, unmapped_all, ranges, refills, batches;
	u64 process_table;
	struct nhv_l3ra from;
	u64 size;
	u32 last_lpid;
	bool full;		/* the level below has no LPID */
	bool rpt;
} t;

/* ---- the kernel -------------------------------------------------------------- */

static bool may_allocate(void)
{
	if (!t.fail_after)
		return false;
	if (t.fail_after > 0)
		t.fail_after--;
	return true;
}

void *kzalloc(size_t size, gfp_t flags)
{
	CHECK(flags & GFP_ACCOUNT, "not accounted");
	if (!may_allocate())
		return NULL;
	t.objects++;
	return calloc(1, size);
}

void *kcalloc(size_t nr, size_t size, gfp_t flags)
{
	return kzalloc(nr * size, flags);
}

void *kmalloc(size_t size, gfp_t flags)
{
	return kzalloc(size, flags);
}

void kfree(const void *object)
{
	t.objects -= !!object;
	free((void *)object);
}

void host_stored(void)
{
}

/* Another vCPU, when nesting.lock is free: once, what the test has put here. */
static void (*meanwhile)(void);

void host_unlocked(spinlock_t *lock)
{
	void (*act)(void) = meanwhile;

	(void)lock;
	meanwhile = NULL;
	if (act)
		act();
}

void host_lock_misused(const char *what)
{
	CHECK(0, "a lock is %s", what);
}

u64 mftb(void)
{
	return t.now;
}

/* ---- the rooms around ---------------------------------------------------------- */

static bool reachable(u64 at, size_t size)
{
	return at < MEMORY && size <= MEMORY - at &&
	       !(t.hole && at <= t.hole && at + size > t.hole);
}

int nhv_guest_read(struct nhv_vm *vm, struct nhv_l2ra ra, void *to, size_t size)
{
	CHECK(vm == &t.vm, "the VM");
	if (!reachable(ra.addr, size))
		return -EFAULT;
	memcpy(to, t.memory + ra.addr, size);
	while (size--)
		t.read[ra.addr + size]++;
	return 0;
}

int nhv_guest_write(struct nhv_vm *vm, struct nhv_l2ra ra, const void *from,
		    size_t size)
{
	CHECK(vm == &t.vm, "the VM");
	if (!reachable(ra.addr, size))
		return -EFAULT;
	memcpy(t.memory + ra.addr, from, size);
	return 0;
}

int nhv_level_nested_init(u32 *lpid)
{
	if (t.full)
		return -ENOSPC;
	*lpid = 100 + t.lpids++;
	return 0;
}

void nhv_level_nested_release(u32 lpid)
{
	(void)lpid;
	t.lpids--;
}

void nhv_level_nested_set_table(u32 lpid, const struct nhv_tree *tree,
				u64 process_table)
{
	CHECK(tree->root, "a tree for %u", lpid);
	t.tables_set++;
	t.process_table = process_table;
}

void nhv_level_nested_clear(u32 lpid)
{
	t.last_lpid = lpid;
	t.cleared++;
}

int nhv_level_vcpu_nest(struct nhv_vcpu *vcpu)
{
	if (!may_allocate())
		return -ENOMEM;
	vcpu->nested.gs = &t.nested_gs;
	vcpu->nested.regs = &t.nested_regs;
	return 0;
}

int nhv_shadow_init(struct nhv_nested *nested)
{
	if (!may_allocate())
		return -ENOMEM;
	t.trees++;
	nested->tree.root = (void *)t.memory;
	return 0;
}

void nhv_shadow_release(struct nhv_nested *nested)
{
	CHECK(nested->tree.root, "released twice");
	t.trees--;
}

void nhv_shadow_refill(struct nhv_nested *nested, struct nhv_fault_run *run,
		       struct nhv_l3ra at)
{
	CHECK(!nested->lock.held && run, "no lock");
	t.refills++;
	t.from = at;
}

void nhv_shadow_unmap_range(struct nhv_nested *nested, struct nhv_l3ra from,
			    u64 size)
{
	CHECK(nested->lock.held, "its lock");
	t.ranges++;
	t.from = from;
	t.size = size;
}

void nhv_shadow_unmap_all(struct nhv_nested *nested)
{
	CHECK(nested->lock.held, "its lock");
	t.unmapped_all++;
}

void nhv_batch_init(struct nhv_batch *batch, u32 lpid)
{
	memset(batch, 0, sizeof(*batch));
	batch->lpid = lpid;
}

void nhv_batch_send(struct nhv_batch *batch, struct nhv_vm *vm)
{
	CHECK(vm == &t.vm && batch->all && batch->walk_cache, "all of it");
	t.batches++;
	t.last_lpid = batch->lpid;
}

bool nhv_vm_hcall_enabled(const struct nhv_vm *vm, unsigned int row)
{
	CHECK(vm == &t.vm && row == NHV_ROW_RPT_INVALIDATE, "the call");
	return t.rpt;
}

/* ---- the guest hypervisor -------------------------------------------------------- */

static void set_entry(u32 lpid, u64 tree, u64 process_table)
{
	const struct nhv_pate pate = {
		cpu_to_be64(tree), cpu_to_be64(process_table),
	};

	memcpy(t.memory + TABLE + 16 * lpid, &pate, sizeof(pate));
}

/* What it passes, in the byte order that its MSR says. */
static void pass(u64 version, u32 lpid, u64 msr)
{
	bool swap = !(t.regs.msr & NHV_MSR_LE);
	struct nhv_hv_guest_state gs = {
		.version = version, .lpid = lpid, .vcpu_token = 3,
		.lpcr = NHV_LPCR_MER, .hfscr = NHV_HFSCR_FP | NHV_HFSCR_PM,
		.tb_offset = 0x1000000, .hdec_expiry = ~0ULL, .srr0 = 0x1234, .purr = 50, .vtb = 60, .dawr1 = 0x77,
	};
	struct nhv_pt_regs regs = {
		.gpr = { [0] = 0x100, [31] = 0x131 }, .nip = 0x4000, .msr = msr,
		.result = 0x9999,
	};

	if (swap) {
		nhv_serve_swap_state(&gs);
		nhv_serve_swap_regs(&regs);
	}
	memcpy(t.memory + STATE, &gs, sizeof(gs));
	memcpy(t.memory + REGS, &regs, sizeof(regs));
}

static void start(void)
{
	memset(&t, 0, sizeof(t));
	t.fail_after = -1;
	t.vcpu.vm = &t.vm;
	t.vcpu.gs = &t.gs;
	t.vcpu.regs = &t.regs;
	t.vcpu.lpcr = NHV_LPCR_HR | NHV_LPCR_GTSE;
	t.vcpu.hfscr = NHV_HFSCR_FP | NHV_HFSCR_TAR;
	t.vcpu.tb_offset = 1000;
	t.regs.msr = OWN_MSR;
	t.now = 5000;
	nhv_nesting_init(&t.vm);
	t.vm.nesting.enabled = true;
	nhv_nested_limits.guests = 64;
	nhv_nested_set_ptcr(&t.vm, PTCR);
	set_entry(1, TREE, NHV_PATE1_GR | 0x5000 | 4);
}

static void end(void)
{
	CHECK(!t.vcpu.nested.guest, "still inside");
	nhv_nesting_release(&t.vm);
	CHECK_EQ(t.objects, 0, "objects left");
	CHECK_EQ(t.lpids, 0, "LPIDs left");
	CHECK_EQ(t.trees, 0, "trees left");
}

static long enter(void)
{
	return nhv_nested_enter(&t.vcpu, STATE, REGS);
}

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

/* ---- anything at all ------------------------------------------------------------------------ */

struct input {
	const u8 *data;
	size_t left;
};

static u64 take(struct input *in, size_t bytes)
{
	u64 value = 0;

	while (bytes-- && in->left) {
		value = value << 8 | *in->data++;
		in->left--;
	}
	return value;
}

/* A number near a border, or any. */
static u64 number(struct input *in)
{
	static const u64 borders[] = {
		0, STATE, REGS, TABLE, PTCR, MEMORY, 1, 2, 255, 256, 4095, 4096,
		1ULL << 32, 1ULL << 52, 1ULL << 63, ~0ULL,
	};
	u8 kind = take(in, 1);

	return kind < 128 ? borders[kind % ARRAY_SIZE(borders)] + (s8)take(in, 1) :
			    take(in, 8);
}

static void scribble(struct input *in)
{
	static const u32 places[] = { STATE, REGS, TABLE };
	u32 at = places[take(in, 1) % ARRAY_SIZE(places)] + take(in, 1) % 248;

	t.memory[at] = take(in, 1);
}

static void fuzz_enter(struct input *in)
{
	u64 gs_at = STATE, regs_at = REGS;

	if (take(in, 1) < 64)
		gs_at = number(in);
	if (take(in, 1) < 64)
		regs_at = number(in);
	nhv_nested_enter(&t.vcpu, gs_at, regs_at);
}

static void fuzz_flush(struct input *in)
{
	struct nhv_serve_flush f;
	u64 image = number(in), rs = number(in), rb = number(in);

	if (!nhv_serve_tlbie(image, rs, rb, &f))
		nhv_nested_flush(&t.vm, &f);
}

static void fuzz_rpt(struct input *in)
{
	const struct nhv_serve_rpt rpt = {
		number(in), number(in), number(in), number(in), number(in),
		number(in),
	};
	struct nhv_serve_flush f;

	if (!nhv_serve_rpt_check(&rpt) && !nhv_serve_rpt_nested(&rpt, &f))
		nhv_nested_flush(&t.vm, &f);
}

static void fuzz_exit(struct input *in)
{
	struct nhv_shadow_fault fault = {
		.ra = { number(in) }, .status = number(in),
		.fetch = take(in, 1) & 1, .table = take(in, 1) & 1,
		.at = { number(in) },
	};
	u8 how = take(in, 1);

	t.now += take(in, 2);
	t.nested_regs.gpr[3] = number(in);
	if (how < 32)
		nhv_nested_reflect_fault(&t.vcpu, &fault);
	else if (how < 64)
		nhv_nested_interrupt(&t.vcpu);
	else
		nhv_nested_exit(&t.vcpu, (s64)number(in));
}

static void fuzz_step(struct input *in)
{
	t.vcpu.irq_pending = take(in, 1) & 1;
	t.regs.msr ^= take(in, 1) & NHV_MSR_LE;
	t.hole = take(in, 1) < 16 ? STATE + take(in, 1) * 16 : 0;
	t.fail_after = take(in, 1) < 32 ? take(in, 1) % 8 : -1;
	if (t.vcpu.nested.guest) {
		fuzz_exit(in);
		return;
	}
	switch (take(in, 1) % 8) {
	case 0:
		nhv_nested_set_ptcr(&t.vm, number(in));
		break;
	case 1:
		fuzz_flush(in);
		break;
	case 2:
		fuzz_rpt(in);
		break;
	case 3:
		scribble(in);
		break;
	case 4:
		set_entry(take(in, 1), take(in, 1) & 1 ? TREE : number(in),
			  number(in));
		break;
	case 5:
		pass(take(in, 1) % 4, take(in, 1), number(in));
		break;
	default:
		fuzz_enter(in);
	}
}

/* For a fuzzer, and for the test below. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };

	start();
	pass(2, 1, 0);
	while (in.left)
		fuzz_step(&in);
	t.fail_after = -1;
	t.hole = 0;
	if (t.vcpu.nested.guest)
		nhv_nested_leave(&t.vcpu, 0);
	end();
	if (ktap_failures)
		__builtin_trap();
	return 0;
}

static void test_garbage(void)
{
	unsigned int round, i;
	u8 data[4096];

	srandom(1);
	for (round = 0; round < 300; round++) {
		for (i = 0; i < sizeof(data); i++)
			data[i] = random();
		LLVMFuzzerTestOneInput(data, sizeof(data));
	}
}

int main(void)
{
	static const struct ktap_case cases[] = {
		{ "nested: in and out", test_enter },
		{ "nested: byte orders and versions", test_orders },
		{ "nested: read once", test_once },
		{ "nested: gone and come again", test_race },
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
		{ "nested: garbage", test_garbage },
	};

	return ktap_main(cases, ARRAY_SIZE(cases));
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers that the nested API v1 does not carry: what is in the CPU at the
 * hypercall is the guest's.
 *
 * Three ways of having them there, by who else needs them:
 *  - FP, VMX, VSX belong to the thread: its save areas point at the vCPU, and
 *    the kernel saves them by itself before it uses them or switches away;
 *  - what Linux switches with the thread stays in the CPU from nhv_live_load()
 *    to nhv_live_put();
 *  - what the kernel needs its own of is changed around each entry.
 * The performance monitor is in live_pmu.c.
 *
 * API v2 carries all of them, and gives L1 its own back: there is nothing to do.
 */
#include <linux/preempt.h>
#include <linux/sched.h>
#include <asm/cputable.h>
#include <asm/processor.h>
#include <asm/reg.h>
#include <asm/switch_to.h>

#include <nhv/compat.h>
#include <nhv/level.h>
#include <nhv/vcpu.h>

#include "live_pmu.h"
#include "live_rows.h"

#define NHV_MSR_MATH	(MSR_FP | MSR_VEC | MSR_VSX)

/* The VMM's own FP state goes to its thread, the thread's save areas to us. */
static void nhv_live_take_fp(struct nhv_vcpu *vcpu)
{
	struct thread_struct *thread = &current->thread;

	giveup_all(current);
	/* Or a switch back to us would load the VMM's state as the guest's. */
	vcpu->host.load_fp = thread->load_fp;
	vcpu->host.load_vec = thread->load_vec;
	thread->load_fp = 0;
	thread->load_vec = 0;
	thread->fp_save_area = &vcpu->fp;
	thread->vr_save_area = &vcpu->vr;
}

static void nhv_live_return_fp(struct nhv_vcpu *vcpu)
{
	struct thread_struct *thread = &current->thread;

	giveup_all(current);
	thread->fp_save_area = NULL;
	thread->vr_save_area = NULL;
	thread->load_fp = vcpu->host.load_fp;
	thread->load_vec = vcpu->host.load_vec;
}

/* What is switched with the thread: load and put. */
#define NHV_DO_ENTRY		NHV_IGNORE
#define NHV_DO_ENTRY_TIDR	NHV_IGNORE
#define NHV_DO_ENTRY_DEXCR	NHV_IGNORE
#define NHV_DO_PMU		NHV_IGNORE
#define NHV_DO_PMU_31		NHV_IGNORE

void nhv_live_load(struct nhv_vcpu *vcpu)
{
	if (nhv_level.carries_all)
		return;
	preempt_disable();
	nhv_live_take_fp(vcpu);

	/* Else a switch back would load the system's default DSCR. */
	vcpu->host.dscr_inherit = current->thread.dscr_inherit;
	current->thread.dscr_inherit = 1;

#define NHV_DO_THREAD(member, spr) \
	nhv_swap_spr(true, vcpu->host.member, spr, vcpu->live.member);
#include <nhv/regs.def>
#undef NHV_DO_THREAD
	preempt_enable();
}

void nhv_live_put(struct nhv_vcpu *vcpu)
{
	if (nhv_level.carries_all)
		return;
	preempt_disable();
	/*
	 * In the thread's structure too: a switch away has put the guest's there,
	 * and clone() gives a new thread what it finds there.
	 */
#define NHV_DO_THREAD(member, spr) \
	nhv_swap_spr(true, vcpu->live.member, spr, vcpu->host.member); \
	current->thread.member = vcpu->host.member;
#include <nhv/regs.def>
#undef NHV_DO_THREAD
	current->thread.dscr_inherit = vcpu->host.dscr_inherit;
	nhv_live_return_fp(vcpu);
	preempt_enable();
}

/* What is changed per entry: enter and exit. */
#undef NHV_DO_ENTRY
#undef NHV_DO_ENTRY_TIDR
#undef NHV_DO_ENTRY_DEXCR
#define NHV_DO_THREAD			NHV_IGNORE
#define NHV_DO_ENTRY(member, spr)	NHV_DO_SWAP(true, member, spr)
#define NHV_DO_ENTRY_TIDR(member, spr)	NHV_DO_SWAP(tidr, member, spr)
#define NHV_DO_ENTRY_DEXCR(member, spr)	NHV_DO_SWAP(dexcr, member, spr)

void nhv_live_flush_fp(struct nhv_vcpu *vcpu)
{
	if (nhv_level.carries_all) {
		nhv_level_need(vcpu, NHV_STATE_FP);
		return;
	}
	preempt_disable();
	giveup_all(current);
	preempt_enable();
}

/*
 * Whoever used the vector unit on this thread since the last exit, or switched
 * away, saved the guest's state and took the bits off the thread's MSR.
 */
static void nhv_live_enter_fp(struct nhv_vcpu *vcpu)
{
	struct pt_regs *regs = current->thread.regs;

	msr_check_and_set(NHV_MSR_MATH);
	if ((regs->msr & NHV_MSR_MATH) == NHV_MSR_MATH)
		return;

	/* Part of it is live only if the kernel saved the other part. */
	giveup_all(current);
	msr_check_and_set(NHV_MSR_MATH);
	load_fp_state(&vcpu->fp);
	load_vr_state(&vcpu->vr);
	regs_set_return_msr(regs, regs->msr | NHV_MSR_MATH);
	vcpu->stats.live_fp_loads++;
}

void nhv_live_enter(struct nhv_vcpu *vcpu)
{
	struct nhv_live_host *host = &vcpu->entry;
	bool tidr = cpu_has_feature(CPU_FTR_P9_TIDR);
	bool dexcr = nhv_has_dexcr();

	if (nhv_level.carries_all)
		return;
	nhv_live_enter_fp(vcpu);
	nhv_pmu_enter(vcpu);

	host->regs.ctrl = mfspr(NHV_SPR_CTRL_READ);
	if (host->regs.ctrl != vcpu->live.ctrl)
		mtspr(NHV_SPR_CTRL_WRITE, vcpu->live.ctrl);

#define NHV_DO_SWAP(have, member, spr) \
	nhv_swap_spr(have, host->regs.member, spr, vcpu->live.member);
#include <nhv/regs.def>
#undef NHV_DO_SWAP
}

void nhv_live_exit(struct nhv_vcpu *vcpu)
{
	struct nhv_live_host *host = &vcpu->entry;
	bool tidr = cpu_has_feature(CPU_FTR_P9_TIDR);
	bool dexcr = nhv_has_dexcr();

	if (nhv_level.carries_all)
		return;
#define NHV_DO_SWAP(have, member, spr) \
	nhv_swap_spr(have, vcpu->live.member, spr, host->regs.member);
#include <nhv/regs.def>
	vcpu->live.ctrl = mfspr(NHV_SPR_CTRL_READ);
	if (host->regs.ctrl != vcpu->live.ctrl)
		mtspr(NHV_SPR_CTRL_WRITE, host->regs.ctrl);

	/* AMR and IAMR guard user memory from here on. */
	isync();
	nhv_pmu_exit(vcpu);
}

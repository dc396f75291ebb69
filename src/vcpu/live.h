/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers that the nested API v1 does not carry: what is in the CPU at the
 * hypercall is the guest's. Inline for the run loop alone, see <nhv/turn.h>.
 *
 * Three ways of having them there, by who else needs them:
 *  - FP, VMX, VSX belong to the thread: see live_fp.h;
 *  - what Linux switches with the thread stays in the CPU from nhv_live_load()
 *    to nhv_live_put();
 *  - what the kernel needs its own of is changed around each entry.
 * The performance monitor is in live_pmu.h.
 *
 * API v2 carries all of them, and gives L1 its own back: there is nothing to do.
 */
#ifndef NHV_VCPU_LIVE_H
#define NHV_VCPU_LIVE_H

#include <linux/preempt.h>
#include <linux/sched.h>
#include <asm/cputable.h>
#include <asm/processor.h>
#include <asm/reg.h>

#include <nhv/compat.h>
#include <nhv/level.h>
#include <nhv/vcpu.h>

#include "live_fp.h"
#include "live_pmu.h"
#include "live_rows.h"

/* What is switched with the thread: load and put. */
#define NHV_DO_ENTRY		NHV_IGNORE
#define NHV_DO_ENTRY_TIDR	NHV_IGNORE
#define NHV_DO_ENTRY_DEXCR	NHV_IGNORE
#define NHV_DO_PMU		NHV_IGNORE
#define NHV_DO_PMU_31		NHV_IGNORE

/**
 * nhv_live_load() - the guest's thread-switched registers move into the thread
 * @vcpu: about to run on current
 */
static __always_inline void nhv_live_load(struct nhv_vcpu *vcpu)
{
	struct thread_struct *thread = &current->thread;

	if (nhv_level.carries_all)
		return;
	preempt_disable();
	nhv_fp_take(vcpu, thread);

	/* Else a switch back would load the system's default DSCR. */
	vcpu->host.dscr_inherit = thread->dscr_inherit;
	thread->dscr_inherit = 1;

#define NHV_DO_THREAD(member, spr) \
	nhv_swap_spr(true, vcpu->host.member, spr, vcpu->live.member);
#include <nhv/regs.def>
#undef NHV_DO_THREAD
	preempt_enable();
}

/** nhv_live_put() - and back; the thread has its own again */
static __always_inline void nhv_live_put(struct nhv_vcpu *vcpu)
{
	struct thread_struct *thread = &current->thread;

	if (nhv_level.carries_all)
		return;
	preempt_disable();
	/*
	 * In the thread's structure too: a switch away has put the guest's there,
	 * and clone() gives a new thread what it finds there.
	 */
#define NHV_DO_THREAD(member, spr)					\
do {									\
	u64 own = vcpu->host.member;					\
									\
	nhv_swap_spr(true, vcpu->live.member, spr, own);		\
	thread->member = own;						\
} while (0);
#include <nhv/regs.def>
#undef NHV_DO_THREAD
	thread->dscr_inherit = vcpu->host.dscr_inherit;
	nhv_fp_return(vcpu, thread);
	preempt_enable();
}

/* What is changed per entry: enter and exit. */
#undef NHV_DO_ENTRY
#undef NHV_DO_ENTRY_TIDR
#undef NHV_DO_ENTRY_DEXCR
#define NHV_DO_THREAD			NHV_IGNORE
#define NHV_DO_ENTRY(member, spr)	NHV_DO_SWAP(true, member, spr)
#define NHV_DO_ENTRY_TIDR(member, spr)	\
	NHV_DO_SWAP(cpu_has_feature(CPU_FTR_P9_TIDR), member, spr)
#define NHV_DO_ENTRY_DEXCR(member, spr)	\
	NHV_DO_SWAP(nhv_has_dexcr(), member, spr)

/**
 * nhv_live_enter() - the registers changed per entry become the guest's
 * @vcpu: loaded; interrupts hard-disabled
 */
static __always_inline void nhv_live_enter(struct nhv_vcpu *vcpu)
{
	struct nhv_live_host *host = &vcpu->entry;

	if (nhv_level.carries_all)
		return;
	nhv_fp_enter(vcpu);
	nhv_pmu_enter(vcpu);

	host->regs.ctrl = mfspr(NHV_SPR_CTRL_READ);
	if (host->regs.ctrl != vcpu->live.ctrl)
		mtspr(NHV_SPR_CTRL_WRITE, vcpu->live.ctrl);

#define NHV_DO_SWAP(have, member, spr) \
	nhv_swap_spr(have, host->regs.member, spr, vcpu->live.member);
#include <nhv/regs.def>
#undef NHV_DO_SWAP
}

/** nhv_live_exit() - and L1's again */
static __always_inline void nhv_live_exit(struct nhv_vcpu *vcpu)
{
	struct nhv_live_host *host = &vcpu->entry;

	if (nhv_level.carries_all)
		return;
#define NHV_DO_SWAP(have, member, spr) \
	nhv_swap_spr(have, vcpu->live.member, spr, host->regs.member);
#include <nhv/regs.def>
#undef NHV_DO_SWAP
	vcpu->live.ctrl = mfspr(NHV_SPR_CTRL_READ);
	if (host->regs.ctrl != vcpu->live.ctrl)
		mtspr(NHV_SPR_CTRL_WRITE, host->regs.ctrl);

	/* AMR and IAMR guard user memory from here on. */
	isync();
	nhv_pmu_exit(vcpu);
}

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers that the nested API v1 does not carry: what is in the CPU at the
 * hypercall is the guest's.
 *
 * Three ways of having them there, by who else needs them:
 *  - FP, VMX, VSX belong to the thread: see live_fp.c;
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

void nhv_live_load(struct nhv_vcpu *vcpu)
{
	if (nhv_level.carries_all)
		return;
	preempt_disable();
	nhv_fp_take(vcpu);

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
	nhv_fp_return(vcpu);
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

void nhv_live_enter(struct nhv_vcpu *vcpu)
{
	struct nhv_live_host *host = &vcpu->entry;
	bool tidr = cpu_has_feature(CPU_FTR_P9_TIDR);
	bool dexcr = nhv_has_dexcr();

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

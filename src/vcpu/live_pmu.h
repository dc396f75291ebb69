/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The performance monitor around an entry; inline for live.h alone.
 *
 * It is live in API v1. Switching it is some forty registers (live_pmu.c), so it is
 * done only when L1 or the guest uses it: L1 says so in its own lppaca
 * (pmcregs_in_use), the guest in its VPA, or by having changed MMCR0 at an exit.
 */
#ifndef NHV_LIVE_PMU_H
#define NHV_LIVE_PMU_H

#include <asm/cputable.h>
#include <asm/lppaca.h>
#include <asm/paca.h>
#include <asm/reg.h>

#include <abi/spr.h>
#include <nhv/vcpu.h>

static __always_inline u64 nhv_frozen_mmcr0(void)
{
	return cpu_has_feature(CPU_FTR_ARCH_31) ?
		MMCR0_FC | MMCR0_PMCCEXT : MMCR0_FC;
}

/**
 * nhv_pmu_swap_in() - the guest's performance monitor instead of L1's
 * @vcpu: vcpu->entry.pmcregs_in_use says whether L1 uses it
 */
void nhv_pmu_swap_in(struct nhv_vcpu *vcpu);

/** nhv_pmu_swap_out() - the guest's into the vCPU, and what was saved back */
void nhv_pmu_swap_out(struct nhv_vcpu *vcpu);

/**
 * nhv_pmu_enter() - the guest may use the performance monitor from here on
 * @vcpu: interrupts hard-disabled
 *
 * When neither uses it, nothing is done: it stays frozen.
 */
static __always_inline void nhv_pmu_enter(struct nhv_vcpu *vcpu)
{
	struct nhv_live_host *host = &vcpu->entry;
	u8 in_use = local_paca->lppaca_ptr->pmcregs_in_use;

	host->pmcregs_in_use = in_use;
	host->pmu_loaded = in_use || vcpu->pmu_in_use;
	if (unlikely(host->pmu_loaded))
		nhv_pmu_swap_in(vcpu);
	else if (mfspr(NHV_SPR_MMCR0) != nhv_frozen_mmcr0())
		/* So that at the exit a value of the guest's can be told. */
		mtspr(NHV_SPR_MMCR0, nhv_frozen_mmcr0());
}

/** nhv_pmu_exit() - and no more */
static __always_inline void nhv_pmu_exit(struct nhv_vcpu *vcpu)
{
	struct nhv_live_host *host = &vcpu->entry;

	if (unlikely(host->pmu_loaded)) {
		nhv_pmu_swap_out(vcpu);
	} else if (unlikely(mfspr(NHV_SPR_MMCR0) != nhv_frozen_mmcr0())) {
		/*
		 * Set up or started without a word, or between the word and
		 * this exit: from now on it is switched.
		 */
		vcpu->pmu_started = true;
		nhv_pmu_swap_out(vcpu);
	}
}

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The performance monitor is live in API v1. Switching it is some forty
 * registers, so it is done only when L1 or the guest uses it: L1 says so in its
 * own lppaca (pmcregs_in_use), the guest in its VPA, or by having changed MMCR0
 * at an exit.
 *
 * The level below is told by our lppaca whether the registers matter while the
 * guest runs.
 */
#include <asm/cputable.h>
#include <asm/lppaca.h>
#include <asm/paca.h>
#include <asm/reg.h>

#include <nhv/vcpu.h>

#include "live_pmu.h"
#include "live_rows.h"

/* MMCR0 and MMCRA are done by hand. */
#define NHV_DO_THREAD		NHV_IGNORE
#define NHV_DO_ENTRY		NHV_IGNORE
#define NHV_DO_ENTRY_TIDR	NHV_IGNORE
#define NHV_DO_ENTRY_DEXCR	NHV_IGNORE

static u64 nhv_frozen_mmcr0(void)
{
	return cpu_has_feature(CPU_FTR_ARCH_31) ?
		MMCR0_FC | MMCR0_PMCCEXT : MMCR0_FC;
}

static u64 nhv_frozen_mmcra(void)
{
	return cpu_has_feature(CPU_FTR_ARCH_31) ? MMCRA_BHRB_DISABLE : 0;
}

static void nhv_pmu_save(struct nhv_live *to)
{
	bool isa_31 = cpu_has_feature(CPU_FTR_ARCH_31);

	to->mmcr0 = mfspr(NHV_SPR_MMCR0);
	to->mmcra = mfspr(NHV_SPR_MMCRA);
	mtspr(NHV_SPR_MMCR0, nhv_frozen_mmcr0());
	mtspr(NHV_SPR_MMCRA, nhv_frozen_mmcra());
	isync();

#define NHV_DO_PMU(member, spr)	\
	nhv_save_spr(true, to->member, spr);
#define NHV_DO_PMU_31(member, spr) \
	nhv_save_spr(isa_31, to->member, spr);
#include <nhv/regs.def>
#undef NHV_DO_PMU
#undef NHV_DO_PMU_31
}

static void nhv_pmu_load(const struct nhv_live *from)
{
	bool isa_31 = cpu_has_feature(CPU_FTR_ARCH_31);

#define NHV_DO_PMU(member, spr)	\
	nhv_load_spr(true, spr, from->member);
#define NHV_DO_PMU_31(member, spr) \
	nhv_load_spr(isa_31, spr, from->member);
#include <nhv/regs.def>

	/* These start the counters, MMCR0 last. */
	mtspr(NHV_SPR_MMCRA, from->mmcra);
	mtspr(NHV_SPR_MMCR0, from->mmcr0);
	isync();
}

void nhv_pmu_enter(struct nhv_vcpu *vcpu)
{
	struct nhv_live_host *host = &vcpu->entry;
	struct lppaca *own = local_paca->lppaca_ptr;

	host->pmcregs_in_use = own->pmcregs_in_use;
	host->pmu_saved = host->pmcregs_in_use;
	host->pmu_loaded = host->pmu_saved || vcpu->pmu_in_use;
	if (host->pmu_saved)
		nhv_pmu_save(&host->regs);
	if (host->pmu_loaded) {
		WRITE_ONCE(own->pmcregs_in_use, vcpu->pmu_in_use);
		nhv_pmu_load(&vcpu->live);
	} else if (mfspr(NHV_SPR_MMCR0) != nhv_frozen_mmcr0()) {
		/* So that at the exit a value of the guest's can be told. */
		mtspr(NHV_SPR_MMCR0, nhv_frozen_mmcr0());
	}
}

void nhv_pmu_exit(struct nhv_vcpu *vcpu)
{
	struct nhv_live_host *host = &vcpu->entry;
	struct lppaca *own = local_paca->lppaca_ptr;

	if (!host->pmu_loaded) {
		/*
		 * Set up or started without a word, or between the word and
		 * this exit: from now on it is switched.
		 */
		if (mfspr(NHV_SPR_MMCR0) == nhv_frozen_mmcr0())
			return;
		vcpu->pmu_started = true;
	}
	nhv_pmu_save(&vcpu->live);
	if (host->pmu_saved)
		nhv_pmu_load(&host->regs);
	WRITE_ONCE(own->pmcregs_in_use, host->pmcregs_in_use);
}

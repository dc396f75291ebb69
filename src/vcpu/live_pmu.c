// SPDX-License-Identifier: GPL-2.0-only
/*
 * Switching the performance monitor; when that is done is in live_pmu.h.
 *
 * The level below is told by our lppaca whether the registers matter while the
 * guest runs.
 */
#include "live_pmu.h"
#include "live_rows.h"

/* MMCR0 and MMCRA are done by hand. */
#define NHV_DO_THREAD		NHV_IGNORE
#define NHV_DO_ENTRY		NHV_IGNORE
#define NHV_DO_ENTRY_TIDR	NHV_IGNORE
#define NHV_DO_ENTRY_DEXCR	NHV_IGNORE

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

void nhv_pmu_swap_in(struct nhv_vcpu *vcpu)
{
	struct nhv_live_host *host = &vcpu->entry;

	if (host->pmcregs_in_use)
		nhv_pmu_save(&host->regs);
	WRITE_ONCE(local_paca->lppaca_ptr->pmcregs_in_use, vcpu->pmu_in_use);
	nhv_pmu_load(&vcpu->live);
}

void nhv_pmu_swap_out(struct nhv_vcpu *vcpu)
{
	struct nhv_live_host *host = &vcpu->entry;

	nhv_pmu_save(&vcpu->live);
	if (host->pmcregs_in_use)
		nhv_pmu_load(&host->regs);
	WRITE_ONCE(local_paca->lppaca_ptr->pmcregs_in_use, host->pmcregs_in_use);
}

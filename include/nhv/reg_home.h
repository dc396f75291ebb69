/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a vCPU keeps the registers of regs.def: the homes of its rows as
 * structures and offsets.
 */
#ifndef NHV_REG_HOME_H
#define NHV_REG_HOME_H

#include <nhv/vcpu.h>

/** enum nhv_reg_home - the structure that a register is in */
enum nhv_reg_home {
	NHV_HOME_NONE,
	NHV_HOME_GS,
	NHV_HOME_REGS,
	NHV_HOME_LIVE,
	NHV_HOME_KEPT,
	NHV_HOME_VCPU,
};

/* regs.def tells how a live register is switched; where it lives is one place. */
#define NHV_HOME_THREAD		NHV_HOME_LIVE
#define NHV_HOME_ENTRY		NHV_HOME_LIVE
#define NHV_HOME_ENTRY_TIDR	NHV_HOME_LIVE
#define NHV_HOME_ENTRY_DEXCR	NHV_HOME_LIVE
#define NHV_HOME_CTRL		NHV_HOME_LIVE
#define NHV_HOME_FAULT		NHV_HOME_LIVE
#define NHV_HOME_PMU		NHV_HOME_LIVE
#define NHV_HOME_PMU_31		NHV_HOME_LIVE
#define NHV_HOME_PMU_CTL	NHV_HOME_LIVE
#define NHV_HOME_ASK		NHV_HOME_VCPU

#define NHV_OFF_GS(m)		offsetof(struct nhv_hv_guest_state, m)
#define NHV_OFF_REGS(m)		offsetof(struct nhv_pt_regs, m)
#define NHV_OFF_LIVE(m)		offsetof(struct nhv_live, m)
#define NHV_OFF_KEPT(m)		offsetof(struct nhv_kept, m)
#define NHV_OFF_VCPU(m)		offsetof(struct nhv_vcpu, m)
#define NHV_OFF_ASK		NHV_OFF_VCPU
#define NHV_OFF_THREAD		NHV_OFF_LIVE
#define NHV_OFF_ENTRY		NHV_OFF_LIVE
#define NHV_OFF_ENTRY_TIDR	NHV_OFF_LIVE
#define NHV_OFF_ENTRY_DEXCR	NHV_OFF_LIVE
#define NHV_OFF_CTRL		NHV_OFF_LIVE
#define NHV_OFF_FAULT		NHV_OFF_LIVE
#define NHV_OFF_PMU		NHV_OFF_LIVE
#define NHV_OFF_PMU_31		NHV_OFF_LIVE
#define NHV_OFF_PMU_CTL		NHV_OFF_LIVE

/** nhv_reg_at() - where a register of a vCPU is, zero-extended to a doubleword */
static inline u64 *nhv_reg_at(struct nhv_vcpu *vcpu, enum nhv_reg_home home,
			      unsigned int offset)
{
	void *const base[] = {
		[NHV_HOME_GS]	= vcpu->gs,
		[NHV_HOME_REGS]	= vcpu->regs,
		[NHV_HOME_LIVE]	= &vcpu->live,
		[NHV_HOME_KEPT]	= &vcpu->kept,
		[NHV_HOME_VCPU]	= vcpu,
	};

	return base[home] + offset;
}

#endif

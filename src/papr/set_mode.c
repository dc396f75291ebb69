// SPDX-License-Identifier: GPL-2.0-only
/*
 * H_SET_MODE (PAPR 14.5.4.11): the debug resources. Byte order and address
 * translation mode go to user space, which tells us by LPCR.
 */
#include <abi/numbers.h>
#include <nhv/level.h>
#include <nhv/papr.h>
#include <nhv/vm.h>

static long nhv_set_ciabr(struct nhv_vcpu *vcpu, u64 value1, u64 value2)
{
	if (value2)
		return NHV_H_P4;
	if ((value1 & NHV_CIABR_PRIV) == NHV_CIABR_PRIV_HYPER)
		return NHV_H_P3;
	nhv_level_own(vcpu, NHV_STATE_CIABR);
	vcpu->gs->ciabr = value1;
	return NHV_H_SUCCESS;
}

static long nhv_set_dawr0(struct nhv_vcpu *vcpu, u64 value1, u64 value2)
{
	if (value2 & NHV_DAWRX_HYP)
		return NHV_H_P4;
	nhv_level_own(vcpu, NHV_STATE_DAWR0);
	vcpu->gs->dawr0 = value1;
	vcpu->gs->dawrx0 = value2;
	return NHV_H_SUCCESS;
}

static long nhv_set_dawr1(struct nhv_vcpu *vcpu, u64 value1, u64 value2)
{
	if (!vcpu->vm->dawr1_enabled)
		return NHV_H_P2;
	if (value2 & NHV_DAWRX_HYP)
		return NHV_H_P4;
	nhv_level_own(vcpu, NHV_STATE_DAWR1);
	vcpu->gs->dawr1 = value1;
	vcpu->gs->dawrx1 = value2;
	return NHV_H_SUCCESS;
}

static const struct nhv_mode {
	unsigned long resource;
	long (*set)(struct nhv_vcpu *vcpu, u64 value1, u64 value2);
} nhv_modes[] = {
	{ NHV_SET_MODE_DAWR0,	nhv_set_dawr0 },
	{ NHV_SET_MODE_CIABR,	nhv_set_ciabr },
	{ NHV_SET_MODE_DAWR1,	nhv_set_dawr1 },
};

long nhv_h_set_mode(struct nhv_vcpu *vcpu)
{
	const u64 *arg = &vcpu->regs->gpr[4];
	unsigned int i;

	if (nhv_set_mode_idle(vcpu))
		return NHV_H_SUCCESS;
	for (i = 0; i < ARRAY_SIZE(nhv_modes); i++) {
		if (nhv_modes[i].resource != arg[1])
			continue;
		if (arg[0])
			return NHV_H_UNSUPPORTED_FLAG_START;
		return nhv_modes[i].set(vcpu, arg[2], arg[3]);
	}
	return NHV_H_TO_USER;
}

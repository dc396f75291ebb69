// SPDX-License-Identifier: GPL-2.0-only
/*
 * H_CEDE, H_PROD, H_CONFER (PAPR 14.11.4.3): a virtual processor gives up its
 * processor, or sees to it that another has one.
 */
#include <linux/sched.h>

#include <abi/numbers.h>
#include <nhv/core.h>
#include <nhv/level.h>
#include <nhv/papr.h>
#include <nhv/vm.h>

long nhv_h_cede(struct nhv_vcpu *vcpu)
{
	nhv_level_need(vcpu, NHV_STATE_PC);
	/* PAPR: the call returns with external interrupts enabled. */
	vcpu->regs->msr |= NHV_MSR_EE;
	if (READ_ONCE(vcpu->prodded) && xchg(&vcpu->prodded, false))
		return NHV_H_SUCCESS;
	vcpu->ceded = true;
	vcpu->stats.cede++;
	return NHV_H_SUCCESS;
}

long nhv_h_prod(struct nhv_vcpu *vcpu)
{
	struct nhv_vcpu *target;

	if (vcpu->regs->gpr[4] == vcpu->id) {
		WRITE_ONCE(vcpu->prodded, true);
		return NHV_H_SUCCESS;
	}
	target = nhv_vm_vcpu(vcpu->vm, vcpu->regs->gpr[4]);
	if (!target || target->id != vcpu->regs->gpr[4])
		return NHV_H_PARAMETER;
	/* The order of store and look: see nhv_vcpu_kick(). */
	smp_store_mb(target->prodded, true);
	if (READ_ONCE(target->ceded))
		nhv_vcpu_kick(target);
	return NHV_H_SUCCESS;
}

long nhv_h_confer(struct nhv_vcpu *vcpu)
{
	unsigned long id = vcpu->regs->gpr[4];
	struct nhv_vcpu *target;

	if (id != NHV_CONFER_ALL) {
		target = nhv_vm_vcpu(vcpu->vm, id);
		if (!target || target->id != id)
			return NHV_H_PARAMETER;
	}
	/* The scheduler cannot be told whom to prefer; others get their turn. */
	nhv_vpa_dispatch(vcpu, NHV_VPA_WAITS);
	cond_resched();
	nhv_vpa_dispatch(vcpu, NHV_VPA_RUNS);
	return NHV_H_SUCCESS;
}

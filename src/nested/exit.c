// SPDX-License-Identifier: GPL-2.0-only
/*
 * What L3 ended with: ours, or L2's.
 */
#include <abi/exits.h>
#include <abi/numbers.h>
#include <nhv/level.h>
#include <nhv/nested.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>

/*
 * Interrupts for L1 itself, and faults, which are L2's only if its own tree is at
 * fault. All else is for L2.
 */
static const u16 nhv_nested_ours[] = {
	0,
	NHV_VEC_SYSTEM_RESET,
	NHV_VEC_EXTERNAL,
	NHV_VEC_HDEC,
	NHV_VEC_H_DATA_STORAGE,
	NHV_VEC_H_INST_STORAGE,
	NHV_VEC_HMI,
	NHV_VEC_H_DOORBELL,
	NHV_VEC_H_VIRT,
	NHV_VEC_PERFMON,
};

static bool nhv_nested_is_ours(long trap)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nhv_nested_ours); i++)
		if (nhv_nested_ours[i] == trap)
			return true;
	return false;
}

/* The level below gives msr with the status of the interrupt in it; so do we. */
static void nhv_nested_reflect(struct nhv_vcpu *vcpu, unsigned int vector)
{
	nhv_level_need(vcpu, NHV_STATE_PC);
	vcpu->regs->msr |= vcpu->cause;
	nhv_nested_leave(vcpu, vector);
}

/*
 * An L0 of some Linux versions refuses one of two vCPUs that enter a new guest at
 * the same time; the next try finds it made.
 */
static void nhv_nested_refused(struct nhv_vcpu *vcpu, long code)
{
	if (code == NHV_H_PARAMETER && !vcpu->nested.refused++)
		return;
	nhv_nested_leave(vcpu, code);
}

/*
 * H_RPT_INVALIDATE of process scope, from an L3 without GTSE: L2 has no way to do
 * it, as it does not know the LPID that L3 really has.
 */
static bool nhv_nested_rpt(struct nhv_vcpu *vcpu)
{
	struct nhv_pt_regs *regs = vcpu->regs;

	if (regs->gpr[3] != NHV_H_RPT_INVALIDATE)
		return false;
	nhv_level_need(vcpu, NHV_STATE_PC);
	if (regs->msr & NHV_MSR_PR || regs->gpr[6] & NHV_RPTI_TYPE_NESTED ||
	    !nhv_vm_hcall_enabled(vcpu->vm, NHV_ROW_RPT_INVALIDATE))
		return false;
	nhv_nested_forget_process(vcpu->vm, vcpu->nested.guest->lpid);
	regs->gpr[3] = NHV_H_SUCCESS;
	return true;
}

bool nhv_nested_exit(struct nhv_vcpu *vcpu, long trap)
{
	if (trap < 0 || trap == NHV_H_NOT_AVAILABLE) {
		nhv_nested_refused(vcpu, trap);
		return true;
	}
	vcpu->nested.refused = 0;
	/* Whether our time is over or L2's, it is over if L2's is. */
	if (trap == NHV_VEC_HDEC &&
	    (s64)(vcpu->nested.deadline - mftb()) <= 0) {
		nhv_nested_leave(vcpu, NHV_VEC_HDEC);
		return true;
	}
	if (nhv_nested_is_ours(trap))
		return false;
	if (trap == NHV_VEC_SYSCALL && nhv_nested_rpt(vcpu))
		return true;
	nhv_nested_reflect(vcpu, trap);
	return true;
}

void nhv_nested_reflect_fault(struct nhv_vcpu *vcpu,
			      const struct nhv_shadow_fault *fault)
{
	struct nhv_nested_vcpu *n = &vcpu->nested;

	n->refill = !fault->table;
	n->refill_at = fault->ra;
	if (fault->table)
		n->gs->asdr = fault->at.addr;
	if (fault->fetch) {
		vcpu->cause = fault->status & NHV_SRR1_STATUS;
		nhv_nested_reflect(vcpu, NHV_VEC_H_INST_STORAGE);
	} else {
		n->gs->hdsisr = fault->status;
		nhv_nested_reflect(vcpu, NHV_VEC_H_DATA_STORAGE);
	}
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypercalls of a guest that is a hypervisor: arguments in, code out. What they
 * mean is in hcall/serve, what they do in src/nested.
 *
 * H_GUEST_* (API v2) are no rows of hcalls.def: user space answers them with
 * H_FUNCTION, and the guest falls back to these.
 */
#include <abi/numbers.h>
#include <nhv/nested.h>
#include <nhv/papr.h>
#include <nhv/serve.h>
#include <nhv/vm.h>

static bool nhv_may_nest(const struct nhv_vcpu *vcpu)
{
	return READ_ONCE(vcpu->vm->nesting.enabled);
}

long nhv_h_set_partition_table(struct nhv_vcpu *vcpu)
{
	if (!nhv_may_nest(vcpu))
		return NHV_H_FUNCTION;
	return nhv_nested_set_ptcr(vcpu->vm, vcpu->regs->gpr[4]);
}

long nhv_h_enter_nested(struct nhv_vcpu *vcpu)
{
	long rc;

	if (!nhv_may_nest(vcpu))
		return NHV_H_FUNCTION;
	rc = nhv_nested_enter(vcpu, vcpu->regs->gpr[4], vcpu->regs->gpr[5]);
	return rc == NHV_H_SUCCESS ? NHV_H_NO_ANSWER : rc;
}

long nhv_h_tlb_invalidate(struct nhv_vcpu *vcpu)
{
	const u64 *gpr = vcpu->regs->gpr;
	struct nhv_serve_flush flush;
	long rc;

	if (!nhv_may_nest(vcpu))
		return NHV_H_FUNCTION;
	rc = nhv_serve_tlbie(gpr[4], gpr[5], gpr[6], &flush);
	if (!rc)
		nhv_nested_flush(vcpu->vm, &flush);
	return rc;
}

long nhv_h_rpt_invalidate(struct nhv_vcpu *vcpu)
{
	const u64 *gpr = vcpu->regs->gpr;
	const struct nhv_serve_rpt rpt = {
		.id = gpr[4],
		.target = gpr[5],
		.type = gpr[6],
		.pages = gpr[7],
		.start = gpr[8],
		.end = gpr[9],
	};
	struct nhv_serve_flush flush;
	long rc = nhv_serve_rpt_check(&rpt);

	if (rc)
		return rc;
	if (!(rpt.type & NHV_RPTI_TYPE_NESTED)) {
		nhv_nested_forget_process(vcpu->vm, vcpu->vm->lpid);
		return NHV_H_SUCCESS;
	}
	if (!nhv_may_nest(vcpu))
		return NHV_H_FUNCTION;
	rc = nhv_serve_rpt_nested(&rpt, &flush);
	if (!rc)
		nhv_nested_flush(vcpu->vm, &flush);
	return rc;
}

long nhv_h_copy_tofrom_guest(struct nhv_vcpu *vcpu)
{
	const u64 *gpr = vcpu->regs->gpr;
	const struct nhv_serve_copy copy = {
		.lpid = gpr[4],
		.pid = gpr[5],
		.ea = gpr[6],
		.to = gpr[7],
		.from = gpr[8],
		.n = gpr[9],
	};
	long rc;

	if (!nhv_may_nest(vcpu))
		return NHV_H_FUNCTION;
	rc = nhv_serve_copy_check(&copy, READ_ONCE(nhv_nested_limits.copy));
	return rc ? rc : nhv_nested_copy(vcpu->vm, &copy);
}

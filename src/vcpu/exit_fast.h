/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hypercalls that are dealt with while the guest's registers are live; inline for
 * the run loop alone, see <nhv/turn.h>.
 */
#ifndef NHV_VCPU_EXIT_FAST_H
#define NHV_VCPU_EXIT_FAST_H

#include <abi/exits.h>
#include <abi/numbers.h>
#include <nhv/level.h>
#include <nhv/nested.h>
#include <nhv/papr.h>
#include <nhv/vcpu.h>

#include "exit.h"

/*
 * API v2 does not bring MSR with a hypercall. It is asked for unless the answer
 * does no harm to whoever makes the call.
 */
static __always_inline bool nhv_exit_problem_state(struct nhv_vcpu *vcpu)
{
	if (nhv_level.carries_all && nhv_hcall_harmless(vcpu))
		return false;
	/* Most handlers want more than MSR. */
	nhv_level_need(vcpu, vcpu->regs->gpr[3] == NHV_H_SET_MODE ?
		       NHV_STATE_MSR : NHV_STATE_PC);
	return vcpu->regs->msr & NHV_MSR_PR;
}

/* Return: what became of a hypercall of L2. */
static __always_inline enum nhv_hcall_end
nhv_exit_hcall_end(struct nhv_vcpu *vcpu)
{
	if (nhv_exit_problem_state(vcpu))
		return NHV_HCALL_SLOW;
	if (vcpu->regs->gpr[3] != NHV_H_ENTER_NESTED)
		return nhv_hcall_fast(vcpu);
	if (!nhv_nested_quick_enter(vcpu))
		return NHV_HCALL_SLOW;
	vcpu->stats.hcall_kernel++;
	return NHV_HCALL_ANSWERED;
}

/**
 * nhv_vcpu_exit_fast() - deal with an exit while the guest's registers are live
 * @vcpu: on its own thread; interrupts hard-disabled, RCU may not be watching
 * @trap: what nhv_level_enter() returned
 *
 * Return: NHV_TRAP_DONE if nothing is left to do but look whether the guest may go
 * on; NHV_TRAP_USER with the exit to user space made; @trap if nothing was done.
 */
static __always_inline long nhv_vcpu_exit_fast(struct nhv_vcpu *vcpu, long trap)
{
	enum nhv_hcall_end end;

	if (trap != NHV_VEC_SYSCALL)
		return trap;
	if (unlikely(vcpu->nested.guest))
		end = nhv_nested_quick_leave(vcpu) ? NHV_HCALL_ANSWERED :
						     NHV_HCALL_SLOW;
	else
		end = nhv_exit_hcall_end(vcpu);
	if (end == NHV_HCALL_SLOW)
		return trap;
	vcpu->stats.sum_exits++;
	vcpu->stats.syscall_exits++;
	return end == NHV_HCALL_USER ? NHV_TRAP_USER : NHV_TRAP_DONE;
}

#endif

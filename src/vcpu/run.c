// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_RUN: finish what user space answered, then enter the guest again and
 * again until something is for user space.
 */
#include <linux/sched/signal.h>
#include <linux/srcu.h>
#include <asm/cputable.h>
#include <asm/hw_irq.h>
#include <asm/time.h>

#include <abi/exits.h>
#include <abi/numbers.h>
#include <nhv/call.h>
#include <nhv/compat.h>
#include <nhv/core.h>
#include <nhv/level.h>
#include <nhv/papr.h>
#include <nhv/trace.h>
#include <nhv/turn.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>
#include <nhv/vpa.h>

#include "block.h"
#include "exit.h"
#include "exit_fast.h"
#include "irq.h"
#include "live.h"
#include "overdue.h"

/*
 * On an L0 that does not bring a CPU out of a guest with EE=0 for an IPI, this
 * is how long a waiting interrupt or request may wait.
 */
#define NHV_WAIT_LIMIT_US	1000

static __always_inline bool nhv_vcpu_must_stay(struct nhv_vcpu *vcpu)
{
	return READ_ONCE(vcpu->requests) || signal_pending(current) ||
	       need_resched() || lazy_irq_pending() || nhv_nested_wanted(vcpu);
}

/* From here on a request finds us in the guest and sends an IPI. */
static bool nhv_vcpu_commit(struct nhv_vcpu *vcpu)
{
	WRITE_ONCE(vcpu->cpu, smp_processor_id());
	WRITE_ONCE(vcpu->mode, NHV_IN_GUEST);
	smp_mb();	/* with the one in nhv_vcpu_kick() */
	return !nhv_vcpu_must_stay(vcpu);
}

static void nhv_vcpu_outside(struct nhv_vcpu *vcpu)
{
	WRITE_ONCE(vcpu->mode, NHV_OUTSIDE);
	WRITE_ONCE(vcpu->cpu, -1);
	WRITE_ONCE(vcpu->deadline, NHV_NO_DEADLINE);
}

/*
 * Into the guest, and again after each exit that can be finished without
 * giving the processor's state back to L1. Bounded, as interrupts stay off.
 */
#define NHV_FAST_TURNS		16

static long nhv_vcpu_stay(struct nhv_vcpu *vcpu)
{
	unsigned int turns = NHV_FAST_TURNS;
	long trap;

	for (;;) {
		trap = nhv_level_enter(vcpu);
		if (nhv_trace_turns() || !nhv_fast_allowed())
			return trap;
		trap = nhv_vcpu_exit_fast(vcpu, trap);
		if (trap != NHV_TRAP_DONE)
			return trap;
		if (!--turns || vcpu->ceded || READ_ONCE(vcpu->irq_pending) ||
		    nhv_vcpu_must_stay(vcpu) || !nhv_level_again(vcpu))
			return NHV_TRAP_DONE;
	}
}

static long nhv_vcpu_enter(struct nhv_vcpu *vcpu)
{
	u64 deadline = NHV_NO_DEADLINE;
	u64 lpcr = vcpu->lpcr;
	long trap;

	if (vcpu->nested.guest) {
		deadline = vcpu->nested.deadline;
	} else if (READ_ONCE(vcpu->irq_pending) && nhv_irq_deliver(vcpu)) {
		/* MER only for a level: an edge delivered below would come twice. */
		if (test_bit(NHV_IRQ_LEVEL, &vcpu->irq_pending))
			lpcr |= NHV_LPCR_MER;
		deadline = mftb() + NHV_WAIT_LIMIT_US * tb_ticks_per_usec;
	}

	nhv_overdue_running(vcpu);
	nhv_guest_enter_irqoff(&vcpu->rcu_told);
	nhv_live_enter(vcpu);
	trap = nhv_level_begin(vcpu, lpcr, deadline);
	if (!trap) {
		trap = nhv_vcpu_stay(vcpu);
		nhv_level_end(vcpu);
	}
	nhv_live_exit(vcpu);
	/* Before interrupts come on, after which this may be another CPU. */
	nhv_overdue_running(NULL);
	nhv_guest_exit_irqoff(trap != NHV_TRAP_USER);
	return trap;
}

static noinline void nhv_trace_turn(struct nhv_vcpu *vcpu, long trap)
{
	/* Dealt with before the event was switched on. */
	if (trap == NHV_TRAP_DONE || trap == NHV_TRAP_USER)
		return;
	/* API v2 brings neither NIA nor MSR with most exits. */
	if (trap >= 0 && (trace_kvm_guest_exit_enabled() ||
			  trace_nhv_nested_exit_enabled()))
		nhv_level_need(vcpu, NHV_STATE_PC);
	trace_kvm_guest_exit(vcpu, trap);
	if (vcpu->nested.guest)
		trace_nhv_nested_exit(vcpu, trap);
}

#define NHV_NOT_HELD	(~0ULL)		/* an address of no instruction */

/*
 * An interrupt that ended a run is taken once interrupts are on, which they are for
 * a few instructions until the next entry. Where we are a guest of a guest that may
 * be too short: QEMU as L0 does not heed LPCR[MER], so the level below can only put
 * it in when it has control and finds EE=1. Twice at one place, the guest has not
 * run between: let it have control. (API v2 does not say where the guest is.)
 */
static void nhv_vcpu_let_in(struct nhv_vcpu *vcpu, long trap)
{
	u64 at = vcpu->regs->nip;

	if (trap != NHV_VEC_EXTERNAL || !nhv_level.keeps_translations ||
	    nhv_level.carries_all)
		at = NHV_NOT_HELD;
	else if (vcpu->held_at == at)
		nhv_call_yield();
	vcpu->held_at = at;
}

/* Something speaks against going into the guest now. */
static noinline enum nhv_step nhv_vcpu_attend(struct nhv_vcpu *vcpu)
{
	if (signal_pending(current)) {
		vcpu->run->exit_reason = KVM_EXIT_INTR;
		vcpu->stats.signal_exits++;
		vcpu->error = -EINTR;
		return NHV_STEP_ERROR;
	}
	if (vcpu->ceded) {
		nhv_vcpu_block(vcpu);
		return NHV_STEP_GUEST;
	}
	if (nhv_nested_wanted(vcpu))
		nhv_nested_interrupt(vcpu);
	if (need_resched()) {
		nhv_vpa_dispatch(vcpu, NHV_VPA_WAITS);
		cond_resched();
		nhv_vpa_dispatch(vcpu, NHV_VPA_RUNS);
	}
	return NHV_STEP_GUEST;
}

/* One turn: into the guest if nothing speaks against it, and what came of it. */
static enum nhv_step nhv_vcpu_turn(struct nhv_vcpu *vcpu)
{
	long trap;

	if (vcpu->ceded)
		return nhv_vcpu_attend(vcpu);
	if (unlikely(vcpu->nested.kept))
		nhv_nested_forget(vcpu, true);
	WRITE_ONCE(vcpu->requests, 0);
	vcpu->pmu_in_use = vcpu->pmu_started || nhv_vpa_pmu_in_use(vcpu);

	local_irq_disable();
	hard_irq_disable();
	if (!nhv_vcpu_commit(vcpu)) {
		nhv_vcpu_outside(vcpu);
		local_irq_enable();
		return nhv_vcpu_attend(vcpu);
	}
	trace_kvm_guest_enter(vcpu);
	trap = nhv_vcpu_enter(vcpu);
	nhv_vcpu_outside(vcpu);
	if (nhv_trace_turns())
		nhv_trace_turn(vcpu, trap);
	/* The interrupt that brought us back is still pending, and taken here. */
	local_irq_enable();
	nhv_vcpu_let_in(vcpu, trap);

	if (trap == NHV_TRAP_USER)
		return NHV_STEP_USER;
	return trap == NHV_TRAP_DONE ? NHV_STEP_GUEST :
				       nhv_vcpu_exit(vcpu, trap);
}

/* A hypercall that user space answered: PAPR return code and outputs. */
static void nhv_hcall_finish(struct nhv_vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	const u64 *args = run->papr_hcall.args;
	u64 *gpr = &vcpu->regs->gpr[3];
	unsigned int i;

	vcpu->hcall_pending = false;
	gpr[0] = run->papr_hcall.ret;
#pragma GCC unroll 9
	for (i = 0; i < ARRAY_SIZE(run->papr_hcall.args); i++)
		gpr[1 + i] = args[i];
}

static int nhv_vcpu_loop(struct nhv_vcpu *vcpu)
{
	enum nhv_step step;

	nhv_live_load(vcpu);
	trace_kvmppc_run_core(vcpu, 0);
	step = vcpu->mmio.pending ? nhv_mmio_finish(vcpu) : NHV_STEP_GUEST;

	/* KVM API, KVM_RUN: answers are taken in before immediate_exit counts. */
	if (step == NHV_STEP_GUEST && nhv_immediate_exit(vcpu->run)) {
		vcpu->run->exit_reason = KVM_EXIT_INTR;
		vcpu->error = -EINTR;
		step = NHV_STEP_ERROR;
	}
	if (step == NHV_STEP_GUEST)
		nhv_vpa_run(vcpu, NHV_VPA_RUNS);
	while (step == NHV_STEP_GUEST)
		step = nhv_vcpu_turn(vcpu);
	/* User space sees L2, with an H_ENTER_NESTED that came to nothing. */
	if (vcpu->nested.guest)
		nhv_nested_leave(vcpu, 0);
	if (unlikely(vcpu->nested.kept))
		nhv_nested_forget(vcpu, false);
	nhv_vpa_run(vcpu, NHV_VPA_WAITS);
	trace_kvmppc_run_core(vcpu, 1);
	nhv_live_put(vcpu);
	return step == NHV_STEP_USER ? 0 : vcpu->error;
}

static void nhv_trace_mmio(const struct kvm_run *run, int type)
{
	trace_kvm_mmio(type, run->mmio.len, run->mmio.phys_addr,
		       run->mmio.data);
}

/* Out of the way: with the events off these two are a nop for each of them. */
static noinline void nhv_trace_enters(const struct nhv_vcpu *vcpu)
{
	trace_kvmppc_run_vcpu_enter(vcpu);
	if (trace_kvm_mmio_enabled() && vcpu->mmio.pending &&
	    !vcpu->run->mmio.is_write)
		nhv_trace_mmio(vcpu->run, NHV_MMIO_READ);
}

static __always_inline void nhv_trace_run_enter(const struct nhv_vcpu *vcpu)
{
	if (trace_kvmppc_run_vcpu_enter_enabled() || trace_kvm_mmio_enabled())
		nhv_trace_enters(vcpu);
}

static noinline void nhv_trace_exits(const struct nhv_vcpu *vcpu, int err)
{
	const struct kvm_run *run = vcpu->run;

	if (trace_kvm_mmio_enabled() && !err &&
	    run->exit_reason == KVM_EXIT_MMIO)
		nhv_trace_mmio(run, run->mmio.is_write ? NHV_MMIO_WRITE :
							 NHV_MMIO_ASK);
	trace_kvm_userspace_exit(run->exit_reason, err);
	trace_kvmppc_run_vcpu_exit(vcpu, err);
}

static __always_inline void nhv_trace_run_exit(const struct nhv_vcpu *vcpu,
					       int err)
{
	if (trace_kvmppc_run_vcpu_exit_enabled() ||
	    trace_kvm_userspace_exit_enabled() || trace_kvm_mmio_enabled())
		nhv_trace_exits(vcpu, err);
}

int nhv_vcpu_run(struct nhv_vcpu *vcpu)
{
	bool masked = vcpu->sigset_active;
	sigset_t saved;
	int err;

	if (!vcpu->papr)
		return -EINVAL;
	nhv_trace_run_enter(vcpu);
	if (vcpu->hcall_pending)
		nhv_hcall_finish(vcpu);

	vcpu->run->exit_reason = KVM_EXIT_UNKNOWN;
	/* A cede may end early (PAPR), and user space may have reset the vCPU. */
	vcpu->ceded = false;
	/* The signals that may end it are others than the thread's own. */
	if (masked)
		sigprocmask(SIG_SETMASK, &vcpu->sigset, &saved);
	err = nhv_vcpu_loop(vcpu);
	if (masked)
		sigprocmask(SIG_SETMASK, &saved, NULL);
	nhv_trace_run_exit(vcpu, err);
	return err;
}

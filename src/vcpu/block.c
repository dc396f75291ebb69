// SPDX-License-Identifier: GPL-2.0-only
/*
 * H_CEDE: a vCPU sleeps until an interrupt, its decrementer, a doorbell or a
 * prod wakes it. It polls first, because a wake-up of the thread costs more
 * than most waits.
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/moduleparam.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>
#include <asm/time.h>

#include <nhv/core.h>
#include <nhv/nested.h>
#include <nhv/papr.h>
#include <nhv/trace.h>
#include <nhv/vcpu.h>

#include "block.h"

static unsigned int halt_poll_ns = 20000;
module_param(halt_poll_ns, uint, 0644);
MODULE_PARM_DESC(halt_poll_ns, "longest time a ceded vCPU polls before it sleeps, in ns; 0: never (default 20000)");

#define NHV_HALT_POLL_START	5000

static bool nhv_dec_expired(const struct nhv_vcpu *vcpu)
{
	return (s64)(vcpu->dec_expires - mftb()) <= 0;
}

/* Something for the guest itself. */
static bool nhv_vcpu_runnable(const struct nhv_vcpu *vcpu)
{
	return READ_ONCE(vcpu->irq_pending) || READ_ONCE(vcpu->doorbell) ||
	       READ_ONCE(vcpu->prodded) || nhv_dec_expired(vcpu);
}

static bool nhv_vcpu_wakes(const struct nhv_vcpu *vcpu)
{
	return nhv_vcpu_runnable(vcpu) || READ_ONCE(vcpu->requests) ||
	       signal_pending(current);
}

static bool nhv_halt_poll(struct nhv_vcpu *vcpu, ktime_t start)
{
	ktime_t end = ktime_add_ns(start, vcpu->halt_poll_ns);

	vcpu->stats.halt_attempted_poll++;
	do {
		if (nhv_vcpu_wakes(vcpu))
			return true;
		cpu_relax();
	} while (!need_resched() && ktime_before(ktime_get(), end));
	return false;
}

/* Grow while polling pays or would have, shrink when sleeps are long. */
static void nhv_halt_poll_adapt(struct nhv_vcpu *vcpu, u64 slept_ns)
{
	u64 limit = READ_ONCE(halt_poll_ns), old = vcpu->halt_poll_ns;

	if (slept_ns > limit)
		vcpu->halt_poll_ns = 0;
	else
		vcpu->halt_poll_ns = max_t(u64, vcpu->halt_poll_ns * 2,
					   NHV_HALT_POLL_START);
	vcpu->halt_poll_ns = min(vcpu->halt_poll_ns, limit);
	if (vcpu->halt_poll_ns != old)
		trace_kvm_halt_poll_ns(vcpu->halt_poll_ns > old, vcpu->id,
				       vcpu->halt_poll_ns, old);
}

static void nhv_vcpu_sleep(struct nhv_vcpu *vcpu)
{
	s64 left = vcpu->dec_expires - mftb();
	ktime_t start = ktime_get();
	u64 slept;

	vcpu->stats.halt_successful_wait++;
	/* It may be gone long before we wake. */
	nhv_nested_forget(vcpu, false);
	nhv_vpa_dispatch(vcpu, NHV_VPA_WAITS);
	if (left > 0)
		hrtimer_start(&vcpu->dec_timer, ns_to_ktime(tb_to_ns(left)),
			      HRTIMER_MODE_REL);
	wait_event_interruptible(vcpu->wait, nhv_vcpu_wakes(vcpu));
	hrtimer_cancel(&vcpu->dec_timer);
	nhv_vpa_dispatch(vcpu, NHV_VPA_RUNS);
	slept = ktime_to_ns(ktime_sub(ktime_get(), start));
	vcpu->stats.halt_wait_ns += slept;
	nhv_halt_poll_adapt(vcpu, slept);
}

/* Return: did it sleep. */
static bool nhv_poll_or_sleep(struct nhv_vcpu *vcpu, ktime_t start)
{
	bool polls = vcpu->halt_poll_ns;
	bool hit = polls && nhv_halt_poll(vcpu, start);
	u64 polled = polls ? ktime_to_ns(ktime_sub(ktime_get(), start)) : 0;

	if (hit) {
		vcpu->stats.halt_successful_poll++;
		vcpu->stats.halt_poll_success_ns += polled;
		return false;
	}
	vcpu->stats.halt_poll_fail_ns += polled;
	nhv_vcpu_sleep(vcpu);
	return true;
}

static void nhv_trace_wakeup(const struct nhv_vcpu *vcpu, bool slept,
			     ktime_t start)
{
	u64 ns;

	if (!trace_kvmppc_vcore_wakeup_enabled() &&
	    !trace_kvm_vcpu_wakeup_enabled())
		return;
	ns = ktime_to_ns(ktime_sub(ktime_get(), start));
	trace_kvmppc_vcore_wakeup(slept, ns);
	trace_kvm_vcpu_wakeup(ns, slept, nhv_vcpu_runnable(vcpu));
}

void nhv_vcpu_block(struct nhv_vcpu *vcpu)
{
	ktime_t start = ktime_get();
	bool slept;

	trace_kvmppc_vcore_blocked(vcpu, 0);
	slept = nhv_poll_or_sleep(vcpu, start);
	trace_kvmppc_vcore_blocked(vcpu, 1);
	nhv_trace_wakeup(vcpu, slept, start);

	if (nhv_vcpu_runnable(vcpu)) {
		vcpu->ceded = false;
		WRITE_ONCE(vcpu->prodded, false);
	}
	WRITE_ONCE(vcpu->requests, 0);
}

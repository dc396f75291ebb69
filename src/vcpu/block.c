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
#include <nhv/papr.h>
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

static bool nhv_halt_poll(struct nhv_vcpu *vcpu)
{
	ktime_t end = ktime_add_ns(ktime_get(), vcpu->halt_poll_ns);

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
	u64 limit = READ_ONCE(halt_poll_ns);

	if (slept_ns > limit)
		vcpu->halt_poll_ns = 0;
	else
		vcpu->halt_poll_ns = max_t(u64, vcpu->halt_poll_ns * 2,
					   NHV_HALT_POLL_START);
	vcpu->halt_poll_ns = min(vcpu->halt_poll_ns, limit);
}

static void nhv_vcpu_sleep(struct nhv_vcpu *vcpu)
{
	s64 left = vcpu->dec_expires - mftb();
	ktime_t start = ktime_get();

	vcpu->stats.cede_sleep++;
	nhv_vpa_dispatch(vcpu, false);
	if (left > 0)
		hrtimer_start(&vcpu->dec_timer, ns_to_ktime(tb_to_ns(left)),
			      HRTIMER_MODE_REL);
	wait_event_interruptible(vcpu->wait, nhv_vcpu_wakes(vcpu));
	hrtimer_cancel(&vcpu->dec_timer);
	nhv_vpa_dispatch(vcpu, true);
	nhv_halt_poll_adapt(vcpu, ktime_to_ns(ktime_sub(ktime_get(), start)));
}

void nhv_vcpu_block(struct nhv_vcpu *vcpu)
{
	if (vcpu->halt_poll_ns && nhv_halt_poll(vcpu))
		vcpu->stats.halt_poll_hit++;
	else
		nhv_vcpu_sleep(vcpu);

	if (nhv_vcpu_runnable(vcpu)) {
		vcpu->ceded = false;
		WRITE_ONCE(vcpu->prodded, false);
	}
	WRITE_ONCE(vcpu->requests, 0);
}

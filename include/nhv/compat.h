/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * src/compat: every difference between the kernels nhv is built for. What a
 * kernel has is found by the probes in Kbuild, never by its version number.
 */
#ifndef NHV_COMPAT_H
#define NHV_COMPAT_H

#include <linux/context_tracking.h>
#include <linux/eventfd.h>
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/kvm.h>
#include <linux/mmu_notifier.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>
#include <linux/vtime.h>
#include <asm/archrandom.h>
#include <asm/cputable.h>

/* uapi constants that headers of older kernels miss */
#ifndef KVM_CAP_PPC_AIL_MODE_3
#define KVM_CAP_PPC_AIL_MODE_3		210
#endif
#ifndef KVM_REG_PPC_DEXCR
#define KVM_REG_PPC_DEXCR	(KVM_REG_PPC | KVM_REG_SIZE_U64 | 0xc6)
#endif
#ifndef KVM_REG_PPC_HASHKEYR
#define KVM_REG_PPC_HASHKEYR	(KVM_REG_PPC | KVM_REG_SIZE_U64 | 0xc7)
#endif
#ifndef KVM_REG_PPC_HASHPKEYR
#define KVM_REG_PPC_HASHPKEYR	(KVM_REG_PPC | KVM_REG_SIZE_U64 | 0xc8)
#endif

/**
 * nhv_hrtimer_setup() - initialise a timer and say what it calls
 * @timer: the timer
 * @function: its callback
 * @clock: CLOCK_*
 * @mode: HRTIMER_MODE_*
 */
static inline void
nhv_hrtimer_setup(struct hrtimer *timer,
		  enum hrtimer_restart (*function)(struct hrtimer *),
		  clockid_t clock, enum hrtimer_mode mode)
{
#ifdef NHV_HAVE_HRTIMER_SETUP
	hrtimer_setup(timer, function, clock, mode);
#else
	hrtimer_init(timer, clock, mode);
	timer->function = function;
#endif
}

/**
 * nhv_eventfd_signal() - add one to an event descriptor
 * @ctx: the event descriptor
 */
static inline void nhv_eventfd_signal(struct eventfd_ctx *ctx)
{
#ifdef NHV_HAVE_EVENTFD_SIGNAL_COUNT
	eventfd_signal(ctx, 1);
#else
	eventfd_signal(ctx);
#endif
}

/**
 * nhv_send_reschedule() - interrupt another CPU, which does nothing but notice
 * @cpu: an online CPU
 */
static inline void nhv_send_reschedule(int cpu)
{
#ifdef NHV_HAVE_ARCH_SEND_RESCHEDULE
	arch_smp_send_reschedule(cpu);
#else
	smp_send_reschedule(cpu);
#endif
}

/**
 * nhv_has_dexcr() - the kernel knows DEXCR and HASHKEYR, so this
 * processor lets it access them
 */
static inline bool nhv_has_dexcr(void)
{
#ifdef CPU_FTR_DEXCR_NPHIE
	return cpu_has_feature(CPU_FTR_DEXCR_NPHIE);
#else
	return false;
#endif
}

/**
 * nhv_hardware_random() - a random number of the platform's generator
 * @value: gets it
 *
 * Return: false if the platform has none, or none now.
 */
static inline bool nhv_hardware_random(unsigned long *value)
{
#ifdef NHV_HAVE_RANDOM_SEED_LONGS
	return arch_get_random_seed_longs(value, 1);
#else
	return arch_get_random_seed_long(value);
#endif
}

/**
 * nhv_immediate_exit() - does user space want KVM_RUN to return at once
 * @run: the shared page; user space may change it at any time
 */
static inline bool nhv_immediate_exit(const struct kvm_run *run)
{
#ifdef NHV_HAVE_IMMEDIATE_EXIT_UNSAFE
	return READ_ONCE(run->immediate_exit__unsafe);
#else
	return READ_ONCE(run->immediate_exit);
#endif
}

/* What the "young" callbacks of an MMU notifier return. */
#ifdef NHV_HAVE_YOUNG_BOOL
#define nhv_young_t	bool
#else
#define nhv_young_t	int
#endif

/**
 * nhv_guest_enter_irqoff() - from here on this CPU's time is the guest's
 * @told: when RCU was told last, in jiffies
 *
 * Interrupts are off. Where context tracking follows this CPU, RCU stops
 * watching it: until nhv_guest_exit_irqoff() nothing that traces, takes a lock
 * or reads under RCU may run. Elsewhere RCU is told of a quiescent state, as a
 * guest may keep the CPU for a whole time slice; once a tick, which is when RCU looks.
 */
static __always_inline void nhv_guest_enter_irqoff(unsigned long *told)
{
	vtime_account_guest_enter();
#ifdef NHV_HAVE_GUEST_CONTEXT_TRACKING
	if (context_tracking_guest_enter())
		return;
#endif
	if (!time_after(jiffies, *told))
		return;
	*told = jiffies;
	rcu_note_context_switch(false);
}

/**
 * nhv_fast_allowed() - may the kernel's code run between nhv_guest_enter_irqoff()
 * and nhv_guest_exit_irqoff() on this CPU: RCU is watching it there too
 */
static __always_inline bool nhv_fast_allowed(void)
{
	return !context_tracking_enabled_this_cpu();
}

/**
 * nhv_guest_exit_irqoff() - this CPU's time is the kernel's again
 * @interrupted: something else than the guest may have ended its run
 *
 * Interrupts are off and were so since nhv_guest_enter_irqoff(). If @interrupted
 * they are on for a moment in here: a tick that ended the guest's run counts as the
 * guest's. The thread may be preempted then, and go on elsewhere.
 */
static __always_inline void nhv_guest_exit_irqoff(bool interrupted)
{
#ifdef NHV_HAVE_GUEST_CONTEXT_TRACKING
	context_tracking_guest_exit();
#endif
	if (interrupted && !vtime_accounting_enabled_this_cpu()) {
		local_irq_enable();
		local_irq_disable();
	}
	vtime_account_guest_exit();
}

#endif

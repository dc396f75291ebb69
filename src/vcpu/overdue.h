/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guests that do not come back; used by the run loop.
 */
#ifndef NHV_VCPU_OVERDUE_H
#define NHV_VCPU_OVERDUE_H

#include <linux/percpu.h>

struct nhv_vcpu;

DECLARE_PER_CPU(struct nhv_vcpu *, nhv_running);

/**
 * nhv_overdue_running() - who runs on this CPU, and may be looked at
 * @vcpu: the one that goes into its guest; NULL: nobody any more
 *
 * Interrupts are off, and were so between the two.
 */
static inline void nhv_overdue_running(struct nhv_vcpu *vcpu)
{
	__this_cpu_write(nhv_running, vcpu);
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trace events. Those that KVM on this architecture has too keep its names,
 * fields and texts: in system kvm_hv, where perf kvm looks for them, what
 * kvm-hv has there; in system nhv what kvm.ko has in system kvm, as kvm.ko may
 * be loaded beside us, and what nhv alone has.
 *
 * An event that is off costs the nop that a static key leaves. On kernels
 * without CONFIG_TRACEPOINTS all of this is empty.
 */
#ifndef NHV_TRACE_H
#define NHV_TRACE_H

#include <linux/jump_label.h>
#include <nhv/trace_kvm_hv.h>
#include <nhv/trace_nhv.h>

DECLARE_STATIC_KEY_FALSE(nhv_turns_traced);

/**
 * nhv_trace_turns() - is any event on that tells of each entry, exit or hypercall
 *
 * No event may be told while a guest's registers are in the processor, so exits
 * are then not dealt with there.
 */
static __always_inline bool nhv_trace_turns(void)
{
#ifdef TRACEPOINTS_ENABLED
	return static_branch_unlikely(&nhv_turns_traced);
#else
	return false;
#endif
}

#endif

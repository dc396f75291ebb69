/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the trace events are made with: symbols from tables, numbers that KVM
 * gives to what a handler decides.
 */
#ifndef NHV_TRACE_WORDS_H
#define NHV_TRACE_WORDS_H

#include <abi/exits.h>

#define NHV_SYMBOL(name, number)	{ number, #name }
#define NHV_EXIT_SYMBOL(vector, name, handler, counter) \
	{ vector, #name }

/** enum nhv_resume - what comes of an exit, in KVM's numbers */
enum nhv_resume {
	NHV_RESUME_GUEST = 0,
	NHV_RESUME_HOST = 2,
};

#define NHV_RESUMES \
	{ 0, "RESUME_GUEST" }, { 1, "RESUME_GUEST_NV" }, \
	{ 2, "RESUME_HOST" }, { 3, "RESUME_HOST_NV" }

/* kvm_mmio: a load that user space is asked for, its answer, a store. */
#define NHV_MMIO_ASK		0
#define NHV_MMIO_READ		1
#define NHV_MMIO_WRITE		2

/**
 * nhv_trace_trap() - the vector that perf has a name for
 * @trap: what an entry ended with
 *
 * An L0 like QEMU says 0xEA0 for its external interrupts.
 */
static inline int nhv_trace_trap(long trap)
{
	return trap == NHV_VEC_H_VIRT ? NHV_VEC_EXTERNAL : trap;
}

/* An event that tells of each turn: see nhv_trace_turns(). */
#define NHV_TURN_EVENT(name, proto, args, fields, assign, print) \
	TRACE_EVENT_FN(name, PARAMS(proto), PARAMS(args), PARAMS(fields), \
		       PARAMS(assign), PARAMS(print), nhv_trace_turns_begin, \
		       nhv_trace_turns_end)

/* Called when an event of NHV_TURN_EVENT goes on and off. */
int nhv_trace_turns_begin(void);
void nhv_trace_turns_end(void);

#endif

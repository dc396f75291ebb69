/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is said of every call downwards, but for the one that enters a guest: that
 * one is an exit's trap.
 */
#ifndef NHV_CALL_TOLD_H
#define NHV_CALL_TOLD_H

#include <nhv/observe.h>
#include <nhv/trace_nhv.h>

/**
 * nhv_call_told() - a call has been made: it is traced, and counted if refused
 * @number: of the hypercall
 * @arg: its operands; nothing of a guest is in the processor
 * @rc: the answer
 *
 * Return: @rc.
 */
static __always_inline long nhv_call_told(unsigned long number,
					  const unsigned long arg[6], long rc)
{
	trace_nhv_call(number, arg, rc);
	if (rc)
		nhv_count_refusal(rc);
	return rc;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* In place of the trace events of include/nhv, which are the kernel's. */
#ifndef CALL_TRACE_H
#define CALL_TRACE_H

static inline bool trace_nhv_call_enabled(void)
{
	return true;
}

void trace_nhv_call(unsigned long number, const unsigned long *arg, long rc);

#endif

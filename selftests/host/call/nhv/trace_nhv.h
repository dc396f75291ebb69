/* SPDX-License-Identifier: GPL-2.0-only */
/* In place of the trace events of include/nhv, which are the kernel's. */
#ifndef CALL_TRACE_H
#define CALL_TRACE_H

/* The test says whether the event is on. */
bool trace_nhv_call_enabled(void);
void trace_nhv_call(unsigned long number, const unsigned long *arg, long rc);

#endif

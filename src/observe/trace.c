// SPDX-License-Identifier: GPL-2.0-only
/*
 * The trace events themselves, and what is different while any of them tells of
 * each turn in the guest.
 */
#define CREATE_TRACE_POINTS
#include <nhv/trace.h>

DEFINE_STATIC_KEY_FALSE(nhv_turns_traced);

int nhv_trace_turns_begin(void)
{
	static_branch_inc(&nhv_turns_traced);
	return 0;
}

void nhv_trace_turns_end(void)
{
	static_branch_dec(&nhv_turns_traced);
}

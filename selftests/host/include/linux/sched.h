/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_LINUX_SCHED_H
#define HOST_LINUX_SCHED_H

static inline void cond_resched(void)
{
}

#endif

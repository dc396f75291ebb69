/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_LINUX_SPINLOCK_H
#define HOST_LINUX_SPINLOCK_H

typedef struct {
	int held;
} spinlock_t;

#endif

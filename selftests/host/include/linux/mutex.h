/* SPDX-License-Identifier: GPL-2.0-only */
/* One thread: a lock is a count of who holds it, for tests to look at. */
#ifndef HOST_LINUX_MUTEX_H
#define HOST_LINUX_MUTEX_H

#include <linux/types.h>

struct mutex {
	int held;
};

#define DEFINE_MUTEX(name)	struct mutex name

static inline void mutex_init(struct mutex *mutex)
{
	mutex->held = 0;
}

static inline void mutex_destroy(struct mutex *mutex)
{
	mutex->held = 0;
}

void host_lock_misused(const char *what);

static inline void mutex_lock(struct mutex *mutex)
{
	if (mutex->held++)
		host_lock_misused("taken twice");
}

static inline bool mutex_trylock(struct mutex *mutex)
{
	if (mutex->held)
		return false;
	mutex->held = 1;
	return true;
}

static inline void mutex_unlock(struct mutex *mutex)
{
	mutex->held--;
}

#endif

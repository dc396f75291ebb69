/* SPDX-License-Identifier: GPL-2.0-only */
/* One thread: readers are counted, a writer has it alone. */
#ifndef LEVEL_RWSEM_H
#define LEVEL_RWSEM_H

#include <linux/mutex.h>

struct rw_semaphore {
	int readers, writers;
};

#define DECLARE_RWSEM(name)	struct rw_semaphore name

static inline void down_read(struct rw_semaphore *sem)
{
	if (sem->writers)
		host_lock_misused("read under its writer");
	sem->readers++;
}

static inline void up_read(struct rw_semaphore *sem)
{
	sem->readers--;
}

static inline void down_write(struct rw_semaphore *sem)
{
	if (sem->readers || sem->writers++)
		host_lock_misused("written under another");
}

static inline void up_write(struct rw_semaphore *sem)
{
	sem->writers--;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One thread: a lock is whether it is held. What another thread could do as soon
 * as it is free again, a test may do in host_unlocked().
 */
#ifndef HOST_LINUX_SPINLOCK_H
#define HOST_LINUX_SPINLOCK_H

typedef struct {
	int held;
} spinlock_t;

void host_unlocked(spinlock_t *lock);
void host_lock_misused(const char *what);

static inline void spin_lock_init(spinlock_t *lock)
{
	lock->held = 0;
}

static inline void spin_lock(spinlock_t *lock)
{
	if (lock->held++)
		host_lock_misused("taken twice");
}

/* 0 while another thread has it, which a test says by a negative number. */
static inline int spin_trylock(spinlock_t *lock)
{
	if (lock->held < 0)
		return 0;
	spin_lock(lock);
	return 1;
}

static inline void spin_unlock(spinlock_t *lock)
{
	if (--lock->held)
		host_lock_misused("given back and not held");
	host_unlocked(lock);
}

#endif

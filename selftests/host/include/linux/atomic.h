/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_LINUX_ATOMIC_H
#define HOST_LINUX_ATOMIC_H

#include <linux/types.h>

/*
 * The model looks on while memory changes: after each WRITE_ONCE() it plays
 * the level below, which may read the tables at any time.
 */
void host_stored(void);

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value)						\
do {									\
	*(volatile __typeof__(x) *)&(x) = (value);			\
	host_stored();							\
} while (0)

#define xchg(at, value)	__atomic_exchange_n(at, value, __ATOMIC_SEQ_CST)
#define barrier()		__asm__ __volatile__("" : : : "memory")
#define smp_mb()		__sync_synchronize()
#define smp_wmb()		__sync_synchronize()
#define smp_rmb()		__sync_synchronize()

static inline int atomic_read(const atomic_t *v)
{
	return READ_ONCE(v->counter);
}

static inline void atomic_inc(atomic_t *v)
{
	v->counter++;
}

static inline void atomic_dec(atomic_t *v)
{
	v->counter--;
}

static inline void atomic64_add(s64 i, atomic64_t *v)
{
	v->counter += i;
}

static inline void atomic64_inc(atomic64_t *v)
{
	v->counter++;
}

static inline s64 atomic64_read(const atomic64_t *v)
{
	return READ_ONCE(v->counter);
}

#endif

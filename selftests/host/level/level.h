/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What src/level needs of the kernel besides what src/vcpu does, to build API v2
 * natively. The kernel's header names beside this file all come here. What is
 * only declared is in fake_v2.c.
 */
#ifndef LEVEL_LEVEL_H
#define LEVEL_LEVEL_H

#include <stdio.h>
#include <string.h>
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/slab.h>
#include "../vcpu/kernel.h"

#define U32_MAX		0xffffffffU
#define S32_MAX		0x7fffffff
#define S32_MIN		(-S32_MAX - 1)

/* ---- bitmaps ------------------------------------------------------------------ */

#define DECLARE_BITMAP(name, bits)	unsigned long name[BITS_TO_LONGS(bits)]

static inline void __set_bit(unsigned int n, unsigned long *map)
{
	map[n / BITS_PER_LONG] |= BIT(n % BITS_PER_LONG);
}

static inline void __clear_bit(unsigned int n, unsigned long *map)
{
	map[n / BITS_PER_LONG] &= ~BIT(n % BITS_PER_LONG);
}

static inline void bitmap_set(unsigned long *map, unsigned int first,
			      unsigned int count)
{
	while (count--)
		__set_bit(first++, map);
}

static inline void bitmap_zero(unsigned long *map, unsigned int bits)
{
	memset(map, 0, BITS_TO_LONGS(bits) * sizeof(*map));
}

static inline void bitmap_copy(unsigned long *to, const unsigned long *from,
			       unsigned int bits)
{
	memcpy(to, from, BITS_TO_LONGS(bits) * sizeof(*to));
}

static inline void bitmap_or(unsigned long *to, const unsigned long *a,
			     const unsigned long *b, unsigned int bits)
{
	unsigned int i;

	for (i = 0; i < BITS_TO_LONGS(bits); i++)
		to[i] = a[i] | b[i];
}

static inline bool bitmap_andnot(unsigned long *to, const unsigned long *a,
				 const unsigned long *b, unsigned int bits)
{
	unsigned long any = 0;
	unsigned int i;

	for (i = 0; i < BITS_TO_LONGS(bits); i++)
		any |= to[i] = a[i] & ~b[i];
	return any;
}

#define for_each_set_bit(n, map, bits)		\
	for ((n) = 0; (n) < (bits); (n)++)	\
		if (test_bit(n, map))

/* ---- the processor -------------------------------------------------------------- */

#define SPRN_DSISR		18
#define SPRN_DAR		19
#define SPRN_DEC		22
#define PCR_ARCH_300		0x10
#define FW_FEATURE_RPT_INVALIDATE	1

extern u64 tb_ticks_per_usec;
extern u64 decrementer_max;

u64 mftb(void);
u64 host_mfspr(unsigned int spr);
void host_mtspr(unsigned int spr, u64 value);
bool firmware_has_feature(unsigned long feature);

#define mfspr(spr)		host_mfspr(spr)
#define mtspr(spr, value)	host_mtspr(spr, value)
#define cpu_relax()		((void)0)
#define irqs_disabled()		false
#define local_irq_save(flags)	((flags) = 0)
#define local_irq_restore(flags) ((void)(flags))
#define hard_irq_disable()	((void)0)

/* ---- sleeping, telling, allocating ------------------------------------------------ */

void msleep(unsigned int ms);
#define cond_resched()		msleep(0)
#define usleep_range(least, most) msleep(0)

#define pr_err(...)		((void)(0 && printf(__VA_ARGS__)))
#define pr_err_ratelimited	pr_err
#define pr_info_ratelimited	pr_err
#define pr_info			pr_err

void *kzalloc(size_t size, gfp_t flags);
void kfree(const void *object);

static inline unsigned long roundup_pow_of_two(unsigned long n)
{
	unsigned long power = 1;

	while (power < n)
		power *= 2;
	return power;
}

#endif

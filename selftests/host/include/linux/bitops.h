/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_LINUX_BITOPS_H
#define HOST_LINUX_BITOPS_H

#include <linux/types.h>
#include <linux/minmax.h>

#define BITS_PER_LONG		64
#define BITS_TO_LONGS(nr)	(((nr) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define BIT(nr)			(1UL << (nr))
#define BIT_ULL(nr)		(1ULL << (nr))
#define GENMASK_ULL(high, low)	((~0ULL >> (63 - (high))) & (~0ULL << (low)))

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define container_of(pointer, type, member) \
	((type *)((char *)(pointer) - offsetof(type, member)))
#define static_assert		_Static_assert

#ifndef __always_inline
#define __always_inline		inline __attribute__((always_inline))
#endif
#ifndef noinline
#define noinline		__attribute__((noinline))
#endif
#define __maybe_unused		__attribute__((unused))
#define __weak			__attribute__((weak))
#define __noreturn		__attribute__((noreturn))
#define __printf(f, args)	__attribute__((format(printf, f, args)))
#define __packed		__attribute__((packed))
#define __aligned(bytes)	__attribute__((aligned(bytes)))
#ifndef fallthrough
#define fallthrough		__attribute__((fallthrough))
#endif
#define likely(condition)	__builtin_expect(!!(condition), 1)
#define unlikely(condition)	__builtin_expect(!!(condition), 0)
#define __rcu
#define __user

static inline u32 ror32(u32 word, unsigned int shift)
{
	return word >> (shift & 31) | word << (-shift & 31);
}

static inline s32 sign_extend32(u32 value, int index)
{
	return (s32)(value << (31 - index)) >> (31 - index);
}

static inline s64 sign_extend64(u64 value, int index)
{
	return (s64)(value << (63 - index)) >> (63 - index);
}

#define __ffs(word)		((unsigned long)__builtin_ctzl(word))

static inline bool test_bit(unsigned long nr, const unsigned long *bitmap)
{
	return bitmap[nr / BITS_PER_LONG] >> (nr % BITS_PER_LONG) & 1;
}

static inline unsigned long find_next_bit(const unsigned long *bitmap,
					  unsigned long size,
					  unsigned long nr)
{
	while (nr < size && !test_bit(nr, bitmap))
		nr++;
	return nr;
}

static inline unsigned long find_next_zero_bit(const unsigned long *bitmap,
					       unsigned long size,
					       unsigned long nr)
{
	while (nr < size && test_bit(nr, bitmap))
		nr++;
	return nr;
}

static inline unsigned long find_first_bit(const unsigned long *bitmap,
					   unsigned long size)
{
	return find_next_bit(bitmap, size, 0);
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_LINUX_MINMAX_H
#define HOST_LINUX_MINMAX_H

#define min_t(type, a, b)						\
({									\
	type min_a = (a), min_b = (b);					\
									\
	min_a < min_b ? min_a : min_b;					\
})

#define max_t(type, a, b)						\
({									\
	type max_a = (a), max_b = (b);					\
									\
	max_a > max_b ? max_a : max_b;					\
})

#define IS_ALIGNED(x, a)	(!((x) & ((a) - 1)))

#define min3(a, b, c)	min(a, min(b, c))

#define min(a, b)	min_t(__typeof__(a), a, b)
#define max(a, b)	max_t(__typeof__(a), a, b)

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* Random numbers that a seed repeats (xorshift64*), and how a model ends. */
#ifndef CHANCE_H
#define CHANCE_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <nhv/base.h>

static u64 chance_seed, chance_state, step;

static inline void chance_start(u64 seed)
{
	chance_seed = seed;
	chance_state = seed * 0x9e3779b97f4a7c15ULL + 1;
}

static inline u64 chance64(void)
{
	chance_state ^= chance_state >> 12;
	chance_state ^= chance_state << 25;
	chance_state ^= chance_state >> 27;
	return chance_state * 0x2545f4914f6cdd1dULL;
}

static inline unsigned int chance(unsigned int below)
{
	return (chance64() >> 32) % below;
}

static inline bool one_in(unsigned int nr)
{
	return !chance(nr);
}

static inline void __noreturn __printf(1, 2) wrong(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	printf("# step %llu: ", step);
	vprintf(format, args);
	va_end(args);
	printf("\n# again by: SEED=%llu\nnot ok 1 model\n", chance_seed);
	exit(1);
}

/* A number from the command line, or else the environment. */
static inline u64 number(const char *argument, const char *name, u64 otherwise)
{
	if (!argument)
		argument = getenv(name);
	return argument && *argument ? strtoull(argument, NULL, 0) : otherwise;
}

#endif

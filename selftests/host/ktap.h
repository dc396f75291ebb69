/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The smallest test harness: a table of named functions, KTAP on stdout. A
 * failed CHECK says where and what and fails its test, which goes on.
 */
#ifndef KTAP_H
#define KTAP_H

#include <stdio.h>
#include <linux/types.h>

struct ktap_case {
	const char *name;
	void (*run)(void);
};

/* One for a program, whichever of its files checks. */
__weak unsigned int ktap_failures;

#define CHECK(condition, ...)						\
do {									\
	if (!(condition)) {						\
		printf("# %s:%d: %s: ", __FILE__, __LINE__, #condition); \
		printf(__VA_ARGS__);					\
		printf("\n");						\
		ktap_failures++;					\
	}								\
} while (0)

#define CHECK_EQ(got, want, what)					\
do {									\
	unsigned long long got_ = (got), want_ = (want);		\
									\
	CHECK(got_ == want_, "%s: 0x%llx, not 0x%llx", what, got_, want_); \
} while (0)

static inline int ktap_main(const struct ktap_case *cases, unsigned int nr)
{
	unsigned int i, failed = 0;

	printf("KTAP version 1\n1..%u\n", nr);
	for (i = 0; i < nr; i++) {
		ktap_failures = 0;
		cases[i].run();
		failed += !!ktap_failures;
		printf("%sok %u %s\n", ktap_failures ? "not " : "", i + 1,
		       cases[i].name);
	}
	return failed ? 1 : 0;
}

#endif

// SPDX-License-Identifier: GPL-2.0-only
/* Runs a payload's table of tests and prints KTAP. */
#include "guest.h"

static bool test_failed;
static const char *skipped;
static unsigned int complaints;

/* After this many the rest of a test is silent. */
#define MAX_COMPLAINTS 20

void fail(const char *file, int line, const char *fmt, ...)
{
	char text[200];
	va_list args;

	test_failed = true;
	if (complaints++ >= MAX_COMPLAINTS)
		return;
	va_start(args, fmt);
	format(text, sizeof(text), fmt, args);
	va_end(args);
	print("# %s:%d: not so: %s\n", file, line, text);
}

void skip(const char *why)
{
	skipped = why;
}

bool failed(void)
{
	return test_failed;
}

static bool run(unsigned int n)
{
	test_failed = false;
	skipped = NULL;
	complaints = 0;
	tests[n].run();
	if (test_failed)
		print("not ok %u - %s\n", n + 1, tests[n].name);
	else if (skipped)
		print("ok %u - %s # SKIP %s\n", n + 1, tests[n].name, skipped);
	else
		print("ok %u - %s\n", n + 1, tests[n].name);
	return !test_failed;
}

/* The first C code of the first processor. */
/*
 * Memory that was never stored to. kvm-hv as the level below lets go of a page
 * that may not be stored to and has the store done again before it passes the
 * fault on; a store-conditional has lost its reservation by then, and QEMU's
 * processor does not look at the page for one, as the ISA allows (Book II,
 * 4.6.2). An atomic operation would go round for ever.
 */
static void store_to_bss(void)
{
	for (volatile char *p = bss_start; p < bss_end; p += 4096)
		*p = *p;
}

void start_c(const void *fdt)
{
	u64 only;
	bool ok = true;

	store_to_bss();
	the_fdt = fdt;
	only = arg("only", 0);
	print("KTAP version 1\n1..%u\n", test_count);
	for (unsigned int n = 0; n < test_count; n++)
		if (!only || only == n + 1)
			ok &= run(n);
	if (spurious_seen)
		print("# %u spurious decrementer interrupts\n", spurious_seen);
	quit(!ok);
}

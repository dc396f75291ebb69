// SPDX-License-Identifier: GPL-2.0-only
/* The least a guest can do: say something on its console and end. */
#include "guest.h"

static void say(const char *text)
{
	u64 args[10] = { H_PUT_TERM_CHAR, 0, 0 };
	u8 *to = (u8 *)&args[3];
	int n = 0;

	while (text[n] && n < 16) {
		to[n] = text[n];
		n++;
	}
	args[2] = n;
	args[3] = __builtin_bswap64(args[3]);
	args[4] = __builtin_bswap64(args[4]);
	hcall_block(args);
	check(args[0] == H_SUCCESS);
}

static void console(void)
{
	say("# hello, ");
	say("world\n");
}

static void unknown_hcall(void)
{
	check(hcall(H_TEST_NONE) == H_FUNCTION);
}

static void memory(void)
{
	check(memory_size(0) >= 16UL << 20);
	check(cpu_count() >= 1);
}

TESTS(
	{ "console", console },
	{ "unknown hypercall", unknown_hcall },
	{ "device tree", memory },
);

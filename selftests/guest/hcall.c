// SPDX-License-Identifier: GPL-2.0-only
/* Hypercalls, run-time services, and what only the small VMM answers. */
#include "guest.h"

long hcall9(u64 *out, u64 nr, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
	u64 args[10] = { nr, a, b, c, d, e, f };

	hcall_block(args);
	for (int i = 0; out && i < 9; i++)
		out[i] = args[i + 1];
	return args[0];
}

long ask_out(u64 *out, u64 what, u64 a, u64 b, u64 c, u64 d)
{
	return hcall9(out, H_TEST_ASK, what, a, b, c, d, 0);
}

u64 get_one_reg(u64 id)
{
	u64 value[2] = { 0 };

	if (!check(!ask(ASK_ONE_REG_GET, id, (u64)value, this_cpu()->index)))
		return 0;
	return value[0];
}

long set_one_reg(u64 id, u64 value)
{
	u64 block[2] = { value };

	return ask(ASK_ONE_REG_SET, id, (u64)block, this_cpu()->index);
}

/* values: the arguments in, the results out; returns the status */
int rtas(u32 token, u32 nargs, u32 nret, u32 *values)
{
	u32 block[3 + 32];

	block[0] = __builtin_bswap32(token);
	block[1] = __builtin_bswap32(nargs);
	block[2] = __builtin_bswap32(nret);
	for (u32 i = 0; i < nargs; i++)
		block[3 + i] = __builtin_bswap32(values[i]);
	if (hcall(H_RTAS, (u64)block))
		return -1;
	for (u32 i = 1; i < nret; i++)
		values[i - 1] = __builtin_bswap32(block[3 + nargs + i]);
	return __builtin_bswap32(block[3 + nargs]);
}

void quit(int status)
{
	hcall(H_TEST_EXIT, status);
	for (;;)
		hcall(H_CEDE);
}

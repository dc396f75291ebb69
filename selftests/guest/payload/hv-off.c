// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hypervisor on a machine for which none are served: every hypercall of the
 * nested APIs is one that there is not. be=1: called big-endian.
 */
#include "hv.h"

static void not_enabled(void)
{
	static const u64 calls[] = {
		H_SET_PARTITION_TABLE, H_ENTER_NESTED, H_TLB_INVALIDATE, H_COPY_TOFROM_GUEST,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(calls); i++)
		check(hv(calls[i]) == H_FUNCTION, ": %lx", calls[i]);
	check(hv(H_SET_PARTITION_TABLE, hv_table_value()) == H_FUNCTION);
	check(hv(H_TLB_INVALIDATE, TLBIE(2, 0, 1), 1, IS_LPID) == H_FUNCTION);
	check(hv(H_RPT_INVALIDATE, 1, 1, 0xf, ~0UL, 0, ~0UL) == H_FUNCTION);
}

static void second_api(void)
{
	for (u64 nr = H_GUEST_GET_CAPABILITIES; nr <= H_GUEST_DELETE; nr += 4)
		check(hv(nr) == H_FUNCTION, ": %lx", nr);
}

TESTS(
	{ "the first API", not_enabled },
	{ "the second API", second_api },
);

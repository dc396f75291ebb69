// SPDX-License-Identifier: GPL-2.0-only
/* Touches its second memory slot once, a store for each 4K; touch=0: not at all. */
#include "guest.h"

static void touch(void)
{
	u64 size = arg("touch", 1) ? memory_size(EXTRA_BASE) : 0;

	for (u64 at = 0; at < size; at += 4096)
		*(volatile u64 *)(EXTRA_BASE + at) = 1;
	check(!arg("touch", 1) || size);
}

TESTS(
	{ "first touch", touch },
);

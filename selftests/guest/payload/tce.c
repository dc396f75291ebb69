// SPDX-License-Identifier: GPL-2.0-only
/* H_PUT_TCE, H_PUT_TCE_INDIRECT, H_STUFF_TCE: on a table that the kernel keeps. */
#include "guest.h"

#define BUS	0x80000001UL
#define SHIFT	12
#define OFFSET	16UL		/* pages */
#define SIZE	5000UL		/* entries: some pages, and a part of one */
#define RW	3UL
#define AT(n)	((OFFSET + (n)) << SHIFT)

static u64 list[513] __attribute__((aligned(4096)));

static u64 entry(u64 index)
{
	u64 out[8] = { 0 };

	check(!ask2(out, ASK_TCE_GET, index), ": %lu", index);
	return out[0];
}

static bool made(void)
{
	if (!ask(ASK_TCE_MAKE, BUS, SHIFT, OFFSET, SIZE))
		return true;
	skip("the kernel keeps no such tables");
	return false;
}

static void put(void)
{
	if (!made())
		return;
	check(hcall(H_PUT_TCE, BUS, AT(0), 0x123000 | RW) == H_SUCCESS);
	check(entry(0) == (0x123000 | RW), ": %lx", entry(0));
	check(hcall(H_PUT_TCE, BUS, AT(SIZE - 1), 0x456000 | 1) == H_SUCCESS);
	check(entry(SIZE - 1) == (0x456000 | 1) && entry(1) == 0);
	check(hcall(H_PUT_TCE, BUS, AT(0), 0xfff) == H_PARAMETER, ": not a page");
	check(hcall(H_PUT_TCE, BUS, AT(0), 0xffc) == H_SUCCESS, ": no permission");
	check(entry(0) == 0xffc);
	check(hcall(H_PUT_TCE, BUS, AT(0) - 4096, RW) == H_PARAMETER, ": before");
	check(hcall(H_PUT_TCE, BUS, AT(SIZE), RW) == H_PARAMETER, ": behind");
	check(hcall(H_PUT_TCE, BUS, ~0xfffUL, RW) == H_PARAMETER, ": far behind");
	check(hcall(H_PUT_TCE, BUS, AT(0) + 8, RW) == H_PARAMETER, ": not aligned");
	check(hcall(H_PUT_TCE, BUS + 1, AT(0), RW) == H_FUNCTION, ": user space's");
	/* What the VMM writes stays. */
	check(!ask(ASK_TCE_SET, 7, 0x789000));
	check(hcall(H_PUT_TCE, BUS, AT(8), 0xabc000 | RW) == H_SUCCESS);
	check(entry(7) == 0x789000 && entry(8) == (0xabc000 | RW));
	check(!ask(ASK_TCE_END));
	check(hcall(H_PUT_TCE, BUS, AT(0), RW) == H_FUNCTION, ": after its end");
}

static void stuff(void)
{
	if (!made())
		return;
	check(hcall(H_STUFF_TCE, BUS, AT(0), 0, 512) == H_SUCCESS);
	check(hcall(H_STUFF_TCE, BUS, AT(500), 0xdead0000, 512) == H_SUCCESS);
	for (u64 i = 500; i < 1012 && !failed(); i++)
		check(entry(i) == 0xdead0000, ": %lu", i);
	check(entry(499) == 0 && entry(1012) == 0);
	check(hcall(H_STUFF_TCE, BUS, AT(510), 0, 4) == H_SUCCESS);
	check(entry(509) && !entry(510) && !entry(513) && entry(514));
	check(hcall(H_STUFF_TCE, BUS, AT(0), 0, 513) == H_PARAMETER, ": too many");
	check(hcall(H_STUFF_TCE, BUS, AT(0), 0, -1UL) == H_PARAMETER);
	check(hcall(H_STUFF_TCE, BUS, AT(SIZE - 511), 0, 512) == H_PARAMETER, ": over the end");
	check(hcall(H_STUFF_TCE, BUS, AT(SIZE - 512), 0, 512) == H_SUCCESS);
	check(hcall(H_STUFF_TCE, BUS, AT(0), 0x1001, 1) == H_PARAMETER, ": allows something");
	check(!ask(ASK_TCE_END));
}

static void listed(void)
{
	if (!made())
		return;
	for (u64 i = 0; i < 512; i++)
		list[i] = __builtin_bswap64((i + 1) << SHIFT | RW);
	check(hcall(H_PUT_TCE_INDIRECT, BUS, AT(100), (u64)list, 512) == H_SUCCESS);
	for (u64 i = 0; i < 512 && !failed(); i++)
		check(entry(100 + i) == ((i + 1) << SHIFT | RW), ": %lu", i);
	check(entry(99) == 0 && entry(612) == 0);
	check(hcall(H_PUT_TCE_INDIRECT, BUS, AT(0), (u64)list, 513) == H_PARAMETER);
	check(hcall(H_PUT_TCE_INDIRECT, BUS, AT(0), (u64)list + 8, 1) == H_PARAMETER);
	check(hcall(H_PUT_TCE_INDIRECT, BUS, AT(0), 1UL << 44, 1) == H_PARAMETER, ": no memory");
	list[1] = __builtin_bswap64(0x1800 | RW);
	check(hcall(H_PUT_TCE_INDIRECT, BUS, AT(0), (u64)list, 2) == H_PARAMETER, ": no page");
	check(entry(1) == 0);
	check(!ask(ASK_TCE_END));
}

TESTS(
	{ "H_PUT_TCE", put },
	{ "H_STUFF_TCE", stuff },
	{ "H_PUT_TCE_INDIRECT", listed },
);

// SPDX-License-Identifier: GPL-2.0-only
/* H_SET_MODE, H_REGISTER_VPA, H_PAGE_INIT, H_RANDOM: what they accept and do. */
#include "guest.h"

#define CIABR		1
#define DAWR0		2
#define ADDR_TRANS	3
#define DAWR1		5

#define ID_CIABR	0x10300000000000acUL
#define ID_DAWR		0x10300000000000aaUL
#define ID_DAWRX	0x10300000000000abUL
#define ID_LPCR		0x10300000000000b5UL

static void set_ciabr(void)
{
	u64 at = 0x12340;

	check(hcall(H_SET_MODE, 0, CIABR, at | 2, 0) == H_SUCCESS);
	check(get_one_reg(ID_CIABR) == (at | 2), ": %lx", get_one_reg(ID_CIABR));
	check(hcall(H_SET_MODE, 0, CIABR, at | 3, 0) == H_P3);
	check(hcall(H_SET_MODE, 0, CIABR, at, 1) == H_P4);
	check(hcall(H_SET_MODE, 1, CIABR, at, 0) == H_UNSUPPORTED_FLAG_START);
	check(get_one_reg(ID_CIABR) == (at | 2));
	check(hcall(H_SET_MODE, 0, CIABR, 0, 0) == H_SUCCESS);
	check(get_one_reg(ID_CIABR) == 0);
}

/* A processor whose watchpoint is broken answers H_P2 to everything. */
static void set_dawr0(void)
{
	u64 at = 0x56780;
	long ret = hcall(H_SET_MODE, 0, DAWR0, at, 1);

	if (ret == H_P2) {
		skip("no watchpoint on this processor");
		return;
	}
	check(ret == H_SUCCESS, ": %ld", ret);
	check(get_one_reg(ID_DAWR) == at && get_one_reg(ID_DAWRX) == 1);
	check(hcall(H_SET_MODE, 0, DAWR0, at, 4) == H_P4);
	check(hcall(H_SET_MODE, 1, DAWR0, at, 1) == H_UNSUPPORTED_FLAG_START);
	check(hcall(H_SET_MODE, 0, DAWR0, 0, 0) == H_SUCCESS);
}

static void set_others(void)
{
	u64 before = get_one_reg(ID_LPCR);

	check(hcall(H_SET_MODE, 0, 99, 0, 0) == H_P2);
	check(hcall(H_SET_MODE, 1, ADDR_TRANS, 0, 0), ": AIL 1 is taken");
	check(hcall(H_SET_MODE, 3, ADDR_TRANS, 0, 0) == H_SUCCESS);
	check((get_one_reg(ID_LPCR) >> 23 & 3) == 3);
	check(hcall(H_SET_MODE, 0, ADDR_TRANS, 0, 0) == H_SUCCESS);
	check(get_one_reg(ID_LPCR) == before);
}

static u8 areas[4][4096] __attribute__((aligned(4096)));

#define VPA	areas[0]
#define DTL	areas[1]
#define SLB	areas[2]
#define SUB(n)	((u64)(n) << 45)
#define YIELDS	(*(volatile u32 *)(VPA + 0x100))
#define DTL_INDEX (*(volatile u64 *)(VPA + 0x218))

static u32 yields(void)
{
	return __builtin_bswap32(YIELDS);
}

static long reg(u64 sub, void *area)
{
	return hcall(H_REGISTER_VPA, SUB(sub), this_cpu()->index, (u64)area);
}

static void vpa(void)
{
	u32 first, second;

	*(u16 *)(VPA + 4) = __builtin_bswap16(1024);
	*(u32 *)(DTL + 4) = __builtin_bswap32(4096);
	*(u32 *)(SLB + 4) = __builtin_bswap32(128);
	check(reg(3, SLB) == H_RESOURCE, ": %ld", reg(3, SLB));
	check(reg(2, DTL) == H_RESOURCE);
	check(reg(1, VPA + 8) == H_PARAMETER, ": not aligned");
	*(u16 *)(VPA + 4) = __builtin_bswap16(100);
	check(reg(1, VPA) == H_PARAMETER, ": too short");
	*(u16 *)(VPA + 4) = __builtin_bswap16(8192);
	check(reg(1, VPA) == H_PARAMETER, ": crosses a page");
	*(u16 *)(VPA + 4) = __builtin_bswap16(1024);
	check(reg(1, (void *)(1UL << 44)) == H_PARAMETER, ": nowhere");
	check(hcall(H_REGISTER_VPA, SUB(1), 12345, (u64)VPA) == H_PARAMETER);
	check(reg(1, VPA) == H_SUCCESS);
	hcall(H_TEST_NONE);
	first = yields();
	check(!(first & 1), ": odd while the processor runs: %u", first);
	check(!hcall(H_PROD, this_cpu()->index) && !hcall(H_CEDE));
	ee_off();
	hcall(H_TEST_NONE);
	second = yields();
	check(second != first, ": %u", second);
	check(!(second & 1), ": %u", second);
	check(reg(3, SLB) == H_SUCCESS);
	check(reg(5, NULL) == H_RESOURCE, ": the VPA goes while the SLB is there");
	check(reg(7, NULL) == H_SUCCESS);
	check(reg(5, NULL) == H_SUCCESS);
	hcall(H_TEST_NONE);
	first = yields();
	hcall(H_TEST_NONE);
	check(yields() == first, ": %u after the end", yields());
}

/* What the hypervisor writes is in the memory that is there now. */
static void vpa_moves(void)
{
	volatile u32 *count = (volatile u32 *)(EXTRA_BASE + 0x100);
	u32 now;

	if (!memory_size(EXTRA_BASE)) {
		skip("needs --extra");
		return;
	}
	*(volatile u16 *)(EXTRA_BASE + 4) = __builtin_bswap16(1024);
	check(reg(1, (void *)EXTRA_BASE) == H_SUCCESS);
	for (int i = 0; i < 8 && !failed(); i++) {
		hcall(H_TEST_NONE);
		*count = __builtin_bswap32(1000);
		check(!ask(ASK_DONTNEED, EXTRA_BASE, memory_size(EXTRA_BASE)));
		hcall(H_TEST_NONE);
		now = __builtin_bswap32(*count);
		check(now && now < 1000, ": %u after the host took the page", now);
		check(!(now & 1), ": odd while the processor runs: %u", now);
	}
	check(reg(5, NULL) == H_SUCCESS);
}

static void dispatch_log(void)
{
	u64 first;

	check(reg(1, VPA) == H_SUCCESS);
	*(u32 *)(DTL + 4) = __builtin_bswap32(16);
	check(reg(2, DTL) == H_PARAMETER, ": too short");
	*(u32 *)(DTL + 4) = __builtin_bswap32(4096);
	check(reg(2, DTL) == H_SUCCESS);
	VPA[0xb8] = 7;		/* what to log */
	hcall(H_TEST_NONE);
	first = __builtin_bswap64(DTL_INDEX);
	for (int i = 0; i < 5; i++)
		ask(ASK_SLEEP, 1000);
	check(__builtin_bswap64(DTL_INDEX) > first, ": %lu", __builtin_bswap64(DTL_INDEX));
	check(reg(6, NULL) == H_SUCCESS);
	first = DTL_INDEX;
	ask(ASK_SLEEP, 1000);
	check(DTL_INDEX == first);
	check(reg(5, NULL) == H_SUCCESS);
}

#define ZERO_PAGE	(1UL << 15)
#define COPY_PAGE	(1UL << 14)

static void page_init(void)
{
	u64 *to = (u64 *)areas[3], *from = (u64 *)areas[2];

	for (int i = 0; i < 512; i++) {
		to[i] = i + 1;
		from[i] = i * 3 + 7;
	}
	check(hcall(H_PAGE_INIT, COPY_PAGE, (u64)to, (u64)from) == H_SUCCESS);
	check(!memcmp(to, from, 4096));
	check(hcall(H_PAGE_INIT, ZERO_PAGE, (u64)to, 0) == H_SUCCESS);
	for (int i = 0; i < 512; i++)
		check(!to[i], ": %d: %lx", i, to[i]);
	check(from[1] == 10);
	check(hcall(H_PAGE_INIT, ZERO_PAGE, (u64)to + 8, 0) == H_PARAMETER);
	check(hcall(H_PAGE_INIT, ZERO_PAGE, 1UL << 44, 0) == H_PARAMETER);
	check(hcall(H_PAGE_INIT, COPY_PAGE, (u64)to, 1UL << 44) == H_PARAMETER);
	check(hcall(H_PAGE_INIT, COPY_PAGE, (u64)to, (u64)from + 8) == H_PARAMETER);
}

static void random_number(void)
{
	u64 a[9], b[9];
	long ret = hcall9(a, H_RANDOM, 0, 0, 0, 0, 0, 0);

	if (ret == H_FUNCTION || ret == H_HARDWARE) {
		skip("no random numbers");
		return;
	}
	check(!ret, ": %ld", ret);
	check(!hcall9(b, H_RANDOM, 0, 0, 0, 0, 0, 0));
	check(a[0] != b[0]);
}

TESTS(
	{ "H_SET_MODE: CIABR", set_ciabr },
	{ "H_SET_MODE: DAWR0", set_dawr0 },
	{ "H_SET_MODE: the others", set_others },
	{ "H_REGISTER_VPA: VPA and SLB shadow", vpa },
	{ "H_REGISTER_VPA: memory taken by the host", vpa_moves },
	{ "H_REGISTER_VPA: dispatch trace log", dispatch_log },
	{ "H_PAGE_INIT", page_init },
	{ "H_RANDOM", random_number },
);

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an exit costs, in ticks of the timebase.  On an L0 that counts
 * instructions these are instructions, and repeat; elsewhere they are time.
 */
#include "guest.h"

static void per_exit(const char *what, u64 n, u64 nr, u64 arg1)
{
	u64 args[10], start, ticks;

	for (int warm = 1; warm >= 0; warm--) {
		start = mftb();
		for (u64 i = 0; i < n; i++) {
			args[0] = nr;
			args[1] = arg1;
			hcall_block(args);
		}
		ticks = mftb() - start;
	}
	print("# bench %s: %lu ticks an operation (%lu)\n", what, ticks / n, n);
}

static void hcalls(void)
{
	u64 n = arg("n", 2000);

	mtspr(22, 0x7fffffffffffffUL);
	per_exit("hypercall answered in the kernel (H_PROD)", n, H_PROD, 0);
	per_exit("hypercall answered in user space", n, H_TEST_NONE, 0);
}

static void prod_cede(void)
{
	u64 n = arg("n", 2000), start;

	mtspr(22, 0x7fffffffffffffUL);
	start = mftb();
	for (u64 i = 0; i < n; i++) {
		hcall(H_PROD, 0);
		hcall(H_CEDE);
		ee_off();
	}
	print("# bench H_PROD then H_CEDE: %lu ticks an operation (%lu)\n",
	      (mftb() - start) / n, n);
}

static void touch_all(const char *what, u64 stride)
{
	u64 base = EXTRA_BASE, size = memory_size(EXTRA_BASE), start, n = 0;

	if (!size) {
		skip("needs --extra");
		return;
	}
	if (!check(!ask(ASK_DONTNEED, base, size)))
		return;
	start = mftb();
	for (u64 at = base; at < base + size; at += stride, n++)
		*(volatile u64 *)at = 1;
	print("# bench %s: %lu ticks a touch (%lu)\n", what, (mftb() - start) / n, n);
}

static void first_touch(void)
{
	touch_all("first touch, stride 4K", 4096);
	touch_all("first touch, stride 64K", 65536);
}

static void mmio(void)
{
	u64 n = arg("n", 2000), start = mftb();

	for (u64 i = 0; i < n; i++)
		*(volatile u32 *)DEVICE_BASE = i;
	print("# bench MMIO store: %lu ticks an operation (%lu)\n", (mftb() - start) / n, n);
}

TESTS(
	{ "hypercalls", hcalls },
	{ "prod and cede", prod_cede },
	{ "first touch", first_touch },
	{ "MMIO", mmio },
);

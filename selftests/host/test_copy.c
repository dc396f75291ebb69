// SPDX-License-Identifier: GPL-2.0-only
/*
 * H_COPY_TOFROM_GUEST: L3's memory by L3's own addresses, through two trees that
 * are both of somebody else's making.
 */
#include <nhv/base.h>
#include <abi/exits.h>
#include <abi/numbers.h>
#include <nhv/papr.h>
#include "hypervisor.h"
#include "ktap.h"

#define BUFFER		0x20000U
static u8 *l3_byte(u64 ea)
{
	return t.memory + MEMORY_L3 + THEIR_PAGES + ea;
}

static void begin(void)
{
	unsigned int i;

	start();
	build_l3();
	for (i = 0; i < 0x4000; i++) {
		*l3_byte(i) = i * 13 + (i >> 8);
		t.memory[BUFFER + i] = i * 31 + (i >> 8);
	}
	pass(2, 1, 0);
	CHECK_EQ(enter(), NHV_H_SUCCESS, "enter");
	nhv_nested_leave(&t.vcpu, 0);
}

static long load(u64 ea, u64 to, u64 n)
{
	return call(nhv_h_copy_tofrom_guest, 6, 1ULL, (u64)PID, ea, to, 0ULL, n);
}

static long store(u64 ea, u64 from, u64 n)
{
	return call(nhv_h_copy_tofrom_guest, 6, 1ULL, (u64)PID, ea, 0ULL, from,
		    n);
}

static void test_load(void)
{
	static u8 was[0x4000];

	begin();
	memcpy(was, t.memory + BUFFER, sizeof(was));
	CHECK_EQ(load(0xff8, BUFFER, 0x1010), NHV_H_SUCCESS, "over two borders");
	CHECK(!memcmp(t.memory + BUFFER, l3_byte(0xff8), 0x1010), "the bytes");
	CHECK(!memcmp(t.memory + BUFFER + 0x1010, was + 0x1010, 0x1000),
	      "behind them");
	CHECK_EQ(load(0x1000, BUFFER, 0), NHV_H_SUCCESS, "nothing");
	CHECK_EQ(load(0x100000, BUFFER, 0), NHV_H_SUCCESS, "nothing, nowhere");
	/* PID 0 is the kernel. */
	CHECK_EQ(call(nhv_h_copy_tofrom_guest, 6, 1ULL, 0ULL, 0x10ULL,
		      (u64)BUFFER, 0ULL, 16ULL), NHV_H_SUCCESS, "of the kernel");
	CHECK(!memcmp(t.memory + BUFFER, l3_byte(0x10), 16), "the bytes");
	CHECK_EQ(t.objects, 2, "the map and the guest are all there is");
	end();
}

static void test_store(void)
{
	static u8 was[0x4000], given[8];

	begin();
	memcpy(was, l3_byte(0), sizeof(was));
	memcpy(given, t.memory + BUFFER + 4, sizeof(given));
	CHECK_EQ(store(0x1ffc, BUFFER + 4, 8), NHV_H_SUCCESS, "over a border");
	CHECK(!memcmp(l3_byte(0x1ffc), given, sizeof(given)), "the bytes");
	CHECK(!memcmp(t.memory + BUFFER + 4, given, sizeof(given)),
	      "where they came from");
	CHECK(!memcmp(l3_byte(0), was, 0x1ffc), "before them");
	CHECK(!memcmp(l3_byte(0x2004), was + 0x2004, 0x1000), "behind them");
	end();
}

/* What a store may do and a load may not mind, and the other way round. */
static void test_rights(void)
{
	begin();
	l3_leaf(1, NHV_PTE_READ);
	CHECK_EQ(load(0x1000, BUFFER, 8), NHV_H_SUCCESS, "L3 reads");
	CHECK_EQ(store(0x1000, BUFFER, 8), NHV_H_NOT_FOUND, "L3 may not write");
	l3_leaf(1, RWX);
	l2_leaf(9, NHV_PTE_READ | NHV_PTE_EXEC);
	CHECK_EQ(load(0x1000, BUFFER, 8), NHV_H_SUCCESS, "L2 lets it read");
	CHECK_EQ(store(0x1000, BUFFER, 8), NHV_H_NOT_FOUND, "and not write");
	l2_leaf(9, NHV_PTE_EXEC);
	CHECK_EQ(load(0x1000, BUFFER, 8), NHV_H_NOT_FOUND, "nor read");
	/* L3's tables are read by L2's leave too. */
	l2_leaf(9, RWX);
	l2_leaf(1, NHV_PTE_EXEC);
	CHECK_EQ(load(0x1000, BUFFER, 8), NHV_H_NOT_FOUND, "a table of L3");
	end();
}

static void test_refused(void)
{
	begin();
	CHECK_EQ(load(0x8000, BUFFER, 8), NHV_H_NOT_FOUND, "no leaf of L3");
	CHECK_EQ(load(0x7ff8, BUFFER, 16), NHV_H_NOT_FOUND, "the second page");
	CHECK_EQ(load(0, MEMORY, 8), NHV_H_NOT_FOUND, "L2 has no such memory");
	CHECK_EQ(store(0, MEMORY - 4, 8), NHV_H_NOT_FOUND, "nor all of that");
	CHECK_EQ(load(0, BUFFER, 65537), NHV_H_PARAMETER, "too much");
	CHECK_EQ(load(0, BUFFER, ~0ULL), NHV_H_PARAMETER, "far too much");
	CHECK_EQ(load(1ULL << 52, BUFFER, 8), NHV_H_PARAMETER, "a quadrant");
	CHECK_EQ(load(0, 0, 8), NHV_H_PARAMETER, "no direction");
	CHECK_EQ(call(nhv_h_copy_tofrom_guest, 6, 1ULL, 5ULL, 0ULL, (u64)BUFFER,
		      (u64)BUFFER, 8ULL), NHV_H_PARAMETER, "both directions");
	CHECK_EQ(call(nhv_h_copy_tofrom_guest, 6, 2ULL, 5ULL, 0ULL, (u64)BUFFER,
		      0ULL, 8ULL), NHV_H_PARAMETER, "no such guest");
	CHECK_EQ(call(nhv_h_copy_tofrom_guest, 6, ~0ULL, 5ULL, 0ULL, (u64)BUFFER,
		      0ULL, 8ULL), NHV_H_PARAMETER, "nor that");
	CHECK_EQ(call(nhv_h_copy_tofrom_guest, 6, 1ULL, 1ULL << 32, 0ULL,
		      (u64)BUFFER, 0ULL, 8ULL), NHV_H_PARAMETER, "no PID");
	CHECK_EQ(call(nhv_h_copy_tofrom_guest, 6, 1ULL, 1000ULL, 0ULL,
		      (u64)BUFFER, 0ULL, 8ULL), NHV_H_NOT_FOUND,
		 "a PID beyond the process table");
	t.hole = MEMORY_L3 + THEIR_ROOT;
	CHECK_EQ(load(0, BUFFER, 8), NHV_H_NOT_FOUND, "a table that is not");
	end();
}

/* The limit is the administrator's, and is counted in bytes. */
static void test_limit(void)
{
	begin();
	nhv_nested_limits.copy = 16;
	CHECK_EQ(load(0, BUFFER, 16), NHV_H_SUCCESS, "at the limit");
	CHECK_EQ(load(0, BUFFER, 17), NHV_H_PARAMETER, "above it");
	end();
}

/* Each allocation and each look at memory fails once. */
static void test_failures(void)
{
	int nr, left = -1;
	long rc;

	begin();
	t.fail_after = 0;
	CHECK_EQ(load(0, BUFFER, 8), NHV_H_NO_MEM, "no memory");
	t.fail_after = -1;
	for (nr = 0; left < 0; nr++) {
		t.fail_ask = nr;
		rc = load(0xff8, BUFFER, 16);
		left = t.fail_ask;
		t.fail_ask = -1;
		CHECK_EQ(rc, left < 0 ? NHV_H_NOT_FOUND : NHV_H_SUCCESS, "code");
		CHECK_EQ(t.objects, 2, "objects");
	}
	CHECK(nr > 10, "only %d can fail", nr);
	end();
}

/* By nhv_nested_translate() too: what a fetch needs. */
static void test_fetch(void)
{
	struct nhv_walk walk = {
		.pid = PID, .msr = NHV_MSR_SF | NHV_MSR_IR | NHV_MSR_DR,
	};
	struct nhv_nested *nested;
	struct nhv_l2ra ra;

	begin();
	nested = nhv_nested_find(&t.vm, 1);
	CHECK_EQ(nhv_nested_translate(nested, &walk, 0x1234, &ra), 0, "fetch");
	CHECK_EQ(ra.addr, MEMORY_L3 + THEIR_PAGES + 0x1234, "where");
	l2_leaf(9, NHV_PTE_READ | NHV_PTE_WRITE);
	CHECK_EQ(nhv_nested_translate(nested, &walk, 0x1234, &ra), -EFAULT,
		 "not to be executed");
	walk.msr = NHV_MSR_SF;
	CHECK_EQ(nhv_nested_translate(nested, &walk, 0x8010, &ra), 0,
		 "real mode");
	CHECK_EQ(ra.addr, MEMORY_L3 + 0x8010, "where");
	nhv_nested_put(nested);
	end();
}

int main(void)
{
	static const struct ktap_case cases[] = {
		{ "copy: load", test_load },
		{ "copy: store", test_store },
		{ "copy: rights of both levels", test_rights },
		{ "copy: refused", test_refused },
		{ "copy: limit", test_limit },
		{ "copy: each thing it needs fails", test_failures },
		{ "copy: fetch", test_fetch },
	};

	return ktap_main(cases, ARRAY_SIZE(cases));
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls downwards: their numbers and operands, and what is made of each answer, of
 * a busy one above all.
 */
#include <stdarg.h>

#include <nhv/base.h>
#include <abi/numbers.h>
#include <abi/partition.h>
#include <asm/hvcall.h>
#include <nhv/call.h>
#include <nhv/observe.h>
#include <nhv/trace_nhv.h>
#include "ktap.h"

/* The level below: what it was asked last, and what it says. */
static struct {
	unsigned long number, arg[6];
	unsigned int calls, traced, refused;
	long rc;
	unsigned int busy;		/* so many times first */
	unsigned long out[PLPAR_HCALL_BUFSIZE];
} below;

static bool untraced;

static long answer(unsigned long number, va_list args, unsigned int nr)
{
	unsigned int i;

	below.number = number;
	memset(below.arg, 0, sizeof(below.arg));
	for (i = 0; i < nr; i++)
		below.arg[i] = va_arg(args, unsigned long);
	below.calls++;
	if (below.busy) {
		below.busy--;
		return below.busy % 2 ? NHV_H_BUSY : NHV_H_LONG_BUSY_LAST;
	}
	return below.rc;
}

static unsigned int operands(unsigned long number)
{
	static const struct {
		unsigned long number;
		unsigned int nr;
	} calls[] = {
		{ NHV_H_ENTER_NESTED, 2 },
		{ NHV_H_CONFER, 2 },
		{ NHV_H_GUEST_RUN_VCPU, 3 },
		{ NHV_H_GUEST_GET_STATE, 5 },
		{ NHV_H_GUEST_SET_STATE, 5 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].number == number)
			return calls[i].nr;
	return 6;
}

long plpar_hcall_norets(unsigned long opcode, ...)
{
	va_list args;
	long rc;

	va_start(args, opcode);
	rc = answer(opcode, args, operands(opcode));
	va_end(args);
	return rc;
}

long plpar_hcall(unsigned long opcode, unsigned long *out, ...)
{
	va_list args;
	long rc;

	va_start(args, out);
	rc = answer(opcode, args, operands(opcode));
	va_end(args);
	memcpy(out, below.out, sizeof(below.out));
	return rc;
}

bool trace_nhv_call_enabled(void)
{
	return !untraced;
}

void trace_nhv_call(unsigned long number, const unsigned long *arg, long rc)
{
	CHECK(number == below.number && arg, "what is traced, %ld", rc);
	below.traced++;
}

void nhv_count_refusal(long rc)
{
	CHECK(rc, "no refusal");
	below.refused++;
}

static void says(long rc)
{
	memset(&below, 0, sizeof(below));
	below.rc = rc;
}

static void asked(unsigned long number, unsigned long a, unsigned long b,
		  unsigned long c)
{
	CHECK_EQ(below.number, number, "number");
	CHECK_EQ(below.arg[0], a, "first");
	CHECK_EQ(below.arg[1], b, "second");
	CHECK_EQ(below.arg[2], c, "third");
}

static void test_first(void)
{
	says(NHV_H_PARAMETER);
	CHECK_EQ(nhv_call_set_partition_table(0x12004), NHV_H_PARAMETER, "code");
	asked(NHV_H_SET_PARTITION_TABLE, 0x12004, 0, 0);
	CHECK(below.traced == 1 && below.refused == 1, "seen");
	says(0xe00);
	CHECK_EQ(nhv_call_enter_nested(nhv_l1ra(0x1000), nhv_l1ra(0x2000)),
		 0xe00, "vector");
	asked(NHV_H_ENTER_NESTED, 0x1000, 0x2000, 0);
	CHECK_EQ(below.traced, 0, "with the guest's registers live");
	says(0);
	nhv_call_yield();
	asked(NHV_H_CONFER, ~0UL, 0, 0);
}

static void test_copy(void)
{
	says(NHV_H_FUNCTION);
	CHECK(!nhv_call_has_copy(), "unknown");
	says(NHV_H_PARAMETER);
	CHECK(nhv_call_has_copy(), "known");
	CHECK_EQ(below.arg[2], ~0UL, "an address that nobody takes");
	CHECK(!below.arg[3] && !below.arg[4], "nothing is copied");
}

static void test_busy(void)
{
	says(NHV_H_SUCCESS);
	below.busy = 7;
	CHECK_EQ(nhv_call_tlb_invalidate(NHV_TLBIE_RIC_ALL, 5, 0x800),
		 NHV_H_SUCCESS, "in the end");
	CHECK_EQ(below.calls, 8, "calls");
	asked(NHV_H_TLB_INVALIDATE, NHV_TLBIE_R | 2UL << 18, 5, 0x800);
	says(NHV_H_SUCCESS);
	below.busy = ~0U;
	CHECK(nhv_call_busy(nhv_call_rpt_invalidate(5, NHV_RPTI_TYPE_TLB,
						    NHV_RPTI_PAGE_4K, 0, 1)),
	      "for ever");
	CHECK_EQ(below.calls, 1000, "and not for ever here");
	CHECK(!nhv_call_busy(0) && !nhv_call_busy(NHV_H_HARDWARE) &&
	      !nhv_call_busy(9899) && !nhv_call_busy(9906), "not busy");
	CHECK(nhv_call_busy(1) && nhv_call_busy(9900) && nhv_call_busy(9905),
	      "busy");
}

static void forgets_page(unsigned int shift, u64 ap, u64 rpti)
{
	const u64 at = 0x7fff40000000ULL;

	says(0);
	CHECK_EQ(nhv_call_forget_page(false, 3, at, shift), 0, "code");
	asked(NHV_H_TLB_INVALIDATE, NHV_TLBIE_R, 3, at | ap << 5);
	says(0);
	CHECK_EQ(nhv_call_forget_page(true, 3, at, shift), 0, "code");
	asked(NHV_H_RPT_INVALIDATE, 3, NHV_RPTI_TARGET_CMMU,
	      NHV_RPTI_TYPE_NESTED | NHV_RPTI_TYPE_TLB);
	CHECK_EQ(below.arg[3], rpti, "page size");
	CHECK_EQ(below.arg[4], at, "start");
	CHECK_EQ(below.arg[5], at + (1ULL << shift), "end");
}

static void test_forget(void)
{
	unsigned int ric;

	forgets_page(12, 0, 1);
	forgets_page(16, 5, 2);
	forgets_page(21, 1, 4);
	forgets_page(30, 2, 8);
	says(0);
	CHECK_EQ(nhv_call_forget_page(true, 3, 0, 13), NHV_H_PARAMETER,
		 "no such page");
	CHECK_EQ(below.calls, 0, "asked");
	for (ric = NHV_TLBIE_RIC_TLB; ric <= NHV_TLBIE_RIC_ALL; ric++) {
		static const u64 type[] = { 2, 4, 0xe };

		says(0);
		CHECK_EQ(nhv_call_forget_lpid(false, 3, ric), 0, "code");
		asked(NHV_H_TLB_INVALIDATE, NHV_TLBIE_R | ric << 18, 3, 0x800);
		CHECK_EQ(nhv_call_forget_lpid(true, 3, ric), 0, "code");
		asked(NHV_H_RPT_INVALIDATE, 3, 1, 1 | type[ric]);
		CHECK_EQ(below.arg[3], ~0UL, "page sizes");
		CHECK(!below.arg[4] && below.arg[5] == ~0UL, "all of it");
	}
}

static void test_guests(void)
{
	u64 token = ~0ULL, guest = 0, caps;

	says(0);
	below.out[0] = 0x77;
	CHECK_EQ(nhv_call_get_capabilities(&caps), 0, "code");
	CHECK_EQ(caps, 0x77, "capabilities");
	asked(NHV_H_GUEST_GET_CAPABILITIES, 0, 0, 0);
	CHECK_EQ(nhv_call_set_capabilities(0x66), 0, "code");
	asked(NHV_H_GUEST_SET_CAPABILITIES, 0, 0x66, 0);
	CHECK_EQ(nhv_call_guest_create(&token, &guest), 0, "code");
	asked(NHV_H_GUEST_CREATE, 0, ~0UL, 0);
	CHECK(guest == 0x77 && token == ~0ULL, "the guest");

	says(NHV_H_BUSY);
	below.out[0] = 0x55;
	CHECK_EQ(nhv_call_guest_create(&token, &guest), NHV_H_BUSY, "code");
	CHECK(token == 0x55 && guest == 0x77, "goes on by its token");
	says(NHV_H_NO_MEM);
	below.out[0] = 0x99;
	CHECK_EQ(nhv_call_guest_create(&token, &guest), NHV_H_NO_MEM, "code");
	CHECK(token == 0x55 && guest == 0x77, "nothing");
	CHECK_EQ(nhv_call_get_capabilities(&caps), NHV_H_NO_MEM, "code");
	CHECK_EQ(caps, 0, "none");

	says(NHV_H_P2);
	CHECK_EQ(nhv_call_create_vcpu(7, 1), NHV_H_P2, "code");
	asked(NHV_H_GUEST_CREATE_VCPU, 0, 7, 1);
	CHECK_EQ(nhv_call_guest_delete(7), NHV_H_P2, "code");
	asked(NHV_H_GUEST_DELETE, 0, 7, 0);
	CHECK(below.traced == 2 && below.refused == 2, "seen");
	says(0);
	CHECK_EQ(nhv_call_guest_delete_all(), 0, "code");
	asked(NHV_H_GUEST_DELETE, 1UL << 63, 0, 0);
	CHECK(below.traced == 1 && !below.refused, "seen, not refused");
}

static void state_calls(void)
{
	u64 where = 0;

	says(NHV_H_INVALID_ELEMENT_ID);
	below.out[0] = 0x33;
	CHECK_EQ(nhv_call_get_state(1, 7, 2, nhv_l1ra(0x4000), 64, &where),
		 NHV_H_INVALID_ELEMENT_ID, "code");
	asked(NHV_H_GUEST_GET_STATE, 1, 7, 2);
	CHECK(below.arg[3] == 0x4000 && below.arg[4] == 64, "the buffer");
	CHECK_EQ(where, 0x33, "which element");
	CHECK_EQ(nhv_call_set_state(0, 7, 2, nhv_l1ra(0x4000), 64, &where),
		 NHV_H_INVALID_ELEMENT_ID, "code");
	asked(NHV_H_GUEST_SET_STATE, 0, 7, 2);
	CHECK(below.traced == 2 * !untraced && below.refused == 2, "seen");
	says(0);
	CHECK_EQ(nhv_call_get_state(0, 7, 2, nhv_l1ra(0x4000), 64, &where), 0,
		 "code");
	CHECK(below.traced == !untraced && !below.refused, "seen, not refused");
}

static void test_state(void)
{
	u64 where = 0;

	state_calls();
	untraced = true;
	state_calls();
	untraced = false;
	says(0);
	below.out[0] = 0x980;
	CHECK_EQ(nhv_call_run_vcpu(7, 2, &where), 0, "code");
	asked(NHV_H_GUEST_RUN_VCPU, 0, 7, 2);
	CHECK_EQ(where, 0x980, "the vector");
	CHECK_EQ(below.traced, 0, "that is an exit");
}

int main(void)
{
	static const struct ktap_case cases[] = {
		{ "call: API v1", test_first },
		{ "call: is there a copy", test_copy },
		{ "call: busy", test_busy },
		{ "call: invalidations", test_forget },
		{ "call: API v2, guests", test_guests },
		{ "call: API v2, state", test_state },
	};

	return ktap_main(cases, ARRAY_SIZE(cases));
}

// SPDX-License-Identifier: GPL-2.0-only
/* <nhv/state_buffer.h> and the table of elements. */
#include <stdlib.h>
#include <abi/elements.h>
#include <nhv/state_buffer.h>
#include "ktap.h"

static const struct element {
	const char *name;
	unsigned int id, count, bytes;
	enum { VCPU, GUEST, HOST } scope;
} elements[] = {
#define NHV_ELEMENT(name, id, count, bytes, scope, access) \
	{ #name, id, count, bytes, scope },
#include <abi/elements.def>
#undef NHV_ELEMENT
};

static const struct row {
	const char *name;
	unsigned int bytes, gsid;
} rows[] = {
#define NHV_REG(name, bytes, home, member, one_reg, gsid) { #name, bytes, gsid },
#include <nhv/regs.def>
#undef NHV_REG
};

static const struct element *element(unsigned int id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(elements); i++)
		if (id >= elements[i].id &&
		    id < elements[i].id + elements[i].count)
			return &elements[i];
	return NULL;
}

static void test_once(void)
{
	unsigned int i, n, seen[0x10000] = {};

	for (i = 0; i < ARRAY_SIZE(elements); i++)
		for (n = 0; n < elements[i].count; n++)
			CHECK(!seen[elements[i].id + n]++, "%s, id %#x",
			      elements[i].name, elements[i].id + n);
}

static void test_dense(void)
{
	unsigned int id, found = 0;
	int n;

	for (id = 0; id < 0x20000; id++) {
		const struct element *e = element(id);
		bool want = e && e->scope == VCPU && id >= 0x1000;

		n = nhv_element_dense(id & 0xffff);
		if (id > 0xffff)
			continue;
		CHECK((n >= 0) == want, "id %#x is %d", id, n);
		if (n < 0)
			continue;
		found++;
		CHECK_EQ(n, NHV_DENSE(id), "constant");
		CHECK_EQ(nhv_element_id(n), id, "id");
		if (e)
			CHECK_EQ(nhv_element_bytes(n), e->bytes, e->name);
	}
	CHECK_EQ(found, NHV_NR_DENSE, "number of registers");
}

static void test_rows(void)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!rows[i].gsid)
			continue;
		CHECK(element(rows[i].gsid), "%s: no element %#x", rows[i].name,
		      rows[i].gsid);
		for (j = 0; j < i; j++)
			CHECK(rows[i].gsid != rows[j].gsid, "%s and %s",
			      rows[i].name, rows[j].name);
	}
}

static void test_round_trip(void)
{
	u8 data[64];
	struct nhv_gsb gsb;
	struct nhv_gsb_at at;
	u64 a, b;

	nhv_gsb_start(&gsb, data, sizeof(data));
	nhv_gsb_put(&gsb, NHV_GS_MSR, 8, 0x123456789abcdef0);
	nhv_gsb_put(&gsb, NHV_GS_CR, 4, 0x12345678);
	nhv_gsb_put_pair(&gsb, NHV_GS_VSR, 1, 2);
	CHECK_EQ(gsb.used, 4 + 12 + 8 + 20, "used");
	CHECK_EQ(data[3], 3, "count");
	CHECK(data[4] == 0x10 && data[5] == 0x22 && data[7] == 8 &&
	      data[8] == 0x12, "big-endian");

	nhv_gsb_first(&at, data, gsb.used);
	CHECK_EQ(nhv_gsb_next(&at), 1, "first");
	CHECK(!nhv_gsb_number(&at, &a), "MSR");
	CHECK_EQ(a, 0x123456789abcdef0, "MSR");
	CHECK_EQ(nhv_gsb_next(&at), 1, "second");
	CHECK(!nhv_gsb_number(&at, &a) && a == 0x12345678, "CR");
	CHECK_EQ(nhv_gsb_next(&at), 1, "third");
	CHECK(nhv_gsb_number(&at, &a), "a pair is no number");
	CHECK(!nhv_gsb_pair(&at, &a, &b) && a == 1 && b == 2, "VSR");
	CHECK_EQ(nhv_gsb_next(&at), 0, "end");
}

/* HEIR has 4 bytes on one level below and 8 on another. */
static void test_lengths(void)
{
	static const u8 four[] = { 0, 0, 0, 1, 0xf0, 2, 0, 4, 1, 2, 3, 4 };
	static const u8 eight[] = {
		0, 0, 0, 1, 0xf0, 2, 0, 8, 0, 0, 0, 0, 1, 2, 3, 4
	};
	struct nhv_gsb_at at;
	u64 value;

	nhv_gsb_first(&at, four, sizeof(four));
	CHECK(nhv_gsb_next(&at) == 1 && !nhv_gsb_number(&at, &value) &&
	      value == 0x01020304, "4 bytes");
	nhv_gsb_first(&at, eight, sizeof(eight));
	CHECK(nhv_gsb_next(&at) == 1 && !nhv_gsb_number(&at, &value) &&
	      value == 0x01020304, "8 bytes");
}

static void test_full(void)
{
	u8 data[24];
	struct nhv_gsb gsb;

	nhv_gsb_start(&gsb, data, 20);
	nhv_gsb_put(&gsb, NHV_GS_MSR, 8, 1);
	CHECK(!gsb.full, "12 of 16");
	nhv_gsb_put(&gsb, NHV_GS_MSR, 8, 1);
	CHECK(gsb.full && gsb.count == 1 && gsb.used == 16, "no room");
	nhv_gsb_put(&gsb, NHV_GS_CR, 4, 1);
	CHECK_EQ(gsb.count, 1, "after one that did not fit");
}

/* Each buffer is allocated with just its size: a byte too far is a fault. */
static void test_garbage(void)
{
	unsigned int round, i, size, steps;
	struct nhv_gsb_at at;
	u64 a, b;
	u8 *data;

	for (round = 0; round < 20000; round++) {
		size = rand() % 64;
		data = malloc(size ?: 1);
		for (i = 0; i < size; i++)
			data[i] = rand() % 3 ? 0 : rand();
		nhv_gsb_first(&at, data, size);
		for (steps = 0; nhv_gsb_next(&at) > 0; steps++) {
			nhv_gsb_number(&at, &a);
			nhv_gsb_pair(&at, &a, &b);
		}
		CHECK(steps <= size / 4, "%u elements in %u bytes", steps, size);
		free(data);
	}
}

static const struct ktap_case cases[] = {
	{ "one definition per element id", test_once },
	{ "dense numbers and sizes agree with the table", test_dense },
	{ "each register row has an element of its own", test_rows },
	{ "what is put is read", test_round_trip },
	{ "HEIR of 4 and of 8 bytes", test_lengths },
	{ "a full buffer", test_full },
	{ "garbage is never read past its end", test_garbage },
};

int main(void)
{
	return ktap_main(cases, ARRAY_SIZE(cases));
}

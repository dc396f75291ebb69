// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest hypervisor may do, by bytes that a fuzzer chooses: for each
 * hypercall that is served a target, and one for all of them and the exits of L3
 * together.
 */
#include <stdlib.h>

#include <nhv/base.h>
#include <nhv/papr.h>
#include <abi/exits.h>
#include <abi/numbers.h>
#include "fuzz.h"
#include "hypervisor.h"
#include "ktap.h"

struct input {
	const u8 *data;
	size_t left;
};

static u64 take(struct input *in, size_t bytes)
{
	u64 value = 0;

	while (bytes-- && in->left) {
		value = value << 8 | *in->data++;
		in->left--;
	}
	return value;
}

/* A number near a border, or any. */
static u64 number(struct input *in)
{
	static const u64 borders[] = {
		0, STATE, REGS, TABLE, PTCR, MEMORY, 1, 2, 255, 256, 4095, 4096,
		ROOT, MEMORY_L3,
		1ULL << 32, 1ULL << 52, 1ULL << 63, ~0ULL,
	};
	u8 kind = take(in, 1);

	return kind < 128 ? borders[kind % ARRAY_SIZE(borders)] + (s8)take(in, 1) :
			    take(in, 8);
}

static void scribble(struct input *in)
{
	static const u32 places[] = {
		STATE, REGS, TABLE, ROOT, LEVEL_1G, LEVEL_2M, LEVEL_4K,
		LEVEL_4K + 8 * 8, MEMORY_L3 + PROCESSES,
		MEMORY_L3 + PROCESSES + 16 * PID, MEMORY_L3 + THEIR_ROOT,
		MEMORY_L3 + THEIR_TABLE,
	};
	u32 at = places[take(in, 1) % ARRAY_SIZE(places)] + take(in, 1) % 248;

	t.memory[at] = take(in, 1);
}

/* ---- the calls ------------------------------------------------------------ */

static void check_code(long rc, const long *codes, unsigned int nr)
{
	while (nr--)
		if (codes[nr] == rc)
			return;
	CHECK(0, "code %ld", rc);
}

#define CODES(rc, ...)							\
do {									\
	static const long codes[] = { __VA_ARGS__ };			\
									\
	check_code(rc, codes, ARRAY_SIZE(codes));			\
} while (0)

static void fuzz_table(struct input *in)
{
	CODES(call(nhv_h_set_partition_table, 1, number(in)),
	      NHV_H_SUCCESS, NHV_H_PARAMETER);
}

static void fuzz_enter(struct input *in)
{
	u64 gs_at = take(in, 1) < 64 ? number(in) : STATE;
	u64 regs_at = take(in, 1) < 64 ? number(in) : REGS;
	long rc = call(nhv_h_enter_nested, 2, gs_at, regs_at);

	CODES(rc, NHV_H_NO_ANSWER, NHV_H_PARAMETER, NHV_H_NOT_AVAILABLE,
	      NHV_H_BAD_MODE, NHV_H_NO_MEM, NHV_H_NOT_ENOUGH_RESOURCES);
	CHECK_EQ(rc == NHV_H_NO_ANSWER, !!t.vcpu.nested.guest, "inside");
}

static void fuzz_tlb(struct input *in)
{
	u64 image = number(in), rs = number(in), rb = number(in);

	CODES(call(nhv_h_tlb_invalidate, 3, image, rs, rb),
	      NHV_H_SUCCESS, NHV_H_PARAMETER);
}

static void fuzz_rpt(struct input *in)
{
	u64 id = number(in), target = number(in), type = number(in);
	u64 pages = number(in), from = number(in), to = number(in);

	CODES(call(nhv_h_rpt_invalidate, 6, id, target, type, pages, from, to),
	      NHV_H_SUCCESS, NHV_H_P2, NHV_H_P4, NHV_H_P5);
}

static void fuzz_copy(struct input *in)
{
	u64 lpid = take(in, 1) < 64 ? number(in) : 1;
	u64 pid = take(in, 1) < 64 ? number(in) : PID;
	u64 ea = number(in), to = 0, from = 0, n;
	u8 way = take(in, 1);

	if (way & 1)
		to = number(in);
	if (way & 2 || way < 64)
		from = number(in);
	n = way & 4 ? number(in) : take(in, 2);
	CODES(call(nhv_h_copy_tofrom_guest, 6, lpid, pid, ea, to, from, n),
	      NHV_H_SUCCESS, NHV_H_PARAMETER, NHV_H_NO_MEM, NHV_H_NOT_FOUND);
}

/* A tlbie that L2 executes itself. */
static void fuzz_insn(struct input *in)
{
	t.regs.gpr[4] = number(in);
	t.regs.gpr[5] = number(in);
	nhv_nested_tlbie_insn(&t.vcpu, take(in, 1) < 128 ? 0x7c812a64U ^
			      (u32)take(in, 3) << 11 : (u32)number(in));
}

static void fuzz_exit(struct input *in)
{
	struct nhv_shadow_fault fault = {
		.ra = { number(in) }, .status = number(in),
		.fetch = take(in, 1) & 1, .table = take(in, 1) & 1,
		.at = { number(in) },
	};
	u8 how = take(in, 1);

	t.now += take(in, 2);
	t.nested_regs.gpr[3] = number(in);
	if (how < 32)
		nhv_nested_reflect_fault(&t.vcpu, &fault);
	else if (how < 64)
		nhv_nested_interrupt(&t.vcpu);
	else
		nhv_nested_exit(&t.vcpu, (s64)number(in));
}

static void fuzz_any(struct input *in)
{
	static void (*const calls[])(struct input *in) = {
		fuzz_table, fuzz_tlb, fuzz_rpt, fuzz_copy, fuzz_insn, fuzz_enter,
		fuzz_enter, fuzz_enter,
	};

	calls[take(in, 1) % ARRAY_SIZE(calls)](in);
}

/* ---- a run ---------------------------------------------------------------- */

static const struct fuzz_target {
	const char *name;
	void (*step)(struct input *in);
} targets[] = {
	{ "partition-table",	fuzz_table },
	{ "enter",		fuzz_enter },
	{ "tlb-invalidate",	fuzz_tlb },
	{ "rpt-invalidate",	fuzz_rpt },
	{ "copy",		fuzz_copy },
	{ "any",		fuzz_any },
};

const char *fuzz_name(unsigned int target)
{
	return target < ARRAY_SIZE(targets) ? targets[target].name : NULL;
}

/* What L2 keeps in its memory, and what goes wrong around us. */
static void surround(struct input *in)
{
	t.vcpu.irq_pending = take(in, 1) & 1;
	t.hole = take(in, 1) < 16 ? STATE + take(in, 1) * 16 : 0;
	t.fail_after = take(in, 1) < 32 ? take(in, 1) % 8 : -1;
	t.fail_ask = take(in, 1) < 32 ? take(in, 1) % 16 : -1;
	if (t.vcpu.nested.guest)
		return;
	t.regs.msr ^= take(in, 1) & NHV_MSR_LE;
	switch (take(in, 1) % 8) {
	case 0:
		scribble(in);
		break;
	case 1:
		set_entry(take(in, 1), take(in, 1) & 1 ? TREE : number(in),
			  number(in));
		break;
	case 2:
		pass(take(in, 1) % 4, take(in, 1), number(in));
	}
}

void fuzz_run(unsigned int target, const u8 *data, size_t size)
{
	struct input in = { data, size };

	start();
	build_l3();
	pass(2, 1, 0);
	/* Most calls are about a guest that there is. */
	if (take(&in, 1) & 3) {
		enter();
		nhv_nested_leave(&t.vcpu, 0);
	}
	while (in.left) {
		surround(&in);
		if (t.vcpu.nested.guest)
			fuzz_exit(&in);
		else
			targets[target].step(&in);
	}
	t.fail_after = -1;
	t.fail_ask = -1;
	t.hole = 0;
	if (t.vcpu.nested.guest)
		nhv_nested_leave(&t.vcpu, 0);
	end();
}

/* libFuzzer's; FUZZ names the target. */
int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	const char *name = getenv("FUZZ");
	unsigned int target;

	for (target = 0; target < ARRAY_SIZE(targets); target++)
		if (name && !strcmp(name, targets[target].name))
			fuzz_run(target, data, size);
	if (ktap_failures)
		__builtin_trap();
	return 0;
}

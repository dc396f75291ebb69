// SPDX-License-Identifier: GPL-2.0-only
/* src/level: API v2 against a level below that is a few tables. */
#include <stdlib.h>
#include "level.h"
#include <abi/exits.h>
#include <abi/numbers.h>
#include <abi/partition.h>
#include <nhv/call.h>
#include <nhv/turn.h>
#include <nhv/vm.h>
#include "back_end.h"
#include "v2.h"
#include "fake_v2.h"
#include "ktap.h"

static struct nhv_vm vm;
static struct nhv_vcpu vcpu;

/* ---- life ------------------------------------------------------------------------ */

static int start(void)
{
	memset(&vm, 0, sizeof(vm));
	memset(&vcpu, 0, sizeof(vcpu));
	memset(&nhv_level, 0, sizeof(nhv_level));
	nhv_level_turn_init();
	return nhv_v2.probe() ? -ENXIO : nhv_v2.init();
}

static int create(void)
{
	int err = nhv_v2.vm_init(&vm);

	if (err)
		return err;
	nhv_v2.vm_set_table(&vm);
	vcpu.vm = &vm;
	err = nhv_v2.vcpu_init(&vcpu);
	if (err) {
		nhv_v2.vm_clear(&vm);
		nhv_v2.vm_release(&vm);
		return err;
	}
	vm.vcpu_by_index.slot = calloc(1, sizeof(*vm.vcpu_by_index.slot));
	vm.vcpu_by_index.slot->entry = &vcpu;
	vm.vcpu_by_index.nr = 1;
	vcpu.lpcr = NHV_LPCR_LD;
	vcpu.regs->msr = NHV_MSR_SF | NHV_MSR_ME;
	vcpu.dec_expires = fake.now + 1000000;
	return 0;
}

static void destroy(void)
{
	nhv_v2.vm_clear(&vm);
	nhv_v2.vcpu_release(&vcpu);
	nhv_v2.vm_release(&vm);
	free(vm.vcpu_by_index.slot);
}

static void begin(bool mirrors)
{
	fake_reset();
	fake.mirrors = mirrors;
	fake.rpt = !mirrors;
	CHECK(!start(), "init");
	CHECK(!create(), "create");
}

static void end(void)
{
	destroy();
	CHECK(!fake.guests, "%u guests left", fake.guests);
	CHECK(!fake.memory, "%u objects left", fake.memory);
}

static long turn(void)
{
	long trap = nhv_level_begin(&vcpu, vcpu.lpcr, NHV_NO_DEADLINE);

	if (trap)
		return trap;
	trap = nhv_v2_enter(&vcpu);
	nhv_v2_end(&vcpu);
	fake.dec = 1000000;
	return trap;
}

static unsigned int calls(void)
{
	return fake.calls[FAKE_RUN_VCPU] + fake.calls[FAKE_GET_STATE] +
	       fake.calls[FAKE_SET_STATE];
}

static unsigned long exit_timer(void)
{
	return NHV_VEC_HDEC;
}

static void test_life(void)
{
	unsigned int i;

	begin(false);
	CHECK(nhv_level.carries_all && nhv_level.keeps_translations, "level");
	CHECK_EQ(fake.guests, 1, "guests");
	CHECK_EQ(vm.lpid, 7, "id");
	/* Sent for the tree, and again for the vCPU that came after. */
	for (i = NHV_GS_LOGICAL_PVR; i <= NHV_GS_TB_OFFSET; i++)
		CHECK_EQ(fake.wide[i], 2, "guest-wide");
	CHECK_EQ(fake.wide[NHV_GS_PROCESS_TABLE], 0, "none yet");
	CHECK_EQ(fake.wide_value[NHV_GS_LOGICAL_PVR], 0x0f000006, "PVR");
	vm.process_table = NHV_PATE1_GR | 0x10000;
	nhv_v2.vm_set_table(&vm);
	CHECK_EQ(fake.wide[NHV_GS_PROCESS_TABLE], 1, "process table");
	CHECK(!nhv_v2.set_tb_offset(&vcpu, 5ULL << 24), "offset");
	CHECK_EQ(fake.wide_value[NHV_GS_TB_OFFSET], 5ULL << 24, "offset");
	CHECK_EQ(vcpu.tb_offset, 5ULL << 24, "offset");
	CHECK(!nhv_v2.set_compat(&vcpu, 0x0f000005), "level");
	CHECK_EQ(fake.wide_value[NHV_GS_LOGICAL_PVR], 0x0f000005, "level");
	CHECK(!nhv_v2.set_compat(&vcpu, 0), "level");
	CHECK(fake.wide_value[NHV_GS_LOGICAL_PVR], "the logical PVR is never 0");
	end();
}

/* A level that L0 does not have is refused, and the guest goes on with its own. */
static void test_wide_refused(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < 2; i++) {
		begin(false);
		fake.runs = exit_timer;
		CHECK(!nhv_v2.set_tb_offset(&vcpu, 3ULL << 24), "offset");
		fake.fail = FAKE_SET_STATE;
		fake.after = fake.calls[FAKE_SET_STATE];
		fake.times = 1;
		fake.rc = NHV_H_INVALID_ELEMENT_VALUE;
		err = i ? nhv_v2.set_compat(&vcpu, 0x0f000007) :
			  nhv_v2.set_tb_offset(&vcpu, 1ULL << 60);
		CHECK_EQ(err, -EINVAL, "refused");
		CHECK_EQ(fake.wide_value[NHV_GS_LOGICAL_PVR], 0x0f000006, "level");
		CHECK_EQ(fake.wide_value[NHV_GS_TB_OFFSET], 3ULL << 24, "offset");
		CHECK_EQ(vcpu.tb_offset, 3ULL << 24, "the vCPU's");
		CHECK_EQ(turn(), NHV_VEC_HDEC, "runs");
		end();
	}
}

/* ---- the end of L1 --------------------------------------------------------------- */

/* nhv_level_shutdown(), and user space lets go after. */
static void goes_down(bool kexec)
{
	nhv_level.down = true;
	nhv_v2.shutdown(kexec);
}

static void test_shutdown(void)
{
	struct nhv_vm late = {};
	bool kexec = false;

	do {
		begin(false);
		goes_down(kexec);
		CHECK_EQ(fake.guests, 0, "deleted");
		CHECK_EQ(fake.calls[FAKE_DELETE_ALL], 0, "one by one");
		CHECK_EQ(nhv_v2.vm_init(&late), -EBUSY, "no more of them");
		CHECK_EQ(fake.calls[FAKE_DELETE], 2, "that of learning, and it");
		end();
		CHECK_EQ(fake.calls[FAKE_DELETE], 2, "once");
		kexec = !kexec;
	} while (kexec);
}

/* All at once are those that cannot be had one by one, and for kexec alone. */
static void test_left_behind(void)
{
	begin(false);
	fake.fail = FAKE_DELETE;
	fake.times = ~0U;
	fake.rc = NHV_H_HARDWARE;
	goes_down(false);
	CHECK_EQ(fake.guests, 1, "not deleted");
	CHECK_EQ(fake.calls[FAKE_DELETE_ALL], 0, "a reset will do it");
	goes_down(true);
	CHECK_EQ(fake.calls[FAKE_DELETE_ALL], 1, "nothing else will");
	goes_down(true);
	CHECK_EQ(fake.calls[FAKE_DELETE_ALL], 1, "done");
	end();
}

/* ---- what the level below does not know --------------------------------------------- */

static void lacks(long rc)
{
	fake_reset();
	fake.rpt = true;
	fake.lacks[0] = NHV_GS_VPA;
	fake.lacks[1] = NHV_GS_HASHKEYR;
	fake.lacks_rc = rc;
	CHECK(!start(), "init");
	CHECK(!create(), "create");
}

static void test_lacks(void)
{
	const unsigned int n = NHV_DENSE(NHV_GS_HASHKEYR);
	static const long codes[] = {
		NHV_H_INVALID_ELEMENT_ID, NHV_H_INVALID_ELEMENT_SIZE, NHV_H_P3,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		lacks(codes[i]);
		vcpu.vpa.ra = 0x4000;
		fake.runs = exit_timer;
		CHECK_EQ(turn(), NHV_VEC_HDEC, "all else is sent");
		nhv_level_fetch(&vcpu, NHV_STATE_ALL);
		CHECK_EQ(vcpu.v2->refused, 0, "and fetched");
		nhv_level_claim(&vcpu, NHV_STATE_ALL);
		CHECK_EQ(turn(), NHV_VEC_HDEC, "and sent");
		CHECK(!test_bit(n, vcpu.v2->valid), "it is not among them");
		CHECK_EQ(fake.vpas, 0, "nor is the VPA");
		end();
	}
	begin(false);
	nhv_level_fetch(&vcpu, NHV_STATE_ALL);
	CHECK(test_bit(n, vcpu.v2->valid), "where it is taken");
	end();
}

static void test_vpa(void)
{
	unsigned int offered;

	begin(false);
	offered = fake.vpas;
	CHECK_EQ(offered, 1, "is it taken");
	fake.runs = exit_timer;
	turn();
	CHECK_EQ(fake.vpas, offered, "there is none");
	vcpu.vpa.ra = 0x4000;
	turn();
	turn();
	CHECK_EQ(fake.vpas, offered + 1, "told once");
	CHECK_EQ(fake.guest[0].vpa, 0x4000, "where it is");
	vcpu.vpa.ra = 0;
	turn();
	CHECK_EQ(fake.guest[0].vpa, 0, "it is gone");
	end();
}

/* Refused for what it says: the guest runs without, and it is not asked again. */
static void test_vpa_refused(void)
{
	unsigned int i, before;

	for (i = 0; i < 2; i++) {
		begin(false);
		fake.runs = exit_timer;
		vcpu.vpa.ra = 0x4000;
		before = fake.calls[FAKE_SET_STATE];
		fake.fail = FAKE_SET_STATE;
		fake.after = before;
		fake.times = 3;
		fake.rc = i ? NHV_H_BUSY : NHV_H_INVALID_ELEMENT_VALUE;
		CHECK_EQ(turn(), NHV_VEC_HDEC, "runs");
		CHECK_EQ(turn(), NHV_VEC_HDEC, "runs");
		CHECK_EQ(fake.calls[FAKE_SET_STATE] - before, i ? 2 : 1, "asked");
		turn();
		turn();
		turn();
		CHECK_EQ(fake.guest[0].vpa, i ? 0x4000 : 0, "in the end");
		end();
	}
}

static void test_learn(void)
{
	begin(false);
	CHECK(!nhv_v2_quirks.mirrors_dec, "it does not");
	end();
	begin(true);
	CHECK(nhv_v2_quirks.mirrors_dec, "it does");
	end();
}

/* ---- what an exit costs ---------------------------------------------------------- */

static unsigned long exit_fault(void)
{
	return NHV_VEC_H_DATA_STORAGE;
}

static unsigned long exit_prod(void)
{
	fake.g->value[3][0] = NHV_H_PROD;
	return NHV_VEC_SYSCALL;
}

static unsigned long exit_cede(void)
{
	fake.g->value[3][0] = NHV_H_CEDE;
	return NHV_VEC_SYSCALL;
}

static unsigned long exit_mode(void)
{
	fake.g->value[3][0] = NHV_H_SET_MODE;
	return NHV_VEC_SYSCALL;
}

static const struct cost {
	const char *what;
	unsigned long (*runs)(void);
	enum nhv_state need, write;
	unsigned int straight, mirrored;	/* calls in 100 turns */
} costs[] = {
	{ "timer",	exit_timer,	NHV_NR_STATES, NHV_NR_STATES, 100, 200 },
	{ "page fault",	exit_fault,	NHV_STATE_DATA_FAULT, NHV_NR_STATES,
	  100, 200 },
	{ "H_PROD",	exit_prod,	NHV_NR_STATES, NHV_NR_STATES, 100, 200 },
	{ "H_CEDE",	exit_cede,	NHV_STATE_PC, NHV_NR_STATES, 200, 200 },
	{ "H_SET_MODE",	exit_mode,	NHV_STATE_MSR, NHV_STATE_DAWR0, 200, 200 },
};

/* What a handler does between two runs. */
static void handle(const struct cost *cost, long trap)
{
	if (cost->need < NHV_NR_STATES)
		nhv_level_fetch(&vcpu, cost->need);
	if (cost->write < NHV_NR_STATES)
		nhv_level_claim(&vcpu, cost->write);
	if (trap == NHV_VEC_SYSCALL)
		vcpu.regs->gpr[3] = NHV_H_SUCCESS;
}

static void count_calls(const struct cost *cost, bool mirrors)
{
	unsigned int i, before, want;
	long trap;

	begin(mirrors);
	fake.runs = cost->runs;
	handle(cost, turn());
	before = calls();
	for (i = 0; i < 100; i++) {
		trap = turn();
		CHECK_EQ(trap, (long)cost->runs(), cost->what);
		handle(cost, trap);
	}
	want = mirrors ? cost->mirrored : cost->straight;
	CHECK(calls() - before == want, "%s: %u calls, not %u", cost->what,
	      calls() - before, want);
	printf("# %s: %u.%02u hypercalls downwards%s\n", cost->what,
	       (calls() - before) / 100, (calls() - before) % 100,
	       mirrors ? ", decrementer mirrored" : "");
	end();
}

static void test_calls(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(costs); i++) {
		count_calls(&costs[i], false);
		count_calls(&costs[i], true);
	}
}

/* ---- values ---------------------------------------------------------------------- */

static u64 wanted[NHV_NR_DENSE][2];

static bool skips(unsigned int n)
{
	return n == NHV_DENSE(NHV_GS_HDEC_EXPIRY) ||
	       n == NHV_DENSE(NHV_GS_LPCR) || n == NHV_DENSE(NHV_GS_HFSCR) ||
	       n == NHV_DENSE(NHV_GS_AMOR) || n == NHV_DENSE(NHV_GS_DPDES) ||
	       n == NHV_DENSE(NHV_GS_HDEXCR) || n == NHV_DENSE(NHV_GS_MSR) ||
	       n == NHV_DENSE(NHV_GS_DEC_EXPIRY);
}

/* The guest turns every bit of every register over. */
static unsigned long exit_invert(void)
{
	unsigned int n, bytes;

	for (n = 0; n < NHV_DENSE_READ; n++) {
		wanted[n][0] = fake.g->value[n][0];
		wanted[n][1] = fake.g->value[n][1];
		if (skips(n))
			continue;
		bytes = nhv_element_bytes(n);
		fake.g->value[n][0] = bytes == 4 ? (u32)~fake.g->value[n][0] :
						~fake.g->value[n][0];
		fake.g->value[n][1] = bytes == 16 ? ~fake.g->value[n][1] : 0;
	}
	return NHV_VEC_HDEC;
}

static void test_values(void)
{
	u64 first[NHV_NR_DENSE][2];
	unsigned int n;

	begin(false);
	/* Different values in all of the store, by way of a guest. */
	fake.runs = exit_timer;
	turn();
	for (n = 0; n < NHV_DENSE_READ; n++) {
		fake.g->value[n][0] = 0x1111 + n * 0x10001;
		if (nhv_element_bytes(n) == 16)
			fake.g->value[n][1] = ~0x2222ULL - n;
	}
	memcpy(first, fake.g->value, sizeof(first));
	nhv_level_fetch(&vcpu, NHV_STATE_ALL);
	memset(fake.g->value, 0x5a, sizeof(fake.g->value));
	/* All of it claimed: it goes down, and changed it comes back. */
	nhv_level_claim(&vcpu, NHV_STATE_ALL);
	fake.runs = exit_invert;
	turn();
	for (n = 0; n < NHV_DENSE_READ; n++) {
		if (skips(n))
			continue;
		CHECK(wanted[n][0] == first[n][0], "%#x went down as %#llx, not %#llx",
		      nhv_element_id(n), wanted[n][0], first[n][0]);
		if (nhv_element_bytes(n) == 16)
			CHECK_EQ(wanted[n][1], first[n][1], "right half");
	}
	nhv_level_fetch(&vcpu, NHV_STATE_ALL);
	nhv_level_claim(&vcpu, NHV_STATE_ALL);
	fake.runs = exit_invert;
	turn();
	for (n = 0; n < NHV_DENSE_READ; n++)
		if (!skips(n))
			CHECK_EQ(fake.g->value[n][0], first[n][0], "inverted twice");
	end();
}

static void test_one_change(void)
{
	begin(false);
	fake.runs = exit_prod;
	turn();
	vcpu.regs->gpr[3] = 0x4711;
	fake.g->value[4][0] = 0x77;	/* below only: what came up was not changed */
	fake.runs = exit_timer;
	turn();
	CHECK_EQ(fake.g->value[3][0], 0x4711, "changed");
	CHECK_EQ(fake.g->value[4][0], 0x77, "not changed, not sent");
	/* Nothing is valid now, so what the store holds must not go down. */
	vcpu.regs->gpr[3] = 0xbad;
	turn();
	CHECK_EQ(fake.g->value[3][0], 0x4711, "not current");
	end();
}

static void test_msr(void)
{
	begin(false);
	fake.runs = exit_fault;
	turn();
	CHECK_EQ(fake.g->value[NHV_DENSE(NHV_GS_MSR)][0], NHV_MSR_SF, "ME stays");
	fake.g->value[NHV_DENSE(NHV_GS_MSR)][0] = NHV_MSR_SF | NHV_SRR1_PREFIXED;
	turn();
	CHECK_EQ(vcpu.regs->msr, NHV_MSR_SF | NHV_MSR_ME, "MSR");
	CHECK_EQ(vcpu.cause, NHV_SRR1_PREFIXED, "cause");
	end();
}

static unsigned long exit_heir(void)
{
	fake.g->value[NHV_DENSE(NHV_GS_HEIR)][0] = 0x7c0007ff;
	return NHV_VEC_H_EMUL_ASSIST;
}

static void test_heir(void)
{
	unsigned int bytes;

	for (bytes = 4; bytes <= 8; bytes += 4) {
		begin(false);
		fake.heir_bytes = bytes;
		fake.runs = exit_heir;
		CHECK_EQ(turn(), NHV_VEC_H_EMUL_ASSIST, "vector");
		CHECK_EQ(vcpu.gs->heir, 0x7c0007ff, "HEIR");
		end();
	}
}

/* ---- the decrementer --------------------------------------------------------------- */

static u64 dec_written, dec_ran;

static unsigned long exit_write_dec(void)
{
	fake.now += dec_ran;
	fake.g->value[NHV_DENSE(NHV_GS_DEC_EXPIRY)][0] = dec_written;
	return NHV_VEC_HDEC;
}

/* @late: ticks from L0's time of an exit to ours; the error is twice that. */
static void check_dec(bool mirrors, u64 late)
{
	u64 set;
	int i;

	begin(mirrors);
	fake.late = late;
	set = vcpu.dec_expires = fake.now + 1000 * late + 1000000;
	fake.runs = exit_timer;
	for (i = 0; i < 1000; i++)
		turn();
	nhv_level_fetch(&vcpu, NHV_STATE_PC);
	CHECK_EQ(vcpu.dec_expires, set, "no drift");
	dec_written = fake.now + 50000000;
	fake.runs = exit_write_dec;
	turn();
	nhv_level_fetch(&vcpu, NHV_STATE_PC);
	CHECK(vcpu.dec_expires - dec_written <= (mirrors ? 3 * late + 1000 : 0),
	      "%lld late", vcpu.dec_expires - dec_written);
	/* Long expired stays expired. */
	dec_written = fake.now - 4 * late - 1000;
	turn();
	nhv_level_fetch(&vcpu, NHV_STATE_PC);
	CHECK((s64)(vcpu.dec_expires - fake.now) < 0, "expired");
	end();
}

static void test_dec(void)
{
	check_dec(false, 100);
	check_dec(true, 100);
}

#define MS	(1000 * tb_ticks_per_usec)

/* An L0 that loses its processor between its time of an exit and ours. */
static void test_dec_late(void)
{
	check_dec(false, 3 * MS);
	check_dec(true, 3 * MS);
}

/* Be a run as long as it may: what the guest writes is an error for milliseconds. */
static void test_dec_written(void)
{
	begin(true);
	vcpu.dec_expires = fake.now + 1000 * MS;
	dec_written = vcpu.dec_expires + 20 * MS;
	dec_ran = 500 * MS;
	fake.runs = exit_write_dec;
	turn();
	dec_ran = 0;
	nhv_level_fetch(&vcpu, NHV_STATE_PC);
	CHECK((s64)(vcpu.dec_expires - dec_written) >= 0, "written, and lost");
	end();
}

/* ---- refusals ------------------------------------------------------------------------ */

static const long answers[] = {
	NHV_H_BUSY, 9900, 9901, 9902, 9903, 9904, 9905, NHV_H_NOT_AVAILABLE,
	NHV_H_HARDWARE, NHV_H_FUNCTION, NHV_H_PRIVILEGE, NHV_H_PARAMETER,
	NHV_H_BAD_MODE, NHV_H_NOT_FOUND, NHV_H_NO_MEM, NHV_H_AUTHORITY,
	NHV_H_RESOURCE, NHV_H_NOT_ENOUGH_RESOURCES, NHV_H_ABORTED, NHV_H_P2,
	NHV_H_P3, NHV_H_P4, NHV_H_P5, NHV_H_P6, NHV_H_P7, NHV_H_P8, NHV_H_P9,
	NHV_H_UNSUPPORTED, NHV_H_STATE, NHV_H_IN_USE, NHV_H_INVALID_ELEMENT_ID,
	NHV_H_INVALID_ELEMENT_SIZE, NHV_H_INVALID_ELEMENT_VALUE,
	/* H_INTERRUPT, H_GUEST_VCPU_STATE_NOT_HV_OWNED, and unsupported flags */
	-69, -87, NHV_H_UNSUPPORTED_FLAG_START, -511,
	/* and what is no code of any call: H_TOO_HARD of KVM's own, nothing */
	9999, 2, S32_MAX, S32_MIN,
};

/* What each makes of a call that creates something: the same list, by itself. */
static int errno_of(long rc)
{
	if (nhv_call_busy(rc))
		return -EBUSY;
	switch (rc) {
	case NHV_H_NO_MEM:
		return -ENOMEM;
	case NHV_H_INVALID_ELEMENT_VALUE:
		return -EINVAL;
	case NHV_H_NOT_ENOUGH_RESOURCES:
	case NHV_H_P3:
		return -ENOSPC;
	}
	return -EIO;
}

/* And of a turn: below 0 and 3 is KVM_EXIT_FAIL_ENTRY, 0 is none. */
static bool fits(long trap, long rc)
{
	if (trap == NHV_VEC_HDEC || !trap)
		return true;
	if (nhv_call_busy(rc) || (rc > 0 && rc != NHV_H_NOT_AVAILABLE))
		return trap == NHV_H_HARDWARE;
	return trap == rc;
}

/* The whole of a guest's life with one call answered so, from its nth on. */
static void refused(enum fake_call call, unsigned int after, long rc,
		    unsigned int times)
{
	bool busy = nhv_call_busy(rc), failed = false;
	int err;
	long trap;

	fake_reset();
	fake.rpt = true;
	fake.fail = call;
	fake.after = after;
	fake.times = times;
	fake.rc = rc;
	fake.runs = exit_timer;
	err = start();
	CHECK(!err || err == -ENXIO, "call %u answers %ld: init %d", call, rc,
	      err);
	if (!err) {
		err = create();
		CHECK(!err || err == errno_of(rc),
		      "call %u answers %ld: create %d", call, rc, err);
	}
	if (!err) {
		trap = turn();
		CHECK(fits(trap, rc), "call %u answers %ld, turn %ld", call, rc,
		      trap);
		failed = trap && trap != NHV_VEC_HDEC;
		if (!failed)
			nhv_level_fetch(&vcpu, NHV_STATE_ALL);
		trap = turn();
		CHECK(fits(trap, rc) && (!failed || trap != NHV_VEC_HDEC),
		      "call %u answers %ld, second turn %ld", call, rc, trap);
		destroy();
	}
	CHECK(!fake.memory, "call %u answers %ld: %u objects left", call, rc,
	      fake.memory);
	if (call != FAKE_DELETE || (busy && times < 10))
		CHECK(!fake.guests, "call %u answers %ld: guest left", call, rc);
	CHECK(fake.calls[call] < 10000, "call %u answers %ld: no end", call, rc);
}

static void test_refusals(void)
{
	unsigned int call, i, after;

	for (call = 0; call < FAKE_NR_CALLS; call++)
		for (i = 0; i < ARRAY_SIZE(answers); i++)
			for (after = 0; after < 6; after++)
				refused(call, after, answers[i], ~0U - after);
}

/* Before kexec: what cannot be deleted one by one, nor all at once. */
static void test_left_refused(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		begin(false);
		fake.fail = FAKE_DELETE;
		fake.also = FAKE_DELETE_ALL;
		fake.times = ~0U;
		fake.rc = answers[i];
		goes_down(true);
		CHECK_EQ(fake.guests, 1, "not deleted");
		CHECK(fake.calls[FAKE_DELETE_ALL] ==
		      (nhv_call_busy(answers[i]) ? 1000 : 1),
		      "%u calls for answer %ld", fake.calls[FAKE_DELETE_ALL],
		      answers[i]);
		fake.fail = -1;
		fake.also = -1;
		goes_down(true);
		end();
	}
}

static void test_busy(void)
{
	unsigned int call, i;

	for (call = FAKE_CREATE; call <= FAKE_RUN_VCPU; call++) {
		for (i = 0; i < 7; i++) {
			fake_reset();
			fake.fail = call;
			fake.times = 5;
			fake.rc = answers[i];
			fake.runs = exit_timer;
			CHECK(!start() || call == FAKE_RUN_VCPU, "init");
			if (call == FAKE_RUN_VCPU)
				continue;
			CHECK(!create(), "call %u, answer %ld", call, answers[i]);
			CHECK_EQ(turn(), NHV_VEC_HDEC, "turn");
			end();
			CHECK(fake.slept_ms <= 5000, "slept %llu ms",
			      fake.slept_ms);
		}
	}
}

/* A run that is busy came to nothing, and loses nothing. */
static void test_busy_run(void)
{
	begin(false);
	fake.runs = exit_prod;
	turn();
	vcpu.regs->gpr[3] = 0x4711;
	vcpu.doorbell = 1;
	fake.fail = FAKE_RUN_VCPU;
	fake.after = fake.calls[FAKE_RUN_VCPU];
	fake.times = 1;
	fake.rc = NHV_H_BUSY;
	CHECK_EQ(turn(), 0, "nothing happened");
	CHECK_EQ(vcpu.doorbell, 1, "doorbell");
	fake.runs = exit_timer;
	CHECK_EQ(turn(), NHV_VEC_HDEC, "and then");
	CHECK_EQ(fake.g->value[3][0], 0x4711, "sent after all");
	end();
}

/* An element that cannot be, where the one after IAMR would be. */
static void write_odd_output(void)
{
	struct nhv_gsb gsb;

	nhv_gsb_start(&gsb, (void *)fake.g->output[0], fake.g->output[1]);
	nhv_gsb_put(&gsb, NHV_GS_IAMR, 8, 1);
	nhv_gsb_put(&gsb, 0xffff, 8, 1);
	memset(gsb.data + gsb.used - 12, 0xff, 4);
}

static void test_odd_output(void)
{
	begin(false);
	fake.runs = exit_timer;
	turn();
	write_odd_output();
	CHECK(!vcpu.v2->valid[0], "nothing yet");
	nhv_v2_decode(&vcpu, (void *)fake.g->output[0], fake.g->output[1]);
	CHECK_EQ(vcpu.v2->reg[NHV_DENSE(NHV_GS_IAMR)].value, 1, "IAMR");
	CHECK_EQ(turn(), NHV_VEC_HDEC, "goes on");
	end();
}

/* What a hypercall brings is sent where it was changed, and only there. */
static void test_answers(void)
{
	unsigned int i, other;

	begin(false);
	fake.runs = exit_prod;
	turn();
	for (i = 4; i < 13; i++) {
		other = i == 12 ? 4 : i + 1;
		vcpu.regs->gpr[i] = 0x4711 + i;
		fake.g->value[other][0] = 0x4713;
		turn();
		CHECK_EQ(fake.g->value[i][0], 0x4711 + i, "changed");
		CHECK_EQ(fake.g->value[other][0], 0x4713, "left alone");
	}
	end();
}

/* GPR3 to GPR12 without one of them, or with one of 4 bytes, and something more. */
static void put_operands(struct nhv_gsb *gsb, unsigned int without,
			 unsigned int narrow)
{
	unsigned int i;

	for (i = 3; i < 13; i++)
		if (i != without)
			nhv_gsb_put(gsb, NHV_GS_GPR + i, i == narrow ? 4 : 8,
				    100 * without + i);
	nhv_gsb_put(gsb, NHV_GS_NIA, 8, 0x9000 + without);
}

static void test_operands(void)
{
	unsigned int without, i;
	struct nhv_gsb gsb;
	u8 buffer[256];

	begin(false);
	for (without = 2; without < 16; without++) {
		nhv_gsb_start(&gsb, buffer, sizeof(buffer));
		put_operands(&gsb, without, without ^ 1);
		nhv_v2_forget(vcpu.v2);
		CHECK(!nhv_v2_decode(&vcpu, buffer, gsb.used), "decoded");
		for (i = 3; i < 13; i++) {
			CHECK_EQ(test_bit(i, vcpu.v2->valid), i != without,
				 "valid");
			CHECK(i == without ||
			      vcpu.regs->gpr[i] == 100 * without + i,
			      "GPR%u without %u", i, without);
		}
		CHECK_EQ(vcpu.regs->nip, 0x9000 + without, "NIA");
	}
	end();
}

/* Elements that are right, cut short, and followed by anything. */
static void put_some(struct nhv_gsb *gsb)
{
	unsigned int n = rand() % NHV_NR_DENSE, nr = rand() % 12;
	unsigned int bytes;

	for (; nr && n < NHV_NR_DENSE; nr--, n++) {
		bytes = rand() % 16 ? nhv_element_bytes(n) : rand() % 24;
		if (nhv_gsb_room(gsb, nhv_element_id(n), bytes))
			memset(gsb->data + gsb->used - bytes, rand(), bytes);
	}
}

/* Each buffer has just its size: a byte too far is a fault. */
static void test_garbage(void)
{
	unsigned int round, size;
	u8 whole[512], *cut;
	struct nhv_gsb gsb;

	begin(false);
	for (round = 0; round < 20000; round++) {
		memset(whole, rand() % 2 ? 0xff : 0, sizeof(whole));
		nhv_gsb_start(&gsb, whole, sizeof(whole));
		put_some(&gsb);
		put_some(&gsb);
		if (!(rand() % 4))
			whole[3] = rand();
		size = rand() % (gsb.used + 1);
		cut = malloc(size ?: 1);
		memcpy(cut, whole, size);
		nhv_v2_decode(&vcpu, cut, size);
		free(cut);
	}
	end();
}

static void test_bad_output(void)
{
	begin(false);
	fake.runs = exit_prod;
	fake.bad_output = true;
	CHECK(turn() < 0, "an output buffer of nonsense ends the vCPU");
	end();
}

static void test_changing(void)
{
	begin(false);
	vm.v2->changing = true;
	CHECK_EQ(turn(), NHV_VEC_HDEC, "does not enter");
	CHECK_EQ(fake.calls[FAKE_RUN_VCPU], 1, "only the one that learns");
	vm.v2->changing = false;
	end();
}

static void test_counters(void)
{
	struct nhv_level_counters below;

	begin(false);
	CHECK(!nhv_v2.counters(&below), "counters");
	CHECK_EQ(below.heap_inuse, 1, "the first");
	CHECK_EQ(below.pgtable_reclaimed, 5, "the last");
	fake.fail = FAKE_GET_STATE;
	fake.times = ~0U;
	fake.rc = NHV_H_PARAMETER;
	CHECK_EQ(nhv_v2.counters(&below), -EOPNOTSUPP, "none");
	end();
}

/* ---- guests of guests --------------------------------------------------------------- */

static struct nhv_nested nested;

static void nest_begin(void)
{
	begin(false);
	memset(&nested, 0, sizeof(nested));
	nested.vm = &vm;
	nested.pate[1] = NHV_PATE1_GR | 0x10000;
	CHECK(!nhv_v2_nested_init(&nested), "a second guest");
	CHECK_EQ(nested.lpid, 8, "its id");
	nhv_v2_nested_set_table(&nested);
	CHECK(!nhv_v2_vcpu_nest(&vcpu), "registers");
}

static void nest_end(void)
{
	nhv_v2_nested_clear(&nested);
	nhv_v2_nested_release(&nested);
	/* The VM's own vCPU has what is left. */
	end();
}

/* As src/nested does it. */
static void nest_in(void)
{
	struct nhv_nested_vcpu *n = &vcpu.nested;

	CHECK(!nhv_level_dive_ready(&vcpu, &nested), "ready");
	n->own.gs = vcpu.gs;
	n->own.regs = vcpu.regs;
	vcpu.gs = n->gs;
	vcpu.regs = n->regs;
	n->guest = &nested;
	nhv_level_dive(&vcpu);
}

static void nest_out(void)
{
	struct nhv_nested_vcpu *n = &vcpu.nested;

	CHECK(!nhv_level_dive_out(&vcpu), "out");
	vcpu.gs = n->own.gs;
	vcpu.regs = n->own.regs;
	n->guest = NULL;
}

static bool carried(unsigned int n)
{
	const u64 *at = vcpu.v2->reg[n].at;
	const u8 *block = (const u8 *)vcpu.gs;

	return (const u8 *)at >= block &&
	       (const u8 *)at < block + sizeof(struct nhv_v2_block);
}

static void fill(u64 salt)
{
	unsigned int n;

	for (n = 0; n < NHV_DENSE_READ; n++) {
		fake.g->value[n][0] = salt + n * 0x10001;
		fake.g->value[n][1] = 0;
		if (nhv_element_bytes(n) == 16)
			fake.g->value[n][1] = ~salt - n;
	}
}

static u64 salt_of_run;
static u64 seen[NHV_NR_DENSE][2];

/* Whoever runs keeps what it was given, and leaves others behind. */
static unsigned long exit_fill(void)
{
	memcpy(seen, fake.g->value, sizeof(seen));
	fill(salt_of_run);
	fake.g->value[3][0] = NHV_H_PROD;
	return NHV_VEC_HDEC;
}

static void check_seen(u64 live, u64 own, const char *who)
{
	unsigned int n;
	u64 salt, want;

	for (n = 4; n < NHV_DENSE_READ; n++) {
		if (skips(n) || vcpu.v2->reg[n].at == &vcpu.v2->nowhere ||
		    n == NHV_DENSE(NHV_GS_PURR) || n == NHV_DENSE(NHV_GS_VTB))
			continue;
		salt = carried(n) ? own : live;
		/* L3's are 0 at first. */
		want = salt ? salt + n * 0x10001 : 0;
		CHECK_EQ(seen[n][0], nhv_element_bytes(n) == 4 ? (u32)want : want,
			 who);
		if (nhv_element_bytes(n) == 16)
			CHECK_EQ(seen[n][1], ~salt - n, who);
	}
}

/* What v1 does not carry passes from one to the other; all else stays its own. */
static void test_survival(void)
{
	unsigned int i;

	nest_begin();
	fake.runs = exit_fill;
	salt_of_run = 0x100000;
	turn();
	for (i = 1; i < 4; i++) {
		nest_in();
		salt_of_run = i * 0x1000000;
		turn();
		check_seen(i == 1 ? 0x100000 : i * 0x1000000 - 0x800000,
			   (i - 1) * 0x1000000, "L3");
		nest_out();
		salt_of_run = i * 0x1000000 + 0x800000;
		turn();
		if (i > 1)
			check_seen(i * 0x1000000,
				   i * 0x1000000 - 0x800000, "L2");
	}
	nest_end();
}

/* Return: it was let in and came back, or a turn or the way out told why not. */
static bool nest_once(long rc)
{
	long trap;
	int err = nhv_level_dive_ready(&vcpu, &nested);

	CHECK(!err || err == -EIO || err == errno_of(rc), "answer %ld: ready %d",
	      rc, err);
	if (err)
		return false;
	nest_in();
	trap = turn();
	CHECK(fits(trap, rc), "answer %ld: L3's turn %ld", rc, trap);
	trap = nhv_level_dive_out(&vcpu);
	CHECK(!trap || fits(trap, rc), "answer %ld: out %ld", rc, trap);
	CHECK(vcpu.v2 == vcpu.nested.own.v2, "L2 is in all the same");
	vcpu.gs = vcpu.nested.own.gs;
	vcpu.regs = vcpu.nested.own.regs;
	vcpu.nested.guest = NULL;
	return true;
}

/* A guest of the guest made, run twice and gone, with one call answered so. */
static void nested_refused(enum fake_call call, unsigned int after, long rc)
{
	int err;

	begin(false);
	fake.runs = exit_timer;
	turn();
	memset(&nested, 0, sizeof(nested));
	nested.vm = &vm;
	nested.pate[1] = NHV_PATE1_GR | 0x10000;
	CHECK(!nhv_v2_vcpu_nest(&vcpu), "registers");
	fake.fail = call;
	fake.after = fake.calls[call] + after;
	fake.times = ~0U - fake.after;
	fake.rc = rc;
	err = nhv_v2_nested_init(&nested);
	CHECK(!err || err == errno_of(rc), "answer %ld: init %d", rc, err);
	if (!err) {
		nhv_v2_nested_set_table(&nested);
		if (nest_once(rc))
			nest_once(rc);
		nhv_v2_nested_clear(&nested);
		nhv_v2_nested_release(&nested);
	}
	CHECK(fake.calls[call] < 10000, "call %u answers %ld: no end", call, rc);
	fake.fail = -1;
	destroy();
	CHECK(!fake.memory, "call %u answers %ld: %u objects left", call, rc,
	      fake.memory);
	CHECK(!fake.guests || call == FAKE_DELETE, "call %u answers %ld: guest left",
	      call, rc);
}

static void test_nested_answers(void)
{
	unsigned int call, i, after;

	for (call = FAKE_CREATE; call <= FAKE_FORGET; call++)
		for (i = 0; i < ARRAY_SIZE(answers); i++)
			for (after = 0; after < 6; after++)
				nested_refused(call, after, answers[i]);
}

static void test_nested_refused(void)
{
	nest_begin();
	fake.runs = exit_timer;
	nest_in();
	CHECK_EQ(turn(), NHV_VEC_HDEC, "L3 runs");
	fake.fail = FAKE_GET_STATE;
	fake.times = ~0U;
	fake.rc = NHV_H_HARDWARE;
	CHECK_EQ(nhv_level_dive_out(&vcpu), NHV_H_HARDWARE, "lost");
	CHECK(vcpu.v2 == vcpu.nested.own.v2, "L2 is in all the same");
	vcpu.gs = vcpu.nested.own.gs;
	vcpu.regs = vcpu.nested.own.regs;
	vcpu.nested.guest = NULL;
	fake.fail = -1;
	nest_end();
}

static const struct ktap_case cases[] = {
	{ "what the level below counts", test_counters },
	{ "a guest's life", test_life },
	{ "what a guest may not have", test_wide_refused },
	{ "reboot and kexec", test_shutdown },
	{ "guests that are not deleted before kexec", test_left_behind },
	{ "what the level below gets wrong is seen", test_learn },
	{ "elements that it does not know are left out", test_lacks },
	{ "VPA", test_vpa },
	{ "a VPA that is refused", test_vpa_refused },
	{ "hypercalls downwards per exit", test_calls },
	{ "every register goes down and comes back", test_values },
	{ "what is not changed or not current is not sent", test_one_change },
	{ "MSR and its status bits", test_msr },
	{ "HEIR of either size", test_heir },
	{ "the decrementer, straight and mirrored", test_dec },
	{ "the decrementer where L0 is late", test_dec_late },
	{ "a decrementer that the guest wrote", test_dec_written },
	{ "every answer to every call", test_refusals },
	{ "every answer to the last call", test_left_refused },
	{ "busy answers are waited for", test_busy },
	{ "a busy run", test_busy_run },
	{ "nonsense in the output buffer", test_bad_output },
	{ "an element that cannot be behind one that can", test_odd_output },
	{ "what is sent after a hypercall", test_answers },
	{ "operands of hypercalls", test_operands },
	{ "buffers that are cut short", test_garbage },
	{ "registers from L2 to L3 and back", test_survival },
	{ "registers of L3 that are refused", test_nested_refused },
	{ "every answer to every call for a guest of the guest", test_nested_answers },
	{ "no entry while the guest is changed", test_changing },
};

int main(void)
{
	return ktap_main(cases, ARRAY_SIZE(cases));
}

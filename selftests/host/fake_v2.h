/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A level below that speaks API v2, in place of hcall/call/v2.c: a guest with one
 * vCPU and a second like it, whose state it keeps by the table of elements and by
 * nothing of ours.
 */
#ifndef FAKE_V2_H
#define FAKE_V2_H

#include <abi/elements.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>

enum fake_call {
	FAKE_GET_CAPABILITIES,
	FAKE_SET_CAPABILITIES,
	FAKE_CREATE,
	FAKE_DELETE,
	FAKE_CREATE_VCPU,
	FAKE_GET_STATE,
	FAKE_SET_STATE,
	FAKE_RUN_VCPU,
	FAKE_FORGET,		/* H_RPT_INVALIDATE */
	FAKE_DELETE_ALL,
	FAKE_NR_CALLS
};

/*
 * struct fake_guest - one of them; @value of each element of its vCPU, as
 * doublewords, @vcpus it has, its vCPU's run buffers and VPA
 */
struct fake_guest {
	bool there;
	u64 value[NHV_NR_DENSE][2];
	unsigned int vcpus;
	u64 input[2], output[2];
	u64 vpa;
};

/*
 * struct fake - the level below, and what a test asks of it
 * @calls: made so far, by kind
 * @fail: this call answers @rc ...
 * @also: this one too
 * @after: ... when so many of its kind came before
 * @times: ... that often
 * @mirrors: it stores DEC_EXPIRY_TB the way QEMU does
 * @rpt: there is H_RPT_INVALIDATE
 * @runs: the guest: what it does in a run, and the vector it exits with
 * @bad_output: it writes nonsense
 * @guest: the first and the second
 * @g: the one that the last call was about
 * @wide: how often each guest-wide element was set
 * @guests: that exist
 * @heir_bytes: 4 or 8
 * @lacks: elements that it does not know, up to a 0, and what it answers
 * @late: ticks from its time of an exit to ours
 * @down: nhv_level_shutdown() was called
 * @vpas: how often it was told of one
 * @refusals: counted
 * @now: the timebase
 * @memory: objects allocated
 * @slept_ms: in all
 */
struct fake {
	unsigned int calls[FAKE_NR_CALLS];
	int fail, also;
	unsigned int after, times;
	long rc;
	bool mirrors, rpt, bad_output;
	unsigned long (*runs)(void);
	struct fake_guest guest[2], *g;
	unsigned int wide[8];
	u64 wide_value[8];
	unsigned int guests;
	unsigned int heir_bytes;
	u16 lacks[4];
	long lacks_rc;
	u64 late;
	unsigned int vpas, refusals;
	u64 now, dec;
	unsigned int memory;
	u64 slept_ms;
};

extern struct fake fake;

void fake_reset(void);

#endif

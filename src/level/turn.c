// SPDX-License-Identifier: GPL-2.0-only
/*
 * The time of a turn in the guest, which is the same for every API: L1's own
 * timer ends it at the latest.
 */
#include <linux/minmax.h>
#include <asm/reg.h>
#include <asm/time.h>

#include <abi/exits.h>
#include <abi/numbers.h>
#include <nhv/vcpu.h>

#include "back_end.h"

/* The decrementer is as wide as LPCR[LD] of whoever reads it makes it. */
s64 nhv_read_dec(bool large)
{
	u64 dec = mfspr(SPRN_DEC);

	return large ? (s64)dec : (s32)dec;
}

/*
 * An L0 like QEMU makes the time left out of the deadline when it gets round to
 * it, and a time that is over by then never ends. What it may lose before that,
 * waiting for a lock or a processor of its own, shows in how late it ends runs:
 * a run is given the least time, and what the latest of late have been over it.
 * For the rest see src/vcpu/overdue.c.
 */
#define NHV_LEAST_RUN_US	1000
#define NHV_MOST_LATE_US	20000

/* In ticks; written by any CPU, and no harm if one value of two is lost. */
static u64 nhv_late;

void nhv_level_note_late(const struct nhv_vcpu *vcpu, u64 now)
{
	s64 late = now - vcpu->deadline;
	u64 seen = READ_ONCE(nhv_late);

	if (late > (s64)seen)
		WRITE_ONCE(nhv_late, min_t(u64, late, NHV_MOST_LATE_US *
						      tb_ticks_per_usec));
	else if (late > 0 && seen)
		WRITE_ONCE(nhv_late, seen - seen / 64);
}

static u64 nhv_safe_deadline(u64 deadline, u64 now)
{
	u64 least = now + NHV_LEAST_RUN_US * tb_ticks_per_usec +
		    READ_ONCE(nhv_late);

	if (nhv_level.keeps_translations || (s64)(deadline - least) >= 0)
		return deadline;
	return least;
}

long nhv_level_begin(struct nhv_vcpu *vcpu, u64 lpcr, u64 deadline)
{
	u64 now = mftb();

	vcpu->turn.host_expires = now +
		nhv_read_dec(decrementer_max > S32_MAX);
	if (nhv_level_is_down())
		return NHV_H_NOT_AVAILABLE;
	/* Our own timer ends the guest's turn, whose end no other timer tells. */
	if ((s64)(vcpu->turn.host_expires - deadline) < 0)
		deadline = vcpu->turn.host_expires;
	if ((s64)(deadline - now) <= 0) {
		/*
		 * If it is our timer: QEMU may be late to raise one that is over,
		 * but raises one that is written so at once.
		 */
		mtspr(SPRN_DEC, vcpu->turn.host_expires - now);
		return NHV_VEC_HDEC;
	}
	vcpu->turn.end = deadline;
	vcpu->turn.lpcr = lpcr;
	deadline = nhv_safe_deadline(deadline, now);
	WRITE_ONCE(vcpu->deadline, deadline);
	return nhv_level_turn_ask(vcpu, now, deadline);
}

bool nhv_level_same_turn(const struct nhv_vcpu *vcpu, u64 lpcr)
{
	/* How wide the decrementer is that stays in the processor. */
	return !nhv_level.carries_all &&
	       !((vcpu->turn.lpcr ^ lpcr) & NHV_LPCR_LD);
}

void nhv_level_switched(struct nhv_vcpu *vcpu, u64 deadline)
{
	u64 host = vcpu->turn.host_expires;

	vcpu->turn.lpcr = vcpu->lpcr;
	vcpu->turn.end = (s64)(host - deadline) < 0 ? host : deadline;
	nhv_v1_name(vcpu);
}

bool nhv_level_again(struct nhv_vcpu *vcpu)
{
	u64 now = mftb(), deadline;

	if ((s64)(vcpu->turn.end - now) <= 0)
		return false;
	deadline = nhv_safe_deadline(vcpu->turn.end, now);
	WRITE_ONCE(vcpu->deadline, deadline);
	vcpu->gs->hdec_expiry = deadline;
	return true;
}

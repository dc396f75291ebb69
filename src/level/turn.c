// SPDX-License-Identifier: GPL-2.0-only
/*
 * Of a turn in the guest what is not on every way: see <nhv/turn.h>.
 */
#include <linux/minmax.h>

#include <nhv/turn.h>

#include "back_end.h"

#define NHV_LEAST_RUN_US	1000
#define NHV_MOST_LATE_US	20000

u64 nhv_late;

void nhv_level_turn_init(void)
{
	nhv_level.least_run = NHV_LEAST_RUN_US * tb_ticks_per_usec;
	nhv_level.wide_dec = decrementer_max > S32_MAX;
}

void nhv_level_was_late(u64 late)
{
	u64 seen = READ_ONCE(nhv_late);

	if (late > seen)
		WRITE_ONCE(nhv_late, min_t(u64, late, NHV_MOST_LATE_US *
						      tb_ticks_per_usec));
	else if (seen)
		WRITE_ONCE(nhv_late, seen - seen / 64);
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

// SPDX-License-Identifier: GPL-2.0-only
/*
 * FP, VMX and VSX registers of a guest, for whoever emulates their instructions.
 */
#include <linux/preempt.h>

#include <nhv/level.h>

#include "live_fp.h"

void nhv_live_flush_fp(struct nhv_vcpu *vcpu)
{
	if (nhv_level.carries_all) {
		nhv_level_need(vcpu, NHV_STATE_FP);
		return;
	}
	preempt_disable();
	nhv_fp_flush(vcpu, current->thread.regs);
	preempt_enable();
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * All statistics as rows: names and places, from the tables in nhv/observe.h.
 */
#include <linux/kvm.h>
#include <linux/stddef.h>
#include "stats.h"

#define NHV_ROW(row_name, place, nr, type, unit, row_exponent) {	\
	.flags = KVM_STATS_TYPE_##type | KVM_STATS_UNIT_##unit |	\
		 KVM_STATS_BASE_POW10,					\
	.exponent = (row_exponent),					\
	.size = (nr),							\
	.offset = offsetof(struct nhv_numbers, place),			\
	.name = row_name,						\
}

#define NHV_ROW_VCPU(name, what) \
	NHV_ROW(#name, vcpu.name, 1, CUMULATIVE, NONE, 0),
#define NHV_ROW_TIME(name, what) \
	NHV_ROW(#name, vcpu.name, 1, CUMULATIVE, SECONDS, -9),
#define NHV_ROW_HCALL(name, number) \
	NHV_ROW("hcall_" #name, vcpu.hcall[NHV_SLOT_##name], 1, CUMULATIVE, \
		NONE, 0)
#define NHV_ROW_VM(name, what) \
	NHV_ROW(#name, vm.name, 1, CUMULATIVE, NONE, 0),
#define NHV_ROW_HIST(name, nr, what) \
	NHV_ROW(#name, vm.name, nr, LOG_HIST, NONE, 0),
#define NHV_ROW_BELOW(name, what) \
	NHV_ROW("below_" #name, below.name, 1, INSTANT, BYTES, 0),

#define NHV_ROWS_VCPU \
	NHV_VCPU_STATS(NHV_ROW_VCPU) \
	NHV_VCPU_TIMES(NHV_ROW_TIME) \
	NHV_ROW("hcall_other", vcpu.hcall[NHV_SLOT_OTHER], 1, CUMULATIVE, \
		NONE, 0), \
	NHV_PAPR_CALLS(NHV_ROW_HCALL),

const struct nhv_stats_row nhv_stats_rows[] = {
	NHV_ROWS_VCPU
	NHV_VM_STATS(NHV_ROW_VM)
	NHV_VM_HISTS(NHV_ROW_HIST)
	NHV_LEVEL_COUNTERS(NHV_ROW_BELOW)
};

/* Each row of a vCPU is one number, and they have no gaps. */
const unsigned int nhv_stats_nr_vcpu =
	sizeof(struct nhv_vcpu_stats) / sizeof(u64);
const unsigned int nhv_stats_nr = ARRAY_SIZE(nhv_stats_rows) -
	sizeof(struct nhv_level_counters) / sizeof(u64);
const unsigned int nhv_stats_nr_below = ARRAY_SIZE(nhv_stats_rows);

static const struct nhv_stats_row nhv_rows_vcpu[] __maybe_unused = {
	NHV_ROWS_VCPU
};

static_assert(ARRAY_SIZE(nhv_rows_vcpu) ==
	      sizeof(struct nhv_vcpu_stats) / sizeof(u64));
static_assert(offsetof(struct nhv_stats_row, name) ==
	      offsetof(struct kvm_stats_desc, name));

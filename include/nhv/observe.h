/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * src/observe: statistics and debugfs. May be used by every room.
 */
#ifndef NHV_OBSERVE_H
#define NHV_OBSERVE_H

#include <nhv/base.h>
#include <abi/names.h>

struct nhv_vm;
struct nhv_vcpu;

/*
 * What is counted for each vCPU: name, and what it counts. Where the in-tree KVM
 * counts the same, the name is its.
 */
#define NHV_VCPU_STATS(X) \
	X(sum_exits,		"exits, those dealt with at once included") \
	X(calls_below,		"hypercalls made to the level below to run it") \
	X(host_exits,		"exits without a cause (RETURN_TO_HOST)") \
	X(ext_intr_exits,	"exits by interrupts for the host") \
	X(dec_exits,		"exits by the host's timer or time limit") \
	X(syscall_exits,	"exits by hypercalls") \
	X(h_data_storage_exits,	"exits by partition-scoped data faults") \
	X(h_inst_storage_exits,	"exits by partition-scoped instruction faults") \
	X(h_emul_assist_exits,	"exits by illegal instructions") \
	X(h_fac_unavail_exits,	"exits by facilities that are off") \
	X(program_exits,	"exits by program checks handed back") \
	X(machine_check_exits,	"exits by machine checks") \
	X(system_reset_exits,	"exits by system resets") \
	X(hmi_exits,		"exits by maintenance interrupts") \
	X(dbell_exits,		"exits by directed doorbells") \
	X(perfmon_exits,	"exits by the performance monitor") \
	X(softpatch_exits,	"exits by soft patch interrupts") \
	X(unknown_exits,	"exits by a vector the ABI does not know") \
	X(refused_exits,	"entries the level below refused") \
	X(fail_entry_exits,	"returns to user space because of such") \
	X(hcall_kernel,		"hypercalls answered in the kernel") \
	X(hcall_user,		"hypercalls given to user space") \
	X(mmio_kernel,		"MMIO accesses ended by an event descriptor") \
	X(mmio_exits,		"MMIO accesses given to user space") \
	X(signal_exits,		"returns to user space for a signal") \
	X(ext_injected,		"external interrupts put into the guest") \
	X(cede,			"cedes") \
	X(halt_attempted_poll,	"cedes that polled") \
	X(halt_successful_poll,	"of these, ended while polling") \
	X(halt_successful_wait,	"cedes that slept") \
	X(live_fp_loads,	"loads of FP, VMX, VSX state") \
	X(nested_entries,	"entries of a guest of the guest") \
	X(nested_exits,		"returns from it to the guest") \
	X(fault_map,		"faults that mapped a page") \
	X(fault_mmio,		"faults on no memory")

/* The same, in nanoseconds. */
#define NHV_VCPU_TIMES(X) \
	X(halt_poll_success_ns,	"polling that paid") \
	X(halt_poll_fail_ns,	"polling that did not") \
	X(halt_wait_ns,		"sleep in cedes")

#define NHV_STAT_MEMBER(name, what) u64 name;

/* Hypercalls of the guest: a counter for each name, 0 for those without. */
#define NHV_HCALL_SLOT(name, number)	NHV_SLOT_##name
enum nhv_hcall_slot {
	NHV_SLOT_OTHER,
	NHV_PAPR_CALLS(NHV_HCALL_SLOT),
	NHV_HCALL_SLOTS
};

/** struct nhv_vcpu_stats - written by the vCPU's thread alone */
struct nhv_vcpu_stats {
	NHV_VCPU_STATS(NHV_STAT_MEMBER)
	NHV_VCPU_TIMES(NHV_STAT_MEMBER)
	u64 hcall[NHV_HCALL_SLOTS];
};

/* What is counted for each VM. */
#define NHV_VM_STATS(X) \
	X(map_4k,		"faults that mapped a 4K leaf") \
	X(map_64k,		"faults that mapped a 64K leaf") \
	X(map_2m,		"faults that mapped a 2M leaf") \
	X(map_1g,		"faults that mapped a 1G leaf") \
	X(map_around,		"neighbours mapped by fault-around") \
	X(unmapped,		"leaves taken out") \
	X(remote_tlb_flush,	"invalidation batches sent") \
	X(batch_pages,		"pages invalidated one by one") \
	X(batch_all,		"whole-LPID invalidations") \
	X(batch_walk_cache,	"walk cache invalidations") \
	X(shadow_mapped,	"shadow leaves mapped by faults") \
	X(shadow_around,	"shadow leaves mapped beside them") \
	X(shadow_reflected,	"shadow faults given to the guest hypervisor") \
	X(shadow_reclaimed,	"shadow trees dropped for the quota") \
	X(lost,			"guests brought back by unmapping their memory") \
	X(dirty_protects,	"pages write-protected for the dirty log")

/*
 * The same by size, buckets as KVM_STATS_TYPE_LOG_HIST has them: 0, 1, 2 to 3,
 * 4 to 7, ...: name, number of buckets, what.
 */
#define NHV_VM_HISTS(X) \
	X(batch_hist, 7,	"batches by pages, whole-LPID ones left out")

#define NHV_STAT_ATOMIC(name, what) atomic64_t name;
#define NHV_HIST_ATOMIC(name, nr, what) atomic64_t name[nr];

/** struct nhv_vm_stats - written by anyone */
struct nhv_vm_stats {
	NHV_VM_STATS(NHV_STAT_ATOMIC)
	NHV_VM_HISTS(NHV_HIST_ATOMIC)
};

/**
 * nhv_hist_add() - count a value in a histogram
 * @hist: of struct nhv_vm_stats
 * @nr: its buckets
 * @value: the value
 */
void nhv_hist_add(atomic64_t *hist, unsigned int nr, u64 value);

/**
 * nhv_count_refusal() - count a call that the level below did not do
 * @rc: its return code
 */
void nhv_count_refusal(long rc);

/** struct nhv_live_counts - what exists now; all 0 when nothing is left */
struct nhv_live_counts {
	atomic_t vms;
	atomic_t vcpus;
	atomic_t tables;
	atomic_t rmaps;
};

extern struct nhv_live_counts nhv_live_counts;

/**
 * nhv_observe_init() - the debugfs directory nhv with the sums of all VMs
 */
void nhv_observe_init(void);

/** nhv_observe_exit() - remove it */
void nhv_observe_exit(void);

/**
 * nhv_observe_vm_add() - a VM appears in the sums and in debugfs
 * @vm: the VM
 */
void nhv_observe_vm_add(struct nhv_vm *vm);

/**
 * nhv_observe_vcpu_add() - a vCPU appears in debugfs
 * @vcpu: in its VM's vcpu_by_index
 */
void nhv_observe_vcpu_add(struct nhv_vcpu *vcpu);

/**
 * nhv_observe_vm_remove() - its counts are kept in the totals
 * @vm: the VM; its vCPUs still exist
 */
void nhv_observe_vm_remove(struct nhv_vm *vm);

/**
 * nhv_stats_descriptor() - KVM_GET_STATS_FD
 * @vm: the VM; the descriptor takes a reference
 * @vcpu: one of its vCPUs, or NULL for the VM and the sums over its vCPUs
 *
 * Return: the descriptor or a negative errno.
 */
int nhv_stats_descriptor(struct nhv_vm *vm, const struct nhv_vcpu *vcpu);

#endif

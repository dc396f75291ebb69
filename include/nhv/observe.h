/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * src/observe: statistics and debugfs. May be used by every room.
 */
#ifndef NHV_OBSERVE_H
#define NHV_OBSERVE_H

#include <linux/atomic.h>
#include <linux/types.h>

struct nhv_vm;
struct nhv_vcpu;

/* What is counted for each vCPU: name, and what it counts. */
#define NHV_VCPU_STATS(X) \
	X(exits,		"returns from the guest") \
	X(exit_none,		"returns without a cause") \
	X(exit_external,	"interrupts for the host") \
	X(exit_hdec,		"host timer or time limit") \
	X(exit_hcall,		"hypercalls") \
	X(exit_hdsi,		"partition-scoped data faults") \
	X(exit_hisi,		"partition-scoped instruction faults") \
	X(exit_emul_assist,	"illegal instructions") \
	X(exit_facility,	"facility unavailable") \
	X(exit_program,		"program checks handed back") \
	X(exit_machine_check,	"machine checks") \
	X(exit_other,		"any other vector") \
	X(exit_error,		"entries the level below refused") \
	X(hcall_kernel,		"hypercalls answered in the kernel") \
	X(hcall_user,		"hypercalls given to user space") \
	X(mmio_kernel,		"MMIO accesses ended by an event descriptor") \
	X(mmio_user,		"MMIO accesses given to user space") \
	X(signal_exits,		"returns to user space for a signal") \
	X(ext_injected,		"external interrupts put into the guest") \
	X(cede,			"cedes") \
	X(cede_sleep,		"cedes that slept") \
	X(halt_poll_hit,	"cedes ended while polling") \
	X(live_fp_loads,	"loads of FP, VMX, VSX state") \
	X(nested_entries,	"entries of a guest of the guest") \
	X(nested_exits,		"returns from it to the guest") \
	X(fault_map,		"faults that mapped a page") \
	X(fault_mmio,		"faults on no memory") \
	X(fault_retry,		"faults retried for a race")

#define NHV_STAT_MEMBER(name, what) u64 name;

/** struct nhv_vcpu_stats - written by the vCPU's thread alone */
struct nhv_vcpu_stats {
	NHV_VCPU_STATS(NHV_STAT_MEMBER)
};

/* What is counted for each VM. */
#define NHV_VM_STATS(X) \
	X(map_4k,		"4K leaves mapped") \
	X(map_64k,		"64K leaves mapped") \
	X(map_2m,		"2M leaves mapped") \
	X(map_1g,		"1G leaves mapped") \
	X(map_around,		"neighbours mapped by fault-around") \
	X(unmapped,		"leaves taken out") \
	X(batches,		"invalidation batches sent") \
	X(batch_pages,		"pages invalidated one by one") \
	X(batch_all,		"whole-LPID invalidations") \
	X(lost,			"guests brought back by unmapping their memory") \
	X(dirty_protects,	"pages write-protected for the dirty log")

#define NHV_STAT_ATOMIC(name, what) atomic64_t name;

/** struct nhv_vm_stats - written by anyone */
struct nhv_vm_stats {
	NHV_VM_STATS(NHV_STAT_ATOMIC)
};

/** struct nhv_live_counts - what exists now; all 0 when nothing is left */
struct nhv_live_counts {
	atomic_t vms;
	atomic_t vcpus;
	atomic_t tables;
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

#endif

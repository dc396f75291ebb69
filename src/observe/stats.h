/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside src/observe: the numbers, for whoever shows them.
 */
#ifndef NHV_OBSERVE_STATS_H
#define NHV_OBSERVE_STATS_H

#include <nhv/level.h>
#include <nhv/observe.h>

struct nhv_vcpu;
struct nhv_vm;

#define NHV_STAT_NUMBER(name, what) u64 name;
#define NHV_HIST_NUMBERS(name, nr, what) u64 name[nr];

/**
 * struct nhv_numbers - what was counted, at a moment: all of it u64
 * @vcpu: of a vCPU, or the sums over some
 * @vm: of a VM, or the sums over some
 * @below: what the level below counts, all VMs together
 */
struct nhv_numbers {
	struct nhv_vcpu_stats vcpu;
	struct {
		NHV_VM_STATS(NHV_STAT_NUMBER)
		NHV_VM_HISTS(NHV_HIST_NUMBERS)
	} vm;
	struct nhv_level_counters below;
};

#define NHV_STATS_NAME		48

/**
 * struct nhv_stats_row - a number or an array of them
 *
 * The layout is that of struct kvm_stats_desc with its name (KVM API,
 * KVM_GET_STATS_FD), whose definition differs between kernels.
 *
 * @flags: KVM_STATS_TYPE_*, _UNIT_*, _BASE_*
 * @exponent: of the base
 * @size: how many u64
 * @offset: of the first, in struct nhv_numbers
 * @bucket_size: of linear histograms, of which there are none
 * @name: as user space knows it
 */
struct nhv_stats_row {
	__u32 flags;
	__s16 exponent;
	__u16 size;
	__u32 offset;
	__u32 bucket_size;
	char name[NHV_STATS_NAME];
};

/* All rows: those of a vCPU are the first, then those of a VM. */
extern const struct nhv_stats_row nhv_stats_rows[];
extern const unsigned int nhv_stats_nr_vcpu;
extern const unsigned int nhv_stats_nr;
extern const unsigned int nhv_stats_nr_below;

/**
 * nhv_numbers_of_vcpu() - add what one vCPU counted
 * @numbers: to these
 * @vcpu: the vCPU
 */
void nhv_numbers_of_vcpu(struct nhv_numbers *numbers,
			 const struct nhv_vcpu *vcpu);

/**
 * nhv_numbers_of_vm() - add what a VM and its vCPUs counted
 * @numbers: to these
 * @vm: the VM
 */
void nhv_numbers_of_vm(struct nhv_numbers *numbers, struct nhv_vm *vm);

/**
 * nhv_numbers_of_all() - the sums over all VMs, those gone included
 * @numbers: get them
 */
void nhv_numbers_of_all(struct nhv_numbers *numbers);

/** nhv_stats_add() - count a VM in the sums */
void nhv_stats_add(struct nhv_vm *vm);

/** nhv_stats_remove() - keep its counts and forget it */
void nhv_stats_remove(struct nhv_vm *vm);

struct seq_file;

/** nhv_refusals_show() - calls refused by the level below, by return code */
void nhv_refusals_show(struct seq_file *file);

/** nhv_trees_add() - what a VM has mapped, in its debugfs directory */
void nhv_trees_add(struct nhv_vm *vm);

#endif

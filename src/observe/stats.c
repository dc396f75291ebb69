// SPDX-License-Identifier: GPL-2.0-only
/*
 * Statistics: what a vCPU and a VM counted, and the sums over all VMs, those
 * gone included.
 */
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/xarray.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>
#include "stats.h"

struct nhv_live_counts nhv_live_counts;

#define NHV_NAME(name, what)	#name,

static const char * const nhv_vcpu_names[] = { NHV_VCPU_STATS(NHV_NAME) };
static const char * const nhv_vm_names[] = { NHV_VM_STATS(NHV_NAME) };

#define NHV_NR_VCPU	ARRAY_SIZE(nhv_vcpu_names)
#define NHV_NR_VM	ARRAY_SIZE(nhv_vm_names)

/* The statistics are rows of one table, so their structures are arrays. */
static_assert(sizeof(struct nhv_vcpu_stats) == NHV_NR_VCPU * sizeof(u64));
static_assert(sizeof(struct nhv_vm_stats) == NHV_NR_VM * sizeof(atomic64_t));

struct nhv_sums {
	u64 vcpu[NHV_NR_VCPU];
	u64 vm[NHV_NR_VM];
};

static DEFINE_MUTEX(nhv_stats_lock);	/* both of the following */
static LIST_HEAD(nhv_vms);
static struct nhv_sums nhv_gone;

static void nhv_add_vcpu(struct nhv_sums *sums, const struct nhv_vcpu *vcpu)
{
	const u64 *count = (const u64 *)&vcpu->stats;
	unsigned int i;

	for (i = 0; i < NHV_NR_VCPU; i++)
		sums->vcpu[i] += READ_ONCE(count[i]);
}

static void nhv_add_vm(struct nhv_sums *sums, struct nhv_vm *vm)
{
	const atomic64_t *count = (const atomic64_t *)&vm->stats;
	struct nhv_vcpu *vcpu;
	unsigned long index;
	unsigned int i;

	for (i = 0; i < NHV_NR_VM; i++)
		sums->vm[i] += atomic64_read(&count[i]);
	xa_for_each(&vm->vcpu_by_index, index, vcpu)
		nhv_add_vcpu(sums, vcpu);
}

static void nhv_show(struct seq_file *file, const char * const *names,
		     const u64 *values, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		seq_printf(file, "%s %llu\n", names[i], values[i]);
}

static void nhv_show_sums(struct seq_file *file, const struct nhv_sums *sums)
{
	nhv_show(file, nhv_vcpu_names, sums->vcpu, NHV_NR_VCPU);
	nhv_show(file, nhv_vm_names, sums->vm, NHV_NR_VM);
}

void nhv_stats_show_vcpu(struct seq_file *file, const struct nhv_vcpu *vcpu)
{
	struct nhv_sums sums = { 0 };

	nhv_add_vcpu(&sums, vcpu);
	nhv_show(file, nhv_vcpu_names, sums.vcpu, NHV_NR_VCPU);
}

void nhv_stats_show_vm(struct seq_file *file, struct nhv_vm *vm)
{
	struct nhv_sums sums = { 0 };

	nhv_add_vm(&sums, vm);
	nhv_show_sums(file, &sums);
}

void nhv_stats_show_all(struct seq_file *file)
{
	struct nhv_sums sums;
	struct nhv_vm *vm;

	mutex_lock(&nhv_stats_lock);
	sums = nhv_gone;
	list_for_each_entry(vm, &nhv_vms, link)
		nhv_add_vm(&sums, vm);
	mutex_unlock(&nhv_stats_lock);

	seq_printf(file, "vms %d\n", atomic_read(&nhv_live_counts.vms));
	seq_printf(file, "vcpus %d\n", atomic_read(&nhv_live_counts.vcpus));
	seq_printf(file, "tables %d\n", atomic_read(&nhv_live_counts.tables));
	nhv_show_sums(file, &sums);
}

void nhv_stats_add(struct nhv_vm *vm)
{
	mutex_lock(&nhv_stats_lock);
	list_add_tail(&vm->link, &nhv_vms);
	mutex_unlock(&nhv_stats_lock);
}

void nhv_stats_remove(struct nhv_vm *vm)
{
	mutex_lock(&nhv_stats_lock);
	list_del(&vm->link);
	nhv_add_vm(&nhv_gone, vm);
	mutex_unlock(&nhv_stats_lock);
}

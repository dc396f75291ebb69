// SPDX-License-Identifier: GPL-2.0-only
/*
 * Statistics: what a vCPU and a VM counted, and the sums over all VMs, those
 * gone included.
 */
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/xarray.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>
#include "stats.h"

struct nhv_live_counts nhv_live_counts;

#define NHV_NR_VCPU	(sizeof(struct nhv_vcpu_stats) / sizeof(u64))
#define NHV_NR_VM	(sizeof(struct nhv_vm_stats) / sizeof(atomic64_t))

/* The numbers are rows of tables, so all these structures are arrays. */
static_assert(sizeof(((struct nhv_numbers *)0)->vm) == NHV_NR_VM * sizeof(u64));

static DEFINE_MUTEX(nhv_stats_lock);	/* both of the following */
static LIST_HEAD(nhv_vms);
static struct nhv_numbers nhv_gone;

void nhv_hist_add(atomic64_t *hist, unsigned int nr, u64 value)
{
	atomic64_inc(&hist[min_t(unsigned int, fls64(value), nr - 1)]);
}

void nhv_numbers_of_vcpu(struct nhv_numbers *numbers,
			 const struct nhv_vcpu *vcpu)
{
	const u64 *count = (const u64 *)&vcpu->stats;
	u64 *sum = (u64 *)&numbers->vcpu;
	unsigned int i;

	for (i = 0; i < NHV_NR_VCPU; i++)
		sum[i] += READ_ONCE(count[i]);
}

void nhv_numbers_of_vm(struct nhv_numbers *numbers, struct nhv_vm *vm)
{
	const atomic64_t *count = (const atomic64_t *)&vm->stats;
	u64 *sum = (u64 *)&numbers->vm;
	struct nhv_vcpu *vcpu;
	unsigned long index;
	unsigned int i;

	for (i = 0; i < NHV_NR_VM; i++)
		sum[i] += atomic64_read(&count[i]);
	xa_for_each(&vm->vcpu_by_index, index, vcpu)
		nhv_numbers_of_vcpu(numbers, vcpu);
}

void nhv_numbers_of_all(struct nhv_numbers *numbers)
{
	struct nhv_vm *vm;

	mutex_lock(&nhv_stats_lock);
	*numbers = nhv_gone;
	list_for_each_entry(vm, &nhv_vms, link)
		nhv_numbers_of_vm(numbers, vm);
	mutex_unlock(&nhv_stats_lock);
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
	nhv_numbers_of_vm(&nhv_gone, vm);
	mutex_unlock(&nhv_stats_lock);
}

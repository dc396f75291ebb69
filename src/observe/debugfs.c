// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs: nhv/stats, nhv/refused (calls that the level below did not do, by
 * return code), nhv/below (what the level below is and counts), and for each VM nhv/<pid>-<lpid>/stats, trees and vcpu<id>.
 *
 * Nothing depends on debugfs: all of it may fail or be switched off.
 */
#include <linux/debugfs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <nhv/compat.h>
#include <nhv/level.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>
#include "stats.h"

static struct dentry *nhv_debugfs;

/* A line is a name and its numbers. Hypercalls never made are left out. */
static void nhv_show_rows(struct seq_file *file,
			  const struct nhv_numbers *numbers, unsigned int nr)
{
	const struct nhv_stats_row *row;

	for (row = nhv_stats_rows; row < nhv_stats_rows + nr; row++) {
		const u64 *value = (void *)numbers + row->offset;
		unsigned int i;

		if (strstarts(row->name, "hcall_H_") && !*value)
			continue;
		seq_puts(file, row->name);
		for (i = 0; i < row->size; i++)
			seq_printf(file, " %llu", value[i]);
		seq_putc(file, '\n');
	}
}

static int nhv_all_show(struct seq_file *file, void *unused)
{
	struct nhv_numbers *numbers = kzalloc(sizeof(*numbers), GFP_KERNEL);

	if (!numbers)
		return -ENOMEM;
	nhv_numbers_of_all(numbers);
	seq_printf(file, "vms %d\n", atomic_read(&nhv_live_counts.vms));
	seq_printf(file, "vcpus %d\n", atomic_read(&nhv_live_counts.vcpus));
	seq_printf(file, "tables %d\n", atomic_read(&nhv_live_counts.tables));
	seq_printf(file, "rmaps %d\n", atomic_read(&nhv_live_counts.rmaps));
	nhv_show_rows(file, numbers, nhv_stats_nr);
	kfree(numbers);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(nhv_all);

static int nhv_vm_show(struct seq_file *file, void *unused)
{
	struct nhv_numbers *numbers = kzalloc(sizeof(*numbers), GFP_KERNEL);

	if (!numbers)
		return -ENOMEM;
	nhv_numbers_of_vm(numbers, file->private);
	nhv_show_rows(file, numbers, nhv_stats_nr);
	kfree(numbers);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(nhv_vm);

static int nhv_vcpu_show(struct seq_file *file, void *unused)
{
	struct nhv_numbers *numbers = kzalloc(sizeof(*numbers), GFP_KERNEL);

	if (!numbers)
		return -ENOMEM;
	nhv_numbers_of_vcpu(numbers, file->private);
	nhv_show_rows(file, numbers, nhv_stats_nr_vcpu);
	kfree(numbers);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(nhv_vcpu);

static int nhv_refused_show(struct seq_file *file, void *unused)
{
	nhv_refusals_show(file);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(nhv_refused);

/* What the level below is, and what it counts where it does. */
static int nhv_below_show(struct seq_file *file, void *unused)
{
	struct nhv_level_counters below;

	seq_printf(file, "api %s\n", nhv_level_name());
	if (nhv_level_counters(&below))
		return 0;
#define NHV_SHOW_COUNTER(name, what) \
	seq_printf(file, #name " %llu\n", below.name);
	NHV_LEVEL_COUNTERS(NHV_SHOW_COUNTER)
#undef NHV_SHOW_COUNTER
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(nhv_below);

void nhv_observe_init(void)
{
	nhv_debugfs = debugfs_create_dir("nhv", NULL);
	debugfs_create_file("stats", 0444, nhv_debugfs, NULL, &nhv_all_fops);
	debugfs_create_file("refused", 0444, nhv_debugfs, NULL,
			    &nhv_refused_fops);
	debugfs_create_file("below", 0444, nhv_debugfs, NULL, &nhv_below_fops);
}

void nhv_observe_exit(void)
{
	debugfs_remove_recursive(nhv_debugfs);
}

void nhv_observe_vm_add(struct nhv_vm *vm)
{
	char name[2 * 11 + 1];

	nhv_stats_add(vm);
	snprintf(name, sizeof(name), "%d-%u", task_tgid_nr(current), vm->lpid);
	vm->debugfs = debugfs_create_dir(name, nhv_debugfs);
	debugfs_create_file("stats", 0444, vm->debugfs, vm, &nhv_vm_fops);
	nhv_trees_add(vm);
}

void nhv_observe_vcpu_add(struct nhv_vcpu *vcpu)
{
	char name[sizeof("vcpu") + 10];

	snprintf(name, sizeof(name), "vcpu%u", vcpu->id);
	debugfs_create_file(name, 0444, vcpu->vm->debugfs, vcpu,
			    &nhv_vcpu_fops);
}

/* Removing waits for whoever reads one of the files. */
void nhv_observe_vm_remove(struct nhv_vm *vm)
{
	debugfs_remove_recursive(vm->debugfs);
	nhv_stats_remove(vm);
}

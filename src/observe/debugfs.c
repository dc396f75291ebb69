// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs: nhv/stats, and for each VM nhv/<pid>-<lpid>/stats and vcpu<id>.
 *
 * Nothing depends on debugfs: all of it may fail or be switched off.
 */
#include <linux/debugfs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <nhv/compat.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>
#include "stats.h"

static struct dentry *nhv_debugfs;

static int nhv_all_show(struct seq_file *file, void *unused)
{
	nhv_stats_show_all(file);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(nhv_all);

static int nhv_vm_show(struct seq_file *file, void *unused)
{
	nhv_stats_show_vm(file, file->private);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(nhv_vm);

static int nhv_vcpu_show(struct seq_file *file, void *unused)
{
	nhv_stats_show_vcpu(file, file->private);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(nhv_vcpu);

void nhv_observe_init(void)
{
	nhv_debugfs = debugfs_create_dir("nhv", NULL);
	debugfs_create_file("stats", 0444, nhv_debugfs, NULL, &nhv_all_fops);
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

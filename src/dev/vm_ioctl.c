// SPDX-License-Identifier: GPL-2.0-only
/*
 * The VM descriptor.
 */
#include <linux/anon_inodes.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/kvm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <nhv/core.h>
#include <nhv/dev.h>
#include <nhv/vm.h>
#include "ioctl.h"

static long nhv_vm_create_vcpu_call(const struct nhv_ioctl_args *args)
{
	return nhv_vcpu_descriptor(args->vm, args->arg);
}

static long nhv_vm_check_extension_call(const struct nhv_ioctl_args *args)
{
	return nhv_vm_check_extension(args->vm, args->arg);
}

static long nhv_vm_set_region(const struct nhv_ioctl_args *args)
{
	return nhv_slot_set(args->vm, args->data);
}

static long nhv_vm_get_dirty(const struct nhv_ioctl_args *args)
{
	return nhv_slot_get_dirty(args->vm, args->data);
}

static long nhv_vm_enable_cap_call(const struct nhv_ioctl_args *args)
{
	return nhv_vm_enable_cap(args->vm, args->data);
}

static long nhv_vm_ioeventfd_call(const struct nhv_ioctl_args *args)
{
	return nhv_vm_ioeventfd(args->vm, args->data);
}

static long nhv_vm_configure(const struct nhv_ioctl_args *args)
{
	return nhv_vm_configure_mmu(args->vm, args->data);
}

static long nhv_vm_rmmu_info(const struct nhv_ioctl_args *args)
{
	nhv_rmmu_info(args->data);
	return 0;
}

static long nhv_vm_smmu_info(const struct nhv_ioctl_args *args)
{
	nhv_smmu_info(args->data);
	return 0;
}

static long nhv_vm_cpu_char(const struct nhv_ioctl_args *args)
{
	nhv_cpu_char(args->data);
	return 0;
}

/* A guest of ours has no hash table; see KVM_CAP_PPC_ALLOC_HTAB in caps.c. */
static long nhv_vm_no_htab(const struct nhv_ioctl_args *args)
{
	return -EOPNOTSUPP;
}

static long nhv_vm_stats_call(const struct nhv_ioctl_args *args)
{
	return nhv_stats_descriptor(args->vm, NULL);
}

/* The window of the older call begins at 0 and has pages of 4 KiB. */
static long nhv_vm_create_tce(const struct nhv_ioctl_args *args)
{
	const struct kvm_create_spapr_tce *old = args->data;
	struct kvm_create_spapr_tce_64 new = {
		.liobn = old->liobn,
		.page_shift = 12,
		.size = old->window_size >> 12,
	};

	return nhv_tce_descriptor(args->vm, &new);
}

static long nhv_vm_create_tce_64(const struct nhv_ioctl_args *args)
{
	return nhv_tce_descriptor(args->vm, args->data);
}

static const struct nhv_ioctl nhv_vm_ioctls[] = {
	{ KVM_CREATE_VCPU, 0, nhv_vm_create_vcpu_call },
	{ KVM_CHECK_EXTENSION, 0, nhv_vm_check_extension_call },
	{ KVM_SET_USER_MEMORY_REGION, NHV_IOCTL_IN, nhv_vm_set_region },
	{ KVM_GET_DIRTY_LOG, NHV_IOCTL_IN, nhv_vm_get_dirty },
	{ KVM_ENABLE_CAP, NHV_IOCTL_IN, nhv_vm_enable_cap_call },
	{ KVM_IOEVENTFD, NHV_IOCTL_IN, nhv_vm_ioeventfd_call },
	{ KVM_PPC_CONFIGURE_V3_MMU, NHV_IOCTL_IN, nhv_vm_configure },
	{ KVM_PPC_GET_RMMU_INFO, NHV_IOCTL_OUT, nhv_vm_rmmu_info },
	{ KVM_PPC_GET_SMMU_INFO, NHV_IOCTL_OUT, nhv_vm_smmu_info },
	{ KVM_PPC_GET_CPU_CHAR, NHV_IOCTL_OUT, nhv_vm_cpu_char },
	{ KVM_CREATE_SPAPR_TCE, NHV_IOCTL_IN, nhv_vm_create_tce },
	{ KVM_CREATE_SPAPR_TCE_64, NHV_IOCTL_IN, nhv_vm_create_tce_64 },
	{ KVM_GET_STATS_FD, 0, nhv_vm_stats_call },
	{ KVM_PPC_ALLOCATE_HTAB, 0, nhv_vm_no_htab },
	{ }
};

static long nhv_vm_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct nhv_ioctl_args args = { .vm = file->private_data, .arg = arg };
	const struct nhv_ioctl *ioctl;

	/* The slots' addresses mean something in the creator's mm alone. */
	if (args.vm->mm != current->mm)
		return -EIO;
	ioctl = nhv_ioctl_find(nhv_vm_ioctls, cmd);
	if (!ioctl)
		return -ENOTTY;
	return nhv_ioctl_call(ioctl, &args);
}

static int nhv_vm_close(struct inode *inode, struct file *file)
{
	nhv_vm_put(file->private_data);
	return 0;
}

static const struct file_operations nhv_vm_fops = {
	.owner = THIS_MODULE,
	.release = nhv_vm_close,
	.unlocked_ioctl = nhv_vm_ioctl,
	.llseek = noop_llseek,
};

int nhv_vm_descriptor(struct nhv_vm *vm)
{
	int fd = anon_inode_getfd("kvm-vm", &nhv_vm_fops, vm,
				  O_RDWR | O_CLOEXEC);

	if (fd < 0)
		nhv_vm_put(vm);
	return fd;
}

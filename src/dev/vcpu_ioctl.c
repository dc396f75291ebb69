// SPDX-License-Identifier: GPL-2.0-only
/*
 * The vCPU descriptor.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kvm.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/uaccess.h>
#include <nhv/dev.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>
#include "ioctl.h"

static long nhv_vcpu_get_regs_call(const struct nhv_ioctl_args *args)
{
	return nhv_vcpu_get_regs(args->vcpu, args->data);
}

static long nhv_vcpu_set_regs_call(const struct nhv_ioctl_args *args)
{
	return nhv_vcpu_set_regs(args->vcpu, args->data);
}

static long nhv_vcpu_get_sregs_call(const struct nhv_ioctl_args *args)
{
	return nhv_vcpu_get_sregs(args->vcpu, args->data);
}

static long nhv_vcpu_set_sregs_call(const struct nhv_ioctl_args *args)
{
	return nhv_vcpu_set_sregs(args->vcpu, args->data);
}

static long nhv_vcpu_get_fpu_call(const struct nhv_ioctl_args *args)
{
	return nhv_vcpu_get_fpu(args->vcpu, args->data);
}

static long nhv_vcpu_set_fpu_call(const struct nhv_ioctl_args *args)
{
	return nhv_vcpu_set_fpu(args->vcpu, args->data);
}

/* These two copy for themselves: a VMM calls them some hundred times in a row. */
static long nhv_vcpu_get_one_reg_call(const struct nhv_ioctl_args *args)
{
	struct kvm_one_reg reg;

	if (copy_from_user(&reg, (void __user *)args->arg, sizeof(reg)))
		return -EFAULT;
	return nhv_vcpu_get_one_reg(args->vcpu, &reg);
}

static long nhv_vcpu_set_one_reg_call(const struct nhv_ioctl_args *args)
{
	struct kvm_one_reg reg;

	if (copy_from_user(&reg, (void __user *)args->arg, sizeof(reg)))
		return -EFAULT;
	return nhv_vcpu_set_one_reg(args->vcpu, &reg);
}

static long nhv_vcpu_interrupt_call(const struct nhv_ioctl_args *args)
{
	const struct kvm_interrupt *interrupt = args->data;

	return nhv_vcpu_interrupt(args->vcpu, interrupt->irq);
}

static long nhv_vcpu_stats_call(const struct nhv_ioctl_args *args)
{
	return nhv_stats_descriptor(args->vm, args->vcpu);
}

static long nhv_vcpu_enable_cap(const struct nhv_ioctl_args *args)
{
	const struct kvm_enable_cap *cap = args->data;

	if (cap->flags)
		return -EINVAL;
	switch (cap->cap) {
	case KVM_CAP_PPC_PAPR:
		args->vcpu->papr = true;
		return 0;
	case KVM_CAP_PPC_FWNMI:
		WRITE_ONCE(args->vm->fwnmi_enabled, true);
		return 0;
	default:
		return -EINVAL;
	}
}

/*
 * The signals that end KVM_RUN; a NULL pointer gives the thread's own mask
 * back. The structure has a tail that its size does not count.
 */
static long nhv_vcpu_set_signal_mask(const struct nhv_ioctl_args *args)
{
	struct kvm_signal_mask __user *user = (void __user *)args->arg;
	struct kvm_signal_mask mask;
	sigset_t set;

	if (!user) {
		args->vcpu->sigset_active = false;
		return 0;
	}
	if (copy_from_user(&mask, user, sizeof(mask)))
		return -EFAULT;
	if (mask.len != sizeof(set))
		return -EINVAL;
	if (copy_from_user(&set, user->sigset, sizeof(set)))
		return -EFAULT;
	sigdelsetmask(&set, sigmask(SIGKILL) | sigmask(SIGSTOP));
	args->vcpu->sigset = set;
	args->vcpu->sigset_active = true;
	return 0;
}

/* With the vCPU's mutex; KVM_RUN, too, which is not sought here. */
static const struct nhv_ioctl nhv_vcpu_ioctls[] = {
	{ KVM_GET_ONE_REG, 0, nhv_vcpu_get_one_reg_call },
	{ KVM_SET_ONE_REG, 0, nhv_vcpu_set_one_reg_call },
	{ KVM_GET_REGS, NHV_IOCTL_OUT, nhv_vcpu_get_regs_call },
	{ KVM_SET_REGS, NHV_IOCTL_IN, nhv_vcpu_set_regs_call },
	{ KVM_GET_SREGS, NHV_IOCTL_OUT, nhv_vcpu_get_sregs_call },
	{ KVM_SET_SREGS, NHV_IOCTL_IN, nhv_vcpu_set_sregs_call },
	{ KVM_GET_FPU, NHV_IOCTL_OUT, nhv_vcpu_get_fpu_call },
	{ KVM_SET_FPU, NHV_IOCTL_IN, nhv_vcpu_set_fpu_call },
	{ KVM_ENABLE_CAP, NHV_IOCTL_IN, nhv_vcpu_enable_cap },
	{ KVM_SET_SIGNAL_MASK, 0, nhv_vcpu_set_signal_mask },
	{ }
};

/* Without: these come while another thread is inside KVM_RUN. */
static const struct nhv_ioctl nhv_vcpu_async_ioctls[] = {
	{ KVM_INTERRUPT, NHV_IOCTL_IN, nhv_vcpu_interrupt_call },
	{ KVM_GET_STATS_FD, 0, nhv_vcpu_stats_call },
	{ }
};

/* Return: 0, or -EINTR without it. */
static __always_inline int nhv_vcpu_lock(struct nhv_vcpu *vcpu)
{
	/* For the most part nobody else wants it. */
	if (mutex_trylock(&vcpu->mutex))
		return 0;
	return mutex_lock_killable(&vcpu->mutex);
}

/* The one that has to be quick. */
static long nhv_vcpu_run_call(struct nhv_vcpu *vcpu, unsigned long arg)
{
	long ret;

	if (arg)
		return -EINVAL;
	if (nhv_vcpu_lock(vcpu))
		return -EINTR;
	ret = nhv_vcpu_run(vcpu);
	mutex_unlock(&vcpu->mutex);
	return ret;
}

static long nhv_vcpu_call_locked(const struct nhv_ioctl *ioctl,
				 struct nhv_ioctl_args *args)
{
	long ret;

	if (nhv_vcpu_lock(args->vcpu))
		return -EINTR;
	ret = nhv_ioctl_call(ioctl, args);
	mutex_unlock(&args->vcpu->mutex);
	return ret;
}

static noinline long nhv_vcpu_other_ioctl(struct nhv_vcpu *vcpu,
					  unsigned int cmd, unsigned long arg)
{
	struct nhv_ioctl_args args = { .vm = vcpu->vm, .vcpu = vcpu, .arg = arg };
	const struct nhv_ioctl *ioctl;

	ioctl = nhv_ioctl_find(nhv_vcpu_ioctls, cmd);
	if (ioctl)
		return nhv_vcpu_call_locked(ioctl, &args);
	ioctl = nhv_ioctl_find(nhv_vcpu_async_ioctls, cmd);
	if (ioctl)
		return nhv_ioctl_call(ioctl, &args);
	return -ENOTTY;
}

static long nhv_vcpu_ioctl(struct file *file, unsigned int cmd,
			   unsigned long arg)
{
	struct nhv_vcpu *vcpu = file->private_data;

	if (vcpu->vm->mm != current->mm)
		return -EIO;
	return cmd == KVM_RUN ? nhv_vcpu_run_call(vcpu, arg) :
				nhv_vcpu_other_ioctl(vcpu, cmd, arg);
}

/* ---- the page shared with user space ------------------------------------------ */

static vm_fault_t nhv_vcpu_page_fault(struct vm_fault *vmf)
{
	const struct nhv_vcpu *vcpu = vmf->vma->vm_file->private_data;

	if (vmf->pgoff)
		return VM_FAULT_SIGBUS;
	get_page(vcpu->run_page);
	vmf->page = vcpu->run_page;
	return 0;
}

static const struct vm_operations_struct nhv_vcpu_vm_ops = {
	.fault = nhv_vcpu_page_fault,
};

static int nhv_vcpu_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &nhv_vcpu_vm_ops;
	return 0;
}

static int nhv_vcpu_close(struct inode *inode, struct file *file)
{
	struct nhv_vcpu *vcpu = file->private_data;

	/* NULL when the vCPU could not be created: nhv_vcpu_descriptor(). */
	if (vcpu)
		nhv_vm_put(vcpu->vm);
	return 0;
}

static const struct file_operations nhv_vcpu_fops = {
	.owner = THIS_MODULE,
	.release = nhv_vcpu_close,
	.unlocked_ioctl = nhv_vcpu_ioctl,
	.mmap = nhv_vcpu_mmap,
	.llseek = noop_llseek,
};

static struct file *nhv_vcpu_file(unsigned long id)
{
	char name[sizeof("kvm-vcpu:") + 20];

	snprintf(name, sizeof(name), "kvm-vcpu:%lu", id);
	return anon_inode_getfile(name, &nhv_vcpu_fops, NULL, O_RDWR);
}

/*
 * A vCPU stays until its VM goes, so it is created when nothing else can fail
 * any more: a call that failed for want of descriptors can be made again.
 */
int nhv_vcpu_descriptor(struct nhv_vm *vm, unsigned long id)
{
	struct nhv_vcpu *vcpu;
	struct file *file;
	int fd;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	file = nhv_vcpu_file(id);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	vcpu = nhv_vm_create_vcpu(vm, id);
	if (IS_ERR(vcpu)) {
		fput(file);
		put_unused_fd(fd);
		return PTR_ERR(vcpu);
	}
	nhv_vm_get(vm);
	file->private_data = vcpu;
	fd_install(fd, file);
	return fd;
}

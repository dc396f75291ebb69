// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device node and the system descriptor.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kvm.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/namei.h>
#include <linux/path.h>
#include <nhv/dev.h>
#include <nhv/vm.h>

#define NHV_NAME_MAX		31

static char *nhv_device_param;
module_param_named(device, nhv_device_param, charp, 0444);
MODULE_PARM_DESC(device,
		 "name of the device node; without it kvm, or nhv when kvm is taken");

static long nhv_create_vm(unsigned long type)
{
	struct nhv_vm *vm;

	/* 0 is the default and 1 is HV; 2, the PR kind, is not for a radix CPU */
	if (type > 1)
		return -EINVAL;
	vm = nhv_vm_create();
	if (IS_ERR(vm))
		return PTR_ERR(vm);
	return nhv_vm_descriptor(vm);
}

static long nhv_system_ioctl(struct file *file, unsigned int cmd,
			     unsigned long arg)
{
	switch (cmd) {
	case KVM_GET_API_VERSION:
		return arg ? -EINVAL : KVM_API_VERSION;
	case KVM_CREATE_VM:
		return nhv_create_vm(arg);
	case KVM_CHECK_EXTENSION:
		return nhv_vm_check_extension(NULL, arg);
	case KVM_GET_VCPU_MMAP_SIZE:
		return arg ? -EINVAL : PAGE_SIZE;
	default:
		return -ENOTTY;
	}
}

static const struct file_operations nhv_device_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = nhv_system_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice nhv_device = {
	.fops = &nhv_device_fops,
	.mode = 0660,
};

static bool nhv_name_valid(const char *name)
{
	const char *c;

	for (c = name; *c; c++)
		if (!isalnum(*c) && *c != '-' && *c != '_')
			return false;
	return c > name && c - name <= NHV_NAME_MAX;
}

static bool nhv_path_exists(const char *directory, const char *name)
{
	char path[sizeof("/sys/class/misc/") + NHV_NAME_MAX];
	struct path found;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (kern_path(path, 0, &found))
		return false;
	path_put(&found);
	return true;
}

/*
 * misc_register() finds a minor taken, but complains with a trace of a name.
 * The error is not -EEXIST, which kernels keep for a module that is there.
 */
static bool nhv_name_taken(const char *name)
{
	return nhv_path_exists("/sys/class/misc", name) ||
	       nhv_path_exists("/dev", name);
}

static int nhv_register_kvm(void)
{
	nhv_device.minor = KVM_MINOR;
	nhv_device.name = "kvm";
	return misc_register(&nhv_device);
}

static int nhv_register_other(const char *name)
{
	if (!nhv_name_valid(name)) {
		pr_err("device= must be 1 to %d letters, digits, - or _\n",
		       NHV_NAME_MAX);
		return -EINVAL;
	}
	if (nhv_name_taken(name)) {
		pr_err("there is a device %s already; load with another device=\n",
		       name);
		return -EADDRINUSE;
	}
	nhv_device.minor = MISC_DYNAMIC_MINOR;
	nhv_device.name = name;
	return misc_register(&nhv_device);
}

static int nhv_register_named(const char *name)
{
	int ret;

	if (strcmp(name, "kvm"))
		return nhv_register_other(name);
	ret = nhv_register_kvm();
	if (ret != -EBUSY)
		return ret;
	pr_err("the device kvm is taken; unload kvm or load without device=\n");
	return -EADDRINUSE;
}

int nhv_device_register(void)
{
	int ret;

	if (nhv_device_param)
		return nhv_register_named(nhv_device_param);
	ret = nhv_register_kvm();
	return ret == -EBUSY ? nhv_register_other("nhv") : ret;
}

void nhv_device_unregister(void)
{
	misc_deregister(&nhv_device);
}

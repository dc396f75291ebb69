// SPDX-License-Identifier: GPL-2.0-only
/*
 * Moving an ioctl's structure between user space and its handler.
 */
#include <linux/ioctl.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "ioctl.h"

/* Up to here a structure is on the stack. */
#define NHV_IOCTL_SMALL		128

const struct nhv_ioctl *nhv_ioctl_find(const struct nhv_ioctl *table,
				       unsigned int cmd)
{
	for (; table->call; table++)
		if (table->cmd == cmd)
			return table;
	return NULL;
}

static long nhv_ioctl_copy(const struct nhv_ioctl *ioctl,
			   struct nhv_ioctl_args *args)
{
	void __user *user = (void __user *)args->arg;
	size_t size = _IOC_SIZE(ioctl->cmd);
	long ret;

	if (ioctl->copy & NHV_IOCTL_IN) {
		if (copy_from_user(args->data, user, size))
			return -EFAULT;
	} else {
		memset(args->data, 0, size);
	}
	ret = ioctl->call(args);
	if (ret < 0 || !(ioctl->copy & NHV_IOCTL_OUT))
		return ret;
	return copy_to_user(user, args->data, size) ? -EFAULT : ret;
}

static long nhv_ioctl_large(const struct nhv_ioctl *ioctl,
			    struct nhv_ioctl_args *args)
{
	long ret;

	args->data = kmalloc(_IOC_SIZE(ioctl->cmd), GFP_KERNEL_ACCOUNT);
	if (!args->data)
		return -ENOMEM;
	ret = nhv_ioctl_copy(ioctl, args);
	kfree(args->data);
	return ret;
}

/* Not inline: where there is nothing to copy, no stack is to be cleared. */
static noinline long nhv_ioctl_small(const struct nhv_ioctl *ioctl,
				     struct nhv_ioctl_args *args)
{
	u64 small[NHV_IOCTL_SMALL / sizeof(u64)];

	args->data = small;
	return nhv_ioctl_copy(ioctl, args);
}

long nhv_ioctl_call(const struct nhv_ioctl *ioctl, struct nhv_ioctl_args *args)
{
	args->data = NULL;
	if (!ioctl->copy)
		return ioctl->call(args);
	if (_IOC_SIZE(ioctl->cmd) > NHV_IOCTL_SMALL)
		return nhv_ioctl_large(ioctl, args);
	return nhv_ioctl_small(ioctl, args);
}

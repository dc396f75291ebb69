/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ioctls as rows of a table.
 */
#ifndef NHV_DEV_IOCTL_H
#define NHV_DEV_IOCTL_H

#include <linux/types.h>

struct nhv_vm;
struct nhv_vcpu;

/**
 * struct nhv_ioctl_args - what a handler gets
 * @vm: of the descriptor
 * @vcpu: of the descriptor, NULL on a VM's
 * @arg: as user space passed it
 * @data: the structure that @arg points to: copied in, or zeroed and to be
 *	copied out, or NULL
 */
struct nhv_ioctl_args {
	struct nhv_vm *vm;
	struct nhv_vcpu *vcpu;
	unsigned long arg;
	void *data;
};

/*
 * Which way the structure goes. The number of an ioctl does not tell: KVM has
 * several whose direction bits are wrong.
 */
#define NHV_IOCTL_IN		1
#define NHV_IOCTL_OUT		2

/**
 * struct nhv_ioctl - an ioctl
 * @cmd: its number
 * @copy: NHV_IOCTL_*, 0 when @arg is no pointer or the handler copies
 * @call: the handler
 */
struct nhv_ioctl {
	unsigned int cmd;
	unsigned int copy;
	long (*call)(const struct nhv_ioctl_args *args);
};

/**
 * nhv_ioctl_find() - look an ioctl up
 * @table: ends with a row without handler
 * @cmd: number
 *
 * Return: its row or NULL.
 */
const struct nhv_ioctl *nhv_ioctl_find(const struct nhv_ioctl *table,
				       unsigned int cmd);

/**
 * nhv_ioctl_call() - copy in, call, copy out
 * @ioctl: its row
 * @args: all but @data
 *
 * Return: what the handler returns; -EFAULT, -ENOMEM.
 */
long nhv_ioctl_call(const struct nhv_ioctl *ioctl, struct nhv_ioctl_args *args);

#endif

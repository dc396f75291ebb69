// SPDX-License-Identifier: GPL-2.0-only
/*
 * What QEMU does to look at a vCPU's registers once: all of them out, and before
 * the vCPU runs again all of them in.
 */
#include <stdbool.h>
#include <sys/ioctl.h>

#include "vmm.h"

#define VR0	0x40
#define MATH	64		/* 32 VMX and 32 VSX registers */

static const uint64_t ids[] = {
#define REG(name, low, size, mask, fixed, when) KVM_REG_ID(size, low),
#include "one_reg.def"
#undef REG
};

/* Not every processor has every register: QEMU goes on, and so do we. */
static void all(struct vcpu *v, bool set)
{
	static __thread uint64_t math[MATH][2], values[ARRAY_SIZE(ids)];

	for (unsigned int i = 0; i < MATH; i++)
		one_reg(v->fd, set, KVM_REG_ID(U128, VR0 + i), math[i]);
	for (unsigned int i = 0; i < ARRAY_SIZE(ids); i++)
		one_reg(v->fd, set, ids[i], &values[i]);
}

int sync_registers(struct vcpu *v)
{
	struct kvm_regs regs;
	struct kvm_sregs sregs;

	if (ioctl(v->fd, KVM_GET_REGS, &regs) ||
	    ioctl(v->fd, KVM_GET_SREGS, &sregs))
		return -1;
	all(v, false);
	if (ioctl(v->fd, KVM_GET_REGS, &regs) ||
	    ioctl(v->fd, KVM_SET_REGS, &regs))
		return -1;
	all(v, true);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between regs.c (plain registers) and one_reg.c (the ioctl, and registers
 * whose access does more).
 */
#ifndef NHV_VCPU_REGS_H
#define NHV_VCPU_REGS_H

#include <linux/kvm.h>
#include <nhv/base.h>

struct nhv_vcpu;

/** nhv_reg_bytes() - the size that a one-reg id names */
static inline unsigned int nhv_reg_bytes(u64 id)
{
	return 1U << ((id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT);
}

/**
 * nhv_reg_get() - a plain register by its one-reg id
 * @vcpu: mutex held
 * @id: whole id; architecture bits have been checked
 * @value: gets it, zero-extended
 *
 * Return: 0 or -EINVAL: no such register.
 */
int nhv_reg_get(struct nhv_vcpu *vcpu, u64 id, u64 *value);

/** nhv_reg_set() - as above */
int nhv_reg_set(struct nhv_vcpu *vcpu, u64 id, u64 value);

/**
 * nhv_vcpu_set_msr() - MSR without what a guest may not have
 * @vcpu: mutex held
 * @msr: as user space or the guest asks
 */
void nhv_vcpu_set_msr(struct nhv_vcpu *vcpu, u64 msr);

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * H_PAGE_INIT, H_LOGICAL_CI_LOAD, H_LOGICAL_CI_STORE, H_RANDOM: memory as
 * firmware and early kernels ask for it.
 */
#include <linux/gfp.h>
#include <linux/sizes.h>

#include <abi/numbers.h>
#include <nhv/compat.h>
#include <nhv/core.h>
#include <nhv/papr.h>
#include <nhv/vm.h>

/* H_PAGE_INIT flags (PAPR 14.5.4.2.3). */
#define NHV_PAGE_ZERO		(1UL << (63 - 48))
#define NHV_PAGE_COPY		(1UL << (63 - 49))
#define NHV_PAGE_ICACHE		((1UL << (63 - 50)) | (1UL << (63 - 51)))
#define NHV_PAGE_SIZE		SZ_4K

static long nhv_page_copy(struct nhv_vm *vm, u64 to, u64 from)
{
	void *page = kmalloc(NHV_PAGE_SIZE, GFP_KERNEL_ACCOUNT);
	long rc = NHV_H_SUCCESS;

	if (!page)
		return NHV_H_PARAMETER;
	if (nhv_guest_read(vm, nhv_l2ra(from), page, NHV_PAGE_SIZE) ||
	    nhv_guest_write(vm, nhv_l2ra(to), page, NHV_PAGE_SIZE))
		rc = NHV_H_PARAMETER;
	kfree(page);
	return rc;
}

long nhv_h_page_init(struct nhv_vcpu *vcpu)
{
	u64 flags = vcpu->regs->gpr[4];
	u64 to = vcpu->regs->gpr[5];
	u64 from = vcpu->regs->gpr[6];

	if (flags & ~(NHV_PAGE_ZERO | NHV_PAGE_COPY | NHV_PAGE_ICACHE))
		return NHV_H_PARAMETER;
	if (to & (NHV_PAGE_SIZE - 1))
		return NHV_H_PARAMETER;
	if (flags & NHV_PAGE_COPY) {
		if (from & (NHV_PAGE_SIZE - 1))
			return NHV_H_PARAMETER;
		return nhv_page_copy(vcpu->vm, to, from);
	}
	if (!(flags & NHV_PAGE_ZERO))
		return NHV_H_SUCCESS;
	return nhv_guest_clear(vcpu->vm, nhv_l2ra(to), NHV_PAGE_SIZE) ?
		NHV_H_PARAMETER : NHV_H_SUCCESS;
}

/* Sizes of 1, 2, 4, 8 bytes, naturally aligned. */
static bool nhv_ci_operand_ok(u64 size, u64 addr)
{
	return size && size <= 8 && !(size & (size - 1)) && !(addr & (size - 1));
}

/* The value is a number in the guest's register, memory in its byte order: big. */
long nhv_h_logical_ci_load(struct nhv_vcpu *vcpu)
{
	u64 size = vcpu->regs->gpr[4];
	u64 addr = vcpu->regs->gpr[5];
	u8 bytes[8] = {};
	u64 value = 0;
	unsigned int i;

	if (!nhv_ci_operand_ok(size, addr))
		return NHV_H_PARAMETER;
	/* No memory there: a device of user space's. */
	if (nhv_guest_read(vcpu->vm, nhv_l2ra(addr), bytes, size))
		return NHV_H_TO_USER;
	for (i = 0; i < size; i++)
		value = value << 8 | bytes[i];
	vcpu->regs->gpr[4] = value;
	return NHV_H_SUCCESS;
}

long nhv_h_logical_ci_store(struct nhv_vcpu *vcpu)
{
	u64 size = vcpu->regs->gpr[4];
	u64 addr = vcpu->regs->gpr[5];
	u64 value = vcpu->regs->gpr[6];
	u8 bytes[8] = {};
	unsigned int i;

	if (!nhv_ci_operand_ok(size, addr))
		return NHV_H_PARAMETER;
	for (i = size; i; i--, value >>= 8)
		bytes[i - 1] = value;
	if (nhv_guest_write(vcpu->vm, nhv_l2ra(addr), bytes, size))
		return NHV_H_TO_USER;
	return NHV_H_SUCCESS;
}

long nhv_h_random(struct nhv_vcpu *vcpu)
{
	unsigned long value;

	if (!nhv_hardware_random(&value))
		return NHV_H_TO_USER;
	vcpu->regs->gpr[4] = value;
	return NHV_H_SUCCESS;
}

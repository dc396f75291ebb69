// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypercalls that are answered in the kernel: dispatch by hcalls.def.
 */
#include <abi/numbers.h>
#include <nhv/papr.h>
#include <nhv/vm.h>

static const struct nhv_hcall_row {
	unsigned long number;
	long (*handle)(struct nhv_vcpu *vcpu);
} nhv_hcall_rows[] = {
#define NHV_HCALL(name, number, handler, enabled) { number, handler },
#include <nhv/hcalls.def>
#undef NHV_HCALL
};

bool nhv_hcall(struct nhv_vcpu *vcpu)
{
	unsigned long number = vcpu->regs->gpr[3];
	unsigned int i;
	long rc;

	for (i = 0; i < ARRAY_SIZE(nhv_hcall_rows); i++)
		if (nhv_hcall_rows[i].number == number)
			break;
	if (i == ARRAY_SIZE(nhv_hcall_rows) ||
	    !nhv_vm_hcall_enabled(vcpu->vm, number))
		return false;

	rc = nhv_hcall_rows[i].handle(vcpu);
	if (rc == NHV_H_TO_USER)
		return false;
	vcpu->regs->gpr[3] = rc;
	return true;
}

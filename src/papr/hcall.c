// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypercalls that are answered in the kernel: dispatch by hcalls.def.
 */
#include <abi/numbers.h>
#include <nhv/papr.h>
#include <nhv/vm.h>

static const struct nhv_hcall_entry {
	unsigned long number;
	long (*handle)(struct nhv_vcpu *vcpu);
	bool fast;
} nhv_hcall_rows[NHV_HCALL_ROWS] = {
#define NHV_HCALL(name, number, handler, enabled, fast) \
	{ number, handler, fast },
#include <nhv/hcalls.def>
#undef NHV_HCALL
};

static const struct nhv_hcall_entry *nhv_hcall_find(struct nhv_vcpu *vcpu)
{
	unsigned long number = vcpu->regs->gpr[3];
	unsigned int row;

	for (row = 0; row < NHV_HCALL_ROWS; row++)
		if (nhv_hcall_rows[row].number == number)
			return nhv_vm_hcall_enabled(vcpu->vm, row) ?
				&nhv_hcall_rows[row] : NULL;
	return NULL;
}

static bool nhv_hcall_answer(struct nhv_vcpu *vcpu,
			     const struct nhv_hcall_entry *row)
{
	long rc = row->handle(vcpu);

	if (rc == NHV_H_TO_USER)
		return false;
	if (rc != NHV_H_NO_ANSWER)
		vcpu->regs->gpr[3] = rc;
	return true;
}

bool nhv_hcall(struct nhv_vcpu *vcpu)
{
	const struct nhv_hcall_entry *row = nhv_hcall_find(vcpu);

	return row && nhv_hcall_answer(vcpu, row);
}

bool nhv_hcall_fast(struct nhv_vcpu *vcpu)
{
	const struct nhv_hcall_entry *row = nhv_hcall_find(vcpu);

	return row && row->fast && nhv_hcall_answer(vcpu, row);
}

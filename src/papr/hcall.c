// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypercalls that are answered in the kernel: dispatch by hcalls.def.
 */
#include <abi/numbers.h>
#include <nhv/papr.h>
#include <nhv/trace_nhv.h>
#include <nhv/vm.h>

static const struct nhv_hcall_entry {
	unsigned long number;
	long (*handle)(struct nhv_vcpu *vcpu);
	u8 slot;		/* its counter */
	bool fast;
} nhv_hcall_rows[NHV_HCALL_ROWS] = {
#define NHV_HCALL(name, number, handler, enabled, fast) \
	{ number, handler, NHV_SLOT_H_##name, fast },
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
	vcpu->stats.hcall[row->slot]++;
	if (rc != NHV_H_NO_ANSWER)
		vcpu->regs->gpr[3] = rc;
	return true;
}

/* Is it one that only a hypervisor makes? */
static bool nhv_hcall_is_served(unsigned long number)
{
	return (number & ~0xcUL) == NHV_H_SET_PARTITION_TABLE ||
	       number == NHV_H_RPT_INVALIDATE;
}

/* The same, told of: with the arguments it had, as the answer is put over them. */
static bool nhv_hcall_traced(struct nhv_vcpu *vcpu,
			     const struct nhv_hcall_entry *row)
{
	const struct nhv_pt_regs *regs = vcpu->regs;
	unsigned long arg[4];
	bool answered;

	memcpy(arg, &regs->gpr[4], sizeof(arg));
	answered = nhv_hcall_answer(vcpu, row);
	if (answered && nhv_hcall_is_served(row->number))
		trace_nhv_serve(vcpu, row->number, arg, vcpu->nested.guest ?
				NHV_H_SUCCESS : regs->gpr[3]);
	return answered;
}

bool nhv_hcall(struct nhv_vcpu *vcpu)
{
	const struct nhv_hcall_entry *row = nhv_hcall_find(vcpu);

	if (!row)
		return false;
	return trace_nhv_serve_enabled() ? nhv_hcall_traced(vcpu, row) :
					   nhv_hcall_answer(vcpu, row);
}

bool nhv_hcall_fast(struct nhv_vcpu *vcpu)
{
	const struct nhv_hcall_entry *row = nhv_hcall_find(vcpu);

	return row && row->fast && nhv_hcall_answer(vcpu, row);
}

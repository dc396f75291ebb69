// SPDX-License-Identifier: GPL-2.0-only
/*
 * The hypercalls that are answered in the kernel: dispatch by hcalls.def.
 */
#include <linux/srcu.h>

#include <abi/numbers.h>
#include <nhv/hcall_slot.h>
#include <nhv/papr.h>
#include <nhv/trace_nhv.h>
#include <nhv/vm.h>

/* By the slot of its counter; without a handler it is not one of ours. */
static const struct nhv_hcall_entry {
	long (*handle)(struct nhv_vcpu *vcpu);
	u16 number;
	u8 row;
	u8 slot;
	bool fast;
} nhv_hcall_rows[NHV_HCALL_SLOTS] = {
#define NHV_HCALL(name, number, handler, enabled, fast) \
	[NHV_SLOT_H_##name] = { handler, number, NHV_ROW_##name, \
				NHV_SLOT_H_##name, fast },
#include <nhv/hcalls.def>
#undef NHV_HCALL
};

/* User space answers: the exit, with everything in it. */
static void nhv_hcall_to_user(struct nhv_vcpu *vcpu, enum nhv_hcall_slot slot)
{
	const u64 *gpr = &vcpu->regs->gpr[3];
	struct kvm_run *run = vcpu->run;
	u64 *args = run->papr_hcall.args;
	unsigned int i;

	run->exit_reason = KVM_EXIT_PAPR_HCALL;
	run->papr_hcall.nr = gpr[0];
#pragma GCC unroll 9
	for (i = 0; i < ARRAY_SIZE(run->papr_hcall.args); i++)
		args[i] = gpr[1 + i];
	vcpu->hcall_pending = true;
	vcpu->stats.hcall_user++;
	vcpu->stats.hcall[slot]++;
}

/* Return: its row, or NULL with the exit made: user space answers. */
static __always_inline const struct nhv_hcall_entry *
nhv_hcall_find(struct nhv_vcpu *vcpu)
{
	enum nhv_hcall_slot slot = nhv_hcall_slot(vcpu->regs->gpr[3]);
	const struct nhv_hcall_entry *entry = &nhv_hcall_rows[slot];

	if (entry->handle && nhv_vm_hcall_enabled(vcpu->vm, entry->row))
		return entry;
	nhv_hcall_to_user(vcpu, slot);
	return NULL;
}

static bool nhv_hcall_answer(struct nhv_vcpu *vcpu,
			     const struct nhv_hcall_entry *row)
{
	long rc = row->handle(vcpu);

	if (rc == NHV_H_TO_USER) {
		nhv_hcall_to_user(vcpu, row->slot);
		return false;
	}
	vcpu->stats.hcall[row->slot]++;
	vcpu->stats.hcall_kernel++;
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
static noinline bool nhv_hcall_traced(struct nhv_vcpu *vcpu,
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
	bool answered;
	int idx;

	if (!row)
		return false;
	idx = srcu_read_lock(&vcpu->vm->srcu);
	answered = trace_nhv_serve_enabled() ? nhv_hcall_traced(vcpu, row) :
					       nhv_hcall_answer(vcpu, row);
	srcu_read_unlock(&vcpu->vm->srcu, idx);
	return answered;
}

enum nhv_hcall_end nhv_hcall_fast(struct nhv_vcpu *vcpu)
{
	const struct nhv_hcall_entry *row = nhv_hcall_find(vcpu);

	if (!row)
		return NHV_HCALL_USER;
	if (!row->fast)
		return NHV_HCALL_SLOW;
	return nhv_hcall_answer(vcpu, row) ? NHV_HCALL_ANSWERED : NHV_HCALL_USER;
}

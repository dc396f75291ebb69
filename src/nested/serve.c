// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the hypercalls of a guest hypervisor do to its guests: its partition table,
 * and invalidations.
 */
#include <abi/numbers.h>
#include <nhv/core.h>
#include <nhv/level.h>
#include <nhv/nested.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>

long nhv_nested_set_ptcr(struct nhv_vm *vm, u64 ptcr)
{
	u64 probe;

	if (!nhv_serve_ptcr_ok(ptcr))
		return NHV_H_PARAMETER;
	if (ptcr && nhv_guest_read(vm, nhv_l2ra(ptcr & NHV_PTCR_BASE), &probe,
				   sizeof(probe)))
		return NHV_H_PARAMETER;
	WRITE_ONCE(vm->nesting.ptcr, ptcr);
	return NHV_H_SUCCESS;
}

/* Its lock is held. What cannot be read is no entry. */
static void nhv_nested_read_entry(struct nhv_nested *nested)
{
	u64 ptcr = READ_ONCE(nested->vm->nesting.ptcr);
	struct nhv_pate pate = {};
	u64 at;

	if (ptcr && nhv_serve_pate_at(ptcr, nested->id, &at) &&
	    nhv_guest_read(nested->vm, nhv_l2ra(at), &pate, sizeof(pate)))
		memset(&pate, 0, sizeof(pate));
	nhv_serve_pate(&pate, nested->pate);
	if (nested->pate[0])
		nhv_level_nested_set_table(nested);
}

bool nhv_nested_load(struct nhv_nested *nested)
{
	bool there;

	mutex_lock(&nested->lock);
	if (!nested->pate[0] && !nested->gone)
		nhv_nested_read_entry(nested);
	there = nested->pate[0];
	if (!there)
		nhv_nested_remove(nested);
	mutex_unlock(&nested->lock);
	return there;
}

static void nhv_nested_flush_one(struct nhv_nested *nested,
				 const struct nhv_serve_flush *flush)
{
	mutex_lock(&nested->lock);
	switch (flush->what) {
	case NHV_SERVE_NOTHING:
		break;
	case NHV_SERVE_RANGE:
		nhv_shadow_unmap_range(nested, flush->from, flush->size);
		break;
	case NHV_SERVE_ALL:
		nhv_shadow_unmap_all(nested);
		break;
	case NHV_SERVE_ENTRY:
		nhv_shadow_unmap_all(nested);
		nhv_nested_read_entry(nested);
		if (!nested->pate[0])
			nhv_nested_remove(nested);
		break;
	}
	mutex_unlock(&nested->lock);
}

void nhv_nested_flush(struct nhv_vm *vm, const struct nhv_serve_flush *flush)
{
	struct nhv_nested *nested;
	u32 id = 0;

	if (flush->what == NHV_SERVE_NOTHING)
		return;
	if (!flush->every) {
		nested = nhv_nested_find(vm, flush->lpid);
		if (!nested)
			return;
		nhv_nested_flush_one(nested, flush);
		nhv_nested_put(nested);
		return;
	}
	while ((nested = nhv_nested_next(vm, &id))) {
		nhv_nested_flush_one(nested, flush);
		nhv_nested_put(nested);
	}
}

void nhv_nested_forget_process(struct nhv_vm *vm, u32 lpid)
{
	struct nhv_batch batch;

	nhv_batch_init(&batch, lpid);
	batch.all = true;
	batch.walk_cache = true;
	nhv_batch_send(&batch, vm);
}

bool nhv_nested_tlbie_insn(struct nhv_vcpu *vcpu, u32 insn)
{
	struct nhv_serve_flush flush;
	unsigned int rs, rb;

	if (!READ_ONCE(vcpu->vm->nesting.enabled) ||
	    !nhv_serve_tlbie_insn(insn, &rs, &rb))
		return false;
	if (nhv_serve_tlbie(insn, vcpu->regs->gpr[rs], vcpu->regs->gpr[rb],
			    &flush))
		return false;
	nhv_nested_flush(vcpu->vm, &flush);
	vcpu->regs->nip += 4;
	return true;
}

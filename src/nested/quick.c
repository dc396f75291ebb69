// SPDX-License-Identifier: GPL-2.0-only
/*
 * From L2 to L3 and back within one turn, with the processor's state still the
 * guest's: nothing sleeps and no lock is waited for. What does not fit has changed
 * nothing when it is left to enter.c and exit.c.
 */
#include <abi/exits.h>
#include <abi/numbers.h>
#include <nhv/level.h>
#include <nhv/mmu.h>
#include <nhv/nested.h>
#include <nhv/papr.h>
#include <nhv/view.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>

#include "enter.h"

/* What L2 passed, where this kernel has it: while mmu_lock is held. */
struct nhv_nested_areas {
	struct nhv_hv_guest_state *gs;
	struct nhv_pt_regs *regs;
};

/*
 * With mmu_lock; @bits of their leaves. Whoever passes both has them together, for
 * the most part: in one page.
 */
static bool nhv_nested_reach(struct nhv_vcpu *vcpu, u64 bits,
			     struct nhv_nested_areas *area)
{
	struct nhv_nested_vcpu *n = &vcpu->nested;
	u64 page = n->gs_at.addr & PAGE_MASK;
	void *at;

	if (!IS_ALIGNED(n->gs_at.addr | n->regs_at.addr, sizeof(u64)))
		return false;
	if (n->gs_at.addr - page > PAGE_SIZE - sizeof(*area->gs) ||
	    n->regs_at.addr - page > PAGE_SIZE - sizeof(*area->regs)) {
		area->gs = nhv_host_reach(vcpu->vm, n->gs_at,
					  sizeof(*area->gs), bits);
		area->regs = nhv_host_reach(vcpu->vm, n->regs_at,
					    sizeof(*area->regs), bits);
		return area->gs && area->regs;
	}
	at = nhv_view_reach(&n->page, vcpu->vm, nhv_l2ra(page), PAGE_SIZE, bits);
	if (!at)
		return false;
	area->gs = at + (n->gs_at.addr - page);
	area->regs = at + (n->regs_at.addr - page);
	return true;
}

/* Is what was left last still a guest, for an LPID that L2's table has? */
static bool nhv_nested_kept_fits(const struct nhv_vcpu *vcpu)
{
	const struct nhv_nested *kept = vcpu->nested.kept;
	u64 ptcr = READ_ONCE(vcpu->vm->nesting.ptcr), at;

	return !READ_ONCE(kept->gone) && READ_ONCE(kept->pate[0]) && ptcr &&
	       nhv_serve_pate_at(ptcr, kept->id, &at);
}

/* Read once, as in enter.c; of the version that has all of the structure. */
static bool nhv_nested_take(struct nhv_vcpu *vcpu)
{
	struct nhv_nested_vcpu *n = &vcpu->nested;
	struct nhv_nested_areas area;
	bool there;

	if (!spin_trylock(&vcpu->vm->mmu_lock))
		return false;
	there = nhv_nested_reach(vcpu, NHV_LEAF_LOADS, &area);
	if (there) {
		nhv_copy_words(&n->given, area.gs, sizeof(n->given));
		nhv_copy_words(n->regs, area.regs, sizeof(*n->regs));
	}
	spin_unlock(&vcpu->vm->mmu_lock);
	n->size = sizeof(n->given);
	return there && n->given.version == NHV_GUEST_STATE_V2 &&
	       n->given.lpid == n->kept->id &&
	       !nhv_serve_check(&n->given, n->regs->msr, vcpu->regs->msr) &&
	       nhv_level_same_turn(vcpu, n->given.lpcr);
}

bool nhv_nested_quick_enter(struct nhv_vcpu *vcpu)
{
	struct nhv_nested_vcpu *n = &vcpu->nested;
	struct nhv_nested *nested = n->kept;

	if (!nested || n->refill || nhv_serve_swaps(vcpu->regs->msr) ||
	    !READ_ONCE(vcpu->vm->nesting.enabled) ||
	    !nhv_vm_hcall_enabled(vcpu->vm, NHV_ROW_ENTER_NESTED) ||
	    !nhv_nested_kept_fits(vcpu))
		return false;
	n->swap = false;
	n->gs_at = nhv_l2ra(vcpu->regs->gpr[4]);
	n->regs_at = nhv_l2ra(vcpu->regs->gpr[5]);
	if (!nhv_nested_take(vcpu))
		return false;

	n->kept = NULL;
	WRITE_ONCE(nested->stamp, READ_ONCE(vcpu->vm->nesting.stamp));
	nhv_nested_switch(vcpu, nested);
	nhv_level_switched(vcpu, n->deadline);
	vcpu->stats.nested_entries++;
	vcpu->stats.hcall[NHV_SLOT_H_ENTER_NESTED]++;
	return true;
}

static bool nhv_nested_give(struct nhv_vcpu *vcpu)
{
	struct nhv_nested_vcpu *n = &vcpu->nested;
	struct nhv_nested_areas area;
	bool there;

	if (!spin_trylock(&vcpu->vm->mmu_lock))
		return false;
	there = nhv_nested_reach(vcpu, NHV_LEAF_STORES, &area);
	if (there) {
		vcpu->regs->msr |= vcpu->cause;
		/* The rest of it L2 has as it gave it. */
		nhv_nested_result(vcpu, area.gs, NHV_VEC_SYSCALL);
		nhv_copy_words(area.regs, n->regs, sizeof(*n->regs));
	}
	spin_unlock(&vcpu->vm->mmu_lock);
	return there;
}

bool nhv_nested_quick_leave(struct nhv_vcpu *vcpu)
{
	struct nhv_nested_vcpu *n = &vcpu->nested;

	/* Some of those are not for L2: see exit.c. */
	if (vcpu->regs->gpr[3] == NHV_H_RPT_INVALIDATE || n->swap || n->kept ||
	    !nhv_level_same_turn(vcpu, n->own.lpcr) ||
	    !nhv_nested_give(vcpu))
		return false;
	n->refused = 0;
	n->kept = nhv_nested_switch_back(vcpu);
	nhv_level_switched(vcpu, NHV_NO_DEADLINE);
	vcpu->regs->gpr[3] = NHV_VEC_SYSCALL;
	vcpu->stats.nested_exits++;
	return true;
}

void nhv_nested_forget(struct nhv_vcpu *vcpu, bool only_gone)
{
	struct nhv_nested *kept = vcpu->nested.kept;

	if (!kept || (only_gone && !READ_ONCE(kept->gone)))
		return;
	vcpu->nested.kept = NULL;
	nhv_nested_put(kept);
}

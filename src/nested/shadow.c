// SPDX-License-Identifier: GPL-2.0-only
/*
 * Partition-scoped faults of L3, and what L2 invalidates: the shadow tree of a
 * guest of our guest.
 *
 * A fault holds the guest's lock from reading L2's entry until it is in the
 * shadow tree, but not while memory is fetched from the host, after which it
 * reads the entry again.
 */
#include <linux/minmax.h>
#include <linux/sched.h>

#include <abi/exits.h>
#include <nhv/core.h>
#include <nhv/vm.h>

#include "shadow.h"

/* How often a fault starts again before L3 is asked to fault again. */
#define NHV_SHADOW_TRIES	8

/* Below this no guest of a guest would make any progress. */
#define NHV_SHADOW_QUOTA_MIN	16U

/*
 * How much is dropped before mmu_lock is given to others, and more than how much
 * is not looked through at all.
 */
#define NHV_SHADOW_BREATH	(64ULL << 20)
#define NHV_SHADOW_ALL		(1ULL << NHV_SHIFT_512G)

/* ---- what L2's tree allows ------------------------------------------------------ */

/* Return: the bits L2 is to see when its leaf does not allow an access. */
static u64 nhv_shadow_denied(const struct nhv_shadow_leaf *leaf,
			     const struct nhv_shadow_fault *fault)
{
	u64 any = NHV_PTE_READ | NHV_PTE_WRITE;

	/* A fetch that stores is an update of R or C in L3's own tables. */
	if (fault->store && !(leaf->bits & NHV_PTE_WRITE))
		return NHV_DSISR_PROTFAULT;
	if (fault->fetch && !fault->store && !(leaf->bits & NHV_PTE_EXEC))
		return NHV_DSISR_NOEXEC_OR_G;
	if (!fault->fetch && !fault->store && !(leaf->bits & any))
		return NHV_DSISR_PROTFAULT;
	if (!(leaf->bits & NHV_PTE_R) ||
	    (fault->store && !(leaf->bits & NHV_PTE_C)))
		return NHV_DSISR_SET_RC;
	return 0;
}

static u64 nhv_shadow_need(const struct nhv_shadow_fault *fault)
{
	u64 need = NHV_PTE_READ | NHV_PTE_R;

	if (fault->store)
		need |= NHV_PTE_WRITE | NHV_PTE_C;
	else if (fault->fetch)
		need |= NHV_PTE_EXEC;
	return need;
}

/* ---- verdicts ---------------------------------------------------------------------- */

static u64 nhv_shadow_store(const struct nhv_shadow_fault *fault)
{
	return fault->store ? NHV_DSISR_ISSTORE : 0;
}

static enum nhv_shadow_verdict
nhv_shadow_reflect(struct nhv_shadowing *s, struct nhv_shadow_fault *fault,
		   u64 status)
{
	fault->table = status == NHV_DSISR_PRTABLE_FAULT;
	fault->at = s->leaf.entry;
	fault->status = status | nhv_shadow_store(fault) |
			(fault->status & NHV_DSISR_PRTABLE_FAULT);
	atomic64_inc(&s->nested->vm->stats.shadow_reflected);
	return NHV_SHADOW_REFLECT;
}

static enum nhv_shadow_verdict nhv_shadow_refuse(struct nhv_shadow_fault *fault,
						 u64 status)
{
	fault->status = status | nhv_shadow_store(fault);
	return NHV_SHADOW_REFUSE;
}

static enum nhv_shadow_verdict nhv_shadow_error(struct nhv_shadow_fault *fault,
						int error)
{
	fault->error = error;
	return NHV_SHADOW_MEMORY;
}

/* ---- the L2 page behind it ----------------------------------------------------------- */

/* Have the VM's own tree map it. Without verdict: look again. */
static bool nhv_shadow_own(struct nhv_shadowing *s, struct nhv_fault_runs *runs,
			   struct nhv_shadow_fault *fault,
			   enum nhv_shadow_verdict *verdict)
{
	struct nhv_fault own = {
		.ra = s->leaf.ra,
		.status = fault->status & NHV_DSISR_PRTABLE_FAULT,
		.store = fault->store,
		.fetch = fault->fetch && !fault->store,
	};

	switch (nhv_mmu_fault(s->nested->vm, runs, &own)) {
	case NHV_FAULT_RESUME:
		return false;
	case NHV_FAULT_MMIO:
		fault->at = s->leaf.ra;
		*verdict = NHV_SHADOW_MMIO;
		return true;
	case NHV_FAULT_REFUSE:
		*verdict = nhv_shadow_refuse(fault, own.refuse);
		return true;
	case NHV_FAULT_MEMORY:
		*verdict = nhv_shadow_error(fault, own.error);
		return true;
	}
	return false;
}

/* A store to what the VMM has made read-only does not become MMIO for L3. */
static bool nhv_shadow_readonly(const struct nhv_shadowing *s)
{
	const struct nhv_slot *slot = nhv_slot_find(s->nested->vm, s->leaf.ra);

	return slot && slot->flags & KVM_MEM_READONLY &&
	       s->need & NHV_PTE_WRITE;
}

/* ---- quota ------------------------------------------------------------------------------ */

static bool nhv_shadow_over(struct nhv_vm *vm)
{
	unsigned int quota = max(READ_ONCE(nhv_nested_limits.tables),
				 NHV_SHADOW_QUOTA_MIN);

	return nhv_rmap_tables(vm) + NHV_STOCK_TABLES > quota;
}

/* No lock is held. Whoever has none left to take from begins anew itself. */
static void nhv_shadow_reclaim(struct nhv_nested *nested)
{
	struct nhv_nested *victim = nhv_nested_oldest(nested->vm, nested,
						      ~0ULL);
	struct nhv_nested *drop = victim ? victim : nested;

	mutex_lock(&drop->lock);
	nhv_shadow_unmap_all(drop);
	mutex_unlock(&drop->lock);
	if (victim)
		nhv_nested_put(victim);
	atomic64_inc(&nested->vm->stats.shadow_reclaimed);
}

/* ---- faults ------------------------------------------------------------------------------- */

enum nhv_shadow_try {
	NHV_TRY_DONE,		/* there is a verdict */
	NHV_TRY_PAGE,		/* map the L2 page, then again */
	NHV_TRY_QUOTA,		/* make room, then again */
};

static enum nhv_shadow_try nhv_shadow_commit(struct nhv_shadowing *s,
					     struct nhv_shadow_fault *fault,
					     enum nhv_shadow_verdict *verdict)
{
	enum nhv_shadowed result = nhv_shadow_fill(s);
	int err = 0;

	while (result == NHV_SHADOW_NO_PLACE && !err) {
		if (nhv_shadow_over(s->nested->vm))
			return NHV_TRY_QUOTA;
		err = nhv_shadow_prepare(s);
		if (!err)
			result = nhv_shadow_fill(s);
	}
	if (result == NHV_SHADOW_NO_PAGE)
		return NHV_TRY_PAGE;
	if (result == NHV_SHADOW_NO_FETCH)
		*verdict = nhv_shadow_refuse(fault, NHV_DSISR_NOEXEC_OR_G);
	else
		*verdict = err ? nhv_shadow_error(fault, err) :
			   NHV_SHADOW_RESUME;
	return NHV_TRY_DONE;
}

/* With the guest's lock. */
static enum nhv_shadow_try nhv_shadow_look(struct nhv_shadowing *s,
					   struct nhv_shadow_fault *fault,
					   enum nhv_shadow_verdict *verdict)
{
	const u64 bad = NHV_DSISR_BADACCESS | NHV_DSISR_BAD_COPYPASTE;
	u64 status = nhv_shadow_walk(s->nested, fault->ra, &s->leaf);

	if (!status)
		status = nhv_shadow_denied(&s->leaf, fault);
	if (status)
		*verdict = nhv_shadow_reflect(s, fault, status);
	else if (fault->status & bad)
		*verdict = nhv_shadow_refuse(fault, fault->status & bad);
	else if (nhv_shadow_readonly(s))
		*verdict = nhv_shadow_refuse(fault, NHV_DSISR_PROTFAULT);
	else if (s->leaf.shift < PAGE_SHIFT)
		/* There is no leaf for a part of a page. */
		*verdict = nhv_shadow_error(fault, -EINVAL);
	else
		goto map;
	return NHV_TRY_DONE;
map:
	nhv_shadow_look_around(s);
	return nhv_shadow_commit(s, fault, verdict);
}

static enum nhv_shadow_try nhv_shadow_once(struct nhv_shadowing *s,
					   struct nhv_shadow_fault *fault,
					   enum nhv_shadow_verdict *verdict)
{
	enum nhv_shadow_try result;

	mutex_lock(&s->nested->lock);
	result = nhv_shadow_look(s, fault, verdict);
	mutex_unlock(&s->nested->lock);
	return result;
}

static enum nhv_shadow_verdict nhv_shadow_resolve(struct nhv_shadowing *s,
						  struct nhv_fault_runs *runs,
						  struct nhv_shadow_fault *fault)
{
	enum nhv_shadow_verdict verdict = NHV_SHADOW_RESUME;
	unsigned int tries;

	for (tries = 0; tries < NHV_SHADOW_TRIES; tries++) {
		switch (nhv_shadow_once(s, fault, &verdict)) {
		case NHV_TRY_DONE:
			return verdict;
		case NHV_TRY_PAGE:
			if (nhv_shadow_own(s, runs, fault, &verdict))
				return verdict;
			break;
		case NHV_TRY_QUOTA:
			nhv_shadow_reclaim(s->nested);
			break;
		}
	}
	return NHV_SHADOW_RESUME;
}

enum nhv_shadow_verdict nhv_shadow_fault(struct nhv_nested *nested,
					 struct nhv_fault_runs *runs,
					 struct nhv_shadow_fault *fault)
{
	struct nhv_shadowing s __nhv_uncleared;
	enum nhv_shadow_verdict verdict;

	/* A shadow tree that the level below cannot read is our own mistake. */
	if (fault->status & NHV_DSISR_UNSUPP_MMU)
		return nhv_shadow_error(fault, -EINVAL);

	s.nested = nested;
	s.at = nhv_l3ra(fault->ra.addr & PAGE_MASK);
	s.need = nhv_shadow_need(fault);
	memset(&s.leaf, 0, sizeof(s.leaf));
	memset(&s.stock, 0, sizeof(s.stock));
	verdict = nhv_shadow_resolve(&s, runs, fault);
	nhv_stock_drain(&s.stock);
	return verdict;
}

void nhv_shadow_refill(struct nhv_nested *nested, struct nhv_fault_runs *runs,
		       struct nhv_l3ra at)
{
	struct nhv_shadow_fault fault = {
		.ra = at,
		.status = NHV_DSISR_NOHPTE,
	};

	nhv_shadow_fault(nested, runs, &fault);
}

/* ---- what L2 invalidates -------------------------------------------------------------------- */

void nhv_shadow_unmap_range(struct nhv_nested *nested, struct nhv_l3ra from,
			    u64 size)
{
	const u64 limit = 1ULL << NHV_REAL_BITS;
	u64 left = from.addr < limit ? min(size, limit - from.addr) : 0;

	if (left >= NHV_SHADOW_ALL) {
		nhv_shadow_unmap_all(nested);
		return;
	}
	while (left) {
		u64 piece = min(left, NHV_SHADOW_BREATH);

		spin_lock(&nested->vm->mmu_lock);
		nhv_rmap_drop(&nested->side, nhv_l3_tra(from), piece);
		spin_unlock(&nested->vm->mmu_lock);
		from.addr += piece;
		left -= piece;
		cond_resched();
	}
	nhv_rmap_send(nested->vm);
}

void nhv_shadow_unmap_all(struct nhv_nested *nested)
{
	nhv_rmap_drop_all(&nested->side);
}

/* ---- life ------------------------------------------------------------------------------------ */

int nhv_shadow_init(struct nhv_nested *nested)
{
	int err = nhv_tree_init(&nested->tree, nested->lpid);

	if (err)
		return err;
	err = nhv_rmap_tree_init(&nested->side, nested->vm, &nested->tree);
	if (err)
		nhv_tree_destroy(&nested->tree);
	return err;
}

void nhv_shadow_release(struct nhv_nested *nested)
{
	nhv_rmap_tree_release(&nested->side);
	nhv_tree_destroy(&nested->tree);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Filling a shadow tree: what L2's tree says about an L3 page, met with what the
 * VM's own tree says about the L2 page behind it. The smaller size and the
 * lesser permission count.
 *
 * The own tree is the one place that knows what may be written, logged, fetched
 * from, so nothing about it is decided here a second time.
 */
#include <linux/minmax.h>

#include <nhv/core.h>
#include <nhv/vm.h>

#include "shadow.h"

#define NHV_ENTRY_SIZE		8

/* ---- the window --------------------------------------------------------------- */

/* R of L2's entry is clear: L2 wants to know of the next use. */
static bool nhv_around_fit(const struct nhv_shadow_leaf *leaf)
{
	return leaf->bits & NHV_PTE_R &&
	       leaf->bits & (NHV_PTE_READ | NHV_PTE_WRITE);
}

static void nhv_around_set(struct nhv_shadowing *s, struct nhv_l3ra at,
			   const struct nhv_shadow_leaf *leaf)
{
	struct nhv_shadow_around *around =
		&s->around[(at.addr - s->start.addr) >> PAGE_SHIFT];

	around->page = nhv_l2ra(leaf->ra.addr & PAGE_MASK);
	around->bits = nhv_around_fit(leaf) ? leaf->bits : 0;
}

/* All pages of one entry of L2's that are in the window. */
static void nhv_around_entry(struct nhv_shadowing *s, u64 entry, u64 from,
			     u64 size)
{
	struct nhv_shadow_leaf leaf;
	u64 at;

	for (at = from; at < from + size; at += PAGE_SIZE)
		if (!nhv_shadow_decode(entry, nhv_l3ra(at), s->leaf.shift,
				       &leaf))
			nhv_around_set(s, nhv_l3ra(at), &leaf);
}

/* Heads exist for memory alone, whatever L2 has in its tree. */
static void nhv_prepare_around(struct nhv_shadowing *s)
{
	struct nhv_vm *vm = s->nested->vm;
	u64 last = ~0ULL;
	unsigned int i;

	for (i = 0; i < NHV_SHADOW_WINDOW; i++) {
		struct nhv_l2ra page = s->around[i].page;

		/* Those of one large page have theirs together. */
		if (!s->around[i].bits || !((page.addr ^ last) >> NHV_SHIFT_2M))
			continue;
		last = page.addr;
		if (!nhv_rmap_has_page(vm, page, PAGE_SHIFT) &&
		    nhv_slot_find(vm, page))
			nhv_rmap_prepare_page(vm, page, PAGE_SHIFT);
	}
}

/* The leaf itself is as large as the window: what is beside is in it. */
static void nhv_around_inside(struct nhv_shadowing *s)
{
	struct nhv_shadow_leaf leaf = s->leaf;
	unsigned int i;

	for (i = 0; i < NHV_SHADOW_WINDOW; i++) {
		struct nhv_l3ra at = nhv_l3ra(s->start.addr + i * PAGE_SIZE);

		leaf.ra.addr = s->leaf.ra.addr + (at.addr - s->at.addr);
		nhv_around_set(s, at, &leaf);
	}
}

/*
 * What is inside one leaf has its list beside that of the page itself, what is
 * behind other entries has not.
 *
 * A table has at least as many entries as the window has pages and is aligned
 * to its size, so those of the window are in the one table.
 */
void nhv_shadow_look_around(struct nhv_shadowing *s)
{
	const u64 window = NHV_SHADOW_WINDOW * PAGE_SIZE;
	u64 step = 1ULL << s->leaf.shift;
	unsigned int nr = window >> s->leaf.shift, i;
	__be64 raw[NHV_SHADOW_WINDOW] __nhv_uncleared;
	struct nhv_l2ra first;

	s->start = nhv_l3ra(s->at.addr & -window);
	memset(s->around, 0, sizeof(s->around));
	if (nr <= 1) {
		nhv_around_inside(s);
		return;
	}
	first = nhv_l2ra(s->leaf.entry.addr & -(u64)(nr * NHV_ENTRY_SIZE));
	if (nhv_guest_read(s->nested->vm, first, raw, nr * NHV_ENTRY_SIZE))
		return;
	for (i = 0; i < nr; i++)
		nhv_around_entry(s, be64_to_cpu(raw[i]),
				 s->start.addr + i * step, step);
	nhv_prepare_around(s);
}

/* ---- prepare -------------------------------------------------------------------- */

static unsigned int nhv_shadow_shift(const struct nhv_shadow_leaf *leaf,
				     unsigned int own)
{
	unsigned int shift = min(leaf->shift, own);

	return shift >= NHV_SHIFT_1G ? NHV_SHIFT_1G :
	       shift >= NHV_SHIFT_2M ? NHV_SHIFT_2M : PAGE_SHIFT;
}

int nhv_shadow_prepare(struct nhv_shadowing *s)
{
	struct nhv_vm *vm = s->nested->vm;
	unsigned int shift;
	int err;

	spin_lock(&vm->mmu_lock);
	nhv_tree_find(&vm->tree, nhv_l2_tra(s->leaf.ra), &shift);
	spin_unlock(&vm->mmu_lock);
	shift = nhv_shadow_shift(&s->leaf, shift);

	err = nhv_stock_fill(&s->stock);
	if (!err)
		err = nhv_rmap_prepare_leaf(&s->nested->side,
					    nhv_l3_tra(s->at), shift);
	if (!err)
		err = nhv_rmap_prepare_page(vm, s->leaf.ra, shift);
	return err;
}

/* ---- commit ----------------------------------------------------------------------- */

/*
 * L2 sets R and C in its own tree before it may rely on a page being used or
 * written, so what it has not set is not given: the access comes back, and L2
 * hears of it. Write permission is given with C alone, as the own tree does.
 * Storage attributes are those of the memory, not of L2's choice.
 */
static u64 nhv_shadow_bits(u64 theirs, u64 own)
{
	const u64 written = NHV_PTE_WRITE | NHV_PTE_C;
	u64 bits;

	if (theirs & NHV_PTE_WRITE)
		theirs |= NHV_PTE_READ;
	bits = theirs & own & (NHV_PTE_READ | NHV_PTE_EXEC | NHV_PTE_R);
	if ((theirs & own & written) == written)
		bits |= written;
	return bits | (own & NHV_PTE_ATT);
}

static bool nhv_shadow_map(struct nhv_shadowing *s, struct nhv_l3ra at,
			   const struct nhv_shadow_leaf *leaf, u64 own,
			   unsigned int own_shift, struct nhv_stock *stock)
{
	u64 inside = leaf->ra.addr & ((1ULL << own_shift) - 1);
	unsigned int shift = nhv_shadow_shift(leaf, own_shift);
	u64 mask = -(1ULL << shift);
	struct nhv_rmap_leaf map = {
		.side = &s->nested->side,
		.at = { at.addr & mask },
		.page = nhv_l2ra(leaf->ra.addr & mask),
		.to = nhv_l1ra(((own & NHV_PTE_RPN) + inside) & mask),
		.shift = shift,
		.bits = nhv_shadow_bits(leaf->bits, own),
	};

	return nhv_rmap_map(&map, stock);
}

static void nhv_map_around(struct nhv_shadowing *s)
{
	struct nhv_vm *vm = s->nested->vm;
	struct nhv_shadow_leaf leaf = { .shift = PAGE_SHIFT };
	const u64 usable = NHV_PTE_READ | NHV_PTE_R;
	unsigned int i, shift, mapped = 0;
	u64 own;

	for (i = 0; i < NHV_SHADOW_WINDOW; i++) {
		struct nhv_l3ra at = nhv_l3ra(s->start.addr + i * PAGE_SIZE);

		leaf.ra = s->around[i].page;
		leaf.bits = s->around[i].bits;
		if (!leaf.bits || at.addr == s->at.addr)
			continue;
		own = nhv_tree_find(&vm->tree, nhv_l2_tra(leaf.ra), &shift);
		if ((own & usable) == usable)
			mapped += nhv_shadow_map(s, at, &leaf, own, shift, NULL);
	}
	atomic64_add(mapped, &vm->stats.shadow_around);
}

static enum nhv_shadowed nhv_fill_locked(struct nhv_shadowing *s)
{
	struct nhv_vm *vm = s->nested->vm;
	unsigned int shift;
	u64 own = nhv_tree_find(&vm->tree, nhv_l2_tra(s->leaf.ra), &shift);

	if (own & NHV_PTE_ATT && s->need & NHV_PTE_EXEC)
		return NHV_SHADOW_NO_FETCH;
	if ((own & s->need) != s->need)
		return NHV_SHADOW_NO_PAGE;
	if (!nhv_shadow_map(s, s->at, &s->leaf, own, shift, &s->stock))
		return NHV_SHADOW_NO_PLACE;
	atomic64_inc(&vm->stats.shadow_mapped);
	if (nhv_shadow_shift(&s->leaf, shift) == PAGE_SHIFT)
		nhv_map_around(s);
	return NHV_SHADOWED;
}

enum nhv_shadowed nhv_shadow_fill(struct nhv_shadowing *s)
{
	struct nhv_nested *nested = s->nested;
	enum nhv_shadowed result;
	bool took;

	spin_lock(&nested->vm->mmu_lock);
	result = nhv_fill_locked(s);
	took = !nhv_batch_empty(&nested->side.batch);
	spin_unlock(&nested->vm->mmu_lock);
	if (took)
		nhv_rmap_send(nested->vm);
	return result;
}

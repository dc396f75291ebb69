// SPDX-License-Identifier: GPL-2.0-only
/*
 * Partition-scoped faults of a guest: find the memory behind the address, map
 * it with the largest leaf there can be, and its neighbours with it.
 */
#include <linux/delay.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/sched/signal.h>

#include <abi/exits.h>
#include <nhv/core.h>
#include <nhv/mmu.h>
#include <nhv/vm.h>

/* Around a fault that stands alone: a window of so many base pages, aligned. */
#define NHV_WINDOW	16U

/* By how many powers of two it grows on a run of faults: 32 pages to 512. */
#define NHV_WINDOW_GROWTH	4U

/* How often a fault looks again before the guest is asked to fault again. */
#define NHV_FAULT_TRIES	8

static unsigned int nhv_fault_around = NHV_PIECE;
module_param_named(fault_around, nhv_fault_around, uint, 0644);
MODULE_PARM_DESC(fault_around,
		 "absent pages that a run of faults has faulted in at once, up to 32 (default), 0 for none");

static unsigned long nhv_min_leaf;
module_param_named(min_leaf, nhv_min_leaf, ulong, 0444);
MODULE_PARM_DESC(min_leaf,
		 "page size of the level below in bytes, if it is larger than this kernel's: smaller mappings are reported (default 0)");

/* A fault that is being resolved. */
struct nhv_filling {
	struct nhv_vm *vm;
	const struct nhv_slot *slot;
	struct nhv_fault *fault;
	struct nhv_fault_run *run;
	struct nhv_l2ra ra;		/* of the page */
	unsigned int nr;		/* pages to fault in */
	unsigned int around;		/* neighbours mapped */
	struct nhv_stock stock;
	struct nhv_batch batch;
};

enum nhv_filled {
	NHV_FILLED,
	NHV_NO_PAGE,		/* absent, or not in the way that is needed */
	NHV_NO_TABLE,
	NHV_IN_FLUX,		/* the host is changing its mappings */
};

/* ---- what to map -------------------------------------------------------------- */

static bool nhv_logs(const struct nhv_slot *slot)
{
	return slot->dirty;
}

/* May a leaf of this size be around an address of the slot? */
static bool nhv_leaf_fits(const struct nhv_slot *slot, u64 addr,
			  unsigned int shift)
{
	u64 size = 1ULL << shift;
	u64 start = addr & -size;

	return !((slot->base.addr ^ slot->hva.addr) & (size - 1)) &&
	       start >= slot->base.addr &&
	       start + size <= slot->base.addr + slot->size;
}

/*
 * While a slot logs, a leaf is as small as can be: a store makes all of it
 * dirty. An L0 with larger pages than ours takes no leaf smaller than its own,
 * so @smaller, the next size down, may be too small there.
 */
static bool nhv_leaf_wanted(const struct nhv_slot *slot, unsigned int smaller)
{
	return !nhv_logs(slot) || 1UL << smaller < nhv_min_leaf;
}

static unsigned int nhv_leaf_shift(const struct nhv_slot *slot, u64 addr,
				   unsigned int host_shift)
{
	static const u8 size[] = { NHV_SHIFT_1G, NHV_SHIFT_2M, PAGE_SHIFT };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(size) - 1; i++)
		if (size[i] <= host_shift &&
		    nhv_leaf_wanted(slot, size[i + 1]) &&
		    nhv_leaf_fits(slot, addr, size[i]))
			return size[i];
	if (nhv_min_leaf > PAGE_SIZE)
		pr_info_once("nhv: guest memory is mapped by pages smaller than min_leaf, which the level below may refuse: back the guest by huge pages\n");
	return PAGE_SHIFT;
}

/*
 * R and C are set at once, so that no exit is spent on them. Nothing is fetched
 * from uncached memory (Power ISA 3.1 Book III, 6.8.2: guarded storage).
 */
static u64 nhv_leaf_bits(const struct nhv_slot *slot,
			 const struct nhv_host_page *page, bool store)
{
	u64 bits = NHV_PTE_READ | NHV_PTE_R;

	bits |= page->uncached ? NHV_PTE_ATT_NONIDEMPOTENT : NHV_PTE_EXEC;
	if (page->writable && !(slot->flags & KVM_MEM_READONLY) &&
	    (store || !nhv_logs(slot)))
		bits |= NHV_PTE_WRITE | NHV_PTE_C;
	return bits;
}

static void nhv_count_leaf(struct nhv_vm *vm, unsigned int shift)
{
	switch (shift) {
	case NHV_SHIFT_4K:
		atomic64_inc(&vm->stats.map_4k);
		break;
	case NHV_SHIFT_64K:
		atomic64_inc(&vm->stats.map_64k);
		break;
	case NHV_SHIFT_2M:
		atomic64_inc(&vm->stats.map_2m);
		break;
	case NHV_SHIFT_1G:
		atomic64_inc(&vm->stats.map_1g);
		break;
	}
}

/* ---- mapping it, under mmu_lock ------------------------------------------------ */

/* @page is what the host has at @ra. */
static bool nhv_map_page(struct nhv_filling *fill, struct nhv_stock *stock,
			 u64 ra, const struct nhv_host_page *page,
			 unsigned int shift, bool store)
{
	u64 mask = -(1ULL << shift);
	u64 bits = nhv_leaf_bits(fill->slot, page, store);
	struct nhv_l2ra start = nhv_l2ra(ra & mask);

	if (!nhv_tree_map(&fill->vm->tree, stock, nhv_l2_tra(start),
			  nhv_l1ra(page->ra.addr & mask), shift, bits,
			  &fill->batch))
		return false;
	if (bits & NHV_PTE_WRITE && nhv_logs(fill->slot))
		nhv_slot_mark_dirty(fill->slot, start, 1ULL << shift);
	return true;
}

/* From an address to the next multiple of a power of two. */
static u64 nhv_room(u64 addr, u64 size)
{
	return size - (addr & (size - 1));
}

/*
 * The window around a fault, as offsets into the slot, aligned where the VMM has
 * it. On a run of faults it begins with the fault and grows with the run.
 */
static void nhv_window(const struct nhv_filling *fill, u64 *start, u64 *end)
{
	const struct nhv_slot *slot = fill->slot;
	unsigned int pages = fill->run->length ? NHV_PIECE : NHV_WINDOW;
	u64 offset = fill->ra.addr - slot->base.addr;
	u64 hva = slot->hva.addr + offset;
	u64 below = hva & (pages * PAGE_SIZE - 1);
	u64 room = nhv_room(hva, 1ULL << NHV_SHIFT_2M);
	unsigned int growth = min(fill->run->length, NHV_WINDOW_GROWTH);
	u64 size = (pages * PAGE_SIZE << growth) - below;

	*start = fill->run->length ? offset : offset - min(offset, below);
	*end = min(offset + min(size, room), slot->size);
}

/* What a neighbour's leaf should be; 0 where the host has no page. */
static u64 nhv_neighbour(const struct nhv_filling *fill,
			 const struct nhv_host_page *page)
{
	u64 bits;

	if (!page->shift)
		return 0;
	bits = nhv_leaf_bits(fill->slot, page, false);
	return page->ra.addr | bits;
}

/*
 * One piece of the window. A store of the guest's makes a page dirty, so with a
 * log no neighbour is writable, and none has to be marked.
 *
 * Return: true if the host has all pages of it.
 */
static bool nhv_map_piece(struct nhv_filling *fill, u64 offset, unsigned int nr)
{
	struct nhv_l2ra ra = nhv_l2ra(fill->slot->base.addr + offset);
	struct nhv_host_page page[NHV_PIECE] __nhv_uncleared;
	u64 leaf[NHV_PIECE] __nhv_uncleared;
	unsigned int i, present = 0;

	if (!nhv_host_look_run(fill->vm, nhv_slot_hva(fill->slot, ra), nr,
			       page))
		return false;
	for (i = 0; i < nr; i++) {
		leaf[i] = nhv_neighbour(fill, &page[i]);
		present += leaf[i] != 0;
		if (leaf[i] && fill->run->next == (ra.addr >> PAGE_SHIFT) + i)
			fill->run->next++;
	}
	fill->around += nhv_tree_map_near(&fill->vm->tree, nhv_l2_tra(ra), nr,
					  leaf);
	return present == nr;
}

/*
 * The pages around it that the host has already. Where a table is missing a
 * page is left out. A run of faults goes on behind the last page mapped.
 *
 * A piece is aligned where the VMM has it, so it is within one of the host's
 * tables, and within one of ours, which need not begin at the same place.
 */
static void nhv_map_around(struct nhv_filling *fill)
{
	const struct nhv_slot *slot = fill->slot;
	u64 at, end, piece;

	nhv_window(fill, &at, &end);
	for (; at < end; at += piece) {
		piece = nhv_room(slot->hva.addr + at, NHV_PIECE * PAGE_SIZE);
		piece = min(piece, nhv_room(slot->base.addr + at,
					    1ULL << NHV_SHIFT_2M));
		piece = min(piece, end - at);
		if (!nhv_map_piece(fill, at, piece >> PAGE_SHIFT))
			break;
	}
	atomic64_add(fill->around, &fill->vm->stats.map_around);
}

static enum nhv_filled nhv_fill_locked(struct nhv_filling *fill)
{
	bool store = fill->fault->store;
	struct nhv_host_page page;
	unsigned int shift;

	if (fill->vm->invalidate_active)
		return NHV_IN_FLUX;
	if (!nhv_host_look(fill->vm, nhv_slot_hva(fill->slot, fill->ra), &page))
		return NHV_NO_PAGE;
	if (store && !page.writable)
		return NHV_NO_PAGE;

	shift = nhv_leaf_shift(fill->slot, fill->ra.addr, page.shift);
	if (!nhv_map_page(fill, &fill->stock, fill->ra.addr, &page, shift,
			  store))
		return NHV_NO_TABLE;
	nhv_count_leaf(fill->vm, shift);

	fill->run->next = ((fill->ra.addr >> shift) + 1) << (shift - PAGE_SHIFT);
	/* With a log a store is a fault of its own, whatever is mapped around. */
	if (shift == PAGE_SHIFT && !(store && nhv_logs(fill->slot)))
		nhv_map_around(fill);
	return NHV_FILLED;
}

/* ---- getting there --------------------------------------------------------------- */

static enum nhv_filled nhv_fill(struct nhv_filling *fill)
{
	enum nhv_filled filled;
	bool unsent;

	spin_lock(&fill->vm->mmu_lock);
	filled = nhv_fill_locked(fill);
	unsent = nhv_unsent_begin(fill->vm, &fill->batch);
	spin_unlock(&fill->vm->mmu_lock);
	/* What was replaced is forgotten before anything may reuse it. */
	nhv_batch_send(&fill->batch, fill->vm);
	if (unsent)
		nhv_unsent_end(fill->vm);
	return filled;
}

/*
 * Wait until the host is done. It is in no hurry when it takes a terabyte away,
 * but a signal ends it: the vCPU's thread has other things to do.
 */
static int nhv_wait_for_host(struct nhv_vm *vm)
{
	while (READ_ONCE(vm->invalidate_active)) {
		if (signal_pending(current))
			return -EINTR;
		usleep_range(10, 50);
	}
	return 0;
}

static int nhv_provide(struct nhv_filling *fill, enum nhv_filled missing)
{
	switch (missing) {
	case NHV_IN_FLUX:
		return nhv_wait_for_host(fill->vm);
	case NHV_NO_TABLE:
		return nhv_stock_fill(&fill->stock);
	case NHV_NO_PAGE:
		return nhv_host_fault_in(fill->vm,
					 nhv_slot_hva(fill->slot, fill->ra),
					 fill->nr, fill->fault->store);
	case NHV_FILLED:
		break;
	}
	return 0;
}

/*
 * Return: 0 when mapped, -EAGAIN when the guest should fault again, -EINTR, or
 * why the memory cannot be had.
 */
static int nhv_resolve(struct nhv_filling *fill)
{
	unsigned int tries;
	int err = 0;

	for (tries = 0; tries < NHV_FAULT_TRIES && !err; tries++) {
		enum nhv_filled filled = nhv_fill(fill);

		if (filled == NHV_FILLED)
			return 0;
		err = nhv_provide(fill, filled);
	}
	return err ? err : -EAGAIN;
}

/* How many are faulted in. */
static unsigned int nhv_pages_in(const struct nhv_filling *fill)
{
	u64 left, room;

	if (!fill->run->length)
		return 1;
	/* Within the slot, and within what one table of the host maps. */
	left = fill->slot->base.addr + fill->slot->size - fill->ra.addr;
	room = nhv_room(nhv_slot_hva(fill->slot, fill->ra).addr,
			1ULL << NHV_SHIFT_2M);
	return nhv_run_pages(fill->ra.addr >> PAGE_SHIFT,
			     min(left, room) >> PAGE_SHIFT,
			     READ_ONCE(nhv_fault_around));
}

/* ---- what a fault comes to --------------------------------------------------------- */

static enum nhv_fault_verdict nhv_refuse(struct nhv_fault *fault, u64 bits)
{
	fault->refuse = bits;
	if (fault->store && !fault->fetch)
		fault->refuse |= NHV_DSISR_ISSTORE;
	return NHV_FAULT_REFUSE;
}

/* Nothing is there, or nothing that may be written. */
static enum nhv_fault_verdict nhv_no_memory(struct nhv_fault *fault)
{
	/* The guest's own tables cannot be in a device. */
	u64 tables = fault->status & (NHV_DSISR_PRTABLE_FAULT |
				      NHV_DSISR_SET_RC);

	if (tables)
		return nhv_refuse(fault, tables);
	if (fault->fetch)
		return nhv_refuse(fault, NHV_DSISR_NOEXEC_OR_G);
	return NHV_FAULT_MMIO;
}

static enum nhv_fault_verdict nhv_verdict(struct nhv_fault *fault, int err)
{
	if (!err || err == -EAGAIN || err == -EINTR)
		return NHV_FAULT_RESUME;
	fault->error = err;
	return NHV_FAULT_MEMORY;
}

enum nhv_fault_verdict nhv_mmu_fault(struct nhv_vm *vm,
				     struct nhv_fault_runs *runs,
				     struct nhv_fault *fault)
{
	struct nhv_filling fill __nhv_uncleared;
	int err;

	/* A tree that the level below cannot read is our own mistake. */
	if (fault->status & NHV_DSISR_UNSUPP_MMU)
		return nhv_verdict(fault, -EINVAL);
	if (fault->status & (NHV_DSISR_BADACCESS | NHV_DSISR_BAD_COPYPASTE))
		return nhv_refuse(fault, fault->status &
				  (NHV_DSISR_BADACCESS |
				   NHV_DSISR_BAD_COPYPASTE));

	fill.slot = nhv_slot_find(vm, fault->ra);
	if (!fill.slot)
		return nhv_no_memory(fault);
	/* KVM_MEM_READONLY: a store goes to user space as MMIO. */
	if (fault->store && fill.slot->flags & KVM_MEM_READONLY)
		return nhv_no_memory(fault);

	fill.vm = vm;
	fill.fault = fault;
	fill.ra = nhv_l2ra(fault->ra.addr & PAGE_MASK);
	fill.run = nhv_run_of(runs, fill.ra.addr >> PAGE_SHIFT);
	fill.nr = nhv_pages_in(&fill);
	fill.around = 0;
	memset(&fill.stock, 0, sizeof(fill.stock));
	nhv_batch_init(&fill.batch, vm->lpid);

	err = nhv_resolve(&fill);
	nhv_stock_drain(&fill.stock);
	return nhv_verdict(fault, err);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's side of a guest's memory: which frame is behind an address of the
 * VMM now, and being told when that changes. No page is ever pinned.
 *
 * A page is looked up under mmu_lock while no invalidation is under way. Who
 * changes the host's mapping calls invalidate_range_start first, which takes
 * mmu_lock, and so finds in the tree all that was looked up before it.
 */
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched.h>
#include <linux/srcu.h>
#include <asm/cputable.h>
#include <asm/pte-walk.h>
#include <asm/tlbflush.h>

#include <nhv/compat.h>
#include <nhv/level.h>
#include <nhv/mmu.h>
#include <nhv/vm.h>

/* ---- looking at the host's page table -------------------------------------- */

static bool nhv_host_read(pte_t pte, unsigned long addr, unsigned int shift,
			  struct nhv_host_page *page)
{
	unsigned long inside = addr & ((1UL << shift) - 1) & PAGE_MASK;

	/* PROT_NONE, also that of NUMA balancing, is without read or user. */
	if (!pte_hw_valid(pte) || !pte_user(pte) || !pte_read(pte))
		return false;
	page->ra = nhv_l1ra((pte_pfn(pte) << PAGE_SHIFT) + inside);
	page->shift = shift;
	/*
	 * The host takes a clean page for unwritten. A guest may write it only
	 * once the host has been told, which a fault for writing does.
	 */
	page->writable = pte_write(pte) && pte_dirty(pte);
	page->uncached = pte_val(pte) & _PAGE_CACHE_CTL;
	return true;
}

bool nhv_host_look(struct nhv_vm *vm, struct nhv_hva hva,
		   struct nhv_host_page *page)
{
	bool present = false;
	unsigned long flags;
	unsigned int shift;
	pte_t *ptep;

	/* The host frees its tables only when all CPUs have had interrupts on. */
	local_irq_save(flags);
	ptep = __find_linux_pte(vm->mm->pgd, hva.addr, NULL, &shift);
	if (ptep)
		present = nhv_host_read(READ_ONCE(*ptep), hva.addr,
					shift ? shift : PAGE_SHIFT, page);
	local_irq_restore(flags);
	return present;
}

bool nhv_host_look_run(struct nhv_vm *vm, struct nhv_hva hva, unsigned int nr,
		       struct nhv_host_page *page)
{
	unsigned long flags;
	unsigned int shift, i;
	pte_t *ptep;

	local_irq_save(flags);
	ptep = __find_linux_pte(vm->mm->pgd, hva.addr, NULL, &shift);
	for (i = 0; ptep && i < nr; i++) {
		page[i].shift = 0;
		/* One entry for all of them, if the host has a large page. */
		nhv_host_read(READ_ONCE(ptep[shift ? 0 : i]),
			      hva.addr + i * PAGE_SIZE,
			      shift ? shift : PAGE_SHIFT, &page[i]);
	}
	local_irq_restore(flags);
	return ptep;
}

/* ---- having it filled ------------------------------------------------------- */

/* How many of so many pages the host has not, up to the first that it has. */
static unsigned int nhv_host_absent(struct nhv_vm *vm, struct nhv_hva hva,
				    unsigned int nr)
{
	struct nhv_host_page page;
	unsigned int shift, i = 0;
	unsigned long flags;
	pte_t *ptep;

	local_irq_save(flags);
	ptep = __find_linux_pte(vm->mm->pgd, hva.addr, NULL, &shift);
	if (!ptep)
		i = nr;		/* there is no table for any of them */
	while (i < nr && !nhv_host_read(READ_ONCE(ptep[shift ? 0 : i]),
					hva.addr, PAGE_SHIFT, &page))
		i++;
	local_irq_restore(flags);
	return i;
}

/*
 * @nr pages are within what one table of the host maps. Those that somebody else
 * brings meanwhile are faulted in once more, which does no harm.
 *
 * The neighbours are a guess, so nothing is waited for: with RETRY_NOWAIT
 * mmap_lock is never dropped, and an answer that is not plain success ends it.
 */
static void nhv_host_fault_around(struct nhv_vm *vm, unsigned long addr,
				  unsigned int nr, unsigned int flags)
{
	struct vm_area_struct *vma = vma_lookup(vm->mm, addr);
	unsigned long needs = flags & FAULT_FLAG_WRITE ? VM_WRITE : VM_READ;
	unsigned long end = addr + nr * PAGE_SIZE;

	if (!vma || !(vma->vm_flags & needs) || vma->vm_flags & VM_PFNMAP)
		return;
	end = min(end, vma->vm_end);
	addr += PAGE_SIZE;
	if (addr >= end)
		return;
	nr = nhv_host_absent(vm, nhv_hva(addr), (end - addr) >> PAGE_SHIFT);
	flags |= FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_RETRY_NOWAIT;
	for (; nr; nr--, addr += PAGE_SIZE)
		if (handle_mm_fault(vma, addr, flags, NULL))
			return;
}

int nhv_host_fault_in(struct nhv_vm *vm, struct nhv_hva hva, unsigned int nr,
		      bool write)
{
	unsigned int flags = write ? FAULT_FLAG_WRITE : 0;
	bool unlocked = false;
	int ret;

	mmap_read_lock(vm->mm);
	ret = fixup_user_fault(vm->mm, hva.addr, flags, &unlocked);
	if (!ret && nr > 1)
		nhv_host_fault_around(vm, hva.addr, nr, flags);
	mmap_read_unlock(vm->mm);
	return ret;
}

/* ---- what the guest can use already -------------------------------------------- */

void *nhv_host_reach(struct nhv_vm *vm, struct nhv_l2ra ra, size_t size,
		     u64 bits)
{
	unsigned int shift;
	u64 leaf = nhv_tree_find(&vm->tree, nhv_l2_tra(ra), &shift);
	u64 inside, at;

	if (!leaf || (leaf & bits) != bits || leaf & NHV_PTE_ATT)
		return NULL;
	inside = ra.addr & ((1ULL << shift) - 1);
	if (size > (1ULL << shift) - inside)
		return NULL;
	at = (leaf & NHV_PTE_RPN) + inside;
	return pfn_valid(at >> PAGE_SHIFT) ? __va(at) : NULL;
}

/* ---- from the VMM's addresses to the guest's --------------------------------- */

/* The part of a slot that a range of the VMM's addresses backs. */
static bool nhv_slot_part(const struct nhv_slot *slot, unsigned long start,
			  unsigned long end, u64 *from, u64 *size)
{
	unsigned long hva = slot->hva.addr;

	start = max(start, hva);
	end = min(end, hva + (unsigned long)slot->size);
	if (start >= end)
		return false;
	*from = slot->base.addr + (start - hva);
	*size = end - start;
	return true;
}

static void nhv_change_hva(struct nhv_change *change, unsigned long start,
			   unsigned long end)
{
	struct nhv_vm *vm = change->vm;
	int idx = srcu_read_lock(&vm->srcu);
	const struct nhv_slots *slots = srcu_dereference(vm->slots, &vm->srcu);
	unsigned int i;
	u64 from, size;

	for (i = 0; slots && i < slots->nr; i++)
		if (nhv_slot_part(&slots->slot[i], start, end, &from, &size))
			nhv_change_range(change, nhv_l2ra(from), size);
	srcu_read_unlock(&vm->srcu, idx);
}

void nhv_mmu_unmap_all(struct nhv_vm *vm)
{
	struct nhv_batch batch __nhv_uncleared;
	struct nhv_change change = {
		.vm = vm,
		.may_sleep = true,
		.batch = &batch,
	};

	nhv_batch_init(&batch, vm->lpid);
	nhv_change_hva(&change, 0, ULONG_MAX);
	nhv_change_send(&change);
}

/* ---- what a sent batch means here ------------------------------------------- */

/*
 * A CPU that comes to run a thread of the VMM's is in mm_cpumask before, with a full
 * barrier, and an L0 like this one keeps nothing over an entry into a guest.
 */
static bool nhv_mm_elsewhere(struct mm_struct *mm)
{
	unsigned int other;

	smp_mb();	/* the tree's change, then mm_cpumask: switch_mm_irqs_off() */
	other = cpumask_any_but(mm_cpumask(mm), get_cpu());
	put_cpu();
	return other < nr_cpu_ids;
}

void nhv_host_drop_translations(struct nhv_vm *vm)
{
	if (nhv_mm_elsewhere(vm->mm))
		radix__flush_tlb_mm(vm->mm);
}

void nhv_host_count_batch(struct nhv_vm *vm, const struct nhv_batch *batch)
{
	atomic64_inc(&vm->stats.remote_tlb_flush);
	if (batch->walk_cache)
		atomic64_inc(&vm->stats.batch_walk_cache);
	if (batch->all) {
		atomic64_inc(&vm->stats.batch_all);
		return;
	}
	atomic64_add(batch->nr, &vm->stats.batch_pages);
	nhv_hist_add(vm->stats.batch_hist, ARRAY_SIZE(vm->stats.batch_hist),
		     batch->nr);
}

/* ---- being told --------------------------------------------------------------- */

static struct nhv_vm *nhv_notified(struct mmu_notifier *notifier)
{
	return container_of(notifier, struct nhv_vm, notifier);
}

static int nhv_range_start(struct mmu_notifier *notifier,
			   const struct mmu_notifier_range *range)
{
	struct nhv_vm *vm = nhv_notified(notifier);
	struct nhv_batch batch __nhv_uncleared;
	struct nhv_change change = {
		.vm = vm,
		.may_sleep = mmu_notifier_range_blockable(range),
		.batch = &batch,
	};

	spin_lock(&vm->mmu_lock);
	vm->invalidate_active++;
	spin_unlock(&vm->mmu_lock);

	nhv_batch_init(&batch, vm->lpid);
	nhv_change_hva(&change, range->start, range->end);
	nhv_change_send(&change);
	return 0;
}

static void nhv_range_end(struct mmu_notifier *notifier,
			  const struct mmu_notifier_range *range)
{
	struct nhv_vm *vm = nhv_notified(notifier);

	spin_lock(&vm->mmu_lock);
	WRITE_ONCE(vm->invalidate_seq, vm->invalidate_seq + 1);
	vm->invalidate_active--;
	spin_unlock(&vm->mmu_lock);
}

/*
 * QEMU's POWER10 looks at the instruction that a fault is to tell of (prefixed or
 * not). If the fault is that of its fetch, because a page of L2's own tables has no
 * R, it meets the same fault again, and again: the processor is lost. If that page
 * is not there at all it knows better.
 */
static bool nhv_age_takes_leaves(void)
{
	return !nhv_level.keeps_translations &&
	       cpu_has_feature(CPU_FTR_ARCH_31);
}

/*
 * R goes; flushed, the next use of the page is sure to set it again. What was
 * taken off shadow leaves is sent some time later if not. Leaves that are taken are
 * another matter: whoever frees the page later finds none, so all is sent.
 */
static bool nhv_age(struct nhv_vm *vm, unsigned long start, unsigned long end,
		    bool flush)
{
	const bool take = nhv_age_takes_leaves();
	struct nhv_batch batch __nhv_uncleared;
	struct nhv_change change = {
		.vm = vm,
		.bits = take ? 0 : NHV_PTE_R,
		.batch = flush || take ? &batch : NULL,
	};

	nhv_batch_init(&batch, vm->lpid);
	nhv_change_hva(&change, start, end);
	if (change.batch)
		nhv_change_send(&change);
	return change.nr;
}

static nhv_young_t nhv_clear_flush_young(struct mmu_notifier *notifier,
					 struct mm_struct *mm,
					 unsigned long start, unsigned long end)
{
	return nhv_age(nhv_notified(notifier), start, end, true);
}

static nhv_young_t nhv_clear_young(struct mmu_notifier *notifier,
				   struct mm_struct *mm,
				   unsigned long start, unsigned long end)
{
	return nhv_age(nhv_notified(notifier), start, end, false);
}

static nhv_young_t nhv_test_young(struct mmu_notifier *notifier,
				  struct mm_struct *mm, unsigned long addr)
{
	struct nhv_vm *vm = nhv_notified(notifier);
	int idx = srcu_read_lock(&vm->srcu);
	const struct nhv_slots *slots = srcu_dereference(vm->slots, &vm->srcu);
	bool young = false;
	unsigned int i;
	u64 from, size;

	for (i = 0; slots && !young && i < slots->nr; i++) {
		if (!nhv_slot_part(&slots->slot[i], addr, addr + PAGE_SIZE,
				   &from, &size))
			continue;
		spin_lock(&vm->mmu_lock);
		young = nhv_tree_test_bits(&vm->tree,
					   nhv_l2_tra(nhv_l2ra(from)), size,
					   NHV_PTE_R) ||
			nhv_rmap_test_bits(vm, nhv_l2ra(from), size, NHV_PTE_R);
		spin_unlock(&vm->mmu_lock);
	}
	srcu_read_unlock(&vm->srcu, idx);
	return young;
}

/* The mm goes while somebody still holds the VM's descriptor. */
static void nhv_mm_release(struct mmu_notifier *notifier, struct mm_struct *mm)
{
	nhv_mmu_unmap_all(nhv_notified(notifier));
}

static const struct mmu_notifier_ops nhv_notifier_ops = {
	.invalidate_range_start = nhv_range_start,
	.invalidate_range_end = nhv_range_end,
	.clear_flush_young = nhv_clear_flush_young,
	.clear_young = nhv_clear_young,
	.test_young = nhv_test_young,
	.release = nhv_mm_release,
};

int nhv_mmu_init(struct nhv_vm *vm)
{
	int ret;

	spin_lock_init(&vm->mmu_lock);
	ret = nhv_tree_init(&vm->tree, vm->lpid);
	if (ret)
		return ret;
	vm->notifier.ops = &nhv_notifier_ops;
	ret = mmu_notifier_register(&vm->notifier, vm->mm);
	if (ret)
		nhv_tree_destroy(&vm->tree);
	return ret;
}

void nhv_mmu_release(struct nhv_vm *vm)
{
	mmu_notifier_unregister(&vm->notifier, vm->mm);
	nhv_rmap_release(vm);
	nhv_tree_destroy(&vm->tree);
}

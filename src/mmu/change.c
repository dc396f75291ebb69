// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes to what L2's memory is mapped by: the VM's own tree, and in the same
 * hold of mmu_lock the shadow trees that stand on it.
 *
 * Two threads may want the same page gone. The second finds it gone already and
 * must not think that no CPU uses it, while the first has yet to send its batch.
 * So whoever has taken something and not sent it is counted, and who comes while
 * that is not zero invalidates all.
 */
#include <linux/minmax.h>
#include <linux/sched.h>

#include <abi/partition.h>
#include <nhv/core.h>
#include <nhv/mmu.h>
#include <nhv/vm.h>

/* How much is changed before mmu_lock is given to others. */
#define NHV_BREATH	(64ULL << 20)

bool nhv_unsent_begin(struct nhv_vm *vm, const struct nhv_batch *batch)
{
	if (nhv_batch_empty(batch))
		return false;
	vm->unsent++;
	return true;
}

void nhv_unsent_end(struct nhv_vm *vm)
{
	spin_lock(&vm->mmu_lock);
	vm->unsent--;
	spin_unlock(&vm->mmu_lock);
}

/* Return: false if shadow leaves are left. */
static bool nhv_change_trees(struct nhv_change *change, struct nhv_l2ra from,
			     u64 size)
{
	struct nhv_tree *tree = &change->vm->tree;
	struct nhv_tra at = nhv_l2_tra(from);

	if (!change->bits) {
		change->nr += nhv_tree_unmap(tree, at, size, change->batch);
		return nhv_rmap_unmap(change->vm, from, size);
	}
	change->nr += nhv_tree_clear_bits(tree, at, size, change->bits,
					  change->batch);
	return nhv_rmap_clear_bits(change->vm, from, size, change->bits,
				   &change->nr);
}

/*
 * Nothing comes back meanwhile that the VM's own tree does not allow, and that
 * has been changed already. Aging is a guess and may not sleep: the rest stays.
 */
static void nhv_change_rest(struct nhv_change *change, struct nhv_l2ra from,
			    u64 size)
{
	struct nhv_vm *vm = change->vm;
	bool done = change->bits == NHV_PTE_R;

	while (!done) {
		if (change->may_sleep)
			cond_resched();
		spin_lock(&vm->mmu_lock);
		done = nhv_rmap_unmap(vm, from, size);
		spin_unlock(&vm->mmu_lock);
	}
}

static void nhv_change_piece(struct nhv_change *change, struct nhv_l2ra from,
			     u64 size)
{
	struct nhv_vm *vm = change->vm;
	bool done;

	spin_lock(&vm->mmu_lock);
	done = nhv_change_trees(change, from, size);
	if (change->batch) {
		if (vm->unsent > change->unsent)
			change->batch->all = true;
		if (!change->unsent)
			change->unsent = nhv_unsent_begin(vm, change->batch);
	}
	spin_unlock(&vm->mmu_lock);
	if (!done)
		nhv_change_rest(change, from, size);
}

void nhv_change_range(struct nhv_change *change, struct nhv_l2ra from, u64 size)
{
	while (size) {
		u64 piece = min(size, NHV_BREATH);

		nhv_change_piece(change, from, piece);
		from.addr += piece;
		size -= piece;
		if (size && change->may_sleep)
			cond_resched();
	}
}

void nhv_change_send(struct nhv_change *change)
{
	nhv_rmap_send(change->vm);
	nhv_batch_send(change->batch, change->vm);
	if (change->unsent)
		nhv_unsent_end(change->vm);
	change->unsent = false;
	if (!change->bits)
		atomic64_add(change->nr, &change->vm->stats.unmapped);
}

void nhv_mmu_unmap_range(struct nhv_vm *vm, struct nhv_l2ra from, u64 size)
{
	struct nhv_batch batch;
	struct nhv_change change = {
		.vm = vm,
		.may_sleep = true,
		.batch = &batch,
	};

	nhv_batch_init(&batch, vm->lpid);
	nhv_change_range(&change, from, size);
	nhv_change_send(&change);
}

/*
 * A page that a fault makes writable after its bit was taken is marked again,
 * in the same hold of mmu_lock: it is either in @bitmap or in the next one.
 */
void nhv_mmu_protect_dirty(struct nhv_vm *vm, const struct nhv_slot *slot,
			   const unsigned long *bitmap)
{
	unsigned long pages = slot->size >> PAGE_SHIFT;
	unsigned long first, last;
	struct nhv_batch batch;
	struct nhv_change change = {
		.vm = vm,
		.bits = NHV_PTE_WRITE | NHV_PTE_C,
		.may_sleep = true,
		.batch = &batch,
	};

	nhv_batch_init(&batch, vm->lpid);
	for (first = find_first_bit(bitmap, pages); first < pages;
	     first = find_next_bit(bitmap, pages, last)) {
		last = find_next_zero_bit(bitmap, pages, first);
		nhv_change_range(&change,
				 nhv_l2ra(slot->base.addr +
					  ((u64)first << PAGE_SHIFT)),
				 (u64)(last - first) << PAGE_SHIFT);
		cond_resched();
	}
	atomic64_add(change.nr, &vm->stats.dirty_protects);
	nhv_change_send(&change);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading and writing L2 real memory: where the guest has it mapped, through this
 * kernel's own mapping of it; else through the VMM's. The first is much cheaper, as
 * leaving user memory alone again may mean to flush a cache.
 */
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/srcu.h>
#include <linux/uaccess.h>
#include <abi/partition.h>
#include <nhv/core.h>
#include <nhv/mmu.h>
#include <nhv/vm.h>

/* A run of L2 real memory that lies in one slot. */
struct nhv_piece {
	const struct nhv_slot *slot;
	struct nhv_l2ra ra;
	void __user *user;
	size_t size;
};

/* What is done to a piece; @data moves along. Return: 0 or -EFAULT. */
typedef int (*nhv_piece_fn)(const struct nhv_piece *piece, void *data);

static int nhv_piece_read(const struct nhv_piece *piece, void *data)
{
	return copy_from_user(data, piece->user, piece->size) ? -EFAULT : 0;
}

/* Part may have been written when it fails, so the dirty log gets it all. */
static int nhv_piece_written(const struct nhv_piece *piece, unsigned long left)
{
	nhv_slot_mark_dirty(piece->slot, piece->ra, piece->size);
	return left ? -EFAULT : 0;
}

static int nhv_piece_write(const struct nhv_piece *piece, void *data)
{
	if (piece->slot->flags & KVM_MEM_READONLY)
		return -EFAULT;
	return nhv_piece_written(piece,
				 copy_to_user(piece->user, data, piece->size));
}

static int nhv_piece_clear(const struct nhv_piece *piece, void *data)
{
	if (piece->slot->flags & KVM_MEM_READONLY)
		return -EFAULT;
	return nhv_piece_written(piece, clear_user(piece->user, piece->size));
}

static bool nhv_piece_find(struct nhv_vm *vm, struct nhv_l2ra ra, size_t size,
			   struct nhv_piece *piece)
{
	const struct nhv_slot *slot = nhv_slot_find(vm, ra);

	if (!slot)
		return false;
	piece->slot = slot;
	piece->ra = ra;
	piece->user = (void __user *)nhv_slot_hva(slot, ra).addr;
	piece->size = min_t(u64, size, slot->base.addr + slot->size - ra.addr);
	return true;
}

static int nhv_walk_pieces(struct nhv_vm *vm, struct nhv_l2ra ra, void *data,
			   size_t size, nhv_piece_fn fn)
{
	struct nhv_piece piece;
	int idx, ret = 0;

	/* Another process has something else at the slots' addresses. */
	if (current->mm != vm->mm)
		return -EFAULT;

	idx = srcu_read_lock(&vm->srcu);
	while (size && !ret) {
		if (!nhv_piece_find(vm, ra, size, &piece)) {
			ret = -EFAULT;
			break;
		}
		ret = fn(&piece, data);
		ra.addr += piece.size;
		size -= piece.size;
		if (data)
			data += piece.size;
	}
	srcu_read_unlock(&vm->srcu, idx);
	return ret;
}

/* Under a spinning lock no more than this is copied. */
#define NHV_MAPPED_MOST	4096

/* What is one word for the guest is read and written as one. */
static void nhv_mapped_copy(void *to, const void *from, size_t size)
{
	unsigned long all = (unsigned long)to | (unsigned long)from | size;

	if (IS_ALIGNED(all, sizeof(u64)))
		nhv_copy_words(to, from, size);
	else if (size == sizeof(u32) && IS_ALIGNED(all, sizeof(u32)))
		WRITE_ONCE(*(u32 *)to, READ_ONCE(*(const u32 *)from));
	else
		memcpy(to, from, size);
}

/* Return: false if it has to be done through the VMM's mapping. */
static bool nhv_mapped_read(struct nhv_vm *vm, struct nhv_l2ra ra, void *to,
			    size_t size)
{
	const void *from;

	if (size > NHV_MAPPED_MOST)
		return false;
	spin_lock(&vm->mmu_lock);
	from = nhv_host_reach(vm, ra, size, NHV_LEAF_LOADS);
	if (from)
		nhv_mapped_copy(to, from, size);
	spin_unlock(&vm->mmu_lock);
	return from;
}

/* A leaf for stores means that the dirty log has the page, or is told of it. */
static bool nhv_mapped_write(struct nhv_vm *vm, struct nhv_l2ra ra,
			     const void *from, size_t size)
{
	void *to;

	if (size > NHV_MAPPED_MOST)
		return false;
	spin_lock(&vm->mmu_lock);
	to = nhv_host_reach(vm, ra, size, NHV_LEAF_STORES);
	if (to)
		nhv_mapped_copy(to, from, size);
	spin_unlock(&vm->mmu_lock);
	return to;
}

int nhv_guest_read(struct nhv_vm *vm, struct nhv_l2ra ra, void *to, size_t size)
{
	if (nhv_mapped_read(vm, ra, to, size))
		return 0;
	return nhv_walk_pieces(vm, ra, to, size, nhv_piece_read);
}

int nhv_guest_write(struct nhv_vm *vm, struct nhv_l2ra ra, const void *from,
		    size_t size)
{
	if (nhv_mapped_write(vm, ra, from, size))
		return 0;
	return nhv_walk_pieces(vm, ra, (void *)from, size, nhv_piece_write);
}

int nhv_guest_clear(struct nhv_vm *vm, struct nhv_l2ra ra, size_t size)
{
	return nhv_walk_pieces(vm, ra, NULL, size, nhv_piece_clear);
}

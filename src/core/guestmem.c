// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading and writing L2 real memory through the VMM's mapping of it.
 */
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/srcu.h>
#include <linux/uaccess.h>
#include <nhv/core.h>
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

int nhv_guest_read(struct nhv_vm *vm, struct nhv_l2ra ra, void *to, size_t size)
{
	return nhv_walk_pieces(vm, ra, to, size, nhv_piece_read);
}

int nhv_guest_write(struct nhv_vm *vm, struct nhv_l2ra ra, const void *from,
		    size_t size)
{
	return nhv_walk_pieces(vm, ra, (void *)from, size, nhv_piece_write);
}

int nhv_guest_clear(struct nhv_vm *vm, struct nhv_l2ra ra, size_t size)
{
	return nhv_walk_pieces(vm, ra, NULL, size, nhv_piece_clear);
}

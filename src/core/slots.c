// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory slots: which L2 real addresses are which memory of the VMM.
 *
 * All slots of a VM are one array sorted by address, and a change publishes
 * another array. Nobody who looked before synchronize_srcu() can map anything
 * after it, so what must go is torn down once, after it. Until then the slot
 * stays in the array, marked as going: an MMU notifier has to find by it what
 * is still mapped.
 */
#include <linux/mm.h>
#include <linux/srcu.h>
#include <linux/uaccess.h>
#include <nhv/core.h>
#include <nhv/mmu.h>
#include <nhv/vm.h>

/* KVM's limit; with it a bitmap stays below the largest vmalloc() allowed. */
#define NHV_SLOT_MAX_PAGES	((1UL << 31) - 1)

/* Words of a bitmap between two offers to reschedule. */
#define NHV_DIRTY_BREATH	4096

#define NHV_SLOT_FLAGS		(KVM_MEM_LOG_DIRTY_PAGES | KVM_MEM_READONLY)

static struct nhv_slots *nhv_slots_locked(struct nhv_vm *vm)
{
	return rcu_dereference_protected(vm->slots,
					 lockdep_is_held(&vm->slots_lock));
}

static struct nhv_slots *nhv_slots_alloc(unsigned int nr)
{
	struct nhv_slots *slots;

	slots = kvzalloc(struct_size(slots, slot, nr), GFP_KERNEL_ACCOUNT);
	if (slots)
		slots->nr = nr;
	return slots;
}

int nhv_slots_init(struct nhv_vm *vm)
{
	struct nhv_slots *slots = nhv_slots_alloc(0);

	if (!slots)
		return -ENOMEM;
	mutex_init(&vm->slots_lock);
	RCU_INIT_POINTER(vm->slots, slots);
	return 0;
}

void nhv_slots_destroy(struct nhv_vm *vm)
{
	struct nhv_slots *slots = rcu_dereference_protected(vm->slots, true);
	unsigned int i;

	for (i = 0; i < slots->nr; i++)
		kvfree(slots->slot[i].dirty);
	kvfree(slots);
	RCU_INIT_POINTER(vm->slots, NULL);
}

static u64 nhv_slot_end(const struct nhv_slot *slot)
{
	return slot->base.addr + slot->size;
}

const struct nhv_slot *nhv_slot_find(struct nhv_vm *vm, struct nhv_l2ra ra)
{
	const struct nhv_slots *slots;
	unsigned int low = 0, high, middle;

	slots = srcu_dereference_check(vm->slots, &vm->srcu,
				       lockdep_is_held(&vm->slots_lock));
	high = slots->nr;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (ra.addr < slots->slot[middle].base.addr)
			high = middle;
		else if (ra.addr >= nhv_slot_end(&slots->slot[middle]))
			low = middle + 1;
		else
			return READ_ONCE(slots->slot[middle].going) ?
				NULL : &slots->slot[middle];
	}
	return NULL;
}

void nhv_slot_mark_dirty(const struct nhv_slot *slot, struct nhv_l2ra ra,
			 u64 size)
{
	unsigned long page, last;

	if (!slot->dirty || !size)
		return;

	page = (ra.addr - slot->base.addr) >> PAGE_SHIFT;
	last = (ra.addr - slot->base.addr + size - 1) >> PAGE_SHIFT;
	/* Whoever takes a bit away sees the data that it stands for. */
	smp_mb__before_atomic();
	for (; page <= last; page++)
		set_bit(page, slot->dirty);
}

/* ---- changing them -------------------------------------------------------- */

static struct nhv_slot *nhv_slot_by_id(struct nhv_slots *slots, u32 id)
{
	unsigned int i;

	for (i = 0; i < slots->nr; i++)
		if (slots->slot[i].id == id)
			return &slots->slot[i];
	return NULL;
}

static size_t nhv_dirty_bytes(const struct nhv_slot *slot)
{
	return BITS_TO_LONGS(slot->size >> PAGE_SHIFT) * sizeof(long);
}

static int nhv_region_check(const struct kvm_userspace_memory_region *region)
{
	const u64 limit = 1ULL << NHV_REAL_BITS;

	/* The upper half of the number is an address space: there is one. */
	if (region->slot >= NHV_MEM_SLOTS || region->flags & ~NHV_SLOT_FLAGS)
		return -EINVAL;
	if (!PAGE_ALIGNED(region->guest_phys_addr) ||
	    !PAGE_ALIGNED(region->memory_size) ||
	    !PAGE_ALIGNED(region->userspace_addr))
		return -EINVAL;
	if (region->memory_size >> PAGE_SHIFT > NHV_SLOT_MAX_PAGES ||
	    region->guest_phys_addr > limit ||
	    region->memory_size > limit - region->guest_phys_addr)
		return -EINVAL;
	if (!access_ok((void __user *)region->userspace_addr,
		       region->memory_size))
		return -EINVAL;
	return 0;
}

/* What KVM lets user space change of a slot that exists: flags and place. */
static bool nhv_change_allowed(const struct nhv_slot *old,
			       const struct kvm_userspace_memory_region *region)
{
	return region->memory_size == old->size &&
	       region->userspace_addr == old->hva.addr &&
	       !((region->flags ^ old->flags) & KVM_MEM_READONLY);
}

static bool nhv_slot_overlaps(const struct nhv_slots *slots,
			      const struct nhv_slot *slot)
{
	const struct nhv_slot *other;

	for (other = slots->slot; other < slots->slot + slots->nr; other++)
		if (other->id != slot->id &&
		    slot->base.addr < nhv_slot_end(other) &&
		    other->base.addr < nhv_slot_end(slot))
			return true;
	return false;
}

/* A copy of @slots without the slot number @id, and with @add if there is one. */
static struct nhv_slots *nhv_slots_with(const struct nhv_slots *slots, u32 id,
					const struct nhv_slot *add)
{
	struct nhv_slots *copy = nhv_slots_alloc(slots->nr + 1);
	const struct nhv_slot *from;
	struct nhv_slot *to;

	if (!copy)
		return NULL;
	to = copy->slot;
	for (from = slots->slot; from < slots->slot + slots->nr; from++) {
		if (from->id == id)
			continue;
		if (add && add->base.addr < from->base.addr) {
			*to++ = *add;
			add = NULL;
		}
		*to++ = *from;
	}
	if (add)
		*to++ = *add;
	copy->nr = to - copy->slot;
	return copy;
}

/* Nobody uses the earlier array, nor what it pointed to, on return. */
static int nhv_slots_publish(struct nhv_vm *vm, u32 id,
			     const struct nhv_slot *add)
{
	struct nhv_slots *old = nhv_slots_locked(vm);
	struct nhv_slots *new = nhv_slots_with(old, id, add);

	if (!new)
		return -ENOMEM;
	rcu_assign_pointer(vm->slots, new);
	synchronize_srcu(&vm->srcu);
	kvfree(old);
	return 0;
}

/* Tear down all that a slot maps, while the notifiers still know it. */
static int nhv_slot_retire(struct nhv_vm *vm, const struct nhv_slot *slot)
{
	struct nhv_slot going = *slot;
	int ret;

	going.going = true;
	ret = nhv_slots_publish(vm, going.id, &going);
	if (!ret)
		nhv_mmu_unmap_range(vm, going.base, going.size);
	return ret;
}

/* Put something else, or nothing, in the place of a slot that was retired. */
static int nhv_slot_succeed(struct nhv_vm *vm, u32 id,
			    const struct nhv_slot *new)
{
	int ret = nhv_slots_publish(vm, id, new);

	/* No memory for the array: nothing has happened then. */
	if (ret)
		WRITE_ONCE(nhv_slot_by_id(nhv_slots_locked(vm), id)->going,
			   false);
	return ret;
}

static int nhv_slot_delete(struct nhv_vm *vm, const struct nhv_slot *slot)
{
	struct nhv_slot old = *slot;
	int ret = nhv_slot_retire(vm, &old);

	if (!ret)
		ret = nhv_slot_succeed(vm, old.id, NULL);
	if (!ret)
		kvfree(old.dirty);
	return ret;
}

static int nhv_slot_move(struct nhv_vm *vm, const struct nhv_slot *old,
			 const struct nhv_slot *new)
{
	int ret = nhv_slot_retire(vm, old);

	return ret ? ret : nhv_slot_succeed(vm, old->id, new);
}

/*
 * A slot that starts to log is unmapped whole: its pages come back one by one,
 * each as it is touched, and marked when it may be written.
 */
static int nhv_slot_replace(struct nhv_vm *vm, const struct nhv_slot *slot,
			    const struct nhv_slot *new)
{
	struct nhv_slot old = *slot;
	bool moves = old.base.addr != new->base.addr;
	int ret = moves ? nhv_slot_move(vm, &old, new) :
			  nhv_slots_publish(vm, old.id, new);

	if (ret)
		return ret;
	if (!moves && new->dirty && !old.dirty)
		nhv_mmu_unmap_range(vm, old.base, old.size);
	if (old.dirty != new->dirty)
		kvfree(old.dirty);
	return 0;
}

static int nhv_slot_give_bitmap(struct nhv_slot *new, const struct nhv_slot *old)
{
	if (!(new->flags & KVM_MEM_LOG_DIRTY_PAGES))
		return 0;
	new->dirty = old ? old->dirty : NULL;
	if (!new->dirty)
		new->dirty = kvzalloc(nhv_dirty_bytes(new),
				      GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	return new->dirty ? 0 : -ENOMEM;
}

static int nhv_slot_put(struct nhv_vm *vm, const struct nhv_slot *old,
			const struct kvm_userspace_memory_region *region)
{
	struct nhv_slot new = {
		.base = nhv_l2ra(region->guest_phys_addr),
		.size = region->memory_size,
		.hva = nhv_hva(region->userspace_addr),
		.id = region->slot,
		.flags = region->flags,
	};
	const unsigned long *kept = old ? old->dirty : NULL;
	int ret;

	if (nhv_slot_overlaps(nhv_slots_locked(vm), &new))
		return -EEXIST;
	ret = nhv_slot_give_bitmap(&new, old);
	if (ret)
		return ret;
	ret = old ? nhv_slot_replace(vm, old, &new) :
		    nhv_slots_publish(vm, new.id, &new);
	if (ret && new.dirty != kept)
		kvfree(new.dirty);
	return ret;
}

static int nhv_slot_set_locked(struct nhv_vm *vm,
			       const struct kvm_userspace_memory_region *region)
{
	const struct nhv_slot *old;

	old = nhv_slot_by_id(nhv_slots_locked(vm), region->slot);
	if (!region->memory_size)
		return old ? nhv_slot_delete(vm, old) : -EINVAL;
	if (!old)
		return nhv_slot_put(vm, NULL, region);
	if (!nhv_change_allowed(old, region))
		return -EINVAL;
	if (old->base.addr == region->guest_phys_addr &&
	    old->flags == region->flags)
		return 0;
	return nhv_slot_put(vm, old, region);
}

int nhv_slot_set(struct nhv_vm *vm,
		 const struct kvm_userspace_memory_region *region)
{
	int ret = nhv_region_check(region);

	if (ret)
		return ret;
	mutex_lock(&vm->slots_lock);
	ret = nhv_slot_set_locked(vm, region);
	mutex_unlock(&vm->slots_lock);
	return ret;
}

/* ---- the dirty log --------------------------------------------------------- */

/* Move the bits out. Return: was there any? */
static bool nhv_dirty_take(const struct nhv_slot *slot, unsigned long *copy)
{
	size_t i, words = nhv_dirty_bytes(slot) / sizeof(long);
	bool any = false;

	for (i = 0; i < words; i++) {
		if (i % NHV_DIRTY_BREATH == 0)
			cond_resched();
		if (!READ_ONCE(slot->dirty[i]))
			continue;
		copy[i] = xchg(&slot->dirty[i], 0);
		any = true;
	}
	return any;
}

/*
 * The bits go first and the write permission after: a store between the two is
 * in the memory that user space reads after this call.
 */
static int nhv_slot_get_dirty_locked(struct nhv_vm *vm,
				     const struct kvm_dirty_log *log)
{
	const struct nhv_slot *slot;
	unsigned long *copy;
	int ret = 0;

	slot = nhv_slot_by_id(nhv_slots_locked(vm), log->slot);
	if (!slot || !slot->dirty)
		return -ENOENT;
	copy = kvzalloc(nhv_dirty_bytes(slot),
			GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!copy)
		return -ENOMEM;
	if (nhv_dirty_take(slot, copy))
		nhv_mmu_protect_dirty(vm, slot, copy);
	if (copy_to_user(log->dirty_bitmap, copy, nhv_dirty_bytes(slot)))
		ret = -EFAULT;
	kvfree(copy);
	return ret;
}

int nhv_slot_get_dirty(struct nhv_vm *vm, const struct kvm_dirty_log *log)
{
	int ret;

	if (log->slot >= NHV_MEM_SLOTS)
		return -EINVAL;
	mutex_lock(&vm->slots_lock);
	ret = nhv_slot_get_dirty_locked(vm, log);
	mutex_unlock(&vm->slots_lock);
	return ret;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * src/core: memory slots, guest memory, dirty bitmaps, requests to a vCPU.
 */
#ifndef NHV_CORE_H
#define NHV_CORE_H

#include <linux/kvm.h>
#include <nhv/base.h>

struct nhv_vm;
struct nhv_vcpu;

#define NHV_MEM_SLOTS		512

/**
 * struct nhv_slot - a piece of L2 real memory backed by the VMM's memory
 * @base: first L2 real address, page aligned
 * @size: in bytes, a multiple of the page size, never 0
 * @hva: where the VMM has it
 * @id: the slot number user space gave
 * @flags: KVM_MEM_LOG_DIRTY_PAGES, KVM_MEM_READONLY
 * @going: being deleted: nhv_slot_find() does not see it, MMU notifiers still
 *	do, because what it mapped is not torn down yet
 * @dirty: a bit a host page, NULL when the slot does not log
 *
 * Immutable once published; a change publishes another struct. Only the bits
 * in @dirty move.
 */
struct nhv_slot {
	struct nhv_l2ra base;
	u64 size;
	struct nhv_hva hva;
	u32 id;
	u32 flags;
	bool going;
	unsigned long *dirty;
};

/**
 * struct nhv_slots - all slots of a VM, sorted by @base, published by SRCU
 */
struct nhv_slots {
	unsigned int nr;
	struct nhv_slot slot[];
};

/**
 * nhv_slots_init() - give a new VM its empty set of slots
 * @vm: the VM
 *
 * Return: 0 or -ENOMEM.
 */
int nhv_slots_init(struct nhv_vm *vm);

/**
 * nhv_slots_destroy() - free all slots; nobody else uses the VM any more
 * @vm: the VM
 */
void nhv_slots_destroy(struct nhv_vm *vm);

/**
 * nhv_slot_set() - KVM_SET_USER_MEMORY_REGION
 * @vm: the VM
 * @region: what user space asks, already copied
 *
 * Creates, moves, deletes (size 0) a slot or changes its flags alone. On return
 * no vCPU can reach what the change took away. Takes slots_lock.
 *
 * Return: 0; -EINVAL for a bad slot number, flag, alignment, a range that wraps
 * or a change of size; -EEXIST for an overlap; -ENOMEM.
 */
int nhv_slot_set(struct nhv_vm *vm,
		 const struct kvm_userspace_memory_region *region);

/**
 * nhv_slot_get_dirty() - KVM_GET_DIRTY_LOG: report, write-protect, clear
 * @vm: the VM
 * @log: slot number and user bitmap
 *
 * Return: 0; -EINVAL for a bad slot number; -ENOENT if the slot does not exist
 * or does not log; -EFAULT; -ENOMEM.
 */
int nhv_slot_get_dirty(struct nhv_vm *vm, const struct kvm_dirty_log *log);

/**
 * nhv_slot_find() - the slot that holds an L2 real address
 * @vm: the VM; the caller is in its SRCU read side
 * @ra: the address
 *
 * Return: the slot or NULL.
 */
const struct nhv_slot *nhv_slot_find(struct nhv_vm *vm, struct nhv_l2ra ra);

/**
 * nhv_slot_hva() - where the VMM has an L2 real address
 * @slot: the slot that holds it
 * @ra: the address
 */
static inline struct nhv_hva nhv_slot_hva(const struct nhv_slot *slot,
					  struct nhv_l2ra ra)
{
	return nhv_hva(slot->hva.addr + (ra.addr - slot->base.addr));
}

/**
 * nhv_slot_mark_dirty() - note that a page of L2 was or may be written
 * @slot: the slot that holds it
 * @ra: an address in the page
 * @size: how many bytes from there, may cross pages, must not leave the slot
 *
 * Called after the store; for a page mapped writable after it was mapped, or
 * under the mmu_lock that it is mapped under. Marked before, the dirty log could
 * take the mark and miss the store.
 */
void nhv_slot_mark_dirty(const struct nhv_slot *slot, struct nhv_l2ra ra,
			 u64 size);

/**
 * nhv_guest_read() - copy from L2 real memory
 * @vm: the VM; takes its SRCU read side itself; may sleep
 * @ra: L2 real address
 * @to: where to
 * @size: in bytes; may cross pages and slots
 *
 * Return: 0 or -EFAULT, with nothing of use in @to then.
 */
int nhv_guest_read(struct nhv_vm *vm, struct nhv_l2ra ra, void *to, size_t size);

/**
 * nhv_guest_write() - copy to L2 real memory and mark it dirty
 * @vm: the VM; takes its SRCU read side itself; may sleep
 * @ra: L2 real address
 * @from: what
 * @size: in bytes; may cross pages and slots
 *
 * Return: 0; -EFAULT if there is no slot, it is read-only, or not writable in
 * the VMM; part may have been written then.
 */
int nhv_guest_write(struct nhv_vm *vm, struct nhv_l2ra ra, const void *from,
		    size_t size);

/**
 * nhv_guest_clear() - zero L2 real memory and mark it dirty
 * @vm: the VM; may sleep
 * @ra: L2 real address
 * @size: in bytes
 *
 * Return: as nhv_guest_write().
 */
int nhv_guest_clear(struct nhv_vm *vm, struct nhv_l2ra ra, size_t size);

/**
 * nhv_copy_words() - copy between this kernel's memory and a guest's that this
 * kernel can use, which others write at the same time
 * @to: where to, aligned to a doubleword
 * @from: what, the same
 * @size: in bytes, a multiple of a doubleword
 *
 * No word is taken in parts, and none twice.
 */
static inline void nhv_copy_words(void *to, const void *from, size_t size)
{
	const u64 *word = from, *end = from + size;
	u64 *copy = to;

	for (; word + 4 <= end; word += 4, copy += 4) {
		u64 a = READ_ONCE(word[0]), b = READ_ONCE(word[1]);
		u64 c = READ_ONCE(word[2]), d = READ_ONCE(word[3]);

		WRITE_ONCE(copy[0], a);
		WRITE_ONCE(copy[1], b);
		WRITE_ONCE(copy[2], c);
		WRITE_ONCE(copy[3], d);
	}
	while (word < end)
		WRITE_ONCE(*copy++, READ_ONCE(*word++));
}

/**
 * struct nhv_walk - what a translation in a guest's own tables depends on
 * @process_table: dword 1 of the partition table entry
 * @pid: PIDR
 * @msr: MSR of the access
 * @data: a load or store (MSR[DR]), else an instruction fetch (MSR[IR])
 * @store: it is known to be a store
 * @read: reads an entry at a real address of that guest: nhv_walk_read_l2, or
 *	another for a guest whose memory lies elsewhere; 0 or -EFAULT
 * @space: for @read
 */
struct nhv_walk {
	u64 process_table;
	u32 pid;
	u64 msr;
	bool data;
	bool store;
	int (*read)(void *space, u64 at, __be64 *entry);
	void *space;
};

/**
 * nhv_walk() - walk a process table and a process-scoped radix tree
 * @walk: see there; may sleep
 * @ea: effective address
 * @ra: gets the real address of that guest
 *
 * Protection is checked as far as it is known here: the kind of access and the
 * privilege, not keys. R and C are left alone: the processor has made the
 * access that we emulate, and has set them.
 *
 * Return: 0; -EFAULT when the tables do not map the address for that access or
 * are no legal tables.
 */
int nhv_walk(const struct nhv_walk *walk, u64 ea, u64 *ra);

/**
 * nhv_walk_read_l2() - an entry in L2 real memory
 * @vm: the VM, as nhv_walk.space
 * @at: L2 real address
 * @entry: gets it
 *
 * Return: 0 or -EFAULT.
 */
int nhv_walk_read_l2(void *vm, u64 at, __be64 *entry);

/* What can be asked of a vCPU from elsewhere: bit numbers in vcpu->requests. */
enum nhv_request {
	NHV_REQ_EXIT,		/* leave the guest, look at the world, go on */
	NHV_REQ_MMU,		/* partition table entry or LPCR changed */
};

/**
 * nhv_vcpu_request() - set a request bit and make the vCPU see it
 * @vcpu: the vCPU
 * @request: which
 *
 * Any context, no lock needed.
 */
void nhv_vcpu_request(struct nhv_vcpu *vcpu, enum nhv_request request);

/**
 * nhv_vcpu_kick() - bring a vCPU out of the guest or out of its sleep
 * @vcpu: the vCPU
 *
 * Any context, no lock needed. The state that makes the vCPU act must have
 * been stored before.
 */
void nhv_vcpu_kick(struct nhv_vcpu *vcpu);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * src/vm: a VM's life, its capabilities, its event descriptors.
 */
#ifndef NHV_VM_H
#define NHV_VM_H

#include <linux/kref.h>
#include <linux/kvm.h>
#include <linux/mm_types.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/srcu.h>
#include <linux/xarray.h>
#include <nhv/base.h>
#include <nhv/core.h>
#include <nhv/mmu.h>
#include <nhv/nested.h>
#include <nhv/observe.h>

#define NHV_MAX_VCPUS		2048
#define NHV_MAX_VCPU_ID		16384

/* Hypercalls that the kernel answers, in the order of hcalls.def. */
enum nhv_hcall_row {
#define NHV_HCALL(name, number, handler, enabled, fast) NHV_ROW_##name,
#include <nhv/hcalls.def>
#undef NHV_HCALL
	NHV_HCALL_ROWS
};

struct dentry;

/**
 * struct nhv_vm - a virtual machine
 *
 * Lock order, outermost first, for all of nhv: vm.lock, vcpu.mutex, slots
 * (slots_lock, then the SRCU read side), nested guest, mmap_lock of the VMM,
 * mmu_lock (spinning; interrupts stay enabled). Of nested guests' locks one is
 * held at a time, another only if trylock gets it. nesting.lock (spinning) is
 * the innermost.
 */
struct nhv_vm {
	struct kref ref;		/* VM fd, each vCPU fd */
	struct rcu_head rcu;		/* nhv_vm_get_unless_gone() */
	struct mm_struct *mm;		/* the creator's; mm_count held */
	u32 lpid;			/* API v2: the guest's id */
	struct nhv_v2_guest *v2;	/* API v2: what holds for all its vCPUs */
	struct mutex lock;		/* vCPU creation, capabilities, MMU set-up */
	struct list_head link;		/* on the list of all VMs */

	/* memory slots: src/core */
	struct mutex slots_lock;
	struct srcu_struct srcu;
	struct nhv_slots __rcu *slots;

	/* translations: src/mmu */
	spinlock_t mmu_lock;
	struct mmu_notifier notifier;
	unsigned long invalidate_seq;	/* by mmu_lock; read without */
	unsigned int invalidate_active;	/* by mmu_lock */
	unsigned int unsent;		/* by mmu_lock: batches still to be sent */
	struct nhv_tree tree;
	u64 process_table;		/* dword 1 of the partition table entry */

	/* guests of the guest: src/nested */
	struct nhv_nesting nesting;
	struct nhv_rmap *rmap;		/* by mmu_lock; NULL until it first nests */

	/* vCPUs: never removed before the VM goes */
	struct xarray vcpu_by_index;	/* dense: 0, 1, 2, ... */
	struct xarray vcpu_by_id;	/* by KVM id */
	unsigned int nr_vcpus;

	/* machine state that capabilities and ioctls set, by lock */
	unsigned int smt;		/* emulated threads a core */
	bool dawr1_enabled;
	bool fwnmi_enabled;
	unsigned long enabled_hcalls[BITS_TO_LONGS(NHV_HCALL_ROWS)];

	/* ioeventfds: src/vm/ioeventfd.c */
	struct list_head ioeventfds;	/* SRCU for readers, slots_lock to change */
	unsigned int nr_ioeventfds;

	/* src/papr/tce.c: each has a reference to the VM */
	struct list_head tce_tables;	/* SRCU for readers, slots_lock to change */

	struct nhv_vm_stats stats;
	struct dentry *debugfs;
};

/**
 * nhv_vm_create() - KVM_CREATE_VM
 *
 * Return: the VM with one reference, or an ERR_PTR: -ENOMEM, -ENOSPC (no LPID).
 */
struct nhv_vm *nhv_vm_create(void);

/** nhv_vm_get() - one more reference */
void nhv_vm_get(struct nhv_vm *vm);

/**
 * nhv_vm_get_unless_gone() - the same of one that may be going
 * @vm: it was seen within this RCU read side
 *
 * Return: false if the last reference is gone.
 */
bool nhv_vm_get_unless_gone(struct nhv_vm *vm);

/** nhv_vm_put() - give a reference back; the last one destroys the VM */
void nhv_vm_put(struct nhv_vm *vm);

/**
 * nhv_vm_create_vcpu() - KVM_CREATE_VCPU up to the file descriptor
 * @vm: the VM; takes vm->lock
 * @id: KVM id
 *
 * Return: the vCPU (the VM owns it) or an ERR_PTR: -EINVAL (id too large),
 * -EEXIST, -E2BIG (too many), -ENOMEM.
 */
struct nhv_vcpu *nhv_vm_create_vcpu(struct nhv_vm *vm, unsigned long id);

/**
 * nhv_vm_vcpu() - find a vCPU by its KVM id
 * @vm: the VM
 * @id: KVM id
 *
 * Return: the vCPU, which lives as long as the VM, or NULL.
 */
struct nhv_vcpu *nhv_vm_vcpu(struct nhv_vm *vm, u32 id);

/**
 * nhv_vm_request_all() - nhv_vcpu_request() to every vCPU
 * @vm: the VM
 * @request: which
 */
void nhv_vm_request_all(struct nhv_vm *vm, enum nhv_request request);

/**
 * nhv_vm_check_extension() - KVM_CHECK_EXTENSION
 * @vm: the VM, NULL for the system descriptor
 * @cap: KVM_CAP_*
 *
 * Return: what KVM's API documents, 0 for unknown.
 */
int nhv_vm_check_extension(struct nhv_vm *vm, unsigned long cap);

/**
 * nhv_vm_enable_cap() - KVM_ENABLE_CAP on a VM
 * @vm: the VM
 * @cap: already copied
 *
 * Return: 0 or -EINVAL, -EBUSY.
 */
int nhv_vm_enable_cap(struct nhv_vm *vm, const struct kvm_enable_cap *cap);

/**
 * nhv_vm_configure_mmu() - KVM_PPC_CONFIGURE_V3_MMU
 * @vm: the VM
 * @cfg: already copied
 *
 * Return: 0 or -EINVAL.
 */
int nhv_vm_configure_mmu(struct nhv_vm *vm, const struct kvm_ppc_mmuv3_cfg *cfg);

/* ---- mmu_info.c: what KVM_PPC_GET_*_INFO and _CPU_CHAR answer --------------- */

/** nhv_rmmu_info() - KVM_PPC_GET_RMMU_INFO: the radix MMU of a guest */
void nhv_rmmu_info(struct kvm_ppc_rmmu_info *info);

/** nhv_smmu_info() - KVM_PPC_GET_SMMU_INFO: what QEMU must see, radix or not */
void nhv_smmu_info(struct kvm_ppc_smmu_info *info);

/** nhv_cpu_char() - KVM_PPC_GET_CPU_CHAR: mitigations, as the level below says */
void nhv_cpu_char(struct kvm_ppc_cpu_char *info);

/**
 * nhv_vm_hcall_enabled() - does the kernel answer this hypercall for this VM
 * @vm: the VM
 * @row: one of enum nhv_hcall_row
 */
bool nhv_vm_hcall_enabled(const struct nhv_vm *vm, unsigned int row);

/**
 * nhv_vm_ioeventfd() - KVM_IOEVENTFD
 * @vm: the VM
 * @args: already copied
 *
 * Return: 0; -EINVAL, -EEXIST, -ENOENT, -EBADF, -ENOMEM, -ENOSPC (too many).
 */
int nhv_vm_ioeventfd(struct nhv_vm *vm, const struct kvm_ioeventfd *args);

/**
 * nhv_ioeventfd_signal() - is there an event descriptor for a store
 * @vm: the VM; caller is in its SRCU read side
 * @ra: L2 real address stored to
 * @len: length of the store; 0 asks for those of any length only
 * @data: what was stored, as a number in the order of the bus (as KVM compares
 *	it), ignored with @len 0
 *
 * Return: true if one matched and was signalled.
 */
bool nhv_ioeventfd_signal(struct nhv_vm *vm, struct nhv_l2ra ra,
			  unsigned int len, u64 data);

/**
 * nhv_ioeventfd_release() - drop all of a VM that goes
 * @vm: the VM
 */
void nhv_ioeventfd_release(struct nhv_vm *vm);

#endif

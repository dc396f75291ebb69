// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM's life: from KVM_CREATE_VM to the last descriptor closed.
 *
 * The process that created it may be gone by then: what is left of its mm holds
 * no memory, and nothing here touches any.
 */
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <nhv/level.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>
#include <abi/numbers.h>

static const bool nhv_hcall_defaults[NHV_HCALL_ROWS] = {
#define NHV_HCALL(name, number, handler, enabled, fast) enabled,
#include <nhv/hcalls.def>
#undef NHV_HCALL
};

static void nhv_vm_default_hcalls(struct nhv_vm *vm)
{
	unsigned int i;

	for (i = 0; i < NHV_HCALL_ROWS; i++)
		if (nhv_hcall_defaults[i])
			__set_bit(i, vm->enabled_hcalls);
}

static void nhv_vm_init_fields(struct nhv_vm *vm)
{
	kref_init(&vm->ref);
	mutex_init(&vm->lock);
	INIT_LIST_HEAD(&vm->link);
	INIT_LIST_HEAD(&vm->ioeventfds);
	INIT_LIST_HEAD(&vm->tce_tables);
	xa_init(&vm->vcpu_by_index);
	xa_init(&vm->vcpu_by_id);
	vm->smt = 1;
	vm->mm = current->mm;
	nhv_vm_default_hcalls(vm);
	nhv_nesting_init(vm);
}

/* A guest starts in real mode, so its tree is announced without process table. */
static void nhv_vm_announce(struct nhv_vm *vm)
{
	mutex_lock(&vm->lock);
	nhv_level_vm_set_table(vm);
	mutex_unlock(&vm->lock);
}

static int nhv_vm_build(struct nhv_vm *vm)
{
	int ret;

	ret = nhv_level_vm_init(vm);
	if (ret)
		return ret;
	ret = init_srcu_struct(&vm->srcu);
	if (ret)
		goto release_level;
	ret = nhv_slots_init(vm);
	if (ret)
		goto cleanup_srcu;
	ret = nhv_mmu_init(vm);
	if (ret)
		goto destroy_slots;
	nhv_vm_announce(vm);
	return 0;

destroy_slots:
	nhv_slots_destroy(vm);
cleanup_srcu:
	cleanup_srcu_struct(&vm->srcu);
release_level:
	nhv_level_vm_release(vm);
	return ret;
}

struct nhv_vm *nhv_vm_create(void)
{
	struct nhv_vm *vm;
	int ret;

	vm = kzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	if (!vm)
		return ERR_PTR(-ENOMEM);
	nhv_vm_init_fields(vm);
	ret = nhv_vm_build(vm);
	if (ret) {
		kfree(vm);
		return ERR_PTR(ret);
	}
	mmgrab(vm->mm);
	atomic_inc(&nhv_live_counts.vms);
	nhv_observe_vm_add(vm);
	return vm;
}

static void nhv_vm_destroy_vcpus(struct nhv_vm *vm)
{
	struct nhv_vcpu *vcpu;
	unsigned long index;

	xa_for_each(&vm->vcpu_by_index, index, vcpu)
		nhv_vcpu_destroy(vcpu);
	xa_destroy(&vm->vcpu_by_index);
	xa_destroy(&vm->vcpu_by_id);
}

/* The level below forgets the tree before its pages are freed. */
static void nhv_vm_destroy(struct kref *ref)
{
	struct nhv_vm *vm = container_of(ref, struct nhv_vm, ref);

	nhv_observe_vm_remove(vm);
	nhv_ioeventfd_release(vm);
	nhv_nesting_release(vm);
	nhv_level_vm_clear(vm);
	nhv_mmu_release(vm);
	nhv_vm_destroy_vcpus(vm);
	nhv_level_vm_release(vm);
	nhv_slots_destroy(vm);
	cleanup_srcu_struct(&vm->srcu);
	mutex_destroy(&vm->slots_lock);
	mutex_destroy(&vm->lock);
	mmdrop(vm->mm);
	kfree_rcu(vm, rcu);
	atomic_dec(&nhv_live_counts.vms);
}

void nhv_vm_get(struct nhv_vm *vm)
{
	kref_get(&vm->ref);
}

bool nhv_vm_get_unless_gone(struct nhv_vm *vm)
{
	return kref_get_unless_zero(&vm->ref);
}

void nhv_vm_put(struct nhv_vm *vm)
{
	kref_put(&vm->ref, nhv_vm_destroy);
}

/* ---- its vCPUs -------------------------------------------------------------- */

/* All that can fail is done before anybody can find the vCPU. */
static int nhv_vm_publish_vcpu(struct nhv_vm *vm, struct nhv_vcpu *vcpu)
{
	int ret;

	ret = xa_reserve(&vm->vcpu_by_id, vcpu->id, GFP_KERNEL_ACCOUNT);
	if (ret)
		return ret;
	ret = xa_insert(&vm->vcpu_by_index, vcpu->index, vcpu,
			GFP_KERNEL_ACCOUNT);
	if (ret) {
		xa_release(&vm->vcpu_by_id, vcpu->id);
		return ret;
	}
	xa_store(&vm->vcpu_by_id, vcpu->id, vcpu, GFP_KERNEL_ACCOUNT);
	return 0;
}

static struct nhv_vcpu *nhv_vm_create_vcpu_locked(struct nhv_vm *vm, u32 id)
{
	struct nhv_vcpu *vcpu;
	int ret;

	if (xa_load(&vm->vcpu_by_id, id))
		return ERR_PTR(-EEXIST);
	if (vm->nr_vcpus >= NHV_MAX_VCPUS)
		return ERR_PTR(-E2BIG);
	vcpu = nhv_vcpu_create(vm, id, vm->nr_vcpus);
	if (IS_ERR(vcpu))
		return vcpu;
	ret = nhv_vm_publish_vcpu(vm, vcpu);
	if (ret) {
		nhv_vcpu_destroy(vcpu);
		return ERR_PTR(ret);
	}
	vm->nr_vcpus++;
	nhv_observe_vcpu_add(vcpu);
	return vcpu;
}

struct nhv_vcpu *nhv_vm_create_vcpu(struct nhv_vm *vm, unsigned long id)
{
	struct nhv_vcpu *vcpu;

	if (id >= NHV_MAX_VCPU_ID)
		return ERR_PTR(-EINVAL);
	mutex_lock(&vm->lock);
	vcpu = nhv_vm_create_vcpu_locked(vm, id);
	mutex_unlock(&vm->lock);
	return vcpu;
}

struct nhv_vcpu *nhv_vm_vcpu(struct nhv_vm *vm, u32 id)
{
	return xa_load(&vm->vcpu_by_id, id);
}

void nhv_vm_request_all(struct nhv_vm *vm, enum nhv_request request)
{
	struct nhv_vcpu *vcpu;
	unsigned long index;

	xa_for_each(&vm->vcpu_by_index, index, vcpu)
		nhv_vcpu_request(vcpu, request);
}

/* ---- its process table -------------------------------------------------------- */

int nhv_vm_configure_mmu(struct nhv_vm *vm, const struct kvm_ppc_mmuv3_cfg *cfg)
{
	const u64 known = KVM_PPC_MMUV3_RADIX | KVM_PPC_MMUV3_GTSE;

	if (cfg->flags & ~known || !(cfg->flags & KVM_PPC_MMUV3_RADIX))
		return -EINVAL;
	if (!(cfg->process_table & NHV_PATE1_GR) ||
	    (cfg->process_table & NHV_PATE1_PRTS) > NHV_PRTS_MAX)
		return -EINVAL;

	mutex_lock(&vm->lock);
	vm->process_table = cfg->process_table &
			    (NHV_PATE1_GR | NHV_PATE1_PRTB | NHV_PATE1_PRTS);
	nhv_level_vm_set_table(vm);
	mutex_unlock(&vm->lock);
	nhv_vm_request_all(vm, NHV_REQ_MMU);
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Event descriptors: stores of the guest that signal a descriptor and never
 * reach user space.
 */
#include <linux/eventfd.h>
#include <linux/rculist.h>
#include <linux/srcu.h>
#include <nhv/compat.h>
#include <nhv/vm.h>

/* As many as KVM lets stand on its bus; every MMIO store looks through them. */
#define NHV_MAX_IOEVENTFDS	1000

/**
 * struct nhv_ioeventfd - one of them
 * @link: on the VM's list
 * @ctx: what is signalled
 * @addr: L2 real address of the store
 * @len: its length, 0 for any length and any data
 * @wildcard: any data
 * @data: else this
 */
struct nhv_ioeventfd {
	struct list_head link;
	struct eventfd_ctx *ctx;
	u64 addr;
	u32 len;
	bool wildcard;
	u64 data;
};

static bool nhv_ioeventfd_matches(const struct nhv_ioeventfd *event, u64 addr,
				  unsigned int len, u64 data)
{
	if (event->addr != addr)
		return false;
	if (!event->len)
		return true;
	return event->len == len && (event->wildcard || event->data == data);
}

bool nhv_ioeventfd_signal(struct nhv_vm *vm, struct nhv_l2ra ra,
			  unsigned int len, u64 data)
{
	const struct nhv_ioeventfd *event;

	list_for_each_entry_srcu(event, &vm->ioeventfds, link,
				 srcu_read_lock_held(&vm->srcu)) {
		if (!nhv_ioeventfd_matches(event, ra.addr, len, data))
			continue;
		nhv_eventfd_signal(event->ctx);
		return true;
	}
	return false;
}

/* Is there a store that would be for both? */
static bool nhv_ioeventfd_collides(const struct nhv_ioeventfd *a,
				   const struct nhv_ioeventfd *b)
{
	if (a->addr != b->addr)
		return false;
	if (!a->len || !b->len)
		return true;
	return a->len == b->len &&
	       (a->wildcard || b->wildcard || a->data == b->data);
}

static int nhv_ioeventfd_add(struct nhv_vm *vm, struct nhv_ioeventfd *new)
{
	const struct nhv_ioeventfd *event;

	lockdep_assert_held(&vm->slots_lock);
	list_for_each_entry(event, &vm->ioeventfds, link)
		if (nhv_ioeventfd_collides(event, new))
			return -EEXIST;
	if (vm->nr_ioeventfds >= NHV_MAX_IOEVENTFDS)
		return -ENOSPC;
	vm->nr_ioeventfds++;
	list_add_tail_rcu(&new->link, &vm->ioeventfds);
	return 0;
}

static void nhv_ioeventfd_free(struct nhv_ioeventfd *event)
{
	eventfd_ctx_put(event->ctx);
	kfree(event);
}

static bool nhv_ioeventfd_same(const struct nhv_ioeventfd *a,
			       const struct nhv_ioeventfd *b)
{
	return a->ctx == b->ctx && a->addr == b->addr && a->len == b->len &&
	       a->wildcard == b->wildcard &&
	       (a->wildcard || a->data == b->data);
}

/* No vCPU looks at what was taken out, on return. */
static int nhv_ioeventfd_remove(struct nhv_vm *vm,
				const struct nhv_ioeventfd *like)
{
	struct nhv_ioeventfd *event;

	lockdep_assert_held(&vm->slots_lock);
	list_for_each_entry(event, &vm->ioeventfds, link) {
		if (!nhv_ioeventfd_same(event, like))
			continue;
		list_del_rcu(&event->link);
		vm->nr_ioeventfds--;
		synchronize_srcu(&vm->srcu);
		nhv_ioeventfd_free(event);
		return 0;
	}
	return -ENOENT;
}

/* The conditions of KVM_IOEVENTFD, Documentation/virt/kvm/api.rst 4.59. */
static int nhv_ioeventfd_check(const struct kvm_ioeventfd *args)
{
	const u32 known = KVM_IOEVENTFD_FLAG_DATAMATCH |
			  KVM_IOEVENTFD_FLAG_DEASSIGN;

	if (args->flags & ~known)
		return -EINVAL;
	if (args->len > 8 || hweight32(args->len) > 1)
		return -EINVAL;
	if (args->addr + args->len < args->addr)
		return -EINVAL;
	if (!args->len && args->flags & KVM_IOEVENTFD_FLAG_DATAMATCH)
		return -EINVAL;
	return 0;
}

static int nhv_ioeventfd_assign(struct nhv_vm *vm,
				const struct nhv_ioeventfd *asked)
{
	struct nhv_ioeventfd *event;
	int ret;

	event = kmemdup(asked, sizeof(*asked), GFP_KERNEL_ACCOUNT);
	if (!event)
		return -ENOMEM;
	mutex_lock(&vm->slots_lock);
	ret = nhv_ioeventfd_add(vm, event);
	mutex_unlock(&vm->slots_lock);
	if (ret)
		kfree(event);
	return ret;
}

static int nhv_ioeventfd_deassign(struct nhv_vm *vm,
				  const struct nhv_ioeventfd *asked)
{
	int ret;

	mutex_lock(&vm->slots_lock);
	ret = nhv_ioeventfd_remove(vm, asked);
	mutex_unlock(&vm->slots_lock);
	return ret;
}

int nhv_vm_ioeventfd(struct nhv_vm *vm, const struct kvm_ioeventfd *args)
{
	bool deassign = args->flags & KVM_IOEVENTFD_FLAG_DEASSIGN;
	struct nhv_ioeventfd asked = {
		.addr = args->addr,
		.len = args->len,
		.wildcard = !(args->flags & KVM_IOEVENTFD_FLAG_DATAMATCH),
		.data = args->datamatch,
	};
	int ret = nhv_ioeventfd_check(args);

	if (ret)
		return ret;
	asked.ctx = eventfd_ctx_fdget(args->fd);
	if (IS_ERR(asked.ctx))
		return PTR_ERR(asked.ctx);

	ret = deassign ? nhv_ioeventfd_deassign(vm, &asked) :
			 nhv_ioeventfd_assign(vm, &asked);
	/* What was assigned keeps this reference. */
	if (deassign || ret)
		eventfd_ctx_put(asked.ctx);
	return ret;
}

void nhv_ioeventfd_release(struct nhv_vm *vm)
{
	struct nhv_ioeventfd *event, *next;

	list_for_each_entry_safe(event, next, &vm->ioeventfds, link) {
		list_del(&event->link);
		nhv_ioeventfd_free(event);
	}
	vm->nr_ioeventfds = 0;
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * src/mmu: where this kernel has memory of L2's that it uses at each turn. It is
 * where it was, unless the tree has lost something since.
 */
#ifndef NHV_VIEW_H
#define NHV_VIEW_H

#include <nhv/mmu.h>
#include <nhv/vm.h>

/** nhv_view_renew() - view.c: nhv_view_reach() of what is not remembered */
void *nhv_view_renew(struct nhv_view *view, struct nhv_vm *vm, struct nhv_l2ra ra,
		     size_t size, u64 bits);

/**
 * nhv_view_reach() - nhv_host_reach(), for memory that is used again and again
 * @view: what is remembered of it
 * @vm: as there
 * @ra: as there
 * @size: as there
 * @bits: as there
 *
 * Return: as there.
 */
static inline void *nhv_view_reach(struct nhv_view *view, struct nhv_vm *vm,
				   struct nhv_l2ra ra, size_t size, u64 bits)
{
	if (view->at && view->ra == ra.addr && view->losses == vm->tree.losses &&
	    !(bits & ~view->bits))
		return view->at;
	return nhv_view_renew(view, vm, ra, size, bits);
}

#endif

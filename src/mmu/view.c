// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where this kernel has memory of L2's that it uses at each turn. It is where it was,
 * unless the tree has lost something since.
 */
#include <nhv/mmu.h>
#include <nhv/vm.h>

void *nhv_view_reach(struct nhv_view *view, struct nhv_vm *vm, struct nhv_l2ra ra,
		     size_t size, u64 bits)
{
	unsigned long losses = vm->tree.losses;

	if (view->at && view->ra == ra.addr && view->losses == losses &&
	    !(bits & ~view->bits))
		return view->at;
	view->at = nhv_host_reach(vm, ra, size, bits);
	view->ra = ra.addr;
	view->bits = bits;
	view->losses = losses;
	return view->at;
}

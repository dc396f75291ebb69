// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looking up what a view remembers.
 */
#include <nhv/view.h>

void *nhv_view_renew(struct nhv_view *view, struct nhv_vm *vm, struct nhv_l2ra ra,
		     size_t size, u64 bits)
{
	view->at = nhv_host_reach(vm, ra, size, bits);
	view->ra = ra.addr;
	view->bits = bits;
	view->losses = vm->tree.losses;
	return view->at;
}

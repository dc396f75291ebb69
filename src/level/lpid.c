// SPDX-License-Identifier: GPL-2.0-only
/*
 * The partition table of API v1: finding the API, registering the table,
 * handing out LPIDs, announcing the tree of each.
 */
#include <linux/gfp.h>
#include <linux/idr.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <asm/barrier.h>
#include <asm/firmware.h>

#include <abi/numbers.h>
#include <abi/partition.h>
#include <nhv/call.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>

#include "back_end.h"

static struct nhv_pate *nhv_table;
static unsigned int nhv_table_order;
static DEFINE_IDA(nhv_lpids);

/* LPID 0 means "no guest" to QEMU's L0, and is L1's own elsewhere. */
#define NHV_FIRST_LPID	1

static size_t nhv_table_size(unsigned int pats)
{
	return 1UL << (12 + pats);
}

/* The table must be aligned to its size; pages of an order are. */
static int nhv_table_register(unsigned int pats)
{
	unsigned int order = get_order(nhv_table_size(pats));
	unsigned long table = __get_free_pages(GFP_KERNEL | __GFP_ZERO, order);
	long rc;

	if (!table)
		return -ENOMEM;
	rc = nhv_call_set_partition_table(__pa(table) | pats);
	if (rc) {
		free_pages(table, order);
		return -ENXIO;
	}
	nhv_table = (struct nhv_pate *)table;
	nhv_table_order = order;
	nhv_level.max_lpid = nhv_table_size(pats) / sizeof(struct nhv_pate) - 1;
	return 0;
}

static long nhv_v1_probe(void)
{
	/* No table at all is accepted by every L0 that knows the call. */
	return nhv_call_set_partition_table(0);
}

static int nhv_v1_init(void)
{
	int pats, err = -ENXIO;

	for (pats = NHV_PATS_MAX; pats >= 0 && err == -ENXIO; pats--)
		err = nhv_table_register(pats);
	if (err) {
		pr_err("nhv: no partition table could be registered (%d)\n", err);
		return err;
	}

	nhv_level.rpt_invalidate = firmware_has_feature(FW_FEATURE_RPT_INVALIDATE);
	/*
	 * An L0 with shadow tables offers H_COPY_TOFROM_GUEST. One without
	 * walks our tables itself, caches nothing by our names, and does not
	 * run guests under HFSCR either.
	 */
	nhv_level.keeps_translations = nhv_call_has_copy();
	nhv_level.enforces_hfscr = nhv_level.keeps_translations;
	return 0;
}

static void nhv_v1_set_entry(u32 lpid, u64 dword0, u64 dword1)
{
	struct nhv_pate *pate = &nhv_table[lpid];

	/*
	 * Never valid with a half of the old entry and one of the new. But when
	 * only the process table changes, other vCPUs may be in the guest, which
	 * must not find their tree gone.
	 */
	if (be64_to_cpu(pate->dword0) != dword0) {
		WRITE_ONCE(pate->dword0, 0);
		asm volatile("ptesync" : : : "memory");
	}
	WRITE_ONCE(pate->dword1, cpu_to_be64(dword1));
	asm volatile("eieio" : : : "memory");
	WRITE_ONCE(pate->dword0, cpu_to_be64(dword0));
	asm volatile("ptesync" : : : "memory");
	nhv_call_forget_lpid(nhv_level.rpt_invalidate, lpid, NHV_TLBIE_RIC_ALL);
}

static void nhv_v1_shutdown(bool kexec)
{
	u32 lpid;

	for (lpid = NHV_FIRST_LPID; lpid <= nhv_level.max_lpid; lpid++)
		if (nhv_table[lpid].dword0)
			nhv_v1_set_entry(lpid, 0, 0);
	nhv_call_set_partition_table(0);
}

static void nhv_v1_exit(void)
{
	ida_destroy(&nhv_lpids);
	free_pages((unsigned long)nhv_table, nhv_table_order);
	nhv_table = NULL;
}

static int nhv_lpid_take(u32 *taken)
{
	int lpid = ida_alloc_range(&nhv_lpids, NHV_FIRST_LPID,
				   nhv_level.max_lpid, GFP_KERNEL_ACCOUNT);

	if (lpid == -ENOSPC)
		pr_info_ratelimited("nhv: all %u guests that the level below takes exist already\n",
				    nhv_level.max_lpid);
	if (lpid < 0)
		return lpid;
	*taken = lpid;
	return 0;
}

static int nhv_v1_vm_init(struct nhv_vm *vm)
{
	return nhv_lpid_take(&vm->lpid);
}

static void nhv_v1_vm_release(struct nhv_vm *vm)
{
	ida_free(&nhv_lpids, vm->lpid);
}

static void nhv_v1_vm_clear(struct nhv_vm *vm)
{
	nhv_v1_set_entry(vm->lpid, 0, 0);
}

static void nhv_v1_vm_set_table(struct nhv_vm *vm)
{
	nhv_v1_set_entry(vm->lpid, nhv_tree_pate0(&vm->tree),
			    vm->process_table);
}

static int nhv_v1_nested_init(struct nhv_nested *nested)
{
	return nhv_lpid_take(&nested->lpid);
}

static void nhv_v1_nested_release(struct nhv_nested *nested)
{
	ida_free(&nhv_lpids, nested->lpid);
}

static void nhv_v1_nested_set_table(struct nhv_nested *nested)
{
	nhv_v1_set_entry(nested->lpid, nhv_tree_pate0(&nested->tree),
			 nested->pate[1]);
}

static void nhv_v1_nested_clear(struct nhv_nested *nested)
{
	nhv_v1_set_entry(nested->lpid, 0, 0);
}

const struct nhv_back_end nhv_v1 = {
	.name = "v1",
	.probe = nhv_v1_probe,
	.init = nhv_v1_init,
	.exit = nhv_v1_exit,
	.shutdown = nhv_v1_shutdown,
	.vm_init = nhv_v1_vm_init,
	.vm_release = nhv_v1_vm_release,
	.vm_clear = nhv_v1_vm_clear,
	.vm_set_table = nhv_v1_vm_set_table,
	.nested_init = nhv_v1_nested_init,
	.nested_release = nhv_v1_nested_release,
	.nested_set_table = nhv_v1_nested_set_table,
	.nested_clear = nhv_v1_nested_clear,
	.vcpu_init = nhv_v1_vcpu_init,
	.vcpu_release = nhv_v1_vcpu_release,
	.vcpu_nest = nhv_v1_vcpu_nest,
};

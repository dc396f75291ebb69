/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * src/papr/tce.c: tables of translation control entries (TCEs), one for each logical
 * I/O bus of a guest: what its devices find at an address of theirs. The guest writes
 * them by hypercalls; user space has them mapped and its devices use them.
 */
#ifndef NHV_TCE_H
#define NHV_TCE_H

#include <linux/kvm.h>
#include <linux/list.h>
#include <linux/types.h>

struct nhv_vm;

/**
 * struct nhv_tce_table - the TCEs of one logical I/O bus
 * @link: on the VM's list, by slots_lock; SRCU for readers
 * @vm: its VM, with a reference
 * @liobn: number of the bus
 * @page_shift: of the pages that its entries map
 * @offset: first page of the window
 * @size: entries
 * @nr_pages: length of @page
 * @page: the entries, in the order of this kernel; NULL where all are zero so far
 *
 * All but @page is constant. A page comes and stays.
 */
struct nhv_tce_table {
	struct list_head link;
	struct nhv_vm *vm;
	u64 liobn;
	unsigned int page_shift;
	u64 offset;
	u64 size;
	unsigned long nr_pages;
	u64 *page[];
};

/**
 * nhv_tce_create() - a table for a bus of a VM
 * @vm: the VM, which gets one more reference; takes slots_lock
 * @args: of KVM_CREATE_SPAPR_TCE_64, already copied
 *
 * Return: the table or an ERR_PTR: -EINVAL, -EBUSY (the bus has one), -ENOSPC (too
 * many), -ENOMEM.
 */
struct nhv_tce_table *
nhv_tce_create(struct nhv_vm *vm, const struct kvm_create_spapr_tce_64 *args);

/**
 * nhv_tce_destroy() - take it from its VM and free it
 * @table: of nhv_tce_create(); takes slots_lock of the VM and drops its reference
 */
void nhv_tce_destroy(struct nhv_tce_table *table);

/**
 * nhv_tce_page() - a page of a table, which is made if it is not there
 * @table: the table
 * @index: of the page; one that is beyond the table is taken for it
 *
 * Return: the page, NULL if it is beyond the table or there is no memory.
 */
u64 *nhv_tce_page(struct nhv_tce_table *table, unsigned long index);

#endif

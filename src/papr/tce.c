// SPDX-License-Identifier: GPL-2.0-only
/*
 * H_PUT_TCE, H_PUT_TCE_INDIRECT, H_STUFF_TCE (PAPR 14.5.4.2): a guest maps memory for
 * its devices. Linux empties its whole DMA window at boot, 512 entries a call.
 *
 * A bus that has no table here is user space's own.
 */
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/nospec.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/srcu.h>

#include <abi/numbers.h>
#include <nhv/core.h>
#include <nhv/papr.h>
#include <nhv/tce.h>
#include <nhv/vm.h>

#define NHV_TCE_READ		1UL
#define NHV_TCE_WRITE		2UL
#define NHV_TCES_A_PAGE		(PAGE_SIZE / sizeof(u64))

/* What one hypercall may change (PAPR), and the list it may name. */
#define NHV_TCES_A_CALL		512
#define NHV_TCE_LIST_ALIGN	4096
#define NHV_TCES_AT_ONCE	32

/* A VM's tables, which a hypercall looks through, and the entries of one. */
#define NHV_TCE_TABLES		256
#define NHV_TCE_MOST		BIT_ULL(28)

/* ---- tables ------------------------------------------------------------------ */

static bool nhv_tce_args_ok(const struct kvm_create_spapr_tce_64 *args)
{
	if (args->flags || !args->size || args->size > NHV_TCE_MOST)
		return false;
	if (args->page_shift < 12 || args->page_shift > 34)
		return false;
	return args->offset <= U64_MAX >> args->page_shift &&
	       args->offset + args->size <= U64_MAX >> args->page_shift;
}

static int nhv_tce_add(struct nhv_vm *vm, struct nhv_tce_table *new)
{
	struct nhv_tce_table *table;
	unsigned int nr = 0;

	lockdep_assert_held(&vm->slots_lock);
	list_for_each_entry(table, &vm->tce_tables, link) {
		if (table->liobn == new->liobn)
			return -EBUSY;
		if (++nr >= NHV_TCE_TABLES)
			return -ENOSPC;
	}
	list_add_tail_rcu(&new->link, &vm->tce_tables);
	return 0;
}

static void nhv_tce_free(struct nhv_tce_table *table)
{
	unsigned long i;

	for (i = 0; i < table->nr_pages; i++)
		if (table->page[i])
			__free_page(virt_to_page(table->page[i]));
	kvfree(table);
}

struct nhv_tce_table *
nhv_tce_create(struct nhv_vm *vm, const struct kvm_create_spapr_tce_64 *args)
{
	struct nhv_tce_table *table;
	unsigned long nr_pages;
	int ret;

	if (!nhv_tce_args_ok(args))
		return ERR_PTR(-EINVAL);
	nr_pages = DIV_ROUND_UP(args->size, NHV_TCES_A_PAGE);
	table = kvzalloc(struct_size(table, page, nr_pages), GFP_KERNEL_ACCOUNT);
	if (!table)
		return ERR_PTR(-ENOMEM);
	table->vm = vm;
	table->liobn = args->liobn;
	table->page_shift = args->page_shift;
	table->offset = args->offset;
	table->size = args->size;
	table->nr_pages = nr_pages;

	mutex_lock(&vm->slots_lock);
	ret = nhv_tce_add(vm, table);
	mutex_unlock(&vm->slots_lock);
	if (ret) {
		kvfree(table);
		return ERR_PTR(ret);
	}
	nhv_vm_get(vm);
	return table;
}

void nhv_tce_destroy(struct nhv_tce_table *table)
{
	struct nhv_vm *vm = table->vm;

	mutex_lock(&vm->slots_lock);
	list_del_rcu(&table->link);
	mutex_unlock(&vm->slots_lock);
	/* No vCPU looks at it any more. */
	synchronize_srcu(&vm->srcu);
	nhv_tce_free(table);
	nhv_vm_put(vm);
}

u64 *nhv_tce_page(struct nhv_tce_table *table, unsigned long index)
{
	u64 *page, *other;

	if (index >= table->nr_pages)
		return NULL;
	index = array_index_nospec(index, table->nr_pages);
	page = READ_ONCE(table->page[index]);
	if (page)
		return page;
	page = (u64 *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!page)
		return NULL;
	/* Two may want the same one: the first has made it. */
	other = cmpxchg(&table->page[index], NULL, page);
	if (!other)
		return page;
	free_page((unsigned long)page);
	return other;
}

/* In the SRCU read side of the VM. */
static struct nhv_tce_table *nhv_tce_find(struct nhv_vm *vm, u64 liobn)
{
	struct nhv_tce_table *table;

	list_for_each_entry_srcu(table, &vm->tce_tables, link,
				 srcu_read_lock_held(&vm->srcu))
		if (table->liobn == liobn)
			return table;
	return NULL;
}

/* ---- entries ------------------------------------------------------------------ */

/* Return: true if all @nr pages from the device's address on are in the window. */
static bool nhv_tce_window(const struct nhv_tce_table *table, u64 addr, u64 nr,
			   u64 *first)
{
	u64 page = addr >> table->page_shift;

	if (addr & ((1ULL << table->page_shift) - 1) || page < table->offset)
		return false;
	*first = page - table->offset;
	return *first < table->size && nr <= table->size - *first;
}

/* An entry that allows anything names a page. */
static bool nhv_tce_ok(const struct nhv_tce_table *table, u64 tce)
{
	u64 may = NHV_TCE_READ | NHV_TCE_WRITE;

	return !(tce & may) ||
	       !(tce & ~may & ((1ULL << table->page_shift) - 1));
}

static long nhv_tce_put(struct nhv_tce_table *table, u64 index, u64 tce)
{
	u64 *page = nhv_tce_page(table, index / NHV_TCES_A_PAGE);

	if (!page)
		return NHV_H_RESOURCE;
	WRITE_ONCE(page[index % NHV_TCES_A_PAGE], tce);
	return NHV_H_SUCCESS;
}

/* The entries of one page; those that are not there are zero already. */
static long nhv_tce_fill(struct nhv_tce_table *table, u64 index, u64 nr, u64 tce)
{
	unsigned long at = index / NHV_TCES_A_PAGE;
	u64 *page;

	if (!tce && !READ_ONCE(table->page[array_index_nospec(at, table->nr_pages)]))
		return NHV_H_SUCCESS;
	page = nhv_tce_page(table, at);
	if (!page)
		return NHV_H_RESOURCE;
	for (index %= NHV_TCES_A_PAGE; nr; nr--, index++)
		WRITE_ONCE(page[index], tce);
	return NHV_H_SUCCESS;
}

static long nhv_tce_stuff(struct nhv_tce_table *table, u64 index, u64 nr, u64 tce)
{
	long rc = NHV_H_SUCCESS;

	while (nr && !rc) {
		u64 piece = min_t(u64, nr, NHV_TCES_A_PAGE -
					   index % NHV_TCES_A_PAGE);

		rc = nhv_tce_fill(table, index, piece, tce);
		index += piece;
		nr -= piece;
	}
	return rc;
}

/* What the guest has listed: copied, then checked, then used. */
static long nhv_tce_list(struct nhv_tce_table *table, u64 index, u64 list, u64 nr)
{
	__be64 tce[NHV_TCES_AT_ONCE];
	long rc = NHV_H_SUCCESS;

	while (nr && !rc) {
		u64 piece = min_t(u64, nr, NHV_TCES_AT_ONCE), i;

		if (nhv_guest_read(table->vm, nhv_l2ra(list), tce,
				   piece * sizeof(tce[0])))
			return NHV_H_PARAMETER;
		for (i = 0; i < piece && !rc; i++)
			rc = nhv_tce_ok(table, be64_to_cpu(tce[i])) ?
				nhv_tce_put(table, index + i, be64_to_cpu(tce[i])) :
				NHV_H_PARAMETER;
		index += piece;
		list += piece * sizeof(tce[0]);
		nr -= piece;
	}
	return rc;
}

/* ---- hypercalls ---------------------------------------------------------------- */

/* One of them: GPR4 the bus, GPR5 the device's address, then its own. */
static long nhv_tce_call(struct nhv_vcpu *vcpu, u64 nr,
			 long (*change)(struct nhv_tce_table *table, u64 index,
					const u64 *gpr))
{
	const u64 *gpr = (const u64 *)vcpu->regs->gpr;
	struct nhv_tce_table *table = nhv_tce_find(vcpu->vm, gpr[4]);
	u64 index;

	if (!table)
		return NHV_H_TO_USER;
	if (nr > NHV_TCES_A_CALL || !nhv_tce_window(table, gpr[5], nr, &index))
		return NHV_H_PARAMETER;
	return change(table, index, gpr);
}

static long nhv_change_one(struct nhv_tce_table *table, u64 index, const u64 *gpr)
{
	if (!nhv_tce_ok(table, gpr[6]))
		return NHV_H_PARAMETER;
	return nhv_tce_put(table, index, gpr[6]);
}

long nhv_h_put_tce(struct nhv_vcpu *vcpu)
{
	return nhv_tce_call(vcpu, 1, nhv_change_one);
}

static long nhv_change_listed(struct nhv_tce_table *table, u64 index,
			      const u64 *gpr)
{
	if (gpr[6] & (NHV_TCE_LIST_ALIGN - 1))
		return NHV_H_PARAMETER;
	return nhv_tce_list(table, index, gpr[6], gpr[7]);
}

long nhv_h_put_tce_indirect(struct nhv_vcpu *vcpu)
{
	return nhv_tce_call(vcpu, vcpu->regs->gpr[7], nhv_change_listed);
}

/* One page for all is nothing that a guest wants; a value to find bugs by may be. */
static long nhv_change_all(struct nhv_tce_table *table, u64 index, const u64 *gpr)
{
	if (gpr[6] & (NHV_TCE_READ | NHV_TCE_WRITE))
		return NHV_H_PARAMETER;
	return nhv_tce_stuff(table, index, gpr[7], gpr[6]);
}

long nhv_h_stuff_tce(struct nhv_vcpu *vcpu)
{
	return nhv_tce_call(vcpu, vcpu->regs->gpr[7], nhv_change_all);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * API v2: finding it, and the life of guests and their vCPUs in the level below.
 *
 * What holds for a whole guest (its tables, its architecture level, the offset of
 * its timebase) is set while none of its vCPUs runs: QEMU keeps a copy of some of
 * it in each vCPU, and takes L1's own timebase along when that changes under a
 * running one. Since it has the copies, it is told again with each new vCPU.
 */
#include <linux/delay.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <asm/cputable.h>
#include <asm/firmware.h>
#include <asm/page.h>

#include <abi/numbers.h>
#include <abi/partition.h>
#include <nhv/call.h>
#include <nhv/core.h>
#include <nhv/vm.h>

#include "back_end.h"
#include "v2.h"

/* Guest-wide elements all in one. */
#define NHV_V2_WIDE_BUFFER	256

static DEFINE_MUTEX(nhv_v2_guests_lock);
static LIST_HEAD(nhv_v2_guests);

/* Held by whoever deletes a guest, which may take long; and all by shutdown. */
static DECLARE_RWSEM(nhv_v2_deleting);

/* ---- waiting --------------------------------------------------------------------- */

#define NHV_V2_TURNS		1000
#define NHV_V2_WAIT_MAX_MS	1000

/* The answer names a power of ten of milliseconds. */
static unsigned int nhv_v2_hint_ms(long rc)
{
	unsigned int ms = 1;

	for (; rc > NHV_H_LONG_BUSY_FIRST; rc--)
		ms *= 10;
	return min_t(unsigned int, ms, NHV_V2_WAIT_MAX_MS);
}

bool nhv_v2_later(long rc, unsigned int *turn)
{
	if (!nhv_call_busy(rc) || ++*turn >= NHV_V2_TURNS)
		return false;
	if (irqs_disabled())
		cpu_relax();
	else if (rc == NHV_H_BUSY)
		cond_resched();
	else
		msleep(nhv_v2_hint_ms(rc));
	return true;
}

int nhv_v2_errno(long rc)
{
	switch (rc) {
	case 0:
		return 0;
	case NHV_H_NO_MEM:
		return -ENOMEM;
	case NHV_H_INVALID_ELEMENT_VALUE:
		return -EINVAL;
	case NHV_H_NOT_ENOUGH_RESOURCES:
	case NHV_H_P3:
		return -ENOSPC;
	}
	return nhv_call_busy(rc) ? -EBUSY : -EIO;
}

/* ---- capabilities ----------------------------------------------------------------- */

static u64 nhv_v2_caps;

static long nhv_v2_probe(void)
{
	return nhv_call_get_capabilities(&nhv_v2_caps);
}

static int nhv_v2_init(void)
{
	u64 caps = nhv_v2_caps & (NHV_GUEST_CAP_P9 | NHV_GUEST_CAP_P10 |
				  NHV_GUEST_CAP_P11);
	long rc = nhv_call_set_capabilities(caps);

	/* Set is set, until L1 starts anew. */
	if (rc && rc != NHV_H_STATE) {
		pr_err("nhv: the level below refuses guest capabilities %#llx (%ld)\n",
		       caps, rc);
		return -ENXIO;
	}
	nhv_level.max_lpid = U32_MAX;
	nhv_level.rpt_invalidate = firmware_has_feature(FW_FEATURE_RPT_INVALIDATE);
	/* One that cannot be told to forget translations walks our tables itself. */
	nhv_level.keeps_translations = nhv_level.rpt_invalidate;
	nhv_level.carries_all = true;
	nhv_v2_quirks.two_table_sizes = !nhv_level.rpt_invalidate;
	nhv_v2_state_init();
	return nhv_v2_learn();
}

static void nhv_v2_exit(void)
{
}

/* ---- guests ------------------------------------------------------------------------ */

long nhv_v2_create(u64 *id)
{
	unsigned int turn = 0;
	u64 token = ~0ULL;
	long rc;

	do {
		rc = nhv_call_guest_create(&token, id);
	} while (nhv_v2_later(rc, &turn));
	return rc;
}

/* Guests that the level below did not delete. */
static bool nhv_v2_left;

void nhv_v2_delete(u64 id)
{
	unsigned int turn = 0;
	long rc;

	do {
		rc = nhv_call_guest_delete(id);
	} while (nhv_v2_later(rc, &turn));
	if (!rc)
		return;
	WRITE_ONCE(nhv_v2_left, true);
	pr_err_ratelimited("nhv: the level below does not delete guest %llu (%ld): it keeps what it has of it\n",
			   id, rc);
}

static void nhv_v2_delete_all(void)
{
	unsigned int turn = 0;
	long rc;

	do {
		rc = nhv_call_guest_delete_all();
	} while (nhv_v2_later(rc, &turn));
	if (!rc)
		WRITE_ONCE(nhv_v2_left, false);
}

static u32 nhv_v2_own_pvr(void)
{
	return cpu_has_feature(CPU_FTR_ARCH_31) ? NHV_V2_PVR_31 :
						  NHV_V2_PVR_300;
}

static int nhv_v2_id(u64 *id)
{
	long rc = nhv_v2_create(id);

	if (!rc && *id > U32_MAX) {
		nhv_v2_delete(*id);
		rc = NHV_H_NOT_ENOUGH_RESOURCES;
	}
	if (rc)
		pr_info_ratelimited("nhv: no guest more in the level below (%ld)\n", rc);
	return nhv_v2_errno(rc);
}

/* Return: false after nhv_v2_shutdown(), which did not see it. */
static bool nhv_v2_enlist(struct nhv_v2_guest *guest)
{
	bool down;

	mutex_lock(&nhv_v2_guests_lock);
	down = nhv_level_is_down();
	if (!down)
		list_add(&guest->link, &nhv_v2_guests);
	mutex_unlock(&nhv_v2_guests_lock);
	return !down;
}

int nhv_v2_guest_new(struct nhv_vm *vm, struct nhv_v2_guest **made)
{
	struct nhv_v2_guest *guest;
	int err;

	if (nhv_level_is_down())
		return -EBUSY;
	guest = kzalloc(sizeof(*guest), GFP_KERNEL_ACCOUNT);
	if (!guest)
		return -ENOMEM;
	guest->buffer = kzalloc(NHV_V2_WIDE_BUFFER, GFP_KERNEL_ACCOUNT);
	err = guest->buffer ? nhv_v2_id(&guest->id) : -ENOMEM;
	if (err) {
		kfree(guest->buffer);
		kfree(guest);
		return err;
	}
	guest->vm = vm;
	guest->pvr = nhv_v2_own_pvr();
	mutex_init(&guest->lock);
	xa_init(&guest->vcpu);
	INIT_LIST_HEAD(&guest->link);
	if (!nhv_v2_enlist(guest)) {
		nhv_v2_delete(guest->id);
		nhv_v2_guest_free(guest);
		return -EBUSY;
	}
	*made = guest;
	return 0;
}

void nhv_v2_guest_remove(struct nhv_v2_guest *guest)
{
	bool there;

	down_read(&nhv_v2_deleting);
	mutex_lock(&nhv_v2_guests_lock);
	there = !list_empty(&guest->link);
	list_del_init(&guest->link);
	mutex_unlock(&nhv_v2_guests_lock);
	if (there && nhv_level.rpt_invalidate)
		nhv_call_forget_lpid(true, guest->id, NHV_TLBIE_RIC_ALL);
	if (there)
		nhv_v2_delete(guest->id);
	up_read(&nhv_v2_deleting);
}

void nhv_v2_guest_free(struct nhv_v2_guest *guest)
{
	nhv_v2_guest_remove(guest);
	xa_destroy(&guest->vcpu);
	mutex_destroy(&guest->lock);
	kfree(guest->buffer);
	kfree(guest);
}

static int nhv_v2_vm_init(struct nhv_vm *vm)
{
	int err = nhv_v2_guest_new(vm, &vm->v2);

	if (!err)
		vm->lpid = vm->v2->id;
	return err;
}

static void nhv_v2_vm_clear(struct nhv_vm *vm)
{
	nhv_v2_guest_remove(vm->v2);
}

static void nhv_v2_vm_release(struct nhv_vm *vm)
{
	nhv_v2_guest_free(vm->v2);
	vm->v2 = NULL;
}

/*
 * One by one: the flag for all guests leaves QEMU with a table that it has freed.
 * So it is for what could not be had otherwise, before a kernel that does not know
 * of our guests, and to whose memory their run buffers belong.
 */
static void nhv_v2_shutdown(bool kexec)
{
	struct nhv_v2_guest *guest, *next;

	down_write(&nhv_v2_deleting);
	mutex_lock(&nhv_v2_guests_lock);
	list_for_each_entry_safe(guest, next, &nhv_v2_guests, link) {
		list_del_init(&guest->link);
		nhv_v2_delete(guest->id);
	}
	if (kexec && nhv_v2_left)
		nhv_v2_delete_all();
	mutex_unlock(&nhv_v2_guests_lock);
	up_write(&nhv_v2_deleting);
}

/* ---- what holds for a guest ----------------------------------------------------------- */

static void nhv_v2_stop_vcpus(struct nhv_v2_guest *guest)
{
	struct nhv_vcpu *vcpu;
	unsigned long index;

	WRITE_ONCE(guest->changing, true);
	smp_mb();	/* with the one in nhv_vcpu_commit() */
	xa_for_each(&guest->vm->vcpu_by_index, index, vcpu) {
		while (READ_ONCE(vcpu->mode) == NHV_IN_GUEST &&
		       READ_ONCE(vcpu->v2_guest) == guest) {
			nhv_vcpu_kick(vcpu);
			usleep_range(50, 200);
		}
	}
}

/* The quirk two_table_sizes. The table may be larger than said, if aligned so. */
static u64 nhv_v2_process_table_size(u64 table)
{
	u64 size = 1ULL << (12 + (table & NHV_PATE1_PRTS));
	const u64 small = 1ULL << 12, large = 1ULL << 24;

	if (!nhv_v2_quirks.two_table_sizes || size == small)
		return size;
	return table & NHV_PATE1_PRTB & (large - 1) ? small : large;
}

void nhv_v2_put_partition_table(struct nhv_gsb *gsb, u64 root)
{
	u8 *at = nhv_gsb_room(gsb, NHV_GS_PARTITION_TABLE,
			      NHV_GS_BYTES_PARTITION_TABLE);
	const __be64 table[] = {
		cpu_to_be64(root),
		cpu_to_be64(NHV_REAL_BITS),
		cpu_to_be64(NHV_ROOT_SIZE),
	};

	if (at)
		memcpy(at, table, sizeof(table));
}

static long nhv_v2_set_wide(struct nhv_v2_guest *guest)
{
	unsigned int turn = 0;
	struct nhv_gsb gsb;
	u64 where;
	long rc;

	nhv_gsb_start(&gsb, guest->buffer, NHV_V2_WIDE_BUFFER);
	nhv_gsb_put(&gsb, NHV_GS_LOGICAL_PVR, NHV_GS_BYTES_LOGICAL_PVR,
		    guest->pvr);
	nhv_gsb_put(&gsb, NHV_GS_TB_OFFSET, NHV_GS_BYTES_TB_OFFSET,
		    guest->tb_offset);
	if (guest->root)
		nhv_v2_put_partition_table(&gsb, guest->root & NHV_RPDB);
	if (guest->process_table)
		nhv_gsb_put_pair(&gsb, NHV_GS_PROCESS_TABLE,
				 guest->process_table & NHV_PATE1_PRTB,
				 nhv_v2_process_table_size(guest->process_table));
	do {
		rc = nhv_call_set_state(NHV_GS_FLAG_GUEST_WIDE, guest->id, 0,
					nhv_l1ra(__pa(guest->buffer)), gsb.used,
					&where);
	} while (nhv_v2_later(rc, &turn));
	if (!rc && nhv_level.rpt_invalidate)
		rc = nhv_call_forget_lpid(true, guest->id, NHV_TLBIE_RIC_ALL);
	return rc;
}

long nhv_v2_tell(struct nhv_v2_guest *guest)
{
	long rc;

	nhv_v2_stop_vcpus(guest);
	rc = nhv_v2_set_wide(guest);
	if (rc)
		pr_info_ratelimited("nhv: the level below refuses the tables of guest %llu (%ld)\n",
				    guest->id, rc);
	guest->refused = nhv_v2_refusal(rc);
	WRITE_ONCE(guest->changing, false);
	return rc;
}

static void nhv_v2_vm_set_table(struct nhv_vm *vm)
{
	struct nhv_v2_guest *guest = vm->v2;

	mutex_lock(&guest->lock);
	guest->root = nhv_tree_pate0(&vm->tree);
	guest->process_table = vm->process_table;
	nhv_v2_tell(guest);
	mutex_unlock(&guest->lock);
}

static void nhv_v2_note_tb_offset(struct nhv_vm *vm, u64 offset)
{
	struct nhv_vcpu *vcpu;
	unsigned long index;

	vm->v2->tb_offset = offset;
	xa_for_each(&vm->vcpu_by_index, index, vcpu)
		WRITE_ONCE(vcpu->tb_offset, offset);
}

/* A value that is refused is not the guest's: it goes on with what it had. */
static int nhv_v2_set_tb_offset(struct nhv_vcpu *vcpu, u64 offset)
{
	struct nhv_v2_guest *guest = vcpu->vm->v2;
	long rc = 0;
	u64 old;

	mutex_lock(&guest->lock);
	old = guest->tb_offset;
	if (offset != old) {
		nhv_v2_note_tb_offset(vcpu->vm, offset);
		rc = nhv_v2_tell(guest);
	}
	if (rc) {
		nhv_v2_note_tb_offset(vcpu->vm, old);
		nhv_v2_tell(guest);
	}
	mutex_unlock(&guest->lock);
	return nhv_v2_errno(rc);
}

static int nhv_v2_set_compat(struct nhv_vcpu *vcpu, u32 pvr)
{
	struct nhv_v2_guest *guest = vcpu->vm->v2;
	long rc = 0;
	u32 old;

	pvr = pvr ?: nhv_v2_own_pvr();
	mutex_lock(&guest->lock);
	old = guest->pvr;
	if (pvr != old) {
		guest->pvr = pvr;
		rc = nhv_v2_tell(guest);
	}
	if (rc) {
		guest->pvr = old;
		nhv_v2_tell(guest);
	}
	mutex_unlock(&guest->lock);
	return nhv_v2_errno(rc);
}

/* ---- vCPUs --------------------------------------------------------------------------------- */

static long nhv_v2_create_vcpu(u64 guest, u32 index, u32 *created)
{
	unsigned int turn = 0;
	long rc;

	/* Left by an attempt that failed later. */
	if (index < *created)
		return 0;
	do {
		rc = nhv_call_create_vcpu(guest, index);
	} while (nhv_v2_later(rc, &turn));
	if (!rc)
		++*created;
	return rc;
}

static long nhv_v2_set_buffers(u64 guest, u32 index, struct nhv_v2_vcpu *v2)
{
	unsigned int turn = 0;
	struct nhv_gsb gsb;
	u64 where;
	long rc;

	nhv_gsb_start(&gsb, v2->state, NHV_V2_BUFFER);
	nhv_gsb_put_pair(&gsb, NHV_GS_RUN_OUTPUT, __pa(v2->output),
			 v2->output_size);
	nhv_gsb_put_pair(&gsb, NHV_GS_RUN_INPUT, __pa(v2->input),
			 NHV_V2_BUFFER);
	do {
		rc = nhv_call_set_state(0, guest, index,
					nhv_l1ra(__pa(v2->state)), gsb.used,
					&where);
	} while (nhv_v2_later(rc, &turn));
	return rc;
}

/* How much room an exit may need; a level below that does not say needs less. */
static u32 nhv_v2_output_size(u64 guest, u32 index, struct nhv_v2_vcpu *v2)
{
	u64 least = 0, where;
	unsigned int turn = 0;
	struct nhv_gsb_at at;
	struct nhv_gsb gsb;
	long rc;

	nhv_gsb_start(&gsb, v2->state, NHV_V2_BUFFER);
	nhv_gsb_put(&gsb, NHV_GS_RUN_OUTPUT_MIN_SIZE,
		    NHV_GS_BYTES_RUN_OUTPUT_MIN_SIZE, 0);
	do {
		rc = nhv_call_get_state(NHV_GS_FLAG_GUEST_WIDE, guest, index,
					nhv_l1ra(__pa(v2->state)), gsb.used,
					&where);
	} while (nhv_v2_later(rc, &turn));
	nhv_gsb_first(&at, v2->state, gsb.used);
	if (!rc && nhv_gsb_next(&at) == 1 &&
	    at.id == NHV_GS_RUN_OUTPUT_MIN_SIZE)
		nhv_gsb_number(&at, &least);
	return max_t(u64, NHV_V2_BUFFER,
		     min_t(u64, least, NHV_V2_RUN_BUFFER_MAX));
}

void nhv_v2_vcpu_free(struct nhv_v2_vcpu *v2)
{
	if (!v2)
		return;
	kfree(v2->input);
	kfree(v2->output);
	kfree(v2->state);
	kfree(v2);
}

/* In the level below too. Each buffer lies in one piece within its own size. */
long nhv_v2_vcpu_new(u64 guest, u32 index, u32 *created,
		     struct nhv_v2_vcpu **new)
{
	struct nhv_v2_vcpu *v2 = kzalloc(sizeof(*v2), GFP_KERNEL_ACCOUNT);
	long rc = NHV_H_NO_MEM;

	if (!v2)
		return rc;
	v2->state = kzalloc(NHV_V2_BUFFER, GFP_KERNEL_ACCOUNT);
	v2->input = kzalloc(NHV_V2_BUFFER, GFP_KERNEL_ACCOUNT);
	if (!v2->state || !v2->input)
		goto fail;
	rc = nhv_v2_create_vcpu(guest, index, created);
	if (rc)
		goto fail;
	v2->output_size = nhv_v2_output_size(guest, index, v2);
	v2->output = kzalloc(roundup_pow_of_two(v2->output_size),
			     GFP_KERNEL_ACCOUNT);
	rc = v2->output ? nhv_v2_set_buffers(guest, index, v2) : NHV_H_NO_MEM;
	if (rc)
		goto fail;
	nhv_v2_state_new(v2);
	*new = v2;
	return 0;

fail:
	nhv_v2_vcpu_free(v2);
	return rc;
}

long nhv_v2_guest_vcpu(struct nhv_v2_guest *guest, u32 index,
		       struct nhv_v2_vcpu **new)
{
	struct nhv_v2_vcpu *v2 = NULL;
	long rc = nhv_v2_vcpu_new(guest->id, index, &guest->created, &v2);

	if (!rc)
		rc = nhv_v2_tell(guest);
	if (rc) {
		nhv_v2_vcpu_free(v2);
		return rc;
	}
	v2->guest = guest;
	v2->index = index;
	*new = v2;
	return 0;
}

static int nhv_v2_vcpu_init(struct nhv_vcpu *vcpu)
{
	struct nhv_v2_block *block = kzalloc(sizeof(*block), GFP_KERNEL_ACCOUNT);
	struct nhv_v2_guest *guest = vcpu->vm->v2;
	long rc;

	if (!block)
		return -ENOMEM;
	mutex_lock(&guest->lock);
	rc = nhv_v2_guest_vcpu(guest, vcpu->index, &vcpu->v2);
	vcpu->tb_offset = guest->tb_offset;
	mutex_unlock(&guest->lock);
	if (rc) {
		kfree(block);
		return nhv_v2_errno(rc);
	}
	vcpu->v2_guest = guest;
	vcpu->gs = &block->gs;
	vcpu->regs = &block->regs;
	nhv_v2_state_at(vcpu, vcpu->v2);
	return 0;
}

/* Its guest is deleted by now, or it never ran. */
static void nhv_v2_vcpu_release(struct nhv_vcpu *vcpu)
{
	nhv_v2_vcpu_free(vcpu->v2);
	kfree(container_of(vcpu->gs, struct nhv_v2_block, gs));
	if (vcpu->nested.gs)
		kfree(container_of(vcpu->nested.gs, struct nhv_v2_block, gs));
	vcpu->gs = NULL;
	vcpu->regs = NULL;
	vcpu->v2 = NULL;
}

/* ---- what is counted below ---------------------------------------------------------------------- */

#define NHV_V2_COUNTERS	(sizeof(struct nhv_level_counters) / sizeof(u64))

static_assert(NHV_GS_PGTABLE_RECLAIMED - NHV_GS_HEAP_INUSE + 1 ==
	      NHV_V2_COUNTERS);

static int nhv_v2_read_counters(const void *buffer, u32 size, u64 *value)
{
	struct nhv_gsb_at at;
	unsigned int n;

	nhv_gsb_first(&at, buffer, size);
	for (n = 0; n < NHV_V2_COUNTERS; n++)
		if (nhv_gsb_next(&at) != 1 || nhv_gsb_number(&at, &value[n]))
			return -EOPNOTSUPP;
	return 0;
}

static int nhv_v2_counters(struct nhv_level_counters *counters)
{
	void *buffer = kzalloc(NHV_V2_WIDE_BUFFER, GFP_KERNEL);
	unsigned int n, turn = 0;
	struct nhv_gsb gsb;
	int err = -EOPNOTSUPP;
	u64 where;
	long rc;

	if (!buffer)
		return -ENOMEM;
	nhv_gsb_start(&gsb, buffer, NHV_V2_WIDE_BUFFER);
	for (n = 0; n < NHV_V2_COUNTERS; n++)
		nhv_gsb_put(&gsb, NHV_GS_HEAP_INUSE + n,
			    NHV_GS_BYTES_HEAP_INUSE, 0);
	do {
		rc = nhv_call_get_state(NHV_GS_FLAG_HOST_WIDE, 0, 0,
					nhv_l1ra(__pa(buffer)), gsb.used,
					&where);
	} while (nhv_v2_later(rc, &turn));
	if (!rc)
		err = nhv_v2_read_counters(buffer, gsb.used, (u64 *)counters);
	kfree(buffer);
	return err;
}

const struct nhv_back_end nhv_v2 = {
	.name = "v2",
	.probe = nhv_v2_probe,
	.init = nhv_v2_init,
	.exit = nhv_v2_exit,
	.shutdown = nhv_v2_shutdown,
	.vm_init = nhv_v2_vm_init,
	.vm_release = nhv_v2_vm_release,
	.vm_clear = nhv_v2_vm_clear,
	.vm_set_table = nhv_v2_vm_set_table,
	.nested_init = nhv_v2_nested_init,
	.nested_release = nhv_v2_nested_release,
	.nested_set_table = nhv_v2_nested_set_table,
	.nested_clear = nhv_v2_nested_clear,
	.vcpu_init = nhv_v2_vcpu_init,
	.vcpu_release = nhv_v2_vcpu_release,
	.vcpu_nest = nhv_v2_vcpu_nest,
	.set_tb_offset = nhv_v2_set_tb_offset,
	.set_compat = nhv_v2_set_compat,
	.counters = nhv_v2_counters,
};

// SPDX-License-Identifier: GPL-2.0-only
/*
 * API v2: guests of our guests. Each is a guest of its own in the level below, and
 * each vCPU of L2 that runs it has a vCPU in it there.
 *
 * A guest hypervisor gets API v1 from us, where some registers stay in the
 * processor from L2 to L3 and back. Here they are two vCPUs' in the level below, so
 * each switch moves them: out of the one by a GET, into the other with its next
 * run, as far as they differ from what it had last.
 */
#include <linux/slab.h>
#include <asm/reg.h>

#include <nhv/call.h>
#include <nhv/vm.h>

#include "back_end.h"
#include "v2.h"

/* ---- life ----------------------------------------------------------------------- */

int nhv_v2_vcpu_nest(struct nhv_vcpu *vcpu)
{
	struct nhv_v2_block *block;

	if (vcpu->nested.gs)
		return 0;
	block = kzalloc(sizeof(*block), GFP_KERNEL_ACCOUNT);
	if (!block)
		return -ENOMEM;
	vcpu->nested.gs = &block->gs;
	vcpu->nested.regs = &block->regs;
	return 0;
}

int nhv_v2_nested_init(struct nhv_nested *nested)
{
	int err = nhv_v2_guest_new(nested->vm, &nested->v2);

	if (!err)
		nested->lpid = nested->v2->id;
	return err;
}

void nhv_v2_nested_release(struct nhv_nested *nested)
{
	struct nhv_v2_vcpu *v2;
	unsigned long index;

	nhv_v2_guest_remove(nested->v2);
	xa_for_each(&nested->v2->vcpu, index, v2)
		nhv_v2_vcpu_free(v2);
	nhv_v2_guest_free(nested->v2);
	nested->v2 = NULL;
}

void nhv_v2_nested_set_table(struct nhv_nested *nested)
{
	struct nhv_v2_guest *guest = nested->v2;

	mutex_lock(&guest->lock);
	guest->root = nhv_tree_pate0(&nested->tree);
	guest->process_table = nested->pate[1];
	nhv_v2_tell(guest);
	mutex_unlock(&guest->lock);
}

void nhv_v2_nested_clear(struct nhv_nested *nested)
{
	nhv_v2_guest_remove(nested->v2);
}

/* ---- there and back ---------------------------------------------------------------- */

/* Only the vCPU's own thread gets here for it. */
static int nhv_v2_nested_vcpu(struct nhv_vcpu *vcpu, struct nhv_v2_guest *guest)
{
	struct nhv_v2_vcpu *v2;
	int err;

	mutex_lock(&guest->lock);
	err = nhv_v2_errno(nhv_v2_guest_vcpu(guest, guest->vcpus, &v2));
	if (!err) {
		guest->vcpus++;
		err = xa_insert(&guest->vcpu, vcpu->index, v2,
				GFP_KERNEL_ACCOUNT);
		if (err)
			nhv_v2_vcpu_free(v2);
	}
	mutex_unlock(&guest->lock);
	return err;
}

int nhv_level_dive_ready(struct nhv_vcpu *vcpu, struct nhv_nested *nested)
{
	struct nhv_v2_guest *guest = nested->v2;
	int err = 0;

	if (!xa_load(&guest->vcpu, vcpu->index))
		err = nhv_v2_nested_vcpu(vcpu, guest);
	if (err)
		return err;
	nhv_level_fetch(vcpu, NHV_STATE_LEND);
	return vcpu->v2->refused ? -EIO : 0;
}

/* What v1 says of each vCPU holds for all of a guest here. */
static void nhv_v2_nested_wide(const struct nhv_vcpu *vcpu,
			       struct nhv_v2_guest *guest)
{
	u64 tb_offset = vcpu->tb_offset + vcpu->nested.tb_offset;
	u32 pvr = vcpu->pcr & PCR_ARCH_300 ? NHV_V2_PVR_300 :
					     READ_ONCE(vcpu->vm->v2->pvr);

	mutex_lock(&guest->lock);
	if (tb_offset != guest->tb_offset || pvr != guest->pvr) {
		guest->tb_offset = tb_offset;
		guest->pvr = pvr;
		nhv_v2_tell(guest);
	}
	mutex_unlock(&guest->lock);
}

void nhv_level_dive(struct nhv_vcpu *vcpu)
{
	struct nhv_v2_guest *guest = vcpu->nested.guest->v2;
	struct nhv_v2_vcpu *v2 = xa_load(&guest->vcpu, vcpu->index);

	nhv_v2_nested_wide(vcpu, guest);
	/* The block of L3's registers is one for all guests of L2. */
	if (!v2->reg[NHV_DENSE(NHV_GS_NIA)].at)
		nhv_v2_state_at(vcpu, v2);
	nhv_v2_have(v2, NHV_STATE_ALL);
	vcpu->nested.own.v2 = vcpu->v2;
	vcpu->v2 = v2;
	WRITE_ONCE(vcpu->v2_guest, guest);
}

/*
 * Fetched, so that v1's answer is whole, and that the next entry need not send
 * what it has.
 */
long nhv_level_dive_out(struct nhv_vcpu *vcpu)
{
	struct nhv_v2_vcpu *own = vcpu->nested.own.v2;
	long refused;

	nhv_level_fetch(vcpu, NHV_STATE_ALL);
	refused = vcpu->v2->refused;
	nhv_v2_have(own, NHV_STATE_LIVE);
	vcpu->v2 = own;
	WRITE_ONCE(vcpu->v2_guest, own->guest);
	return refused;
}

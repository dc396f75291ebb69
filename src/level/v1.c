// SPDX-License-Identifier: GPL-2.0-only
/*
 * The register store of API v1.
 *
 * hv_guest_state and pt_regs are the vCPU's own: handlers read and write the
 * guest's registers in place, and nothing is copied around the call. What we ask
 * for (version, LPID, LPCR, ...) is stored anew before every entry, because the
 * level below gives those fields back filtered; see <nhv/turn.h>.
 */
#include <linux/slab.h>

#include <nhv/vcpu.h>

#include "back_end.h"

/*
 * What the level below is given for a vCPU: one zeroed block, contiguous in
 * real memory because it lies within its own size.
 */
struct nhv_v1_block {
	struct nhv_hv_guest_state gs;
	union {
		struct nhv_pt_regs regs;
		u8 room[NHV_PT_REGS_ROOM];
	} __aligned(256);
};

#define NHV_V1_BLOCK_SIZE	1024

static_assert(sizeof(struct nhv_hv_guest_state) == 248);
static_assert(sizeof(struct nhv_pt_regs) == 352);
static_assert(sizeof(struct nhv_v1_block) <= NHV_V1_BLOCK_SIZE);

/* kmalloc aligns a power of two to its size. */
static struct nhv_v1_block *nhv_v1_block(void)
{
	return kzalloc(NHV_V1_BLOCK_SIZE, GFP_KERNEL_ACCOUNT);
}

int nhv_v1_vcpu_init(struct nhv_vcpu *vcpu)
{
	struct nhv_v1_block *block = nhv_v1_block();

	if (!block)
		return -ENOMEM;
	vcpu->gs = &block->gs;
	vcpu->regs = &block->regs;
	return 0;
}

int nhv_v1_vcpu_nest(struct nhv_vcpu *vcpu)
{
	struct nhv_v1_block *block;

	if (vcpu->nested.gs)
		return 0;
	block = nhv_v1_block();
	if (!block)
		return -ENOMEM;
	vcpu->nested.gs = &block->gs;
	vcpu->nested.regs = &block->regs;
	return 0;
}

void nhv_v1_vcpu_release(struct nhv_vcpu *vcpu)
{
	kfree(vcpu->nested.gs);
	kfree(vcpu->gs);
	vcpu->gs = NULL;
	vcpu->regs = NULL;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entering a guest by H_ENTER_NESTED (API v1).
 *
 * hv_guest_state and pt_regs are the vCPU's own register store: handlers read
 * and write the guest's registers in place, and nothing is copied around the
 * call. What we ask for (version, LPID, LPCR, ...) is stored anew before every
 * entry, because the level below gives those fields back filtered.
 */
#include <linux/slab.h>
#include <asm/page.h>
#include <asm/reg.h>
#include <asm/time.h>

#include <abi/numbers.h>
#include <nhv/call.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>

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

/*
 * The level below gives these back filtered or changed, so every entry asks
 * anew; what it leaves alone is stored once a turn.
 */
static void nhv_v1_ask_again(struct nhv_vcpu *vcpu)
{
	unsigned long *doorbell = nhv_vcpu_doorbell(vcpu);
	struct nhv_hv_guest_state *gs = vcpu->gs;

	gs->lpcr = vcpu->turn.lpcr;
	gs->pcr = vcpu->pcr;
	gs->hfscr = vcpu->hfscr;
	gs->heir = NHV_HEIR_CANARY;
	gs->dpdes = READ_ONCE(*doorbell) ? xchg(doorbell, 0) : 0;
}

void nhv_v1_name(struct nhv_vcpu *vcpu)
{
	struct nhv_hv_guest_state *gs = vcpu->gs;

	gs->version = NHV_GUEST_STATE_V2;
	gs->lpid = vcpu->nested.guest ? vcpu->nested.guest->lpid :
					  vcpu->vm->lpid;
	/* A vCPU of L3 is known by L2's token for it: it may leave a vCPU of L2. */
	gs->vcpu_token = vcpu->nested.guest ? vcpu->nested.given.vcpu_token :
					      vcpu->index;
	gs->amor = ~0ULL;
	gs->tb_offset = vcpu->tb_offset + vcpu->nested.tb_offset;
}

long nhv_v1_ask(struct nhv_vcpu *vcpu, u64 now, u64 deadline)
{
	nhv_v1_name(vcpu);
	vcpu->gs->hdec_expiry = deadline;

	/* Last in, first out: a machine check could clobber these. */
	mtspr(SPRN_DEC, nhv_guest_dec(vcpu, now));
	mtspr(SPRN_DAR, vcpu->live.dar);
	mtspr(SPRN_DSISR, vcpu->live.dsisr);
	return 0;
}

static void nhv_v1_result(struct nhv_vcpu *vcpu)
{
	struct nhv_pt_regs *regs = vcpu->regs;
	u64 msr = regs->msr;

	/* A sibling may have rung meanwhile: add, do not store. */
	if (vcpu->gs->dpdes)
		WRITE_ONCE(*nhv_vcpu_doorbell(vcpu), 1);
	vcpu->cause = msr & NHV_SRR1_STATUS;
	regs->msr = msr & ~NHV_SRR1_STATUS;
}

long nhv_v1_enter(struct nhv_vcpu *vcpu)
{
	long trap;

	nhv_v1_ask_again(vcpu);
	trap = nhv_call_enter_nested(nhv_l1ra(__pa(vcpu->gs)),
				     nhv_l1ra(__pa(vcpu->regs)));
	nhv_v1_result(vcpu);
	return trap;
}

void nhv_v1_end(struct nhv_vcpu *vcpu)
{
	u64 now;

	vcpu->live.dar = mfspr(SPRN_DAR);
	vcpu->live.dsisr = mfspr(SPRN_DSISR);
	vcpu->dec_expires = nhv_read_dec(vcpu->lpcr & NHV_LPCR_LD);
	now = mftb();
	nhv_level_note_late(vcpu, now);
	vcpu->dec_expires += now;
	mtspr(SPRN_DEC, vcpu->turn.host_expires - now);
}

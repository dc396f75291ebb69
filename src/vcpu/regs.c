// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU's registers towards user space: KVM_GET/SET_REGS, SREGS, FPU and
 * ONE_REG. Plain registers are rows of regs.def; those whose access does more
 * are rows of the table at the end of one_reg.c.
 */
#include <linux/nospec.h>
#include <linux/uaccess.h>

#include <nhv/compat.h>
#include <nhv/level.h>
#include <nhv/reg_home.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>

#include "regs.h"

/* Bits of MSR a guest may not have: HV, secure, transactional memory. */
#define NHV_MSR_FORBIDDEN	(NHV_MSR_HV | NHV_MSR_S | NHV_MSR_TS | \
				 NHV_MSR_TM)

void nhv_vcpu_set_msr(struct nhv_vcpu *vcpu, u64 msr)
{
	vcpu->regs->msr = (msr & ~NHV_MSR_FORBIDDEN & ~NHV_SRR1_STATUS) |
			  NHV_MSR_ME;
}

int nhv_vcpu_get_regs(struct nhv_vcpu *vcpu, struct kvm_regs *regs)
{
	const struct nhv_hv_guest_state *gs = vcpu->gs;
	const struct nhv_pt_regs *pt = vcpu->regs;

	nhv_level_need(vcpu, NHV_STATE_ALL);
	memset(regs, 0, sizeof(*regs));
	regs->pc = pt->nip;
	regs->cr = pt->ccr;
	regs->ctr = pt->ctr;
	regs->lr = pt->link;
	regs->xer = pt->xer;
	regs->msr = pt->msr;
	regs->srr0 = gs->srr0;
	regs->srr1 = gs->srr1;
	regs->pid = gs->pidr;
	regs->sprg0 = gs->sprg[0];
	regs->sprg1 = gs->sprg[1];
	regs->sprg2 = gs->sprg[2];
	regs->sprg3 = gs->sprg[3];
	memcpy(regs->gpr, pt->gpr, sizeof(regs->gpr));
	return 0;
}

int nhv_vcpu_set_regs(struct nhv_vcpu *vcpu, const struct kvm_regs *regs)
{
	struct nhv_hv_guest_state *gs = vcpu->gs;
	struct nhv_pt_regs *pt = vcpu->regs;

	nhv_level_need(vcpu, NHV_STATE_ALL);
	pt->nip = regs->pc;
	pt->ccr = regs->cr;
	pt->ctr = regs->ctr;
	pt->link = regs->lr;
	pt->xer = regs->xer;
	nhv_vcpu_set_msr(vcpu, regs->msr);
	gs->srr0 = regs->srr0;
	gs->srr1 = regs->srr1;
	/* Not pid: a VMM leaves it at 0 here and sets PIDR as a one-reg. */
	gs->sprg[0] = regs->sprg0;
	gs->sprg[1] = regs->sprg1;
	gs->sprg[2] = regs->sprg2;
	gs->sprg[3] = regs->sprg3;
	memcpy(pt->gpr, regs->gpr, sizeof(pt->gpr));
	return 0;
}

int nhv_vcpu_get_sregs(struct nhv_vcpu *vcpu, struct kvm_sregs *sregs)
{
	*sregs = vcpu->sregs;
	sregs->pvr = vcpu->pvr;
	return 0;
}

int nhv_vcpu_set_sregs(struct nhv_vcpu *vcpu, const struct kvm_sregs *sregs)
{
	/* A guest sees the processor it runs on. */
	if (sregs->pvr != vcpu->pvr)
		return -EINVAL;
	vcpu->sregs = *sregs;
	return 0;
}

int nhv_vcpu_get_fpu(struct nhv_vcpu *vcpu, struct kvm_fpu *fpu)
{
	unsigned int i;

	nhv_level_need(vcpu, NHV_STATE_ALL);
	for (i = 0; i < ARRAY_SIZE(fpu->fpr); i++)
		fpu->fpr[i] = vcpu->fp.fpr[i][TS_FPROFFSET];
	return 0;
}

int nhv_vcpu_set_fpu(struct nhv_vcpu *vcpu, const struct kvm_fpu *fpu)
{
	unsigned int i;

	nhv_level_need(vcpu, NHV_STATE_ALL);
	for (i = 0; i < ARRAY_SIZE(fpu->fpr); i++)
		vcpu->fp.fpr[i][TS_FPROFFSET] = fpu->fpr[i];
	return 0;
}

/* By the low half of the id; those that have none stand behind all that may. */
#define NHV_ONE_REGS		0x100

static const struct nhv_reg {
	u8 bytes;
	u8 home;
	u16 offset;
} nhv_regs[] = {
#define NHV_REG(name, bytes, home, member, one_reg, gsid)	\
	[(one_reg) ? (one_reg) : NHV_ONE_REGS + __COUNTER__] =	\
		{ bytes, NHV_HOME_##home, NHV_OFF_##home(member) },
#include <nhv/regs.def>
#undef NHV_REG
};

/* The bytes that an id names are at least one. */
static const struct nhv_reg *nhv_reg_find(u64 id)
{
	const struct nhv_reg *reg;
	u64 at = id & 0xffff;

	if (at >= NHV_ONE_REGS)
		return NULL;
	reg = &nhv_regs[array_index_nospec(at, NHV_ONE_REGS)];
	return reg->bytes == nhv_reg_bytes(id) ? reg : NULL;
}

int nhv_reg_get(struct nhv_vcpu *vcpu, u64 id, u64 *value)
{
	const struct nhv_reg *reg = nhv_reg_find(id);

	if (!reg)
		return -EINVAL;
	*value = *nhv_reg_at(vcpu, reg->home, reg->offset);
	return 0;
}

int nhv_reg_set(struct nhv_vcpu *vcpu, u64 id, u64 value)
{
	const struct nhv_reg *reg = nhv_reg_find(id);

	if (!reg)
		return -EINVAL;
	*nhv_reg_at(vcpu, reg->home, reg->offset) = value;
	return 0;
}

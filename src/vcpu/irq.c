// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts into a guest: the external line that user space drives, and
 * interrupts the guest takes at once.
 */
#include <linux/bitops.h>

#include <nhv/core.h>
#include <nhv/level.h>
#include <nhv/vcpu.h>

#include "irq.h"

/* Vectors that go to their low address whatever LPCR[AIL] says (ISA 3.1 Book III 7.5). */
static bool nhv_vector_relocates(unsigned int vector)
{
	return vector != NHV_VEC_SYSTEM_RESET &&
	       vector != NHV_VEC_MACHINE_CHECK;
}

#define NHV_AIL_3_OFFSET	0xc000000000004000ULL

void nhv_vcpu_inject(struct nhv_vcpu *vcpu, unsigned int vector, u64 srr1)
{
	struct nhv_pt_regs *regs = vcpu->regs;
	u64 translate = NHV_MSR_IR | NHV_MSR_DR;
	u64 msr = NHV_MSR_SF | NHV_MSR_ME;
	u64 nip = vector;

	nhv_level_need(vcpu, NHV_STATE_PC);
	nhv_level_own(vcpu, NHV_STATE_SRR);
	vcpu->gs->srr0 = regs->nip;
	vcpu->gs->srr1 = (regs->msr & ~NHV_SRR1_STATUS) | srr1;

	if ((vcpu->lpcr & NHV_LPCR_AIL) == NHV_LPCR_AIL_3 &&
	    (regs->msr & translate) == translate &&
	    nhv_vector_relocates(vector)) {
		nip += NHV_AIL_3_OFFSET;
		msr |= translate;
	}
	if (vcpu->lpcr & NHV_LPCR_ILE)
		msr |= NHV_MSR_LE;

	regs->nip = nip;
	regs->msr = msr;
}

void nhv_vcpu_inject_dsi(struct nhv_vcpu *vcpu, u64 dar, u64 dsisr)
{
	nhv_level_own(vcpu, NHV_STATE_DSI);
	vcpu->live.dar = dar;
	vcpu->live.dsisr = dsisr;
	nhv_vcpu_inject(vcpu, NHV_VEC_DATA_STORAGE, 0);
}

void nhv_vcpu_inject_isi(struct nhv_vcpu *vcpu, u64 srr1)
{
	nhv_vcpu_inject(vcpu, NHV_VEC_INST_STORAGE, srr1);
}

int nhv_vcpu_interrupt(struct nhv_vcpu *vcpu, u32 irq)
{
	switch (irq) {
	case (u32)KVM_INTERRUPT_SET:
		set_bit(NHV_IRQ_EDGE, &vcpu->irq_pending);
		break;
	case (u32)KVM_INTERRUPT_SET_LEVEL:
		set_bit(NHV_IRQ_LEVEL, &vcpu->irq_pending);
		break;
	case (u32)KVM_INTERRUPT_UNSET:
		clear_bit(NHV_IRQ_LEVEL, &vcpu->irq_pending);
		clear_bit(NHV_IRQ_EDGE, &vcpu->irq_pending);
		return 0;
	default:
		return -EINVAL;
	}
	nhv_vcpu_kick(vcpu);
	return 0;
}

bool nhv_irq_deliver(struct nhv_vcpu *vcpu)
{
	nhv_level_need(vcpu, NHV_STATE_PC);
	if (!(vcpu->regs->msr & NHV_MSR_EE))
		return true;

	/* A level stays until user space takes it away, an edge is used up. */
	clear_bit(NHV_IRQ_EDGE, &vcpu->irq_pending);
	nhv_vcpu_inject(vcpu, NHV_VEC_EXTERNAL, 0);
	vcpu->stats.ext_injected++;
	return test_bit(NHV_IRQ_LEVEL, &vcpu->irq_pending);
}

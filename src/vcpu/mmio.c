// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads and stores at addresses without memory.
 *
 * A store is turned into its image in storage, and the image is handed out in
 * pieces of one bus access each; a load collects an image of such pieces and
 * turns it into its register at the end. So what user space sees in
 * run->mmio.data is what would be on the bus, whatever the byte order of the
 * guest: KVM's rule for a host of either order.
 *
 * The instruction counts as executed when it leaves here: user space sees NIA
 * and an update form's base register as they are after it, as on any KVM.
 */
#include <asm/cputable.h>
#include <nhv/base.h>
#include <nhv/level.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>
#include "decode.h"
#include "image.h"

/* The most that run->mmio.data holds, and that a bus moves at once. */
#define NHV_MMIO_ACCESS		8U

/*
 * The smallest page: an access that leaves it may lie in two places of which we
 * know one.
 */
#define NHV_MMIO_PAGE		4096U

static_assert(sizeof(((struct nhv_vcpu *)0)->mmio.image) == NHV_INSN_BYTES);

/* How often an instruction is tried that is not the one that faulted. */
#define NHV_MMIO_AGAIN		32

/* ---- the registers ------------------------------------------------------- */

static u64 *nhv_vsr(struct nhv_vcpu *vcpu, unsigned int reg)
{
	if (reg < 32)
		return vcpu->fp.fpr[reg];
	/* A VR in memory has the order of the VSR: doublewords swapped on LE. */
	return (u64 *)&vcpu->vr.vr[reg - 32];
}

static void nhv_mmio_get_reg(struct nhv_vcpu *vcpu, const struct nhv_insn *insn,
			     struct nhv_reg_value *value)
{
	const u64 *vsr;

	if (insn->kind == NHV_INSN_GPR) {
		value->dw[0] = vcpu->regs->gpr[insn->reg];
		value->dw[1] = 0;
		return;
	}
	nhv_live_flush_fp(vcpu);
	vsr = nhv_vsr(vcpu, insn->reg);
	value->dw[0] = vsr[TS_FPROFFSET];
	value->dw[1] = vsr[TS_VSRLOWOFFSET];
}

/*
 * While user space was asked, the vCPU went back to L2. The other registers are
 * live, so they are L3's and L2's at once.
 */
static void nhv_mmio_set_gpr(struct nhv_vcpu *vcpu, unsigned int reg, u64 value)
{
	if (vcpu->mmio.nested && !vcpu->nested.guest)
		nhv_nested_set_gpr(vcpu, reg, value);
	else
		vcpu->regs->gpr[reg] = value;
}

static void nhv_mmio_set_reg(struct nhv_vcpu *vcpu, const struct nhv_insn *insn,
			     const struct nhv_reg_value *value)
{
	u64 *vsr;

	if (insn->kind == NHV_INSN_GPR) {
		nhv_mmio_set_gpr(vcpu, insn->reg, value->dw[0]);
		return;
	}
	nhv_live_flush_fp(vcpu);
	vsr = nhv_vsr(vcpu, insn->reg);
	vsr[TS_FPROFFSET] = value->dw[0];
	vsr[TS_VSRLOWOFFSET] = value->dw[1];
}

/* ---- one access after the other ------------------------------------------ */

static unsigned int nhv_mmio_access_size(const struct nhv_insn *insn)
{
	return min_t(unsigned int, insn->size, NHV_MMIO_ACCESS);
}

/* KVM compares datamatch with the bytes of the access read in host order. */
static u64 nhv_mmio_bus_value(const u8 *bytes, unsigned int size)
{
	union {
		u8 bytes[NHV_MMIO_ACCESS];
		u16 half;
		u32 word;
		u64 dword;
	} bus;

	memcpy(bus.bytes, bytes, size);
	switch (size) {
	case 1:
		return bus.bytes[0];
	case 2:
		return bus.half;
	case 4:
		return bus.word;
	default:
		return bus.dword;
	}
}

static bool nhv_mmio_event(struct nhv_vcpu *vcpu, struct nhv_l2ra ra,
			   unsigned int size, u64 value)
{
	int idx = srcu_read_lock(&vcpu->vm->srcu);
	bool found = nhv_ioeventfd_signal(vcpu->vm, ra, size, value);

	srcu_read_unlock(&vcpu->vm->srcu, idx);
	if (found)
		vcpu->stats.mmio_kernel++;
	return found;
}

static void nhv_mmio_exit(struct nhv_vcpu *vcpu, struct nhv_l2ra ra,
			  bool store, unsigned int size, const u8 *bytes)
{
	struct kvm_run *run = vcpu->run;

	run->exit_reason = KVM_EXIT_MMIO;
	run->mmio.phys_addr = ra.addr;
	run->mmio.len = size;
	run->mmio.is_write = store;
	memset(run->mmio.data, 0, sizeof(run->mmio.data));
	if (store)
		memcpy(run->mmio.data, bytes, size);
	vcpu->stats.mmio_exits++;
}

/* Go on from vcpu->mmio.done until user space is needed or all is done. */
static enum nhv_step nhv_mmio_continue(struct nhv_vcpu *vcpu,
				       const struct nhv_insn *insn)
{
	unsigned int size = nhv_mmio_access_size(insn);
	struct nhv_reg_value value;

	for (; vcpu->mmio.done < insn->bytes; vcpu->mmio.done += size) {
		struct nhv_l2ra ra = nhv_l2ra(vcpu->mmio.ra.addr +
					      vcpu->mmio.done);
		const u8 *bytes = vcpu->mmio.image + vcpu->mmio.done;

		if (insn->store &&
		    nhv_mmio_event(vcpu, ra, size,
				   nhv_mmio_bus_value(bytes, size)))
			continue;
		nhv_mmio_exit(vcpu, ra, insn->store, size, bytes);
		vcpu->mmio.pending = true;
		return NHV_STEP_USER;
	}
	if (insn->store)
		return NHV_STEP_GUEST;
	nhv_mmio_get_reg(vcpu, insn, &value);
	nhv_image_load(insn, vcpu->mmio.little, vcpu->mmio.ea, vcpu->mmio.image,
		       &value);
	nhv_mmio_set_reg(vcpu, insn, &value);
	return NHV_STEP_GUEST;
}

enum nhv_step nhv_mmio_finish(struct nhv_vcpu *vcpu)
{
	struct nhv_insn insn;
	unsigned int size;

	vcpu->mmio.pending = false;
	if (!nhv_insn_decode(vcpu->mmio.prefix, vcpu->mmio.word, &insn))
		return NHV_STEP_GUEST;
	/* run->mmio.len is user space's to change, so it is not asked. */
	size = nhv_mmio_access_size(&insn);
	if (!insn.store)
		memcpy(vcpu->mmio.image + vcpu->mmio.done, vcpu->run->mmio.data,
		       size);
	vcpu->mmio.done += size;
	return nhv_mmio_continue(vcpu, &insn);
}

/* ---- is it the instruction that faulted ---------------------------------- */

/*
 * The word was read after the fault, so another CPU of the guest may have
 * changed it or its translation since. One that could not have faulted so is
 * not emulated: the guest runs it again and faults as it must.
 */

static u64 nhv_mmio_unit_msr(const struct nhv_insn *insn)
{
	switch (insn->unit) {
	case NHV_UNIT_FP:
		return NHV_MSR_FP;
	case NHV_UNIT_VMX:
		return NHV_MSR_VEC;
	case NHV_UNIT_VSX:
		return NHV_MSR_VSX;
	case NHV_UNIT_VSX_OR_VMX:
		return insn->reg < 32 ? NHV_MSR_VSX : NHV_MSR_VEC;
	default:
		return 0;
	}
}

/* HDAR is some byte of the operand (Book III 7.2.10), not always the first. */
static bool nhv_mmio_covers(struct nhv_vcpu *vcpu, const struct nhv_insn *insn,
			    u64 ea)
{
	u64 offset = vcpu->gs->hdar - ea;

	/* The top four bits do not count in real mode (Book III 6.7.3). */
	if (!(vcpu->regs->msr & NHV_MSR_DR))
		offset &= ~0ULL >> 4;
	return offset < insn->bytes;
}

static bool nhv_mmio_plausible(struct nhv_vcpu *vcpu,
			       const struct nhv_fault *fault,
			       const struct nhv_insn *insn, u64 ea)
{
	u64 unit = nhv_mmio_unit_msr(insn);

	if (insn->store != fault->store)
		return false;
	/* The other way round proves nothing: not every L0 reports the bit. */
	if ((vcpu->cause & NHV_SRR1_PREFIXED) && insn->length == 4)
		return false;
	if ((vcpu->regs->msr & unit) != unit)
		return false;
	return nhv_mmio_covers(vcpu, insn, ea);
}

/* ---- the start of an access ---------------------------------------------- */

static enum nhv_step nhv_mmio_refuse(struct nhv_vcpu *vcpu,
				     const struct nhv_fault *fault)
{
	if (fault->fetch)
		nhv_vcpu_inject_isi(vcpu, NHV_DSISR_NOHPTE);
	else
		nhv_vcpu_inject_dsi(vcpu, vcpu->gs->hdar, NHV_DSISR_NOHPTE |
				    (fault->store ? NHV_DSISR_ISSTORE : 0));
	return NHV_STEP_GUEST;
}

/*
 * The guest runs the instruction once more, but not for ever: a level below that
 * describes the fault wrongly would have it run in circles.
 */
static enum nhv_step nhv_mmio_again(struct nhv_vcpu *vcpu,
				    const struct nhv_fault *fault)
{
	if (vcpu->mmio.again_nip != vcpu->regs->nip)
		vcpu->mmio.again = 0;
	vcpu->mmio.again_nip = vcpu->regs->nip;
	if (++vcpu->mmio.again <= NHV_MMIO_AGAIN)
		return NHV_STEP_GUEST;
	vcpu->mmio.again = 0;
	return nhv_mmio_refuse(vcpu, fault);
}

/*
 * How long is the instruction, without reading it where that can be avoided.
 * QEMU, the L0 that keeps no translations, drops the status bits, so there only
 * the instruction itself tells, on a processor that has prefixes.
 *
 * Return: 4, 8, or 0 if it cannot be known now.
 */
static unsigned int nhv_mmio_length(struct nhv_vcpu *vcpu)
{
	u32 word, prefix;

	if (vcpu->cause & NHV_SRR1_PREFIXED)
		return 8;
	if (nhv_level.keeps_translations || !cpu_has_feature(CPU_FTR_ARCH_31))
		return 4;
	if (nhv_vcpu_fetch(vcpu, &word, &prefix))
		return 0;
	return prefix ? 8 : 4;
}

/* A doorbell of any length: neither value nor width of the store matter. */
static bool nhv_mmio_doorbell(struct nhv_vcpu *vcpu,
			      const struct nhv_fault *fault)
{
	unsigned int length = nhv_mmio_length(vcpu);

	if (!length || !nhv_mmio_event(vcpu, fault->ra, 0, 0))
		return false;
	vcpu->regs->nip += length;
	return true;
}

static void nhv_mmio_start(struct nhv_vcpu *vcpu, const struct nhv_fault *fault,
			   const struct nhv_insn *insn, u64 ea)
{
	struct nhv_reg_value value;

	vcpu->mmio.nested = vcpu->nested.guest;
	vcpu->mmio.little = vcpu->regs->msr & NHV_MSR_LE;
	vcpu->mmio.done = 0;
	vcpu->mmio.again = 0;
	vcpu->mmio.ea = ea;
	/* Within one page, so the low bits of both are the same. */
	vcpu->mmio.ra = nhv_l2ra((fault->ra.addr & ~(u64)(NHV_MMIO_PAGE - 1)) |
				 (ea & (NHV_MMIO_PAGE - 1)));
	memset(vcpu->mmio.image, 0, sizeof(vcpu->mmio.image));
	if (insn->store) {
		nhv_mmio_get_reg(vcpu, insn, &value);
		nhv_image_store(insn, vcpu->mmio.little, ea, &value,
				vcpu->mmio.image);
	}
	vcpu->regs->nip += insn->length;
	if (insn->update)
		vcpu->regs->gpr[insn->ra] = ea;
}

enum nhv_step nhv_mmio_emulate(struct nhv_vcpu *vcpu,
			       const struct nhv_fault *fault)
{
	struct nhv_insn insn;
	u64 ea;

	if (fault->fetch)
		return nhv_mmio_refuse(vcpu, fault);
	/* Of the registers an event descriptor needs none but NIA, which is here. */
	if (fault->store && nhv_mmio_doorbell(vcpu, fault))
		return NHV_STEP_GUEST;
	nhv_level_need(vcpu, NHV_STATE_INSN);
	if (nhv_vcpu_fetch(vcpu, &vcpu->mmio.word, &vcpu->mmio.prefix))
		return nhv_mmio_again(vcpu, fault);
	if (!nhv_insn_decode(vcpu->mmio.prefix, vcpu->mmio.word, &insn))
		return nhv_mmio_refuse(vcpu, fault);

	ea = nhv_insn_ea(&insn, vcpu->regs->gpr, vcpu->regs->nip,
			 vcpu->regs->msr & NHV_MSR_SF);
	if (!nhv_mmio_plausible(vcpu, fault, &insn, ea))
		return nhv_mmio_again(vcpu, fault);
	if ((ea & (NHV_MMIO_PAGE - 1)) + insn.bytes > NHV_MMIO_PAGE)
		return nhv_mmio_refuse(vcpu, fault);
	nhv_mmio_start(vcpu, fault, &insn, ea);
	return nhv_mmio_continue(vcpu, &insn);
}

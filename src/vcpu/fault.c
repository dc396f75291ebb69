// SPDX-License-Identifier: GPL-2.0-only
/*
 * Partition-scoped faults of a vCPU: what the exit says, put into the form that
 * src/mmu resolves, and its verdict turned into what the guest sees.
 */
#include <linux/srcu.h>

#include <nhv/level.h>
#include <nhv/mmu.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>

#include <nhv/trace.h>

#include "exit.h"

/* ASDR holds the real address but for its top bits and, on hardware, the low ones. */
#define NHV_ASDR_RA		0x0ffffffffffff000ULL
#define NHV_PAGE_OFFSET		0xfffULL

/* In the msr of a 0xE20: what of the DSISR bits an instruction fetch can have. */
#define NHV_FETCH_STATUS	(NHV_DSISR_NOHPTE | NHV_DSISR_NOEXEC_OR_G | \
				 NHV_DSISR_PROTFAULT | NHV_DSISR_UNSUPP_MMU | \
				 NHV_DSISR_SET_RC | NHV_DSISR_PRTABLE_FAULT)

/*
 * How often the same fault may come back with nothing changed in between before
 * the page is mapped anew, and before the vCPU is ended.
 */
#define NHV_SAME_FAULT_REMAP	16
#define NHV_SAME_FAULT_END	64

static u64 nhv_tree_changes(struct nhv_vm *vm)
{
	return READ_ONCE(vm->invalidate_seq) +
	       atomic64_read(&vm->stats.remote_tlb_flush);
}

/* Return: how often this very fault came in a row. */
static unsigned int nhv_fault_repeats(struct nhv_vcpu *vcpu,
				      const struct nhv_fault *fault)
{
	u64 changes = nhv_tree_changes(vcpu->vm);

	if (vcpu->same_fault.nip == vcpu->regs->nip &&
	    vcpu->same_fault.ra == fault->ra.addr &&
	    vcpu->same_fault.status == fault->status &&
	    vcpu->same_fault.changes == changes)
		return ++vcpu->same_fault.count;

	vcpu->same_fault.nip = vcpu->regs->nip;
	vcpu->same_fault.ra = fault->ra.addr;
	vcpu->same_fault.status = fault->status;
	vcpu->same_fault.changes = changes;
	vcpu->same_fault.count = 1;
	return 1;
}

static enum nhv_step nhv_fault_mapped(struct nhv_vcpu *vcpu,
				      const struct nhv_fault *fault,
				      unsigned long vector)
{
	u64 page = fault->ra.addr & PAGE_MASK;
	unsigned int repeats = nhv_fault_repeats(vcpu, fault);

	if (repeats >= NHV_SAME_FAULT_END)
		return nhv_vcpu_fail(vcpu, NHV_FAIL_SAME_FAULT | vector);
	if (repeats == NHV_SAME_FAULT_REMAP && !vcpu->nested.guest) {
		nhv_mmu_unmap_range(vcpu->vm, nhv_l2ra(page), PAGE_SIZE);
		/* The batch this sent is not a change that explains the fault. */
		vcpu->same_fault.changes = nhv_tree_changes(vcpu->vm);
	}
	vcpu->stats.fault_map++;
	return NHV_STEP_GUEST;
}

static enum nhv_step nhv_fault_refused(struct nhv_vcpu *vcpu,
				       const struct nhv_fault *fault)
{
	if (fault->fetch)
		nhv_vcpu_inject_isi(vcpu, fault->refuse & NHV_FETCH_STATUS);
	else
		nhv_vcpu_inject_dsi(vcpu, vcpu->gs->hdar, fault->refuse);
	return NHV_STEP_GUEST;
}

/*
 * A leaf of ours is a page of ours: one of a part of it cannot be had without a
 * tree of another shape, and the in-tree kvm-hv answers the same.
 */
static void nhv_tell_small_pages(const struct nhv_vcpu *vcpu, int error)
{
	if (error == -EINVAL)
		pr_info_ratelimited("nhv: vCPU %u of LPID %u runs a guest of its own in pages smaller than the %lu bytes that this kernel has; its kernel, or this one, needs the other page size\n",
				    vcpu->index, vcpu->vm->lpid, PAGE_SIZE);
}

/* A fault of L3: ours, or of the tree that L2 made for it. */
static enum nhv_step nhv_fault_nested(struct nhv_vcpu *vcpu,
				      struct nhv_fault *fault,
				      unsigned long vector)
{
	struct nhv_nested_vcpu *n = &vcpu->nested;
	struct nhv_shadow_fault shadow = {
		.ra = nhv_l3ra(fault->ra.addr),
		.status = fault->status,
		.store = fault->store,
		.fetch = fault->fetch,
	};

	switch (nhv_shadow_fault(n->guest, &n->fault_runs, &shadow)) {
	case NHV_SHADOW_RESUME:
		return nhv_fault_mapped(vcpu, fault, vector);
	case NHV_SHADOW_REFLECT:
		nhv_nested_reflect_fault(vcpu, &shadow);
		return NHV_STEP_GUEST;
	case NHV_SHADOW_MMIO:
		/* A device of ours that L2 passes on. */
		vcpu->stats.fault_mmio++;
		fault->ra = shadow.at;
		return nhv_mmio_emulate(vcpu, fault);
	case NHV_SHADOW_REFUSE:
		fault->refuse = shadow.status;
		return nhv_fault_refused(vcpu, fault);
	case NHV_SHADOW_MEMORY:
		break;
	}
	if (!(fault->status & NHV_DSISR_UNSUPP_MMU))
		nhv_tell_small_pages(vcpu, shadow.error);
	vcpu->error = shadow.error;
	return NHV_STEP_ERROR;
}

static enum nhv_step nhv_fault_own(struct nhv_vcpu *vcpu,
				   struct nhv_fault *fault,
				   unsigned long vector)
{
	switch (nhv_mmu_fault(vcpu->vm, &vcpu->fault_runs, fault)) {
	case NHV_FAULT_RESUME:
		return nhv_fault_mapped(vcpu, fault, vector);
	case NHV_FAULT_MMIO:
		vcpu->stats.fault_mmio++;
		return nhv_mmio_emulate(vcpu, fault);
	case NHV_FAULT_REFUSE:
		return nhv_fault_refused(vcpu, fault);
	case NHV_FAULT_MEMORY:
		break;
	}
	vcpu->error = fault->error;
	return NHV_STEP_ERROR;
}

static void nhv_trace_fault(struct nhv_vcpu *vcpu, const struct nhv_fault *fault)
{
	if (trace_kvm_page_fault_enter_enabled())
		trace_kvm_page_fault_enter(vcpu, fault, vcpu->nested.guest ?
					   NULL : nhv_slot_find(vcpu->vm,
								fault->ra),
					   fault->fetch ? vcpu->regs->nip :
							  vcpu->gs->hdar);
}

static enum nhv_step nhv_exit_fault(struct nhv_vcpu *vcpu,
				    struct nhv_fault *fault,
				    unsigned long vector)
{
	int idx = srcu_read_lock(&vcpu->vm->srcu);
	enum nhv_step step;

	nhv_trace_fault(vcpu, fault);
	step = vcpu->nested.guest ? nhv_fault_nested(vcpu, fault, vector) :
				    nhv_fault_own(vcpu, fault, vector);
	trace_kvm_page_fault_exit(vcpu, fault, step == NHV_STEP_GUEST ?
				  NHV_RESUME_GUEST : NHV_RESUME_HOST);
	srcu_read_unlock(&vcpu->vm->srcu, idx);
	return step;
}

enum nhv_step nhv_exit_data_fault(struct nhv_vcpu *vcpu)
{
	const struct nhv_hv_guest_state *gs = vcpu->gs;
	struct nhv_fault fault = {};

	nhv_level_need(vcpu, NHV_STATE_DATA_FAULT);
	fault.ra = nhv_l2ra(gs->asdr & NHV_ASDR_RA);
	fault.status = gs->hdsisr;
	fault.store = gs->hdsisr & NHV_DSISR_ISSTORE;

	/* A fault on the process table is not at the address of the access. */
	if (!(gs->hdsisr & NHV_DSISR_PRTABLE_FAULT))
		fault.ra.addr |= gs->hdar & NHV_PAGE_OFFSET;
	return nhv_exit_fault(vcpu, &fault, NHV_VEC_H_DATA_STORAGE);
}

enum nhv_step nhv_exit_inst_fault(struct nhv_vcpu *vcpu)
{
	struct nhv_fault fault = { .fetch = true };

	nhv_level_need(vcpu, NHV_STATE_INST_FAULT);
	fault.ra = nhv_l2ra(vcpu->gs->asdr & NHV_ASDR_RA);
	fault.status = vcpu->cause & NHV_FETCH_STATUS;
	fault.store = vcpu->cause & NHV_SRR1_HISI_STORE;

	if (!(fault.status & NHV_DSISR_PRTABLE_FAULT))
		fault.ra.addr |= vcpu->regs->nip & NHV_PAGE_OFFSET;
	return nhv_exit_fault(vcpu, &fault, NHV_VEC_H_INST_STORAGE);
}

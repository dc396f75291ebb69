// SPDX-License-Identifier: GPL-2.0-only
/*
 * H_REGISTER_VPA (PAPR 14.11.3.2): virtual processor area, SLB shadow buffer,
 * dispatch trace log; and what the hypervisor writes there.
 *
 * The areas are not pinned: they are reached like all guest memory, so they are
 * marked dirty and follow the memory slots.
 */
#include <linux/stddef.h>
#include <asm/lppaca.h>
#include <asm/time.h>

#include <abi/numbers.h>
#include <nhv/core.h>
#include <nhv/vpa.h>

#define NHV_AREA_ALIGN		128
#define NHV_AREA_HEADER		8
#define NHV_AREA_PAGE		4096

#define NHV_VPA_YIELD_COUNT	offsetof(struct lppaca, yield_count)
#define NHV_VPA_DTL_IDX		offsetof(struct lppaca, dtl_idx)
#define NHV_VPA_PMU_IN_USE	offsetof(struct lppaca, pmcregs_in_use)

/* One dispatch trace log entry (PAPR table "Dispatch Trace Log Buffer Entry"). */
struct nhv_dtl_entry {
	u8 dispatch_reason;
	u8 preempt_reason;
	__be16 processor_id;
	__be32 enqueue_to_dispatch_time;
	__be32 ready_to_enqueue_time;
	__be32 waiting_to_ready_time;
	__be64 timebase;
	__be64 fault_addr;
	__be64 srr0;
	__be64 srr1;
};

#define NHV_DTL_REASON		7

static_assert(sizeof(struct nhv_dtl_entry) == 48);

/* ---- registration ----------------------------------------------------------- */

static struct nhv_vpa *nhv_area(struct nhv_vcpu *vcpu, unsigned long which)
{
	switch (which) {
	case NHV_VPA_REGISTER_VPA:
	case NHV_VPA_DEREGISTER_VPA:
		return &vcpu->vpa;
	case NHV_VPA_REGISTER_DTL:
	case NHV_VPA_DEREGISTER_DTL:
		return &vcpu->dtl;
	case NHV_VPA_REGISTER_SLB:
	case NHV_VPA_DEREGISTER_SLB:
		return &vcpu->slb_shadow;
	}
	return NULL;
}

/* The length an area says it has: a halfword for the VPA, a word for others. */
static long nhv_area_length(struct nhv_vm *vm, unsigned long which, u64 ra,
			    u64 *len)
{
	__be32 words[2];
	u32 said;

	if (ra & (NHV_AREA_ALIGN - 1) || !ra)
		return NHV_H_PARAMETER;
	if (nhv_guest_read(vm, nhv_l2ra(ra), words, sizeof(words)))
		return NHV_H_PARAMETER;
	said = be32_to_cpu(words[1]);
	*len = which == NHV_VPA_REGISTER_VPA ? said >> 16 : said;
	if (*len < NHV_AREA_HEADER)
		return NHV_H_PARAMETER;
	/* VPA and SLB shadow must not cross a page. */
	if (which != NHV_VPA_REGISTER_DTL &&
	    (ra & (NHV_AREA_PAGE - 1)) + *len > NHV_AREA_PAGE)
		return NHV_H_PARAMETER;
	return NHV_H_SUCCESS;
}

static long nhv_area_check(struct nhv_vcpu *target, unsigned long which,
			   u64 *len)
{
	switch (which) {
	case NHV_VPA_REGISTER_VPA:
		return *len < NHV_VPA_MIN ? NHV_H_PARAMETER : NHV_H_SUCCESS;
	case NHV_VPA_REGISTER_DTL:
		if (*len < sizeof(struct nhv_dtl_entry))
			return NHV_H_PARAMETER;
		*len -= *len % sizeof(struct nhv_dtl_entry);
		break;
	case NHV_VPA_DEREGISTER_VPA:
		/* The others live by it. */
		return target->slb_shadow.ra || target->dtl.ra ?
			NHV_H_RESOURCE : NHV_H_SUCCESS;
	case NHV_VPA_DEREGISTER_DTL:
	case NHV_VPA_DEREGISTER_SLB:
		return NHV_H_SUCCESS;
	}
	return target->vpa.ra ? NHV_H_SUCCESS : NHV_H_RESOURCE;
}

/* Read by the target's thread at any time: no length without its address. */
static void nhv_area_set(struct nhv_vpa *area, u64 ra, u64 len)
{
	WRITE_ONCE(area->ra, 0);
	smp_wmb();	/* the old address with the new length is never seen */
	WRITE_ONCE(area->len, len);
	smp_store_release(&area->ra, ra); /* for nhv_dtl_log() */
}

long nhv_h_register_vpa(struct nhv_vcpu *vcpu)
{
	unsigned long which = NHV_VPA_FUNCTION(vcpu->regs->gpr[4]);
	u64 id = vcpu->regs->gpr[5];
	u64 ra = vcpu->regs->gpr[6];
	struct nhv_vcpu *target = nhv_vm_vcpu(vcpu->vm, id);
	struct nhv_vpa *area;
	u64 len = 0;
	long rc = NHV_H_SUCCESS;

	if (!target || target->id != id)
		return NHV_H_PARAMETER;
	area = nhv_area(target, which);
	if (!area)
		return NHV_H_PARAMETER;
	if (which >= NHV_VPA_DEREGISTER_VPA)
		ra = 0;
	else
		rc = nhv_area_length(vcpu->vm, which, ra, &len);
	if (!rc)
		rc = nhv_area_check(target, which, &len);
	if (rc)
		return rc;
	nhv_area_set(area, ra, len);
	if (area == &target->dtl)
		WRITE_ONCE(target->dtl_index, 0);
	return NHV_H_SUCCESS;
}

int nhv_vpa_set(struct nhv_vcpu *vcpu, u64 which, u64 ra, u64 len)
{
	if (ra & (NHV_AREA_ALIGN - 1))
		return -EINVAL;

	switch (which) {
	case KVM_REG_PPC_VPA_ADDR:
		if (!ra && (vcpu->slb_shadow.ra || vcpu->dtl.ra))
			return -EINVAL;
		nhv_area_set(&vcpu->vpa, ra, ra ? NHV_VPA_MIN : 0);
		return 0;
	case KVM_REG_PPC_VPA_SLB:
		if (ra && (len < NHV_AREA_HEADER || !vcpu->vpa.ra))
			return -EINVAL;
		nhv_area_set(&vcpu->slb_shadow, ra, ra ? len : 0);
		return 0;
	case KVM_REG_PPC_VPA_DTL:
		if (ra && (len < sizeof(struct nhv_dtl_entry) || !vcpu->vpa.ra))
			return -EINVAL;
		len -= len % sizeof(struct nhv_dtl_entry);
		nhv_area_set(&vcpu->dtl, ra, ra ? len : 0);
		WRITE_ONCE(vcpu->dtl_index, 0);
		return 0;
	}
	return -EINVAL;
}

/* ---- what the hypervisor writes ---------------------------------------------- */

static noinline void nhv_dtl_log(struct nhv_vcpu *vcpu, u64 vpa)
{
	u64 dtl = smp_load_acquire(&vcpu->dtl.ra); /* nhv_area_set() */
	u32 slots = READ_ONCE(vcpu->dtl.len) / sizeof(struct nhv_dtl_entry);
	u64 index = READ_ONCE(vcpu->dtl_index);
	struct nhv_dtl_entry entry = {
		.dispatch_reason = NHV_DTL_REASON,
		.processor_id = cpu_to_be16(raw_smp_processor_id()),
		.timebase = cpu_to_be64(mftb() + vcpu->tb_offset),
		.srr0 = cpu_to_be64(vcpu->regs->nip),
		.srr1 = cpu_to_be64(vcpu->regs->msr),
	};
	__be64 next;

	if (!dtl || !slots)
		return;
	nhv_guest_write(vcpu->vm,
			nhv_l2ra(dtl + index % slots * sizeof(entry)), &entry,
			sizeof(entry));
	WRITE_ONCE(vcpu->dtl_index, ++index);
	next = cpu_to_be64(index);
	nhv_guest_write(vcpu->vm, nhv_l2ra(vpa + NHV_VPA_DTL_IDX), &next,
			sizeof(next));
}

static noinline void nhv_vpa_copied(struct nhv_vcpu *vcpu, u64 vpa,
				    enum nhv_vpa_act act)
{
	struct nhv_l2ra at = nhv_l2ra(vpa + NHV_VPA_YIELD_COUNT);
	__be32 count;

	if (nhv_guest_read(vcpu->vm, nhv_l2ra(vpa + NHV_VPA_PMU_IN_USE),
			   &vcpu->vpa_pmu, sizeof(vcpu->vpa_pmu)))
		vcpu->vpa_pmu = true;
	if (act == NHV_VPA_LOOK ||
	    nhv_guest_read(vcpu->vm, at, &count, sizeof(count)))
		return;
	count = nhv_yield_next(count, act == NHV_VPA_RUNS);
	nhv_guest_write(vcpu->vm, at, &count, sizeof(count));
}

void nhv_vpa_tell(struct nhv_vcpu *vcpu, u64 vpa, enum nhv_vpa_act act)
{
	if (!nhv_vpa_mapped(vcpu, vpa, act))
		nhv_vpa_copied(vcpu, vpa, act);
	vcpu->vpa_fresh = act == NHV_VPA_RUNS;
	if (act == NHV_VPA_RUNS && READ_ONCE(vcpu->dtl.ra))
		nhv_dtl_log(vcpu, vpa);
}

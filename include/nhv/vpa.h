/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * src/papr: what the hypervisor reads and writes in a VPA each time a vCPU gets or
 * gives up a processor; inline for KVM_RUN's way in and out.
 */
#ifndef NHV_VPA_H
#define NHV_VPA_H

#include <linux/spinlock.h>
#include <asm/lppaca.h>

#include <nhv/papr.h>
#include <nhv/view.h>

#define NHV_VPA_MIN		640

/** nhv_yield_next() - the count to come, whatever the guest made of it */
static __always_inline __be32 nhv_yield_next(__be32 count, bool running)
{
	u32 next = be32_to_cpu(count) + 1;

	/* PAPR 14.11.3.1: even is running. */
	return cpu_to_be32(next + ((next & 1) == running));
}

/**
 * nhv_vpa_mapped() - do it through this kernel's own mapping
 * @vcpu: on its own thread
 * @vpa: where its VPA is
 * @act: what
 *
 * Return: false if it has to be done through the VMM's mapping.
 */
static __always_inline bool nhv_vpa_mapped(struct nhv_vcpu *vcpu, u64 vpa,
					   enum nhv_vpa_act act)
{
	struct nhv_vm *vm = vcpu->vm;
	struct lppaca *area;

	spin_lock(&vm->mmu_lock);
	area = nhv_view_reach(&vcpu->vpa_view, vm, nhv_l2ra(vpa), NHV_VPA_MIN,
			      NHV_LEAF_STORES);
	if (area) {
		if (act != NHV_VPA_LOOK)
			WRITE_ONCE(area->yield_count,
				   nhv_yield_next(READ_ONCE(area->yield_count),
						  act == NHV_VPA_RUNS));
		if (act != NHV_VPA_WAITS)
			vcpu->vpa_pmu = READ_ONCE(area->pmcregs_in_use);
	}
	spin_unlock(&vm->mmu_lock);
	return area;
}

/**
 * nhv_vpa_run() - nhv_vpa_dispatch(), inline
 * @vcpu: as there
 * @act: NHV_VPA_RUNS or NHV_VPA_WAITS
 */
static __always_inline void nhv_vpa_run(struct nhv_vcpu *vcpu,
					enum nhv_vpa_act act)
{
	u64 vpa = READ_ONCE(vcpu->vpa.ra);

	if (!vpa)
		return;
	if (unlikely(READ_ONCE(vcpu->dtl.ra)) ||
	    unlikely(!nhv_vpa_mapped(vcpu, vpa, act)))
		nhv_vpa_tell(vcpu, vpa, act);
	else
		vcpu->vpa_fresh = act == NHV_VPA_RUNS;
}

#endif

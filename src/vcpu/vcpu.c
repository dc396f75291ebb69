// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU's life: memory, reset state, sleep timer.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <asm/cputable.h>
#include <asm/reg.h>
#include <asm/time.h>

#include <nhv/compat.h>
#include <nhv/core.h>
#include <nhv/level.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>

static u64 nhv_reset_hfscr(void)
{
	/*
	 * All facilities but doorbells, which are ours to emulate where the
	 * level below enforces this register, and transactional memory, whose
	 * checkpoint nobody would switch.
	 */
	u64 hfscr = NHV_HFSCR_FP | NHV_HFSCR_VECVSX | NHV_HFSCR_DSCR |
		    NHV_HFSCR_PM | NHV_HFSCR_BHRB | NHV_HFSCR_EBB |
		    NHV_HFSCR_TAR;

	if (cpu_has_feature(CPU_FTR_ARCH_31))
		hfscr |= NHV_HFSCR_PREFIX;
	return hfscr;
}

static void nhv_vcpu_reset(struct nhv_vcpu *vcpu)
{
	vcpu->pvr = mfspr(SPRN_PVR);
	vcpu->pcr = PCR_MASK;
	vcpu->hfscr = nhv_reset_hfscr();
	vcpu->lpcr = NHV_LPCR_HR | NHV_LPCR_UPRT | NHV_LPCR_GTSE;
	vcpu->dec_expires = mftb();
	vcpu->regs->msr = NHV_MSR_SF | NHV_MSR_ME;
	vcpu->live.ctrl = CTRL_RUNLATCH;
	vcpu->live.mmcr0 = MMCR0_FC;
	if (cpu_has_feature(CPU_FTR_ARCH_31)) {
		vcpu->live.mmcr0 |= MMCR0_PMCCEXT;
		vcpu->live.mmcra = MMCRA_BHRB_DISABLE;
	}
}

static enum hrtimer_restart nhv_dec_fired(struct hrtimer *timer)
{
	struct nhv_vcpu *vcpu = container_of(timer, struct nhv_vcpu, dec_timer);

	wake_up(&vcpu->wait);
	return HRTIMER_NORESTART;
}

struct nhv_vcpu *nhv_vcpu_create(struct nhv_vm *vm, u32 id, u32 index)
{
	struct nhv_vcpu *vcpu = kzalloc(sizeof(*vcpu), GFP_KERNEL_ACCOUNT);
	int err;

	if (!vcpu)
		return ERR_PTR(-ENOMEM);
	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->index = index;
	vcpu->run_page = alloc_page(GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	err = vcpu->run_page ? nhv_level_vcpu_init(vcpu) : -ENOMEM;
	if (err) {
		if (vcpu->run_page)
			__free_page(vcpu->run_page);
		kfree(vcpu);
		return ERR_PTR(err);
	}

	vcpu->run = page_address(vcpu->run_page);
	vcpu->cpu = -1;
	vcpu->deadline = NHV_NO_DEADLINE;
	mutex_init(&vcpu->mutex);
	init_waitqueue_head(&vcpu->wait);
	nhv_hrtimer_setup(&vcpu->dec_timer, nhv_dec_fired, CLOCK_MONOTONIC,
			  HRTIMER_MODE_REL);
	nhv_vcpu_reset(vcpu);
	atomic_inc(&nhv_live_counts.vcpus);
	return vcpu;
}

void nhv_vcpu_destroy(struct nhv_vcpu *vcpu)
{
	hrtimer_cancel(&vcpu->dec_timer);
	nhv_level_vcpu_release(vcpu);
	__free_page(vcpu->run_page);
	kfree_rcu(vcpu, rcu);
	atomic_dec(&nhv_live_counts.vcpus);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * FP, VMX and VSX registers of API v1's guests; inline for live.h alone.
 *
 * They belong to the thread: its save areas point at the vCPU during KVM_RUN, and
 * the kernel saves them by itself before it uses them or switches away. It puts all
 * 64 VSX registers in order and back (stxvd2x swaps the halves in little-endian),
 * which would be most of what an exit to user space costs; stxv and lxv of ISA 3.0,
 * which every processor of ours has, leave the same image in one instruction each.
 */
#ifndef NHV_LIVE_FP_H
#define NHV_LIVE_FP_H

#include <linux/sched.h>
#include <asm/processor.h>
#include <asm/reg.h>
#include <asm/switch_to.h>

#include <nhv/vcpu.h>

#define NHV_MSR_MATH	(MSR_FP | MSR_VEC | MSR_VSX)

/* One instruction for each of 32 VSX registers, from the first at a base on. */
#define NHV_VSX_4(insn, first, at, base)			\
	#insn " " #first "+0,16*(" #at "+0)(" base ");"		\
	#insn " " #first "+1,16*(" #at "+1)(" base ");"		\
	#insn " " #first "+2,16*(" #at "+2)(" base ");"		\
	#insn " " #first "+3,16*(" #at "+3)(" base ");"
#define NHV_VSX_16(insn, first, at, base)			\
	NHV_VSX_4(insn, first+0, at+0, base)			\
	NHV_VSX_4(insn, first+4, at+4, base)			\
	NHV_VSX_4(insn, first+8, at+8, base)			\
	NHV_VSX_4(insn, first+12, at+12, base)
#define NHV_VSX_32(insn, first, base)				\
	NHV_VSX_16(insn, first, 0, base)			\
	NHV_VSX_16(insn, first+16, 16, base)

#define NHV_VSX_ASM(text)					\
	".machine push; .machine power9;" text ".machine pop"

static_assert(offsetof(struct thread_fp_state, fpr) == 0);
static_assert(offsetof(struct thread_vr_state, vr) == 0);

/* MSR has FP, VEC and VSX. FPSCR and VSCR go through registers saved already. */
static __always_inline void nhv_fp_save(struct nhv_vcpu *vcpu)
{
	asm volatile(NHV_VSX_ASM(NHV_VSX_32(stxv, 0, "%0")
				 "mffs 0; stfd 0,%2(%0);"
				 NHV_VSX_32(stxv, 32, "%1")
				 "mfvscr 0; stxv 32,%3(%1);")
		     : : "b" (&vcpu->fp), "b" (&vcpu->vr),
		     "i" (offsetof(struct thread_fp_state, fpscr)),
		     "i" (offsetof(struct thread_vr_state, vscr)) : "memory");
}

static __always_inline void nhv_fp_load(const struct nhv_vcpu *vcpu)
{
	asm volatile(NHV_VSX_ASM("lfd 0,%2(%0); mtfsf 0xff,0,1,0;"
				 NHV_VSX_32(lxv, 0, "%0")
				 "lxv 32,%3(%1); mtvscr 0;"
				 NHV_VSX_32(lxv, 32, "%1"))
		     : : "b" (&vcpu->fp), "b" (&vcpu->vr),
		     "i" (offsetof(struct thread_fp_state, fpscr)),
		     "i" (offsetof(struct thread_vr_state, vscr)) : "memory");
}

/* msr_check_and_set() without a call; the kernel takes it away by itself, or not. */
static __always_inline void nhv_fp_allow(void)
{
	unsigned long msr = mfmsr();

	if ((msr & NHV_MSR_MATH) != NHV_MSR_MATH)
		mtmsr_isync(msr | NHV_MSR_MATH);
}

static __always_inline bool nhv_fp_is_live(const struct pt_regs *regs)
{
	return (regs->msr & NHV_MSR_MATH) == NHV_MSR_MATH;
}

/* The kernel's way, whatever part of it is in the processor. */
static __always_inline void nhv_fp_give_up(const struct pt_regs *regs)
{
	if (unlikely(regs->msr & NHV_MSR_MATH))
		giveup_all(current);
}

/**
 * nhv_fp_take() - the thread's save areas are the guest's from here on
 * @vcpu: of the current thread, which may not be preempted meanwhile
 * @thread: that thread
 */
static __always_inline void nhv_fp_take(struct nhv_vcpu *vcpu,
					struct thread_struct *thread)
{
	/* The VMM's own state goes to its thread. */
	nhv_fp_give_up(thread->regs);
	/* Or a switch back to us would load the VMM's state as the guest's. */
	vcpu->host.load_fp = thread->load_fp;
	vcpu->host.load_vec = thread->load_vec;
	thread->load_fp = 0;
	thread->load_vec = 0;
	thread->fp_save_area = &vcpu->fp;
	thread->vr_save_area = &vcpu->vr;
}

/*
 * All of it live is the normal case. FE0 and FE1 go with FP, as the kernel takes
 * them away: the thread has them again with its next FP instruction.
 */
static __always_inline void nhv_fp_flush(struct nhv_vcpu *vcpu,
					 struct pt_regs *regs)
{
	if (!nhv_fp_is_live(regs)) {
		nhv_fp_give_up(regs);
		return;
	}
	nhv_fp_allow();
	nhv_fp_save(vcpu);
	regs_set_return_msr(regs, regs->msr & ~(NHV_MSR_MATH | MSR_FE0 | MSR_FE1));
}

/** nhv_fp_return() - the guest's registers are saved, the VMM's will be loaded */
static __always_inline void nhv_fp_return(struct nhv_vcpu *vcpu,
					  struct thread_struct *thread)
{
	nhv_fp_flush(vcpu, thread->regs);
	thread->fp_save_area = NULL;
	thread->vr_save_area = NULL;
	thread->load_fp = vcpu->host.load_fp;
	thread->load_vec = vcpu->host.load_vec;
}

/**
 * nhv_fp_enter() - the guest's registers are in the processor
 * @vcpu: between the two above; interrupts hard-disabled
 *
 * Whoever used the vector unit on this thread since the last exit, or switched
 * away, saved the guest's state and took the bits off the thread's MSR.
 */
static __always_inline void nhv_fp_enter(struct nhv_vcpu *vcpu)
{
	struct pt_regs *regs = current->thread.regs;

	if (nhv_fp_is_live(regs)) {
		nhv_fp_allow();
		return;
	}
	/* Part of it is live only if the kernel saved the other part. */
	nhv_fp_give_up(regs);
	nhv_fp_allow();
	nhv_fp_load(vcpu);
	/* Nothing returns to user space by this MSR: see nhv_fp_flush(). */
	regs->msr |= NHV_MSR_MATH;
	vcpu->stats.live_fp_loads++;
}

#endif

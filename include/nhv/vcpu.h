/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * src/vcpu: run loop, exits, registers, live state, interrupts, MMIO.
 */
#ifndef NHV_VCPU_H
#define NHV_VCPU_H

#include <linux/hrtimer.h>
#include <linux/kvm.h>
#include <linux/mutex.h>
#include <linux/signal_types.h>
#include <linux/wait.h>
#include <asm/processor.h>
#include <nhv/base.h>
#include <nhv/mmu.h>
#include <nhv/nested.h>
#include <nhv/observe.h>
#include <abi/guest_state.h>
#include <abi/exits.h>

struct nhv_vm;

/** enum nhv_vcpu_mode - where a vCPU's thread is, for whoever wants to kick it */
enum nhv_vcpu_mode {
	NHV_OUTSIDE,		/* not on its way into the guest */
	NHV_IN_GUEST,		/* requests were checked: an IPI is needed */
};

/**
 * struct nhv_live - registers that the API v1 does not carry
 *
 * Guest values while they are not in the CPU. FP, VMX, VSX are apart because
 * the kernel's own save code fills them.
 */
struct nhv_live {
	/* with the thread */
	u64 vrsave;
	u64 dscr;
	u64 tar;
	u64 fscr;
	u64 ebbhr;
	u64 ebbrr;
	u64 bescr;
	/* per entry */
	u64 amr;
	u64 iamr;
	u64 uamor;
	u64 ctrl;
	u64 pspb;
	u64 psscr;
	u64 tidr;
	u64 hashkeyr;
	u64 dexcr;
	u64 dar;
	u64 dsisr;
	/* performance monitor */
	u64 mmcr0;
	u64 mmcr1;
	u64 mmcr2;
	u64 mmcr3;
	u64 mmcra;
	u64 siar;
	u64 sdar;
	u64 sier;
	u64 sier2;
	u64 sier3;
	u64 pmc[6];
};

/**
 * struct nhv_live_host - what L1 had while the guest's values are in the CPU
 *
 * In the vCPU and not on the stack, which kernels may zero at each entry
 * (CONFIG_INIT_STACK_ALL_ZERO).
 *
 * @regs: the registers changed per entry; of the performance monitor only if
 *	@pmcregs_in_use
 * @pmu_loaded: the guest's values were put into it
 * @pmcregs_in_use: what L1 had told the level below: it used its performance
 *	monitor
 */
struct nhv_live_host {
	struct nhv_live regs;
	bool pmu_loaded;
	u8 pmcregs_in_use;
};

/** struct nhv_kept - registers with an id and no effect, kept for read-back */
struct nhv_kept {
	u64 hashpkeyr;
	u64 acop;
	u64 csigr;
	u64 tacr;
	u64 tcscr;
	u64 wort;
	u64 spmc[2];
	u64 mmcrs;
};

/**
 * struct nhv_vpa - a guest area registered by H_REGISTER_VPA
 * @ra: L2 real address, 0 when there is none
 * @len: its length
 */
struct nhv_vpa {
	u64 ra;
	u64 len;
};

struct nhv_vcpu {
	struct nhv_vm *vm;
	u32 id;				/* KVM id */
	u32 index;			/* dense, what goes downwards */
	struct mutex mutex;		/* every vCPU ioctl but KVM_INTERRUPT */
	struct kvm_run *run;		/* the page shared with user space */
	struct page *run_page;

	/*
	 * The register store: one zeroed block, see src/level. Of a guest of
	 * the guest while nested.guest is set; so are lpcr, pcr and hfscr below.
	 */
	struct nhv_hv_guest_state *gs;
	struct nhv_pt_regs *regs;
	struct nhv_v2_vcpu *v2;		/* API v2: what of them is current */
	struct nhv_v2_guest *v2_guest;	/* and the guest that it runs below */

	struct thread_fp_state fp;
	struct thread_vr_state vr;
	struct nhv_live live;
	struct nhv_live_host entry;	/* nhv_live_enter() to nhv_live_exit() */
	struct nhv_kept kept;

	/* what we ask for at each entry; never read back from the block */
	u64 lpcr;
	u64 pcr;
	u64 hfscr;
	unsigned long doorbell;		/* bit 0: pending; siblings set it */
	s64 tb_offset;
	u64 dec_expires;		/* in L1's timebase */
	u64 cause;			/* status bits of the last exit's msr */
	u32 arch_compat;
	u32 pvr;
	bool online;
	bool pmu_in_use;		/* the guest's PMU state matters now */
	bool pmu_started;		/* it ran counters and had not said so */
	int error;			/* what NHV_STEP_ERROR returns */

	/* requests and sleep */
	unsigned long requests;		/* bits of enum nhv_request */
	int mode;			/* enum nhv_vcpu_mode */
	int cpu;			/* where it is in the guest, else -1 */
	u64 deadline;			/* when the guest was to end, L1's timebase */
	struct {			/* of the turn in the guest, see src/level */
		u64 lpcr;
		u64 end;		/* when L1 wants its processor back */
		u64 host_expires;	/* L1's own decrementer */
	} turn;
	unsigned long rcu_told;		/* jiffies; nhv_guest_enter_irqoff() */
	struct rcu_head rcu;		/* overdue.c looks at it from other CPUs */
	wait_queue_head_t wait;
	struct hrtimer dec_timer;	/* only armed while asleep */
	bool ceded;
	bool prodded;

	/* external interrupt line, set by KVM_INTERRUPT without the mutex */
	unsigned long irq_pending;	/* NHV_IRQ_LEVEL, NHV_IRQ_EDGE */

	bool papr;			/* KVM_CAP_PPC_PAPR was enabled */
	bool sigset_active;
	sigset_t sigset;
	struct kvm_sregs sregs;		/* as user space wrote it */

	struct nhv_vpa vpa;
	struct nhv_vpa slb_shadow;
	struct nhv_vpa dtl;
	struct nhv_view vpa_view;	/* of vpa, for the vCPU's own thread */
	u32 dtl_index;
	u8 vpa_pmu;			/* what vpa said of the performance monitor */
	bool vpa_fresh;			/* and it can say nothing else yet */

	/* what user space still has to answer */
	bool hcall_pending;
	struct {
		bool pending;		/* user space has to answer */
		bool nested;		/* it is an access of L3 */
		bool little;		/* the guest was in little-endian mode */
		u8 done;		/* bytes of the access behind us */
		u32 prefix;		/* the instruction, see src/vcpu/decode.h */
		u32 word;
		u64 ea;			/* of the first byte */
		struct nhv_l2ra ra;	/* of the first byte */
		u8 image[16];		/* as it lies in storage */
		u64 again_nip;		/* where the guest was sent back last */
		u32 again;		/* how often in a row */
	} mmio;

	struct nhv_nested_vcpu nested;

	struct nhv_fault_runs fault_runs;
	struct {
		u64 nip;
		u64 ra;
		u64 status;
		u64 changes;		/* of the VM's tree at that time */
		unsigned int count;
	} same_fault;
	u64 held_at;			/* where an interrupt for L1 ended the last run */

	u64 halt_poll_ns;
	struct nhv_vcpu_stats stats;

	/* what the thread had before vcpu_load() */
	struct {
		u64 vrsave, dscr, tar, fscr, ebbhr, ebbrr, bescr;
		int dscr_inherit;
		u8 load_fp, load_vec;
	} host;
};

/* A timebase value that never comes, even as the signed difference to another. */
#define NHV_NO_DEADLINE		(1ULL << 62)

#define NHV_IRQ_LEVEL		0
#define NHV_IRQ_EDGE		1

/** nhv_vcpu_doorbell() - the doorbell of what it runs: L2, or a guest of that */
static inline unsigned long *nhv_vcpu_doorbell(struct nhv_vcpu *vcpu)
{
	return vcpu->nested.guest ? &vcpu->nested.doorbell : &vcpu->doorbell;
}

/**
 * nhv_nested_wanted() - does something wait for L2 while the vCPU runs L3
 * @vcpu: any state, any context
 */
static inline bool nhv_nested_wanted(const struct nhv_vcpu *vcpu)
{
	return vcpu->nested.guest && (READ_ONCE(vcpu->irq_pending) ||
				      READ_ONCE(vcpu->doorbell));
}

/* ---- life ---------------------------------------------------------------- */

/**
 * nhv_vcpu_create() - a vCPU in reset state
 * @vm: the VM
 * @id: KVM id
 * @index: its dense index
 *
 * Return: the vCPU or an ERR_PTR(-ENOMEM). It is not published.
 */
struct nhv_vcpu *nhv_vcpu_create(struct nhv_vm *vm, u32 id, u32 index);

/** nhv_vcpu_destroy() - free a vCPU that nobody can reach any more */
void nhv_vcpu_destroy(struct nhv_vcpu *vcpu);

/* ---- run.c --------------------------------------------------------------- */

/**
 * nhv_vcpu_run() - KVM_RUN
 * @vcpu: mutex held
 *
 * Return: 0 with run->exit_reason set; -EINTR; -EINVAL without PAPR mode; an
 * errno of the memory behind a fault.
 */
int nhv_vcpu_run(struct nhv_vcpu *vcpu);

/* ---- overdue.c ------------------------------------------------------------ */

/**
 * nhv_overdue_start() - look after guests that the level below may lose
 *
 * After nhv_level_init(). Return: 0.
 */
int nhv_overdue_start(void);

/** nhv_overdue_stop() - no VM is left */
void nhv_overdue_stop(void);

/* ---- regs.c: KVM_GET/SET_REGS, SREGS, FPU, ONE_REG; mutex held ------------- */

int nhv_vcpu_get_regs(struct nhv_vcpu *vcpu, struct kvm_regs *regs);
int nhv_vcpu_set_regs(struct nhv_vcpu *vcpu, const struct kvm_regs *regs);
int nhv_vcpu_get_sregs(struct nhv_vcpu *vcpu, struct kvm_sregs *sregs);
int nhv_vcpu_set_sregs(struct nhv_vcpu *vcpu, const struct kvm_sregs *sregs);
int nhv_vcpu_get_fpu(struct nhv_vcpu *vcpu, struct kvm_fpu *fpu);
int nhv_vcpu_set_fpu(struct nhv_vcpu *vcpu, const struct kvm_fpu *fpu);

/**
 * nhv_vcpu_get_one_reg() - KVM_GET_ONE_REG
 * @vcpu: mutex held
 * @reg: id and user address
 *
 * Return: 0; -EINVAL for an unknown id; -EFAULT.
 */
int nhv_vcpu_get_one_reg(struct nhv_vcpu *vcpu, const struct kvm_one_reg *reg);

/** nhv_vcpu_set_one_reg() - as above; -EINVAL also for a value refused */
int nhv_vcpu_set_one_reg(struct nhv_vcpu *vcpu, const struct kvm_one_reg *reg);

/* ---- irq.c --------------------------------------------------------------- */

/**
 * nhv_vcpu_interrupt() - KVM_INTERRUPT
 * @vcpu: the vCPU; no mutex needed
 * @irq: KVM_INTERRUPT_SET, _UNSET or _SET_LEVEL
 *
 * Return: 0 or -EINVAL.
 */
int nhv_vcpu_interrupt(struct nhv_vcpu *vcpu, u32 irq);

/**
 * nhv_vcpu_inject() - have the guest take an interrupt now
 * @vcpu: on its own thread, or not running and mutex held
 * @vector: NHV_VEC_*
 * @srr1: status bits for SRR1
 *
 * Power ISA 3.1 Book III 7.5: SRR0, SRR1, MSR and NIA change as if the
 * processor had delivered it, AIL and ILE respected.
 */
void nhv_vcpu_inject(struct nhv_vcpu *vcpu, unsigned int vector, u64 srr1);

/** nhv_vcpu_inject_dsi() - a data storage interrupt with DAR and DSISR */
void nhv_vcpu_inject_dsi(struct nhv_vcpu *vcpu, u64 dar, u64 dsisr);

/** nhv_vcpu_inject_isi() - an instruction storage interrupt */
void nhv_vcpu_inject_isi(struct nhv_vcpu *vcpu, u64 srr1);

/* ---- fetch.c: the guest's own translation --------------------------------- */

/**
 * nhv_vcpu_translate() - walk the guest's process table and radix tree
 * @vcpu: on its own thread; may sleep
 * @ea: effective address
 * @data: data (MSR[DR]) or instruction (MSR[IR])
 * @ra: gets the L2 real address
 *
 * Return: 0; -EFAULT when the guest's tables do not map it; -EAGAIN when they
 * changed under the walk.
 */
int nhv_vcpu_translate(struct nhv_vcpu *vcpu, u64 ea, bool data,
		       struct nhv_l2ra *ra);

/**
 * nhv_vcpu_fetch() - the instruction at the guest's NIA
 * @vcpu: on its own thread; may sleep
 * @insn: gets the word, the suffix if prefixed
 * @prefix: gets the prefix word, 0 if there is none
 *
 * Return: as nhv_vcpu_translate().
 */
int nhv_vcpu_fetch(struct nhv_vcpu *vcpu, u32 *insn, u32 *prefix);

/* ---- mmio.c --------------------------------------------------------------- */

/** enum nhv_step - what the run loop does after a handler */
enum nhv_step {
	NHV_STEP_GUEST,		/* enter the guest again */
	NHV_STEP_USER,		/* return 0 to user space, run->exit_reason set */
	NHV_STEP_ERROR,		/* return vcpu's error to user space */
};

/**
 * nhv_mmio_emulate() - the guest touched an address without memory
 * @vcpu: on its own thread, in the SRCU read side of the slots; may sleep
 * @fault: where and how; the effective address is in vcpu->gs->hdar, the status
 *	bits of HSRR1 in vcpu->cause
 *
 * Event descriptors of any length are served without fetching the instruction.
 *
 * Return: NHV_STEP_GUEST (done, or the guest got an interrupt, or try again),
 * NHV_STEP_USER with a KVM_EXIT_MMIO filled in.
 */
enum nhv_step nhv_mmio_emulate(struct nhv_vcpu *vcpu,
			       const struct nhv_fault *fault);

/**
 * nhv_mmio_finish() - user space answered: move a load's data into its register,
 * go on with the next element
 * @vcpu: vcpu->mmio.pending was set; at the start of KVM_RUN, after
 *	nhv_live_load() and before immediate_exit is looked at
 *
 * Return: NHV_STEP_GUEST when the instruction is done, NHV_STEP_USER when
 * another access of it follows.
 */
enum nhv_step nhv_mmio_finish(struct nhv_vcpu *vcpu);

/* ---- live_fp.c ------------------------------------------------------------- */

/**
 * nhv_live_flush_fp() - FP, VMX, VSX of the guest are in vcpu->fp, vcpu->vr after
 * @vcpu: loaded, on its own thread
 *
 * The next entry loads them again, so the caller may change them.
 */
void nhv_live_flush_fp(struct nhv_vcpu *vcpu);

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What brought a vCPU out of its guest, and what is done about it.
 */
#include <linux/srcu.h>

#include <abi/numbers.h>
#include <nhv/level.h>
#include <nhv/papr.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>

#include <nhv/exits.h>
#include <nhv/trace.h>

#include "exit.h"
#include "exit_fast.h"

/* HFSCR causes (ISA 3.1 Book III 7.5.31). */
#define NHV_FACILITY_MSGP	10

/* How much of a machine check the hypervisor below repaired is not told: none. */
#define NHV_NMI_NOT_RECOVERED	3

enum nhv_step nhv_vcpu_fail(struct nhv_vcpu *vcpu, u64 reason)
{
	struct kvm_run *run = vcpu->run;

	run->exit_reason = KVM_EXIT_FAIL_ENTRY;
	run->fail_entry.hardware_entry_failure_reason = reason;
	run->fail_entry.cpu = raw_smp_processor_id();
	vcpu->stats.fail_entry_exits++;
	pr_info_ratelimited("nhv: vCPU %u of LPID %u ended at %#llx: reason %#llx (%lld); see nhv(4)\n",
			    vcpu->id, vcpu->vm->lpid, vcpu->regs->nip, reason,
			    (s64)reason);
	return NHV_STEP_USER;
}

/* The host's business, done when interrupts came on again. */
static enum nhv_step nhv_exit_nothing(struct nhv_vcpu *vcpu)
{
	return NHV_STEP_GUEST;
}

static enum nhv_step nhv_exit_machine_check(struct nhv_vcpu *vcpu)
{
	nhv_level_need(vcpu, NHV_STATE_PC);
	if (!vcpu->vm->fwnmi_enabled) {
		nhv_vcpu_inject(vcpu, NHV_VEC_MACHINE_CHECK,
				vcpu->cause & NHV_SRR1_MC_MASK);
		return NHV_STEP_GUEST;
	}
	vcpu->run->exit_reason = KVM_EXIT_NMI;
	vcpu->run->flags &= ~KVM_RUN_PPC_NMI_DISP_MASK;
	vcpu->run->flags |= NHV_NMI_NOT_RECOVERED;
	return NHV_STEP_USER;
}

static enum nhv_step nhv_exit_program(struct nhv_vcpu *vcpu)
{
	nhv_level_need(vcpu, NHV_STATE_PC);
	nhv_vcpu_inject(vcpu, NHV_VEC_PROGRAM,
			vcpu->cause & NHV_SRR1_PROGRAM_MASK);
	return NHV_STEP_GUEST;
}

static enum nhv_step nhv_exit_illegal(struct nhv_vcpu *vcpu)
{
	nhv_level_need(vcpu, NHV_STATE_PC);
	nhv_vcpu_inject(vcpu, NHV_VEC_PROGRAM, NHV_SRR1_PROG_ILLEGAL |
			(vcpu->cause & NHV_SRR1_PREFIXED));
	return NHV_STEP_GUEST;
}

static enum nhv_step nhv_exit_hcall(struct nhv_vcpu *vcpu)
{
	bool answered;

	/*
	 * sc 1 from problem state is a privileged instruction; NIA is past it
	 * already, and a program interrupt names the instruction itself.
	 */
	if (nhv_exit_problem_state(vcpu)) {
		nhv_level_need(vcpu, NHV_STATE_PC);
		vcpu->regs->nip -= 4;
		nhv_vcpu_inject(vcpu, NHV_VEC_PROGRAM,
				NHV_SRR1_PROG_PRIVILEGED);
		return NHV_STEP_GUEST;
	}

	trace_kvm_hcall_enter(vcpu);
	answered = nhv_hcall(vcpu);
	trace_kvm_hcall_exit(vcpu, answered ? NHV_RESUME_GUEST :
					      NHV_RESUME_HOST);
	return answered ? NHV_STEP_GUEST : NHV_STEP_USER;
}

/* HEIR, or our own fetch when the level below does not give it. */
static bool nhv_exit_insn(struct nhv_vcpu *vcpu, bool heir, u32 *insn)
{
	u32 prefix;

	if (heir && vcpu->gs->heir != NHV_HEIR_CANARY) {
		*insn = vcpu->gs->heir;
		return true;
	}
	return !nhv_vcpu_fetch(vcpu, insn, &prefix) && !prefix;
}

/* A guest hypervisor may use the instruction in place of the hypercall. */
static bool nhv_exit_tlbie(struct nhv_vcpu *vcpu, u32 insn)
{
	int idx = srcu_read_lock(&vcpu->vm->srcu);
	bool done = nhv_nested_tlbie_insn(vcpu, insn);

	srcu_read_unlock(&vcpu->vm->srcu, idx);
	return done;
}

static enum nhv_step nhv_exit_emulate_or_illegal(struct nhv_vcpu *vcpu,
						 bool heir)
{
	u32 insn;

	if (nhv_level.enforces_hfscr && !(vcpu->regs->msr & NHV_MSR_PR) &&
	    nhv_exit_insn(vcpu, heir, &insn) &&
	    (nhv_doorbell_emulate(vcpu, insn) ||
	     nhv_exit_tlbie(vcpu, insn)))
		return NHV_STEP_GUEST;
	return nhv_exit_illegal(vcpu);
}

static enum nhv_step nhv_exit_emul_assist(struct nhv_vcpu *vcpu)
{
	return nhv_exit_emulate_or_illegal(vcpu, true);
}

static enum nhv_step nhv_exit_facility(struct nhv_vcpu *vcpu)
{
	if (NHV_HFSCR_CAUSE(vcpu->gs->hfscr) == NHV_FACILITY_MSGP)
		return nhv_exit_emulate_or_illegal(vcpu, false);
	/* All others are on; what comes here the level below denies us. */
	return nhv_exit_illegal(vcpu);
}

/* Vectors are multiples of this, and NHV_VEC_SOFTPATCH is the last. */
#define NHV_VECTOR_STEP		0x20
#define NHV_VECTORS		(NHV_VEC_SOFTPATCH / NHV_VECTOR_STEP + 1)

#define NHV_EXIT_ROW(vector, name, handler, counter) \
	[(vector) / NHV_VECTOR_STEP] = \
		{ offsetof(struct nhv_vcpu_stats, counter), handler }

static const struct nhv_exit {
	size_t counter;
	enum nhv_step (*handle)(struct nhv_vcpu *vcpu);
} nhv_exits[NHV_VECTORS] = { NHV_EXITS(NHV_EXIT_ROW) };

/*
 * QEMU as the level below does not tell which instruction was illegal, which a
 * guest hypervisor may not be prepared for. A prefix is the upper word.
 */
static void nhv_exit_name_insn(struct nhv_vcpu *vcpu)
{
	int idx = srcu_read_lock(&vcpu->vm->srcu);
	u32 insn, prefix;

	if (!nhv_vcpu_fetch(vcpu, &insn, &prefix))
		vcpu->gs->heir = (u64)prefix << 32 | insn;
	srcu_read_unlock(&vcpu->vm->srcu, idx);
}

/* Return: true if the exit is one of L3, and dealt with. */
static bool nhv_exit_nested(struct nhv_vcpu *vcpu, long trap)
{
	if (!vcpu->nested.guest)
		return false;
	if (trap == NHV_VEC_H_EMUL_ASSIST &&
	    vcpu->gs->heir == NHV_HEIR_CANARY)
		nhv_exit_name_insn(vcpu);
	return nhv_nested_exit(vcpu, trap);
}

static const struct nhv_exit *nhv_exit_find(long trap)
{
	const struct nhv_exit *exit;

	if (trap < 0 || trap > NHV_VEC_SOFTPATCH || trap % NHV_VECTOR_STEP)
		return NULL;
	exit = &nhv_exits[trap / NHV_VECTOR_STEP];
	return exit->handle ? exit : NULL;
}

static void nhv_count_exit(struct nhv_vcpu *vcpu, long trap,
			   const struct nhv_exit *exit)
{
	vcpu->stats.sum_exits++;
	if (exit) {
		++*(u64 *)((void *)&vcpu->stats + exit->counter);
	} else if (trap < 0 || trap == NHV_H_NOT_AVAILABLE) {
		vcpu->stats.refused_exits++;
		nhv_count_refusal(trap);
	} else {
		vcpu->stats.unknown_exits++;
	}
}

enum nhv_step nhv_vcpu_exit(struct nhv_vcpu *vcpu, long trap)
{
	const struct nhv_exit *exit = nhv_exit_find(trap);

	nhv_count_exit(vcpu, trap, exit);
	if (nhv_exit_nested(vcpu, trap))
		return NHV_STEP_GUEST;
	if (trap < 0 || trap == NHV_H_NOT_AVAILABLE)
		return nhv_vcpu_fail(vcpu, trap);
	if (!exit)
		return nhv_vcpu_fail(vcpu, NHV_FAIL_VECTOR | trap);
	return exit->handle(vcpu);
}

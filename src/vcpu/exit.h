/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an entry ended with; used by the run loop.
 */
#ifndef NHV_VCPU_EXIT_H
#define NHV_VCPU_EXIT_H

#include <nhv/vcpu.h>

/**
 * nhv_vcpu_exit() - handle what nhv_level_enter() returned
 * @vcpu: on its own thread; may sleep
 * @trap: vector, or error
 */
enum nhv_step nhv_vcpu_exit(struct nhv_vcpu *vcpu, long trap);

/*
 * Not vectors, of exit_fast.h: the exit is dealt with; it is a hypercall that is for
 * user space.
 */
#define NHV_TRAP_DONE		0x10000L
#define NHV_TRAP_USER		0x10001L

/**
 * nhv_vcpu_fail() - this vCPU cannot go on: KVM_EXIT_FAIL_ENTRY
 * @vcpu: on its own thread
 * @reason: what the level below answered, or NHV_FAIL_*
 */
enum nhv_step nhv_vcpu_fail(struct nhv_vcpu *vcpu, u64 reason);

/* Reasons that are not the level below's return codes. */
#define NHV_FAIL_VECTOR		0x100000000ULL	/* | a vector the ABI does not know */
#define NHV_FAIL_SAME_FAULT	0x200000000ULL	/* | vector: it does not go away */

/* fault.c: rows of NHV_EXITS */
enum nhv_step nhv_exit_data_fault(struct nhv_vcpu *vcpu);
enum nhv_step nhv_exit_inst_fault(struct nhv_vcpu *vcpu);

/* doorbell.c */

/**
 * nhv_doorbell_emulate() - msgsndp, msgclrp and what reads TIR, DPDES
 * @vcpu: on its own thread
 * @insn: the instruction
 *
 * Return: true if it was one of them and is done, NIA advanced.
 */
bool nhv_doorbell_emulate(struct nhv_vcpu *vcpu, u32 insn);

#endif

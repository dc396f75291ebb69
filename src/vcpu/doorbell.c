// SPDX-License-Identifier: GPL-2.0-only
/*
 * Doorbells between the threads of a virtual core. With HFSCR[MSGP] off the
 * instructions come to us (ISA 3.1 Book III, 11.4), as a facility interrupt or,
 * from some levels below, as an emulation assist.
 */
#include <nhv/core.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>

#include "exit.h"

#define NHV_OPCODE(insn)	((insn) >> 26)
#define NHV_XOP(insn)		(((insn) >> 1) & 0x3ff)
#define NHV_RT(insn)		(((insn) >> 21) & 31)
#define NHV_RB(insn)		(((insn) >> 11) & 31)
#define NHV_SPR(insn)		((((insn) >> 16) & 31) | (((insn) >> 6) & 0x3e0))

#define NHV_XOP_MSGSNDP		142
#define NHV_XOP_MSGCLRP		174
#define NHV_XOP_MFSPR		339
#define NHV_SPR_DPDES		176
#define NHV_SPR_TIR		446

/* The message: type in bits 32:36, thread in the low 7 bits. */
#define NHV_MSG_TYPE(msg)	(((msg) >> 27) & 0x1f)
#define NHV_MSG_THREAD(msg)	((msg) & 0x7f)
#define NHV_MSG_DOORBELL	5

static u32 nhv_first_thread(const struct nhv_vcpu *vcpu)
{
	return vcpu->id & ~(vcpu->vm->smt - 1);
}

static bool nhv_msgsndp(struct nhv_vcpu *vcpu, u64 message)
{
	struct nhv_vcpu *target;

	if (NHV_MSG_TYPE(message) != NHV_MSG_DOORBELL)
		return false;
	if (NHV_MSG_THREAD(message) >= vcpu->vm->smt)
		return true;
	target = nhv_vm_vcpu(vcpu->vm,
			     nhv_first_thread(vcpu) + NHV_MSG_THREAD(message));
	if (target) {
		WRITE_ONCE(target->doorbell, 1);
		nhv_vcpu_kick(target);
	}
	return true;
}

static bool nhv_msgclrp(struct nhv_vcpu *vcpu, u64 message)
{
	if (NHV_MSG_TYPE(message) != NHV_MSG_DOORBELL)
		return false;
	WRITE_ONCE(vcpu->doorbell, 0);
	return true;
}

static u64 nhv_read_dpdes(const struct nhv_vcpu *vcpu)
{
	u32 first = nhv_first_thread(vcpu);
	struct nhv_vcpu *thread;
	u64 dpdes = 0;
	u32 i;

	for (i = 0; i < vcpu->vm->smt; i++) {
		thread = nhv_vm_vcpu(vcpu->vm, first + i);
		if (thread && READ_ONCE(thread->doorbell))
			dpdes |= 1ULL << i;
	}
	return dpdes;
}

static bool nhv_read_spr(struct nhv_vcpu *vcpu, u32 insn)
{
	u64 *to = &vcpu->regs->gpr[NHV_RT(insn)];

	switch (NHV_SPR(insn)) {
	case NHV_SPR_TIR:
		*to = vcpu->id - nhv_first_thread(vcpu);
		return true;
	case NHV_SPR_DPDES:
		*to = nhv_read_dpdes(vcpu);
		return true;
	}
	return false;
}

bool nhv_doorbell_emulate(struct nhv_vcpu *vcpu, u32 insn)
{
	bool done = false;

	if (NHV_OPCODE(insn) != 31)
		return false;
	switch (NHV_XOP(insn)) {
	case NHV_XOP_MSGSNDP:
		done = nhv_msgsndp(vcpu, vcpu->regs->gpr[NHV_RB(insn)]);
		break;
	case NHV_XOP_MSGCLRP:
		done = nhv_msgclrp(vcpu, vcpu->regs->gpr[NHV_RB(insn)]);
		break;
	case NHV_XOP_MFSPR:
		done = nhv_read_spr(vcpu, insn);
		break;
	}
	if (done)
		vcpu->regs->nip += 4;
	return done;
}

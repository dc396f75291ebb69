/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * src/papr: hypercalls of L2 answered in the kernel.
 */
#ifndef NHV_PAPR_H
#define NHV_PAPR_H

#include <abi/numbers.h>
#include <nhv/base.h>
#include <nhv/vcpu.h>

/*
 * What a handler returns beside a PAPR return code: this call goes to user
 * space. No PAPR code has the value.
 */
#define NHV_H_TO_USER		1000000L
/* And that GPR3 is not to be touched: the guest does not go on from here. */
#define NHV_H_NO_ANSWER		1000001L

/**
 * nhv_set_mode_idle() - does an H_SET_MODE turn off a watchpoint that is off
 * @vcpu: not in the guest
 *
 * Linux does so at each exec. Which one it is set to only we change, so what the
 * vCPU has of it is current in any case.
 */
static inline bool nhv_set_mode_idle(const struct nhv_vcpu *vcpu)
{
	const u64 *arg = &vcpu->regs->gpr[4];

	return arg[1] == NHV_SET_MODE_DAWR0 &&
	       !(arg[0] | arg[2] | arg[3] | vcpu->gs->dawr0 | vcpu->gs->dawrx0);
}

/**
 * nhv_hcall_harmless() - is it all the same from which state a call is made
 * @vcpu: its registers are those of the call, MSR need not be
 *
 * Return: true if problem state of the guest gains nothing by the answer.
 */
static inline bool nhv_hcall_harmless(const struct nhv_vcpu *vcpu)
{
	switch (vcpu->regs->gpr[3]) {
	case NHV_H_PROD:
	case NHV_H_CONFER:
	case NHV_H_RANDOM:
		/* At worst some virtual processor runs a little earlier. */
		return true;
	case NHV_H_SET_MODE:
		return nhv_set_mode_idle(vcpu);
	}
	return false;
}

/**
 * nhv_hcall() - answer the hypercall in the guest's registers
 * @vcpu: on its own thread, not in the SRCU read side of the slots; may sleep.
 *	GPR3 is the number, GPR4 to GPR12 the arguments.
 *
 * Return: true if it was answered and GPR3 holds the return code; false if user
 * space has to answer, and the exit is made.
 */
bool nhv_hcall(struct nhv_vcpu *vcpu);

/**
 * enum nhv_hcall_end - what became of a hypercall
 * @NHV_HCALL_SLOW: nothing yet: it takes nhv_hcall()
 * @NHV_HCALL_USER: the kernel does not answer it: the exit to user space is made
 * @NHV_HCALL_ANSWERED: it was answered, and GPR3 holds the return code
 */
enum nhv_hcall_end {
	NHV_HCALL_SLOW,
	NHV_HCALL_USER,
	NHV_HCALL_ANSWERED,
};

/**
 * nhv_hcall_fast() - answer it here and now, if that can be done
 * @vcpu: on its own thread; interrupts hard-disabled, the guest's live registers
 *	in the processor
 *
 * Return: see enum nhv_hcall_end.
 */
enum nhv_hcall_end nhv_hcall_fast(struct nhv_vcpu *vcpu);

/* The handlers: one for each row of hcalls.def. Return code for GPR3. */
#define NHV_HCALL(name, number, handler, enabled, fast) \
	long handler(struct nhv_vcpu *vcpu);
#include <nhv/hcalls.def>
#undef NHV_HCALL

/**
 * nhv_vpa_set() - register or forget a guest area on user space's behalf
 * @vcpu: mutex held
 * @which: KVM_REG_PPC_VPA_ADDR, _VPA_SLB or _VPA_DTL
 * @ra: L2 real address, 0 to forget
 * @len: length; ignored for the VPA
 *
 * Return: 0 or -EINVAL.
 */
int nhv_vpa_set(struct nhv_vcpu *vcpu, u64 which, u64 ra, u64 len);

/**
 * enum nhv_vpa_act - what is done with a VPA
 * @NHV_VPA_WAITS: the count says that the vCPU has no processor
 * @NHV_VPA_RUNS: that it has one; and vcpu->vpa_pmu becomes what the VPA says
 * @NHV_VPA_LOOK: that alone
 */
enum nhv_vpa_act {
	NHV_VPA_WAITS,
	NHV_VPA_RUNS,
	NHV_VPA_LOOK,
};

/**
 * nhv_vpa_tell() - do it
 * @vcpu: on its own thread; may sleep
 * @vpa: where its VPA is
 * @act: what; a dispatch log entry with NHV_VPA_RUNS
 */
void nhv_vpa_tell(struct nhv_vcpu *vcpu, u64 vpa, enum nhv_vpa_act act);

/**
 * nhv_vpa_dispatch() - the vCPU gets or gives up a processor: its VPA is told
 * @vcpu: on its own thread; may sleep
 * @act: NHV_VPA_RUNS or NHV_VPA_WAITS
 */
static inline void nhv_vpa_dispatch(struct nhv_vcpu *vcpu, enum nhv_vpa_act act)
{
	u64 vpa = READ_ONCE(vcpu->vpa.ra);

	if (vpa)
		nhv_vpa_tell(vcpu, vpa, act);
}

/**
 * nhv_vpa_pmu_in_use() - does the guest say that its performance monitor
 * matters
 * @vcpu: on its own thread; may sleep
 *
 * Return: what its VPA says, true without a VPA.
 */
static inline bool nhv_vpa_pmu_in_use(struct nhv_vcpu *vcpu)
{
	u64 vpa = READ_ONCE(vcpu->vpa.ra);

	if (!vpa)
		return true;
	/* The guest has not run since it was looked at. */
	if (!vcpu->vpa_fresh)
		nhv_vpa_tell(vcpu, vpa, NHV_VPA_LOOK);
	vcpu->vpa_fresh = false;
	return vcpu->vpa_pmu;
}

#endif

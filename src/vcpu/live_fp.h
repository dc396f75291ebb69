/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * FP, VMX and VSX registers of API v1's guests; used by live.c alone.
 */
#ifndef NHV_LIVE_FP_H
#define NHV_LIVE_FP_H

struct nhv_vcpu;

/**
 * nhv_fp_take() - the thread's save areas are the guest's from here on
 * @vcpu: of the current thread, which may not be preempted meanwhile
 */
void nhv_fp_take(struct nhv_vcpu *vcpu);

/** nhv_fp_return() - the guest's registers are saved, the VMM's will be loaded */
void nhv_fp_return(struct nhv_vcpu *vcpu);

/**
 * nhv_fp_enter() - the guest's registers are in the processor
 * @vcpu: between the two above; interrupts hard-disabled
 */
void nhv_fp_enter(struct nhv_vcpu *vcpu);

#endif

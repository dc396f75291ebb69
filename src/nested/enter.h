/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside going from L2 to L3 and back: what enter.c and quick.c have in common.
 */
#ifndef NHV_NESTED_ENTER_H
#define NHV_NESTED_ENTER_H

#include <nhv/nested.h>

/**
 * nhv_nested_switch() - the vCPU runs L3 from now on
 * @vcpu: runs L2; what L2 gave is in nested.given and nested.regs, and was checked
 * @nested: with a reference, which is the vCPU's after
 */
void nhv_nested_switch(struct nhv_vcpu *vcpu, struct nhv_nested *nested);

/**
 * nhv_nested_result() - what L2 gets back
 * @vcpu: runs L3, all of whose registers are in it
 * @result: gets what differs from nested.given
 * @vector: what L3 ended with
 *
 * L2 has used what L3 has used up.
 */
void nhv_nested_result(struct nhv_vcpu *vcpu, struct nhv_hv_guest_state *result,
		       unsigned int vector);

/**
 * nhv_nested_switch_back() - the vCPU runs L2 from now on
 * @vcpu: runs L3
 *
 * Return: the guest it ran, with the vCPU's reference.
 */
struct nhv_nested *nhv_nested_switch_back(struct nhv_vcpu *vcpu);

#endif

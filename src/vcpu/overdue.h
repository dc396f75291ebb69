/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guests that do not come back; used by the run loop.
 */
#ifndef NHV_VCPU_OVERDUE_H
#define NHV_VCPU_OVERDUE_H

struct nhv_vcpu;

/**
 * nhv_overdue_enter() - a vCPU begins KVM_RUN: it may be looked at
 * @vcpu: mutex held
 */
void nhv_overdue_enter(struct nhv_vcpu *vcpu);

/** nhv_overdue_leave() - and ends it */
void nhv_overdue_leave(struct nhv_vcpu *vcpu);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The performance monitor around an entry; used by live.c alone.
 */
#ifndef NHV_LIVE_PMU_H
#define NHV_LIVE_PMU_H

struct nhv_vcpu;

/**
 * nhv_pmu_enter() - the guest's performance monitor instead of L1's
 * @vcpu: interrupts hard-disabled
 *
 * When neither uses it, nothing is done: it stays frozen.
 */
void nhv_pmu_enter(struct nhv_vcpu *vcpu);

/** nhv_pmu_exit() - and back */
void nhv_pmu_exit(struct nhv_vcpu *vcpu);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A ceded vCPU; used by the run loop.
 */
#ifndef NHV_VCPU_BLOCK_H
#define NHV_VCPU_BLOCK_H

struct nhv_vcpu;

/**
 * nhv_vcpu_block() - wait until a ceded vCPU has something to do
 * @vcpu: on its own thread
 *
 * Polls for a while first. On return vcpu->ceded is false, or a signal or a
 * request is pending.
 */
void nhv_vcpu_block(struct nhv_vcpu *vcpu);

#endif

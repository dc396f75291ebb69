/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Delivery of the external interrupt; used by the run loop alone.
 */
#ifndef NHV_VCPU_IRQ_H
#define NHV_VCPU_IRQ_H

#include <nhv/base.h>

struct nhv_vcpu;

/**
 * nhv_irq_deliver() - give the guest its external interrupt if it can take it
 * @vcpu: on its own thread, about to enter; interrupts may be off; one is pending
 *
 * Return: true if one still waits: for EE, or because it is a level.
 */
bool nhv_irq_deliver(struct nhv_vcpu *vcpu);

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bringing a vCPU to look at the world: requests, wake-ups, interrupts.
 */
#include <linux/smp.h>
#include <linux/wait.h>
#include <nhv/compat.h>
#include <nhv/core.h>
#include <nhv/vcpu.h>

void nhv_vcpu_kick(struct nhv_vcpu *vcpu)
{
	int me, cpu;

	/*
	 * Pairs with the barrier between a vCPU's store to mode and its look at
	 * requests and interrupts: either it sees what our caller stored, or we
	 * see it in the guest.
	 */
	smp_mb();
	if (waitqueue_active(&vcpu->wait))	/* the barrier is above */
		wake_up(&vcpu->wait);

	me = get_cpu();
	cpu = READ_ONCE(vcpu->cpu);
	if (READ_ONCE(vcpu->mode) == NHV_IN_GUEST && cpu != me &&
	    cpu >= 0 && cpu_online(cpu))
		nhv_send_reschedule(cpu);
	put_cpu();
}

void nhv_vcpu_request(struct nhv_vcpu *vcpu, enum nhv_request request)
{
	set_bit(request, &vcpu->requests);
	nhv_vcpu_kick(vcpu);
}

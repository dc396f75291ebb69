// SPDX-License-Identifier: GPL-2.0-only
/*
 * A way out for a guest that does not come back.
 *
 * QEMU as the level below makes the hypervisor decrementer out of our deadline
 * when it handles the entry. If the deadline has passed by then, the time left
 * is negative, and QEMU waits for it as for a huge one. With EE=0 in the guest
 * not even an interrupt for us ends its run, so that a processor is lost.
 *
 * Here each processor looks from time to time at the vCPUs of the others. One
 * far past its deadline is sent an interrupt; if that does not help, its memory
 * is unmapped, so that its next instruction is a fault, which does end its run.
 */
#include <linux/percpu.h>
#include <linux/workqueue.h>
#include <asm/time.h>

#include <nhv/core.h>
#include <nhv/level.h>
#include <nhv/mmu.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>

#include "overdue.h"

#define NHV_LOOK_MS		50
#define NHV_LATE_US		10000
#define NHV_LOST_US		60000

/* The vCPU in the guest on this CPU; freed after an RCU grace period. */
DEFINE_PER_CPU(struct nhv_vcpu *, nhv_running);
static DEFINE_PER_CPU(struct delayed_work, nhv_overdue_work);

/* Return: how long ago it should have come back, 0 if it is not late. */
static u64 nhv_late_us(const struct nhv_vcpu *vcpu)
{
	s64 late = mftb() - READ_ONCE(vcpu->deadline);

	if (READ_ONCE(vcpu->mode) != NHV_IN_GUEST || late <= 0)
		return 0;
	return late / tb_ticks_per_usec;
}

/* Return: the VM of a vCPU that is lost, with a reference, or NULL. */
static struct nhv_vm *nhv_find_lost(void)
{
	struct nhv_vm *lost = NULL;
	struct nhv_vcpu *vcpu;
	int cpu;
	u64 late;

	rcu_read_lock();
	for_each_online_cpu(cpu) {
		vcpu = READ_ONCE(per_cpu(nhv_running, cpu));
		late = vcpu ? nhv_late_us(vcpu) : 0;
		if (late > NHV_LATE_US)
			nhv_vcpu_kick(vcpu);
		if (late > NHV_LOST_US && !lost &&
		    nhv_vm_get_unless_gone(vcpu->vm))
			lost = vcpu->vm;
	}
	rcu_read_unlock();
	return lost;
}

static void nhv_overdue_look(struct work_struct *work)
{
	struct nhv_vm *lost = nhv_find_lost();

	if (lost) {
		atomic64_inc(&lost->stats.lost);
		nhv_mmu_unmap_all(lost);
		nhv_vm_put(lost);
	}
	/* On this processor again, or where the work went when it was unplugged. */
	schedule_delayed_work_on(raw_smp_processor_id(), to_delayed_work(work),
				 msecs_to_jiffies(NHV_LOOK_MS));
}

int nhv_overdue_start(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		INIT_DELAYED_WORK(per_cpu_ptr(&nhv_overdue_work, cpu),
				  nhv_overdue_look);
	if (nhv_level.keeps_translations)
		return 0;
	for_each_online_cpu(cpu)
		schedule_delayed_work_on(cpu,
					 per_cpu_ptr(&nhv_overdue_work, cpu),
					 msecs_to_jiffies(NHV_LOOK_MS));
	return 0;
}

void nhv_overdue_stop(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		cancel_delayed_work_sync(per_cpu_ptr(&nhv_overdue_work, cpu));
}

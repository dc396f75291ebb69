// SPDX-License-Identifier: GPL-2.0-only
/*
 * Interrupts, one after the other, for a vCPU that is in the middle of its program:
 * each is raised only when the guest has done with the one before and runs on.
 */
#include <errno.h>
#include <unistd.h>

#include "vmm.h"

#define LOOK_US	20

struct train {
	struct vcpu *v;
	/* by the guest: turns of its loop, and interrupts it has done with */
	volatile uint64_t *turns, *taken;
	uint64_t count;
};

static bool over(struct train *t)
{
	return __atomic_load_n(&t->v->m->done, __ATOMIC_SEQ_CST);
}

/* False when the machine ends first. */
static bool until_it_runs(struct train *t, uint64_t taken)
{
	uint64_t turn;

	while (*t->taken < taken && !over(t))
		usleep(LOOK_US);
	turn = *t->turns;
	while (*t->turns == turn && !over(t))
		usleep(LOOK_US);
	return !over(t);
}

static void *train_thread(void *arg)
{
	struct train *t = arg;

	for (uint64_t i = 0; i < t->count && until_it_runs(t, i); i++)
		kvm_interrupt(t->v, true);
	free(t);
	return NULL;
}

/* At real: the guest's two doublewords. The guest lowers the line itself. */
long irq_train(struct vcpu *v, uint64_t real, uint64_t count)
{
	uint64_t *words = at(v->m, real, 16);
	struct train *t;
	pthread_t thread;

	if (!words)
		return -EFAULT;
	t = malloc(sizeof(*t));
	*t = (struct train){ v, &words[0], &words[1], count };
	must(-pthread_create(&thread, NULL, train_thread, t), "pthread_create");
	pthread_detach(thread);
	return 0;
}

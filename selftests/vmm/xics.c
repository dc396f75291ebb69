// SPDX-License-Identifier: GPL-2.0-only
/*
 * The presentation half of a XICS: inter-processor interrupts only, which is
 * all that a machine without devices needs.
 */
#include "vmm.h"
#include "papr.h"

#define XISR_IPI	2
#define IDLE		0xff	/* the least favoured priority */

/* Under xics_lock: the line follows the state. */
static void update(struct vcpu *v)
{
	bool line = v->mfrr < v->cppr;

	if (line != v->line) {
		v->line = line;
		kvm_interrupt(v, line);
	}
}

void xics_reset(struct vcpu *v)
{
	v->cppr = 0;
	v->mfrr = IDLE;
	v->line = false;
}

static uint64_t accept(struct vcpu *v)
{
	uint64_t xirr = (uint64_t)v->cppr << 24;

	if (v->mfrr < v->cppr) {
		xirr |= XISR_IPI;
		v->cppr = v->mfrr;
		update(v);
	}
	return xirr;
}

static uint64_t poll(struct vcpu *v)
{
	return (uint64_t)v->cppr << 24 | (v->mfrr < v->cppr ? XISR_IPI : 0);
}

static struct vcpu *server(struct vcpu *v, uint64_t number)
{
	return number < v->m->cpus ? &v->m->cpu[number] : NULL;
}

static uint64_t locked(struct vcpu *v, uint64_t nr, uint64_t *args)
{
	struct vcpu *to;

	switch (nr) {
	case H_XIRR:
		args[0] = accept(v);
		return H_SUCCESS;
	case H_CPPR:
		v->cppr = args[0];
		break;
	case H_EOI:
		v->cppr = args[0] >> 24;
		break;
	case H_IPI:
		to = server(v, args[0]);
		if (!to)
			return H_PARAMETER;
		to->mfrr = args[1];
		update(to);
		return H_SUCCESS;
	case H_IPOLL:
		to = server(v, args[0]);
		if (!to)
			return H_PARAMETER;
		args[0] = poll(to);
		args[1] = to->mfrr;
		return H_SUCCESS;
	}
	update(v);
	return H_SUCCESS;
}

uint64_t xics_hcall(struct vcpu *v, uint64_t nr, uint64_t *args)
{
	uint64_t ret;

	pthread_mutex_lock(&v->m->xics_lock);
	ret = locked(v, nr, args);
	pthread_mutex_unlock(&v->m->xics_lock);
	return ret;
}

// SPDX-License-Identifier: GPL-2.0-only
/* Run-time services: what a guest asks for by H_RTAS. */
#include <endian.h>
#include <libfdt.h>
#include <string.h>
#include <time.h>

#include "vmm.h"
#include "papr.h"

#define RTAS_MAX_ARGS	16

/* The parameter block: token, counts, arguments, results; 32-bit big-endian. */
struct call {
	struct vcpu *v;
	uint32_t nargs, nret;
	uint32_t args[RTAS_MAX_ARGS], ret[RTAS_MAX_ARGS];
};

enum { OK = 0, BAD = -3 };

static int display_character(struct call *c)
{
	char ch = c->args[0];

	console_put(c->v->m, &ch, 1);
	return OK;
}

static int time_of_day(struct call *c)
{
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	c->ret[1] = tm.tm_year + 1900;
	c->ret[2] = tm.tm_mon + 1;
	c->ret[3] = tm.tm_mday;
	c->ret[4] = tm.tm_hour;
	c->ret[5] = tm.tm_min;
	c->ret[6] = tm.tm_sec;
	c->ret[7] = now.tv_nsec;
	return OK;
}

static int power_off(struct call *c)
{
	machine_end(c->v->m, 0);
	return OK;
}

static int reboot(struct call *c)
{
	c->v->m->reboot = true;
	machine_end(c->v->m, 0);
	return OK;
}

static int os_term(struct call *c)
{
	char *text = at(c->v->m, c->args[0], 1);

	fprintf(stderr, "nhv-vmm: the guest gave up: %.200s\n", text ? text : "");
	machine_end(c->v->m, 1);
	return OK;
}

static struct vcpu *cpu_of(struct call *c)
{
	return c->args[0] < c->v->m->cpus ? &c->v->m->cpu[c->args[0]] : NULL;
}

static int cpu_stopped(struct call *c)
{
	struct vcpu *to = cpu_of(c);

	if (!to)
		return BAD;
	pthread_mutex_lock(&to->m->lock);
	c->ret[1] = to->started ? 2 : 0;
	pthread_mutex_unlock(&to->m->lock);
	return OK;
}

static int start_cpu(struct call *c)
{
	struct vcpu *to = cpu_of(c);

	if (!to || to->started)
		return BAD;
	vcpu_start(to, c->args[1], c->args[2], 0);
	return OK;
}

static int stop_self(struct call *c)
{
	c->v->stop = true;
	return OK;
}

static const struct {
	const char *name;
	int (*serve)(struct call *c);
	unsigned int nargs, nret;
} services[] = {
	{ "display-character",		display_character, 1, 1 },
	{ "get-time-of-day",		time_of_day, 0, 8 },
	{ "power-off",			power_off, 2, 1 },
	{ "system-reboot",		reboot, 0, 1 },
	{ "ibm,os-term",		os_term, 1, 1 },
	{ "query-cpu-stopped-state",	cpu_stopped, 1, 2 },
	{ "start-cpu",			start_cpu, 3, 1 },
	{ "stop-self",			stop_self, 0, 0 },
};

#define FIRST_TOKEN 0x2000

int rtas_tokens(void *fdt)
{
	int ret = fdt_property(fdt, "ibm,extended-os-term", NULL, 0);

	for (size_t i = 0; i < ARRAY_SIZE(services) && !ret; i++)
		ret = fdt_property_u32(fdt, services[i].name, FIRST_TOKEN + i);
	return ret;
}

static long serve(struct call *c, uint32_t token)
{
	uint32_t i = token - FIRST_TOKEN;

	if (i >= ARRAY_SIZE(services) || c->nargs < services[i].nargs ||
	    c->nret < services[i].nret)
		return BAD;
	return services[i].serve(c);
}

long rtas_call(struct vcpu *v, uint64_t real)
{
	uint32_t *block = at(v->m, real, 4 * (3 + 2 * RTAS_MAX_ARGS));
	struct call c = { .v = v };

	if (!block)
		return H_PARAMETER;
	c.nargs = be32toh(block[1]);
	c.nret = be32toh(block[2]);
	if (c.nargs > RTAS_MAX_ARGS || c.nret > RTAS_MAX_ARGS)
		return H_PARAMETER;
	for (uint32_t i = 0; i < c.nargs; i++)
		c.args[i] = be32toh(block[3 + i]);
	c.ret[0] = serve(&c, be32toh(block[0]));
	for (uint32_t i = 0; i < c.nret; i++)
		block[3 + c.nargs + i] = htobe32(c.ret[i]);
	return H_SUCCESS;
}

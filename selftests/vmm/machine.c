// SPDX-License-Identifier: GPL-2.0-only
/* The machine: its vCPU threads, their run loop, and its end. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "vmm.h"
#include "papr.h"

#define KICK		SIGUSR1
#define STOP_SECONDS	20	/* for a vCPU to leave KVM_RUN */

/* Hypercalls that the kernel answers only when it is told so. */
static const uint64_t kernel_hcalls[] = {
	H_SET_MODE, H_PAGE_INIT, H_LOGICAL_CI_LOAD, H_LOGICAL_CI_STORE, H_RANDOM,
	H_PUT_TCE_INDIRECT, H_STUFF_TCE,
};

static const struct {
	uint32_t reason;
	const char *name;
} exit_names[] = {
	{ KVM_EXIT_UNKNOWN, "unknown" }, { KVM_EXIT_DEBUG, "debug" },
	{ KVM_EXIT_MMIO, "mmio" }, { KVM_EXIT_INTR, "intr" },
	{ KVM_EXIT_FAIL_ENTRY, "fail-entry" }, { KVM_EXIT_NMI, "nmi" },
	{ KVM_EXIT_INTERNAL_ERROR, "internal-error" },
	{ KVM_EXIT_PAPR_HCALL, "papr-hcall" },
};

static const char *exit_name(uint32_t reason)
{
	for (size_t i = 0; i < ARRAY_SIZE(exit_names); i++)
		if (exit_names[i].reason == reason)
			return exit_names[i].name;
	return "?";
}

/* Only to make KVM_RUN return; immediate_exit closes the gap before it. */
static void on_kick(int sig)
{
}

void vcpu_kick(struct vcpu *v)
{
	__atomic_store_n(&v->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
	pthread_kill(v->thread, KICK);
}

void machine_end(struct machine *m, int status)
{
	pthread_mutex_lock(&m->lock);
	if (!m->done) {
		m->status = status;
		__atomic_store_n(&m->done, true, __ATOMIC_SEQ_CST);
	}
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
}

static void print_vcpu(struct vcpu *v)
{
	struct kvm_regs r;

	if (ioctl(v->fd, KVM_GET_REGS, &r))
		return;
	fprintf(stderr, "nhv-vmm: vcpu %u: pc %#lx msr %#lx lr %#lx srr0 %#lx "
		"srr1 %#lx r1 %#lx r3 %#lx r4 %#lx\n", v->index, r.pc, r.msr,
		r.lr, r.srr0, r.srr1, r.gpr[1], r.gpr[3], r.gpr[4]);
}

/* Of a machine whose vCPUs have stopped: KVM_GET_REGS waits for KVM_RUN. */
void print_where(struct machine *m)
{
	for (unsigned int i = 0; i < m->cpus; i++)
		if (m->cpu[i].started)
			print_vcpu(&m->cpu[i]);
}

static void bad_exit(struct vcpu *v)
{
	struct kvm_run *run = v->run;

	fprintf(stderr, "nhv-vmm: vcpu %u: exit %u (%s)", v->index,
		run->exit_reason, exit_name(run->exit_reason));
	if (run->exit_reason == KVM_EXIT_FAIL_ENTRY)
		fprintf(stderr, ", hardware_entry_failure_reason %#lx",
			run->fail_entry.hardware_entry_failure_reason);
	if (run->exit_reason == KVM_EXIT_INTERNAL_ERROR)
		fprintf(stderr, ", suberror %u", run->internal.suberror);
	fprintf(stderr, "\n");
	print_vcpu(v);
	machine_end(v->m, STATUS_ENTRY);
}

static void handle_exit(struct vcpu *v)
{
	v->exits[v->run->exit_reason % ARRAY_SIZE(v->exits)]++;
	switch (v->run->exit_reason) {
	case KVM_EXIT_PAPR_HCALL:
		papr_hcall(v);
		break;
	case KVM_EXIT_MMIO:
		device_mmio(v);
		break;
	case KVM_EXIT_INTR:
		break;
	default:
		bad_exit(v);
	}
}

/* Waits while the machine is paused; the lock orders it with machine_pause. */
static void enter(struct vcpu *v)
{
	pthread_mutex_lock(&v->m->lock);
	while (v->m->paused && !v->m->done)
		pthread_cond_wait(&v->m->changed, &v->m->lock);
	v->inside = true;
	pthread_mutex_unlock(&v->m->lock);
}

static void leave(struct vcpu *v)
{
	pthread_mutex_lock(&v->m->lock);
	v->inside = false;
	if (v->m->paused)
		pthread_cond_broadcast(&v->m->changed);
	pthread_mutex_unlock(&v->m->lock);
}

/* All vCPUs, but one that asks for it, out of KVM_RUN and not in again. */
void machine_pause(struct machine *m, struct vcpu *but)
{
	pthread_mutex_lock(&m->lock);
	m->paused = true;
	for (unsigned int i = 0; i < m->cpus; i++) {
		struct vcpu *v = &m->cpu[i];

		if (v == but)
			continue;
		if (v->inside)
			vcpu_kick(v);
		while (v->inside && !m->done)
			pthread_cond_wait(&m->changed, &m->lock);
	}
	pthread_mutex_unlock(&m->lock);
}

void machine_resume(struct machine *m)
{
	pthread_mutex_lock(&m->lock);
	m->paused = false;
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
}

static int kvm_run(struct vcpu *v)
{
	return noise_self ? run_with_registers(v) : ioctl(v->fd, KVM_RUN, 0);
}

static void run_once(struct vcpu *v)
{
	if (!kvm_run(v)) {
		handle_exit(v);
		return;
	}
	if (errno == EINTR) {
		v->eintr++;
		__atomic_store_n(&v->run->immediate_exit, 0, __ATOMIC_SEQ_CST);
	} else if (errno != EAGAIN) {
		fprintf(stderr, "nhv-vmm: vcpu %u: KVM_RUN: %s\n", v->index,
			strerror(errno));
		machine_end(v->m, STATUS_ENTRY);
	}
}

static void run_turn(struct vcpu *v)
{
	enter(v);
	run_once(v);
	leave(v);
}

/*
 * What a turn that ends with H_TEST_NONE costs besides KVM_RUN: an ioctl of the
 * same file that no KVM knows takes its place.
 */
void empty_turns(struct vcpu *v, uint64_t turns)
{
	struct kvm_run saved = *v->run;

	for (uint64_t i = 0; i < turns; i++) {
		enter(v);
		ioctl(v->fd, _IO(0xff, 0xff), 0);
		v->run->papr_hcall.nr = H_TEST_NONE;
		handle_exit(v);
		leave(v);
	}
	v->run->papr_hcall = saved.papr_hcall;
}

static void load_start(struct vcpu *v)
{
	uint64_t lpcr = get_reg64(v, KVM_REG_PPC_LPCR_64) & ~LPCR_AIL;
	struct kvm_regs r = {
		.pc = v->start_pc,
		.msr = MSR_SF | MSR_ME | MSR_LE,
	};

	r.gpr[3] = v->start_r3;
	r.gpr[4] = v->start_r4;
	must(ioctl(v->fd, KVM_SET_REGS, &r), "KVM_SET_REGS");
	set_reg64(v, KVM_REG_PPC_LPCR_64, lpcr | LPCR_ILE | LPCR_LD | v->m->ail);
}

/* Sleeps until the vCPU is started; false when the machine ends first. */
static bool wait_for_start(struct vcpu *v)
{
	struct machine *m = v->m;

	pthread_mutex_lock(&m->lock);
	while (!v->start && !m->done)
		pthread_cond_wait(&m->changed, &m->lock);
	v->start = false;
	pthread_mutex_unlock(&m->lock);
	return !m->done;
}

static void set_stopped(struct vcpu *v)
{
	pthread_mutex_lock(&v->m->lock);
	v->started = false;
	pthread_mutex_unlock(&v->m->lock);
}

/*
 * The kernel finishes a hypercall, r3 and all, on the next KVM_RUN.  That one
 * must not come after the registers of a new start have been set.
 */
static void finish_exit(struct vcpu *v)
{
	__atomic_store_n(&v->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
	run_once(v);
}

static void *vcpu_thread(void *arg)
{
	struct vcpu *v = arg;

	while (wait_for_start(v)) {
		load_start(v);
		v->stop = false;
		while (!v->stop && !__atomic_load_n(&v->m->done, __ATOMIC_SEQ_CST))
			run_turn(v);
		if (!v->stop)
			continue;
		finish_exit(v);
		set_stopped(v);
	}
	return NULL;
}

void vcpu_start(struct vcpu *v, uint64_t pc, uint64_t r3, uint64_t r4)
{
	pthread_mutex_lock(&v->m->lock);
	v->start_pc = pc;
	v->start_r3 = r3;
	v->start_r4 = r4;
	v->started = v->start = true;
	pthread_cond_broadcast(&v->m->changed);
	pthread_mutex_unlock(&v->m->lock);
}

void vcpu_make(struct vcpu *v, struct machine *m, unsigned int index)
{
	int size = ioctl(m->sys, KVM_GET_VCPU_MMAP_SIZE, 0);

	must(size, "KVM_GET_VCPU_MMAP_SIZE");
	memset(v, 0, sizeof(*v));
	v->m = m;
	v->index = index;
	v->fd = ioctl(m->vm, KVM_CREATE_VCPU, (unsigned long)index);
	must(v->fd, "KVM_CREATE_VCPU");
	v->run_size = size;
	v->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
	must(v->run == MAP_FAILED ? -1 : 0, "mmap of the vCPU");
	must(enable_cap(v->fd, KVM_CAP_PPC_PAPR, 0, 0), "KVM_CAP_PPC_PAPR");
	xics_reset(v);
}

static void make_memory(struct machine *m, struct options *o)
{
	uint64_t low = o->mem < 0x20000000 ? o->mem : 0x20000000;

	slot_make(&m->slots[0], 0, o->mem, o->backing);
	if (o->extra)
		slot_make(&m->slots[1], EXTRA_BASE, o->extra, o->extra_backing);
	for (size_t i = 0; i < ARRAY_SIZE(m->slots); i++)
		if (m->slots[i].host)
			must(slot_set(m, i, 0, true), "KVM_SET_USER_MEMORY_REGION");
	m->fdt = low - 0x20000;
	m->rtas = low - 0x40000;
}

/* Lets the guest be a hypervisor, on a kernel that serves one. */
static void enable_nested(struct machine *m)
{
	if (check_cap(m->vm, KVM_CAP_PPC_NESTED_HV) <= 0)
		die(STATUS_SKIP, "no guests that are hypervisors (KVM_CAP_PPC_NESTED_HV)");
	must(enable_cap(m->vm, KVM_CAP_PPC_NESTED_HV, 1, 0), "KVM_CAP_PPC_NESTED_HV");
	enable_cap(m->vm, KVM_CAP_PPC_ENABLE_HCALL, H_RPT_INVALIDATE, 1);
}

void machine_make(struct machine *m, struct options *o)
{
	struct sigaction sa = { .sa_handler = on_kick };

	sigaction(KICK, &sa, NULL);
	memset(m, 0, sizeof(*m));
	m->o = o;
	m->event = -1;
	m->cpus = o->cpus;
	pthread_mutex_init(&m->lock, NULL);
	pthread_mutex_init(&m->ask_lock, NULL);
	pthread_mutex_init(&m->xics_lock, NULL);
	pthread_cond_init(&m->changed, NULL);
	m->sys = open_device(o->device);
	m->vm = ioctl(m->sys, KVM_CREATE_VM, 0);
	must(m->vm, "KVM_CREATE_VM");
	for (size_t i = 0; i < ARRAY_SIZE(kernel_hcalls); i++)
		enable_cap(m->vm, KVM_CAP_PPC_ENABLE_HCALL, kernel_hcalls[i], 1);
	if (o->nested)
		enable_nested(m);
	/* An L0 that does not let us see msgsndp allows one thread alone. */
	if (o->threads > 1 &&
	    enable_cap(m->vm, KVM_CAP_PPC_SMT, o->threads, 0))
		die(STATUS_SKIP, "%u threads a core: %s", o->threads,
		    strerror(errno));
	make_memory(m, o);
	for (unsigned int i = 0; i < m->cpus; i++)
		vcpu_make(&m->cpu[i], m, i);
}

static void start_threads(struct machine *m)
{
	for (unsigned int i = 0; i < m->cpus; i++) {
		must(-pthread_create(&m->cpu[i].thread, NULL, vcpu_thread, &m->cpu[i]),
		     "pthread_create");
		m->cpu[i].created = true;
	}
}

/* Tells the guest, if it asked for it, that it is time to stop. */
static void stop_softly(struct machine *m)
{
	uint64_t *word = m->stop_word ? at(m, m->stop_word, 8) : NULL;

	if (word)
		__atomic_store_n(word, 1, __ATOMIC_SEQ_CST);
}

/* Waits for the end, with a look at the clock once a second. */
static void wait_for_end(struct machine *m)
{
	unsigned int second = 0;
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	pthread_mutex_lock(&m->lock);
	while (!m->done) {
		until.tv_sec++;
		while (!m->done &&
		       pthread_cond_timedwait(&m->changed, &m->lock, &until) != ETIMEDOUT)
			;
		second++;
		if (m->o->stop_after && second >= m->o->stop_after)
			stop_softly(m);
		if (m->o->timeout && second >= m->o->timeout && !m->done) {
			m->status = STATUS_TIMEOUT;
			__atomic_store_n(&m->done, true, __ATOMIC_SEQ_CST);
		}
	}
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
}

static void stop_threads(struct machine *m)
{
	struct timespec until;

	for (unsigned int i = 0; i < m->cpus; i++)
		vcpu_kick(&m->cpu[i]);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += STOP_SECONDS;
	for (unsigned int i = 0; i < m->cpus; i++) {
		if (!pthread_timedjoin_np(m->cpu[i].thread, NULL, &until))
			continue;
		fflush(stdout);
		fprintf(stderr, "nhv-vmm: vcpu %u does not leave KVM_RUN\n", i);
		_exit(STATUS_STUCK);
	}
}

static void print_stats(struct machine *m)
{
	for (unsigned int i = 0; i < m->cpus; i++) {
		struct vcpu *v = &m->cpu[i];

		fprintf(stderr, "nhv-vmm: vcpu %u:", i);
		for (size_t r = 0; r < ARRAY_SIZE(v->exits); r++)
			if (v->exits[r])
				fprintf(stderr, " %s %lu", exit_name(r), v->exits[r]);
		fprintf(stderr, " eintr %lu\n", v->eintr);
	}
}

int machine_run(struct machine *m)
{
	vcpu_start(&m->cpu[0], m->entry, m->fdt, m->base);
	start_threads(m);
	wait_for_end(m);
	stop_threads(m);
	if (m->status == STATUS_TIMEOUT) {
		fflush(stdout);
		fprintf(stderr, "nhv-vmm: not finished after %u s\n", m->o->timeout);
	}
	if (m->status == STATUS_TIMEOUT || m->o->verbose)
		print_where(m);
	if (m->o->stats)
		print_stats(m);
	return m->status;
}

void machine_free(struct machine *m)
{
	for (unsigned int i = 0; i < m->cpus; i++) {
		munmap(m->cpu[i].run, m->cpu[i].run_size);
		close(m->cpu[i].fd);
	}
	close(m->vm);
	close(m->sys);
	for (size_t i = 0; i < ARRAY_SIZE(m->slots); i++) {
		if (!m->slots[i].host)
			continue;
		munmap(m->slots[i].host, m->slots[i].size);
		free(m->slots[i].log);
		if (m->slots[i].memfd >= 0)
			close(m->slots[i].memfd);
	}
	if (m->event >= 0)
		close(m->event);
}

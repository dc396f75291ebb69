// SPDX-License-Identifier: GPL-2.0-only
/*
 * Garbage to every ioctl of every descriptor, from several threads at once.
 * All that is asked of the kernel is to go on; and of a machine made after it,
 * to work.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "vmm.h"
#include "tap.h"

#define THREADS	4
#define BUFFER	65536

struct fuzzer {
	struct machine *m;
	uint64_t seed;
	unsigned long calls, taken;
	time_t until;
	pthread_t thread;
	char *buffer;
};

static const unsigned long known[] = {
	KVM_GET_API_VERSION, KVM_CHECK_EXTENSION, KVM_GET_VCPU_MMAP_SIZE,
	KVM_SET_USER_MEMORY_REGION, KVM_GET_DIRTY_LOG, KVM_IOEVENTFD, KVM_IRQFD,
	KVM_ENABLE_CAP, KVM_GET_ONE_REG, KVM_SET_ONE_REG, KVM_GET_REGS, KVM_SET_REGS,
	KVM_GET_SREGS, KVM_SET_SREGS, KVM_GET_FPU, KVM_SET_FPU, KVM_INTERRUPT,
	KVM_SET_SIGNAL_MASK, KVM_RUN, KVM_PPC_GET_SMMU_INFO, KVM_PPC_GET_RMMU_INFO,
	KVM_PPC_CONFIGURE_V3_MMU, KVM_PPC_GET_CPU_CHAR, KVM_PPC_ALLOCATE_HTAB,
	KVM_PPC_GET_PVINFO, KVM_CREATE_DEVICE, KVM_SET_DEVICE_ATTR, KVM_GET_DEVICE_ATTR,
	KVM_HAS_DEVICE_ATTR, KVM_SET_GUEST_DEBUG, KVM_CREATE_SPAPR_TCE,
	KVM_CREATE_SPAPR_TCE_64, KVM_PPC_RTAS_DEFINE_TOKEN, KVM_PPC_GET_HTAB_FD,
	KVM_GET_STATS_FD, KVM_PPC_SVM_OFF, KVM_CREATE_VCPU, KVM_CREATE_VM,
	KVM_REGISTER_COALESCED_MMIO, KVM_CLEAR_DIRTY_LOG, KVM_GET_MP_STATE,
	KVM_SET_MP_STATE, KVM_GET_DIRTY_LOG, KVM_SET_GSI_ROUTING, KVM_SIGNAL_MSI,
};

static uint64_t draw(struct fuzzer *f)
{
	f->seed ^= f->seed << 13;
	f->seed ^= f->seed >> 7;
	f->seed ^= f->seed << 17;
	return f->seed;
}

static uint64_t nasty(struct fuzzer *f)
{
	static const uint64_t values[] = {
		0, 1, 2, 3, 4, 8, 0xffff, 0x10000, 0xfffff000, 0xffffffff, 1UL << 32,
		~0UL, 1UL << 63, (1UL << 63) - 1, 0xfffffffffffff000, 1UL << 52, 0x1000,
		0x20000000, 0xc000000000000000,
	};
	uint64_t r = draw(f);

	return r & 3 ? values[r / 4 % ARRAY_SIZE(values)] : draw(f);
}

static unsigned long number(struct fuzzer *f)
{
	uint64_t r = draw(f);

	if (r % 8 < 5)
		return known[r / 8 % ARRAY_SIZE(known)];
	if (r % 8 < 7)	/* any number of KVM's type, any direction and size */
		return (r >> 16 & 0xffff0000) | 0xae00 | (r >> 8 & 0xff);
	return r >> 8 & 0xffffffff;
}

/* An argument: a number, no memory, the end of some memory, or a structure. */
static unsigned long argument(struct fuzzer *f)
{
	uint64_t r = draw(f);

	switch (r % 8) {
	case 0:
		return nasty(f);
	case 1:
		return 0;
	case 2:
		return (uintptr_t)f->buffer + BUFFER - (r >> 8) % 64;
	case 3:
		return (uintptr_t)f->buffer + (r >> 8) % 64;
	}
	for (int i = 0; i < 16; i++)
		((uint64_t *)f->buffer)[i] = nasty(f);
	if (r & 0x100)	/* a capability or a register that may exist */
		*(uint32_t *)f->buffer = (r >> 16) % 256;
	if (r & 0x200)
		((uint64_t *)f->buffer)[0] = KVM_REG_PPC | (2 + (r >> 12) % 3) << 52 |
					     (r >> 16) % 256;
	if (r & 0x400)
		((uint64_t *)f->buffer)[1] = (uintptr_t)f->buffer + 256;
	return (uintptr_t)f->buffer;
}

static int descriptor(struct fuzzer *f)
{
	uint64_t r = draw(f);

	switch (r % 4) {
	case 0:
		return f->m->sys;
	case 1:
		return f->m->vm;
	}
	return f->m->cpu[r / 4 % f->m->cpus].fd;
}

/* What makes descriptors must not use them all up. */
static void close_new(int fd, const struct fuzzer *f, long ret)
{
	if (ret > 2 && ret != f->m->sys && ret != f->m->vm && ret < 100000 && fd != ret) {
		for (unsigned int i = 0; i < f->m->cpus; i++)
			if (ret == f->m->cpu[i].fd)
				return;
		close(ret);
	}
}

static bool makes_descriptor(unsigned long nr)
{
	return nr == KVM_CREATE_VM || nr == KVM_CREATE_VCPU || nr == KVM_GET_STATS_FD ||
	       nr == KVM_CREATE_SPAPR_TCE || nr == KVM_CREATE_SPAPR_TCE_64 ||
	       nr == KVM_PPC_GET_HTAB_FD;
}

/*
 * A mask that blocks what stir() sends is no error of the call, but under it
 * only SIGKILL would end a KVM_RUN.
 */
static void unblock(const struct fuzzer *f, unsigned long value)
{
	unsigned long start = (uintptr_t)f->buffer;

	if (value >= start && value <= start + BUFFER - 12)
		memset((void *)(value + 4), 0, 8);
}

static void *fuzz(void *arg)
{
	struct fuzzer *f = arg;

	while (time(NULL) < f->until) {
		unsigned long nr = number(f), value = argument(f);
		int fd = descriptor(f);
		long ret;

		for (unsigned int i = 0; i < f->m->cpus; i++)
			f->m->cpu[i].run->immediate_exit = draw(f) % 4 != 0;
		if (nr == KVM_SET_SIGNAL_MASK)
			unblock(f, value);
		alarm(1);	/* out of a KVM_RUN that really runs */
		ret = ioctl(fd, nr, value);
		f->calls++;
		f->taken += ret >= 0;
		if (makes_descriptor(nr))
			close_new(fd, f, ret);
	}
	return NULL;
}

static void on_alarm(int sig)
{
}

/* Wakes every thread out of KVM_RUN, again and again. */
static void stir(struct fuzzer *f, unsigned int seconds)
{
	for (unsigned int i = 0; i < seconds * 20; i++) {
		usleep(50000);
		for (int t = 0; t < THREADS; t++)
			pthread_kill(f[t].thread, SIGUSR2);
	}
}

int fuzz_ioctl(struct options *o, unsigned int seconds)
{
	static struct machine m;
	struct sigaction sa = { .sa_handler = on_alarm };
	struct fuzzer f[THREADS];
	unsigned long calls = 0, taken = 0;
	uint64_t seed = o->seed ? o->seed : (uint64_t)time(NULL);

	tap_begin();
	remark("seed %lu", seed);
	sigaction(SIGALRM, &sa, NULL);
	sigaction(SIGUSR2, &sa, NULL);
	o->cpus = 2;
	machine_make(&m, o);
	for (int t = 0; t < THREADS; t++) {
		char *p = mmap(NULL, 2 * BUFFER, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		must(p == MAP_FAILED ? -1 : 0, "mmap");
		must(munmap(p + BUFFER, BUFFER), "munmap");
		f[t] = (struct fuzzer){
			.m = &m, .seed = seed * 2 + 1 + t * 0x1234567, .buffer = p,
			.until = time(NULL) + seconds,
		};
		must(-pthread_create(&f[t].thread, NULL, fuzz, &f[t]), "pthread_create");
	}
	stir(f, seconds + 1);
	for (int t = 0; t < THREADS; t++) {
		struct timespec until = { .tv_sec = time(NULL) + 30 };

		if (pthread_timedjoin_np(f[t].thread, NULL, &until)) {
			tap(false, "thread %d does not come back", t);
			fflush(stdout);
			_exit(tap_end());
		}
		calls += f[t].calls;
		taken += f[t].taken;
	}
	tap(calls > 1000, "%lu calls, %lu of them taken", calls, taken);
	machine_free(&m);
	machine_make(&m, o);
	machine_free(&m);
	tap(true, "a new machine can be made");
	return tap_end();
}

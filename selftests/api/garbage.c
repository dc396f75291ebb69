// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VMM that passes garbage: all numbers, bad pointers, nearly good structures,
 * from several threads at once. What matters is that L1 goes on; what the calls
 * answer does not.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "api.h"

#define THREADS		4
#define FDS		64
#define BUFFER		4096

static int fds[FDS];
static struct kvm_run *run_page;
static char *memory, *read_only;
static time_t end;

struct thread {
	pthread_t id;
	uint64_t state;
	unsigned long calls;
	uint8_t buffer[BUFFER];
};

/* xorshift64*: a seed names a run as far as the scheduler allows */
static uint64_t dice(struct thread *t)
{
	t->state ^= t->state >> 12;
	t->state ^= t->state << 25;
	t->state ^= t->state >> 27;
	return t->state * 0x2545f4914f6cdd1dULL;
}

static const unsigned long known[] = {
	KVM_GET_API_VERSION, KVM_CREATE_VM, KVM_CHECK_EXTENSION,
	KVM_GET_VCPU_MMAP_SIZE, KVM_CREATE_VCPU, KVM_GET_DIRTY_LOG,
	KVM_SET_USER_MEMORY_REGION, KVM_IOEVENTFD, KVM_IRQFD, KVM_RUN,
	KVM_GET_REGS, KVM_SET_REGS, KVM_GET_SREGS, KVM_SET_SREGS, KVM_INTERRUPT,
	KVM_SET_SIGNAL_MASK, KVM_GET_FPU, KVM_SET_FPU, KVM_ENABLE_CAP,
	KVM_GET_ONE_REG, KVM_SET_ONE_REG, KVM_PPC_CONFIGURE_V3_MMU,
	KVM_PPC_GET_RMMU_INFO, KVM_PPC_GET_SMMU_INFO, KVM_PPC_GET_CPU_CHAR,
	KVM_PPC_ALLOCATE_HTAB, KVM_CREATE_DEVICE,
};

static uint64_t value(struct thread *t)
{
	static const uint64_t odd[] = {
		0, 1, 2, 3, 4, 7, 8, 12, 24, 63, 64, 512, 0xfff, 0x1000, 0x10000,
		0x10001, 0x200000, 1ULL << 30, 1ULL << 31, 1ULL << 32,
		1ULL << 40, 1ULL << 51, 1ULL << 52, 1ULL << 63, ~0ULL,
		0x31c, 0x3c, 0xc000000000000000ULL, 0x8000000000001000ULL,
	};
	uint64_t r = dice(t);

	switch (r % 4) {
	case 0:
		return dice(t) >> (dice(t) % 64);
	case 1:
		return (uintptr_t)memory + (dice(t) % PAGES) * page_size;
	case 2:
		return (dice(t) % PAGES) * page_size;
	default:
		return odd[r / 4 % (sizeof(odd) / sizeof(*odd))];
	}
}

static void fill(struct thread *t, unsigned int size)
{
	uint64_t *words = (uint64_t *)t->buffer;
	unsigned int i;

	for (i = 0; i < size / 8; i++)
		words[i] = value(t);
	/* Structures begin with small numbers: slot, capability, register. */
	if (dice(t) % 2)
		words[0] = dice(t) % 256;
	if (dice(t) % 4 == 0)
		words[0] = KVM_REG_PPC | (2 + dice(t) % 3) << 52 | dice(t) % 256;
	if (dice(t) % 2)
		words[1] = (uintptr_t)memory;
}

static unsigned long number(struct thread *t)
{
	if (dice(t) % 4)
		return known[dice(t) % (sizeof(known) / sizeof(*known))];
	return _IOC(dice(t) % 8, 0xae, dice(t) % 256, dice(t) % 8192) |
	       (dice(t) % 16 ? 0 : dice(t));
}

static unsigned long argument(struct thread *t)
{
	switch (dice(t) % 8) {
	case 0:
		return value(t);
	case 1:
		return 0;
	case 2:	/* the end of what is mapped */
		return (uintptr_t)memory + PAGES * page_size - dice(t) % 64;
	case 3:
		return (uintptr_t)read_only + dice(t) % page_size;
	case 4:
		return dice(t) % 32;
	default:
		fill(t, BUFFER);
		return (uintptr_t)t->buffer;
	}
}

/* A new VM or vCPU takes the place of some descriptor, which is closed. */
static void adopt(struct thread *t, int fd)
{
	int old = __atomic_exchange_n(&fds[3 + dice(t) % (FDS - 3)], fd,
				      __ATOMIC_RELAXED);

	if (old > 2)
		close(old);
}

static void turn(struct thread *t)
{
	unsigned long request = number(t);
	int fd = __atomic_load_n(&fds[dice(t) % FDS], __ATOMIC_RELAXED);
	long ret;

	if (fd < 0)
		return;
	ret = ioctl(fd, request, argument(t));
	t->calls++;
	if (ret > 2 && (request == KVM_CREATE_VM || request == KVM_CREATE_VCPU))
		adopt(t, ret);
	if (dice(t) % 64 == 0)
		madvise(memory + dice(t) % PAGES * page_size, page_size,
			MADV_DONTNEED);
	if (dice(t) % 64 == 0)
		memset(run_page, dice(t), page_size);
	if (dice(t) % 256 == 0)
		run_page->immediate_exit = 0;
}

static void *thread(void *arg)
{
	struct thread *t = arg;

	while (time(NULL) < end)
		turn(t);
	return NULL;
}

static void nothing(int signal)
{
}

/* A guest made of zeroes never ends by itself: KVM_RUN ends by a signal. */
static void kick(struct thread *threads)
{
	unsigned int i;

	while (time(NULL) <= end) {
		usleep(3000);
		for (i = 0; i < THREADS; i++)
			pthread_kill(threads[i].id, SIGALRM);
	}
}

static void set_up(struct machine *m)
{
	struct kvm_enable_cap papr = { .cap = KVM_CAP_PPC_PAPR };
	struct kvm_userspace_memory_region ram = {
		0, KVM_MEM_LOG_DIRTY_PAGES, 0, PAGES * page_size,
		(uintptr_t)m->page,
	};

	ioctl(m->vcpu, KVM_ENABLE_CAP, &papr);
	ioctl(m->vm, KVM_SET_USER_MEMORY_REGION, &ram);
	memset(fds, -1, sizeof(fds));
	fds[0] = m->system;
	fds[1] = m->vm;
	fds[2] = m->vcpu;
	fds[3] = eventfd(0, 0);
	run_page = m->run;
	memory = m->page;
	read_only = mmap(NULL, 2 * page_size, PROT_READ,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void run_threads(unsigned int seconds, unsigned int seed)
{
	static struct thread threads[THREADS];
	struct sigaction action = { .sa_handler = nothing };
	struct machine m = machine_open();
	unsigned long calls = 0;
	unsigned int i;

	sigaction(SIGALRM, &action, NULL);
	set_up(&m);
	end = time(NULL) + seconds;
	for (i = 0; i < THREADS; i++) {
		threads[i].state = 0x9e3779b97f4a7c15ULL * (seed + i + 1);
		pthread_create(&threads[i].id, NULL, thread, &threads[i]);
	}
	kick(threads);
	for (i = 0; i < THREADS; i++) {
		pthread_join(threads[i].id, NULL);
		calls += threads[i].calls;
	}
	printf("# %lu calls\n", calls);
	fflush(stdout);
}

/*
 * A garbage KVM_SET_SIGNAL_MASK may leave a thread in the guest for good, so
 * who does it is killed when it does not end.
 */
void garbage(unsigned int seconds, unsigned int seed)
{
	pid_t child = fork();
	unsigned int left = seconds + 5;

	if (!child) {
		run_threads(seconds, seed);
		_exit(0);
	}
	while (left-- && !waitpid(child, NULL, WNOHANG))
		sleep(1);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

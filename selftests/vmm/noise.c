// SPDX-License-Identifier: GPL-2.0-only
/*
 * Other tasks of the host that use what a guest's registers live in, and look
 * whether their own values stay.  "self" is the vCPU's thread itself.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vmm.h"

/* noise.S */
void noise_vsx(uint64_t in[64][2], uint64_t out[64][2], unsigned long turns);
long noise_ioctl(int fd, unsigned long nr, unsigned long arg, uint64_t in[64][2],
		 uint64_t out[64][2]);

static volatile unsigned long turns[8], wrong[8];
bool noise_self;

/* Loads a pattern, waits a little, compares: the registers are this thread's. */
static bool keeps_vsx(uint64_t seed)
{
	uint64_t in[64][2] __attribute__((aligned(16))), out[64][2] __attribute__((aligned(16)));

	for (int i = 0; i < 64; i++) {
		in[i][0] = seed * 0x9e3779b97f4a7c15UL + i;
		in[i][1] = ~in[i][0];
	}
	noise_vsx(in, out, 20000);
	return !memcmp(in, out, sizeof(in));
}

static bool fp(uint64_t seed)
{
	return keeps_vsx(seed);
}

static bool copy(uint64_t seed)
{
	static char a[4 << 20], b[4 << 20];
	int fds[2];
	bool ok;

	/* Large copies to and from user space: the kernel uses VMX for them. */
	memset(a, seed, sizeof(a));
	ok = !pipe(fds);
	for (int i = 0; ok && i < 16; i++)
		ok = write(fds[1], a, 65536) == 65536 && read(fds[0], b, 65536) == 65536 &&
		     !memcmp(a, b, 65536);
	close(fds[0]);
	close(fds[1]);
	return ok;
}

#define KEEPS_SPR(number, value) ({ \
	uint64_t in_ = (value), out_; \
	asm volatile("mtspr " #number ",%1\n\tli %0,20000\n\tmtctr %0\n1:\tbdnz 1b\n\t" \
		     "mfspr %0," #number : "=&r"(out_) : "r"(in_) : "ctr"); \
	in_ == out_; })

static bool dscr(uint64_t seed)
{
	return KEEPS_SPR(3, seed & 0x1ff);
}

static bool tar(uint64_t seed)
{
	return KEEPS_SPR(815, seed * 4099);
}

/* Counts its own instructions: never fewer than it has executed. */
static bool perf(uint64_t seed)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.config = PERF_COUNT_HW_INSTRUCTIONS,
		.size = sizeof(attr),
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};
	static int fd = -2;
	uint64_t before, after;

	if (fd == -2)
		fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	if (fd < 0) {
		usleep(1000);
		return true;
	}
	if (read(fd, &before, 8) != 8)
		return false;
	for (volatile int i = 0; i < 20000; i++)
		;
	if (read(fd, &after, 8) != 8)
		return false;
	return after - before >= 20000;
}

static const struct noise {
	const char *name;
	bool (*turn)(uint64_t seed);
} noises[] = {
	{ "fp", fp }, { "vmx", fp }, { "copy", copy }, { "dscr", dscr }, { "tar", tar },
	{ "perf", perf },
};

static void *noise_thread(void *arg)
{
	size_t i = (uintptr_t)arg;

	for (;;) {
		if (!noises[i].turn(turns[i] * 8 + i + 1))
			wrong[i]++;
		turns[i]++;
	}
	return NULL;
}

static bool named(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = list; (p = strstr(p, name)); p += n)
		if ((p == list || p[-1] == ',') && (!p[n] || p[n] == ','))
			return true;
	return false;
}

void noise_start(const char *what)
{
	pthread_t thread;

	noise_self = named(what, "self");
	for (size_t i = 0; i < ARRAY_SIZE(noises); i++) {
		if (!named(what, noises[i].name))
			continue;
		must(-pthread_create(&thread, NULL, noise_thread, (void *)i), "pthread_create");
		pthread_detach(thread);
	}
}

/* What the vCPU's own thread has lost; true when anything was wrong. */
static unsigned long self_turns, self_wrong;

static void self_complain(struct vcpu *v, long ret, uint64_t in[64][2], uint64_t out[64][2],
			  uint64_t tar, uint64_t tar_after)
{
	if (__sync_fetch_and_add(&self_wrong, 1) >= 5)
		return;
	printf("# vcpu %u: after exit %u (%ld):\n", v->index, v->run->exit_reason, ret);
	if (tar != tar_after)
		printf("# tar is %lx, was %lx\n", tar_after, tar);
	for (int i = 0; i < 64; i++)
		if (in[i][0] != out[i][0] || in[i][1] != out[i][1])
			printf("# vs%d is %lx %lx, was %lx %lx\n", i, out[i][0], out[i][1],
			       in[i][0], in[i][1]);
}

int run_with_registers(struct vcpu *v)
{
	static __thread uint64_t seed;
	uint64_t in[64][2] __attribute__((aligned(16))), out[64][2] __attribute__((aligned(16)));
	uint64_t tar = ++seed * 8191 & ~3UL, tar_after;
	long ret;

	for (int i = 0; i < 64; i++) {
		in[i][0] = seed * 0x9e3779b97f4a7c15UL + i;
		in[i][1] = ~in[i][0];
	}
	asm volatile("mtspr 815,%0" : : "r"(tar));
	ret = noise_ioctl(v->fd, KVM_RUN, 0, in, out);
	asm volatile("mfspr %0,815" : "=r"(tar_after));
	__sync_fetch_and_add(&self_turns, 1);
	if (memcmp(in, out, sizeof(in)) || tar != tar_after)
		self_complain(v, ret, in, out, tar, tar_after);
	if (ret >= 0)
		return ret;
	errno = -ret;
	return -1;
}

int noise_end(void)
{
	bool bad = self_wrong;

	if (noise_self)
		printf("# the vCPU threads' own registers: %lu turns, %lu wrong\n",
		       self_turns, self_wrong);
	for (size_t i = 0; i < ARRAY_SIZE(noises); i++) {
		if (turns[i])
			printf("# noise %s: %lu turns, %lu wrong\n", noises[i].name,
			       turns[i], wrong[i]);
		bad |= wrong[i];
	}
	printf("%s 1 - registers of the other tasks\n", bad ? "not ok" : "ok");
	return bad;
}

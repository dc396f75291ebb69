/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nhv-api: a test program on the three kinds of KVM descriptor.
 */
#ifndef API_H
#define API_H

#include <errno.h>
#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>

/* A machine without a guest: one vCPU, one page of memory not yet given. */
struct machine {
	int system, vm, vcpu;
	struct kvm_run *run;
	char *page;		/* host memory, PAGES pages */
};

#define PAGES	64

extern long page_size;

/* All of it or exit: what a test stands on. */
struct machine machine_open(void);
void machine_close(struct machine *m);

/* One TAP line; counts failures. */
void check(bool good, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* 0 or more as ioctl() returns it, or the negative errno. */
static inline long call(int fd, unsigned long request, unsigned long arg)
{
	long ret = ioctl(fd, request, arg);

	return ret < 0 ? -errno : ret;
}

static inline long callp(int fd, unsigned long request, void *arg)
{
	return call(fd, request, (unsigned long)arg);
}

/* An ioctl is expected to answer @want. */
#define want(answer, ...) \
	do { \
		long got_ = (__VA_ARGS__); \
		check(got_ == (answer), "%s: %ld, got %ld", #__VA_ARGS__, \
		      (long)(answer), got_); \
	} while (0)

/* The tests. */
void test_system(void);
void test_slots(void);
void test_events(void);
void test_machine(void);
void test_vcpu(void);
void test_descriptors(void);
void garbage(unsigned int seconds, unsigned int seed);

#endif

// SPDX-License-Identifier: GPL-2.0-only
/* The KVM calls that more than one file makes. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>

#include "vmm.h"

void die(int status, const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	va_start(args, fmt);
	fprintf(stderr, "nhv-vmm: ");
	vfprintf(stderr, fmt, args);
	fprintf(stderr, "\n");
	va_end(args);
	exit(status);
}

void must(long ret, const char *what)
{
	if (ret < 0)
		die(STATUS_BROKEN, "%s: %s", what, strerror(errno));
}

int open_device(const char *path)
{
	int fd = -1;

	if (path)
		fd = open(path, O_RDWR | O_CLOEXEC);
	else if ((fd = open("/dev/kvm", O_RDWR | O_CLOEXEC)) < 0)
		fd = open("/dev/nhv", O_RDWR | O_CLOEXEC);
	must(fd, path ? path : "/dev/kvm, /dev/nhv");
	return fd;
}

int check_cap(int fd, long cap)
{
	return ioctl(fd, KVM_CHECK_EXTENSION, cap);
}

int enable_cap(int fd, uint32_t cap, uint64_t arg0, uint64_t arg1)
{
	struct kvm_enable_cap c = { .cap = cap, .args = { arg0, arg1 } };

	return ioctl(fd, KVM_ENABLE_CAP, &c);
}

int one_reg(int vcpu, bool set, uint64_t id, void *value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)value };

	return ioctl(vcpu, set ? KVM_SET_ONE_REG : KVM_GET_ONE_REG, &reg);
}

uint64_t get_reg64(struct vcpu *v, uint64_t id)
{
	uint64_t value = 0;

	must(one_reg(v->fd, false, id, &value), "KVM_GET_ONE_REG");
	return value;
}

void set_reg64(struct vcpu *v, uint64_t id, uint64_t value)
{
	must(one_reg(v->fd, true, id, &value), "KVM_SET_ONE_REG");
}

void kvm_interrupt(struct vcpu *v, bool level)
{
	struct kvm_interrupt irq = {
		.irq = level ? KVM_INTERRUPT_SET_LEVEL : KVM_INTERRUPT_UNSET,
	};

	must(ioctl(v->fd, KVM_INTERRUPT, &irq), "KVM_INTERRUPT");
}

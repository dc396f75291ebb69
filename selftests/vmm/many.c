// SPDX-License-Identifier: GPL-2.0-only
/* As many VMs as there can be; at the limit a clear error, and nothing lost. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "vmm.h"
#include "tap.h"

/* More than any L0 takes: 12 bits of LPID (abi of H_SET_PARTITION_TABLE). */
#define MOST	5000
/* What the oldest L0 takes. */
#define LEAST	1023

static bool has_vcpu(int vm)
{
	int vcpu = ioctl(vm, KVM_CREATE_VCPU, 0);

	if (vcpu >= 0)
		close(vcpu);
	return vcpu >= 0;
}

int many(struct options *o)
{
	struct rlimit files = { MOST + 100, MOST + 100 };
	static int vm[MOST];
	int sys = open_device(o->device), error = 0, n, vcpus = 0;

	if (setrlimit(RLIMIT_NOFILE, &files))
		die(STATUS_SKIP, "%d open files: %s", MOST, strerror(errno));
	tap_begin();
	for (n = 0; n < MOST; n++) {
		vm[n] = ioctl(sys, KVM_CREATE_VM, 0);
		if (vm[n] < 0) {
			error = errno;
			break;
		}
	}
	remark("%d VMs, then %s", n, n < MOST ? strerror(error) : "no more wanted");
	tap(n >= LEAST, "%d VMs at once", LEAST);
	/* QEMU as L0 with API v2 has its limit, and says H_NO_MEM. */
	tap(n < MOST && (error == ENOSPC || error == ENOMEM),
	    "ENOSPC or ENOMEM at the limit");
	for (int i = 0; i < n; i += n / 8 + 1)
		vcpus += has_vcpu(vm[i]);
	tap(vcpus == 8 || n < 8, "and each can have a vCPU");
	if (n) {
		close(vm[n / 2]);
		vm[n / 2] = ioctl(sys, KVM_CREATE_VM, 0);
		tap(vm[n / 2] >= 0, "one gone makes room for one");
	}
	while (n--)
		close(vm[n]);
	n = ioctl(sys, KVM_CREATE_VM, 0);
	tap(n >= 0 && has_vcpu(n), "all gone, all is as before");
	close(n);
	close(sys);
	return tap_end();
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * src/dev: loading, the device, and the three kinds of descriptor.
 *
 * There is no compat_ioctl: nhv runs on 64-bit little-endian kernels, which
 * have no 32-bit user space.
 */
#ifndef NHV_DEV_H
#define NHV_DEV_H

#include <linux/types.h>

struct nhv_vm;
struct nhv_vcpu;
struct kvm_create_spapr_tce_64;

/**
 * nhv_device_register() - make the device node
 *
 * Return: 0; -EADDRINUSE if the name that device= asks for is taken, -EINVAL if it
 * cannot be a name; each with one line in the log.
 */
int nhv_device_register(void);

/** nhv_device_unregister() - remove it; nothing is open any more */
void nhv_device_unregister(void);

/**
 * nhv_peer_watch() - see to it that kvm-hv is not active and will not be
 *
 * Two hypervisors cannot share the one partition table register that the level
 * below gives us.
 *
 * Return: 0; -EBUSY if it is active.
 */
int nhv_peer_watch(void);

/** nhv_peer_unwatch() - kvm-hv may be loaded again */
void nhv_peer_unwatch(void);

/**
 * nhv_vm_descriptor() - a file descriptor for a VM
 * @vm: its reference goes to the descriptor, or is dropped
 *
 * Return: the descriptor or a negative errno.
 */
int nhv_vm_descriptor(struct nhv_vm *vm);

/**
 * nhv_vcpu_descriptor() - KVM_CREATE_VCPU
 * @vm: the VM
 * @id: KVM id
 *
 * Return: the descriptor or a negative errno, with no vCPU created then.
 */
int nhv_vcpu_descriptor(struct nhv_vm *vm, unsigned long id);

/**
 * nhv_tce_descriptor() - KVM_CREATE_SPAPR_TCE_64
 * @vm: the VM
 * @args: already copied
 *
 * Return: the descriptor or a negative errno, with no table then.
 */
int nhv_tce_descriptor(struct nhv_vm *vm,
		       const struct kvm_create_spapr_tce_64 *args);

#endif

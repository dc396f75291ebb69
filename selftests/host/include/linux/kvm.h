/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HOST_LINUX_KVM_H
#define HOST_LINUX_KVM_H

#include <linux/types.h>

#define KVM_MEM_LOG_DIRTY_PAGES	(1UL << 0)
#define KVM_MEM_READONLY	(1UL << 1)

struct kvm_userspace_memory_region;
struct kvm_dirty_log;

#endif

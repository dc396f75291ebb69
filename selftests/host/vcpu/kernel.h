/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What include/nhv/vcpu.h and vm.h need of the kernel besides nhv/base.h, to
 * build the parts of src/vcpu natively that touch a vCPU's registers alone. The
 * kernel's header names beside this file all come here.
 */
#ifndef VCPU_KERNEL_H
#define VCPU_KERNEL_H

#include <linux/bitops.h>
#include "../include/linux/kvm.h"
#include <linux/types.h>

struct hrtimer {
	int unused;
};

struct rcu_head {
	void *next;
};

struct kref {
	int unused;
};

struct mmu_notifier {
	int unused;
};

struct srcu_struct {
	int depth;
};

typedef struct {
	int unused;
} wait_queue_head_t;

#define sigset_t	u64

struct mm_struct;
struct page;

/* The kernel's layout of FP, VSX and VMX registers on a little-endian host. */
#define TS_FPROFFSET	1
#define TS_VSRLOWOFFSET	0

struct thread_fp_state {
	u64 fpr[32][2] __aligned(16);
	u64 fpscr;
};

typedef struct {
	u32 u[4];
} __aligned(16) vector128;

struct thread_vr_state {
	vector128 vr[32];
	vector128 vscr;
};

#define CPU_FTR_ARCH_31	1
bool cpu_has_feature(unsigned long feature);

u64 mftb(void);

int srcu_read_lock(struct srcu_struct *srcu);
void srcu_read_unlock(struct srcu_struct *srcu, int idx);

/* Of KVM's interface, what mmio.c uses and what the structures hold. */
#define KVM_EXIT_MMIO	6

struct kvm_run {
	u32 exit_reason;
	struct {
		u64 phys_addr;
		u8 data[8];
		u32 len;
		u8 is_write;
	} mmio;
};

struct kvm_sregs {
	u32 pvr;
};

struct kvm_regs;
struct kvm_fpu;
struct kvm_one_reg;
struct kvm_enable_cap;
struct kvm_ppc_cpu_char;
struct kvm_ppc_mmuv3_cfg;
struct kvm_ppc_rmmu_info;
struct kvm_ppc_smmu_info;
struct kvm_ioeventfd;

#endif

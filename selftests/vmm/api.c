// SPDX-License-Identifier: GPL-2.0-only
/*
 * The KVM API as user space relies on it: capabilities, the errno for each bad
 * argument, and what the descriptors do.  Tables; the code only walks them.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmm.h"
#include "tap.h"

#define RAM_SIZE	0x100000UL
#define OTHER		0x40000000UL	/* a real address where nothing is */

static char ram[2 * RAM_SIZE] __attribute__((aligned(65536)));
static uint64_t bitmap[RAM_SIZE / 4096 / 64];

static const struct {
	const char *name;
	long cap;
	int least, most;
} caps[] = {
	{ "USER_MEMORY", 3, 1, 1 },
	{ "NR_VCPUS", 9, 1, 1 << 20 },
	{ "NR_MEMSLOTS", 10, 32, 1 << 20 },
	{ "SYNC_MMU", 16, 1, 1 },
	{ "DESTROY_MEMORY_REGION_WORKS", 21, 1, 1 },
	{ "JOIN_MEMORY_REGIONS_WORKS", 30, 1, 1 },
	{ "IOEVENTFD", 36, 1, 1 },
	{ "INTERNAL_ERROR_DATA", 40, 1, 1 },
	{ "PPC_SEGSTATE", 43, 1, 1 },
	{ "PPC_OSI", 52, 0, 0 },
	{ "PPC_UNSET_IRQ", 53, 1, 1 },
	{ "ENABLE_CAP", 54, 1, 1 },
	{ "PPC_GET_PVINFO", 57, 0, 0 },
	{ "PPC_IRQ_LEVEL", 58, 1, 1 },
	{ "PPC_SMT", 64, 1, 8 },
	{ "MAX_VCPUS", 66, 1, 1 << 20 },
	{ "PPC_HIOR", 67, 1, 1 },
	{ "PPC_PAPR", 68, 1, 1 },
	{ "SPAPR_TCE", 63, 1, 1 },
	{ "ONE_REG", 70, 1, 1 },
	{ "PPC_GET_SMMU_INFO", 78, 1, 1 },
	{ "PPC_ALLOC_HTAB", 80, 1, 1 },
	{ "SPAPR_MULTITCE", 94, 1, 1 },
	{ "ENABLE_CAP_VM", 98, 1, 1 },
	{ "PPC_ENABLE_HCALL", 104, 1, 1 },
	{ "CHECK_EXTENSION_VM", 105, 1, 1 },
	{ "IOEVENTFD_ANY_LENGTH", 122, 1, 1 },
	{ "SPAPR_TCE_64", 125, 1, 1 },
	{ "MAX_VCPU_ID", 128, 1, 1 << 20 },
	{ "PPC_MMU_RADIX", 134, 1, 1 },
	{ "PPC_MMU_HASH_V3", 135, 0, 0 },
	{ "IMMEDIATE_EXIT", 136, 1, 1 },
	{ "PPC_FWNMI", 146, 1, 1 },
	{ "PPC_SMT_POSSIBLE", 147, 1, 15 },
	{ "PPC_GET_CPU_CHAR", 151, 1, 1 },
	{ "BINARY_STATS_FD", 203, 1, 1 },
	{ "what nobody has defined", 100000, 0, 0 },
};

static void check_caps(struct machine *m)
{
	for (size_t i = 0; i < ARRAY_SIZE(caps); i++) {
		int sys = check_cap(m->sys, caps[i].cap);
		int vm = check_cap(m->vm, caps[i].cap);

		tap(sys >= caps[i].least && sys <= caps[i].most && vm == sys,
		    "capability %s", caps[i].name);
		if (sys < caps[i].least || sys > caps[i].most || vm != sys)
			remark("%d, of the VM %d; wanted %d to %d", sys, vm,
			       caps[i].least, caps[i].most);
	}
}

enum which { SYS, VM, VCPU };

#define REGION(...)	&(struct kvm_userspace_memory_region){ __VA_ARGS__ }
#define EVENT(...)	&(struct kvm_ioeventfd){ __VA_ARGS__ }
#define TCE(...)	&(struct kvm_create_spapr_tce_64){ __VA_ARGS__ }
#define CAP(...)	&(struct kvm_enable_cap){ __VA_ARGS__ }
#define MMU(...)	&(struct kvm_ppc_mmuv3_cfg){ __VA_ARGS__ }
#define LOG(...)	&(struct kvm_dirty_log){ __VA_ARGS__ }
#define HVA		.userspace_addr = (uintptr_t)ram
#define NUMBER(n)	((void *)(uintptr_t)(n))
#define NOWHERE		NUMBER(8)
#define PATB_GR		(1UL << 63)
/* How a descriptor that is unknown at compile time is put into kvm_ioeventfd. */
#define THE_EVENT	-1000

/*
 * In this order: a call may rest on those before it.  want 0: it is taken;
 * ANY: it fails, how is not said.
 */
#define ANY	-1
static const struct call {
	const char *name;
	enum which on;
	unsigned long nr;
	void *arg;
	int want;
} calls[] = {
	{ "API version with an argument", SYS, KVM_GET_API_VERSION, NUMBER(1), EINVAL },
	{ "mmap size with an argument", SYS, KVM_GET_VCPU_MMAP_SIZE, NUMBER(1), EINVAL },
	{ "a VM of type 2", SYS, KVM_CREATE_VM, NUMBER(2), EINVAL },
	{ "unknown call of the device", SYS, 0x2000aefe, NULL, ANY },
	{ "unknown call of a VM", VM, 0x2000aefe, NULL, ANY },
	{ "unknown call of a vCPU", VCPU, 0x2000aefe, NULL, ANY },

	{ "slot: no memory", VM, KVM_SET_USER_MEMORY_REGION, NOWHERE, EFAULT },
	{ "slot: size 0 of no slot", VM, KVM_SET_USER_MEMORY_REGION,
	  REGION(.slot = 5, HVA), EINVAL },
	{ "slot: real address not aligned", VM, KVM_SET_USER_MEMORY_REGION,
	  REGION(.slot = 5, .guest_phys_addr = OTHER + 512, .memory_size = RAM_SIZE, HVA), EINVAL },
	{ "slot: size not aligned", VM, KVM_SET_USER_MEMORY_REGION,
	  REGION(.slot = 5, .guest_phys_addr = OTHER, .memory_size = 512, HVA), EINVAL },
	{ "slot: host address not aligned", VM, KVM_SET_USER_MEMORY_REGION,
	  REGION(.slot = 5, .guest_phys_addr = OTHER, .memory_size = RAM_SIZE,
		 .userspace_addr = (uintptr_t)ram + 512), EINVAL },
	{ "slot: host address of the kernel", VM, KVM_SET_USER_MEMORY_REGION,
	  REGION(.slot = 5, .guest_phys_addr = OTHER, .memory_size = RAM_SIZE,
		 .userspace_addr = 0xc000000000000000), EINVAL },
	{ "slot: wraps around", VM, KVM_SET_USER_MEMORY_REGION,
	  REGION(.slot = 5, .guest_phys_addr = -RAM_SIZE, .memory_size = 2 * RAM_SIZE, HVA), EINVAL },
	{ "slot: another address space", VM, KVM_SET_USER_MEMORY_REGION,
	  REGION(.slot = 0x10005, .guest_phys_addr = OTHER, .memory_size = RAM_SIZE, HVA), EINVAL },
	{ "slot: number too large", VM, KVM_SET_USER_MEMORY_REGION,
	  REGION(.slot = 0xffff, .guest_phys_addr = OTHER, .memory_size = RAM_SIZE, HVA), EINVAL },
	{ "slot: unknown flag", VM, KVM_SET_USER_MEMORY_REGION,
	  REGION(.slot = 5, .flags = 1U << 31, .guest_phys_addr = OTHER,
		 .memory_size = RAM_SIZE, HVA), EINVAL },
	{ "slot", VM, KVM_SET_USER_MEMORY_REGION,
	  REGION(.slot = 5, .guest_phys_addr = OTHER, .memory_size = RAM_SIZE, HVA), 0 },
	{ "slot: the same again", VM, KVM_SET_USER_MEMORY_REGION,
	  REGION(.slot = 5, .guest_phys_addr = OTHER, .memory_size = RAM_SIZE, HVA), 0 },
	{ "slot: overlaps another", VM, KVM_SET_USER_MEMORY_REGION,
	  REGION(.slot = 6, .guest_phys_addr = OTHER + RAM_SIZE / 2, .memory_size = RAM_SIZE, HVA),
	  EEXIST },
	{ "slot: another size", VM, KVM_SET_USER_MEMORY_REGION,
	  REGION(.slot = 5, .guest_phys_addr = OTHER, .memory_size = RAM_SIZE / 2, HVA), EINVAL },
	{ "slot: another host address", VM, KVM_SET_USER_MEMORY_REGION,
	  REGION(.slot = 5, .guest_phys_addr = OTHER, .memory_size = RAM_SIZE,
		 .userspace_addr = (uintptr_t)ram + 65536), EINVAL },
	{ "slot: moved", VM, KVM_SET_USER_MEMORY_REGION,
	  REGION(.slot = 5, .guest_phys_addr = OTHER + 2 * RAM_SIZE, .memory_size = RAM_SIZE, HVA), 0 },

	{ "dirty log: no memory", VM, KVM_GET_DIRTY_LOG, NOWHERE, EFAULT },
	{ "dirty log: of no slot", VM, KVM_GET_DIRTY_LOG,
	  LOG(.slot = 7, .dirty_bitmap = bitmap), ENOENT },
	{ "dirty log: not switched on", VM, KVM_GET_DIRTY_LOG,
	  LOG(.slot = 5, .dirty_bitmap = bitmap), ENOENT },
	{ "dirty log: number too large", VM, KVM_GET_DIRTY_LOG,
	  LOG(.slot = 0xffff, .dirty_bitmap = bitmap), EINVAL },
	{ "dirty log: switched on", VM, KVM_SET_USER_MEMORY_REGION,
	  REGION(.slot = 5, .flags = KVM_MEM_LOG_DIRTY_PAGES, .guest_phys_addr = OTHER + 2 * RAM_SIZE,
		 .memory_size = RAM_SIZE, HVA), 0 },
	{ "dirty log", VM, KVM_GET_DIRTY_LOG, LOG(.slot = 5, .dirty_bitmap = bitmap), 0 },
	{ "dirty log: bitmap nowhere", VM, KVM_GET_DIRTY_LOG,
	  LOG(.slot = 5, .dirty_bitmap = NOWHERE), EFAULT },
	{ "slot: deleted", VM, KVM_SET_USER_MEMORY_REGION, REGION(.slot = 5), 0 },
	{ "slot: deleted twice", VM, KVM_SET_USER_MEMORY_REGION, REGION(.slot = 5), EINVAL },

	{ "vCPU: number taken", VM, KVM_CREATE_VCPU, NUMBER(0), ANY },
	{ "vCPU: number too large", VM, KVM_CREATE_VCPU, NUMBER(1 << 20), EINVAL },

	{ "ioeventfd: no memory", VM, KVM_IOEVENTFD, NOWHERE, EFAULT },
	{ "ioeventfd: length 3", VM, KVM_IOEVENTFD,
	  EVENT(.addr = OTHER, .len = 3, .fd = THE_EVENT), EINVAL },
	{ "ioeventfd: unknown flag", VM, KVM_IOEVENTFD,
	  EVENT(.addr = OTHER, .len = 4, .flags = 1U << 30, .fd = THE_EVENT), EINVAL },
	{ "ioeventfd: wraps around", VM, KVM_IOEVENTFD,
	  EVENT(.addr = -2UL, .len = 8, .fd = THE_EVENT), EINVAL },
	{ "ioeventfd: data of no length", VM, KVM_IOEVENTFD,
	  EVENT(.addr = OTHER, .flags = KVM_IOEVENTFD_FLAG_DATAMATCH, .fd = THE_EVENT), EINVAL },
	{ "ioeventfd: no descriptor", VM, KVM_IOEVENTFD,
	  EVENT(.addr = OTHER, .len = 4, .fd = 12345), EBADF },
	{ "ioeventfd: not an eventfd", VM, KVM_IOEVENTFD,
	  EVENT(.addr = OTHER, .len = 4, .fd = 1), EINVAL },
	{ "ioeventfd", VM, KVM_IOEVENTFD, EVENT(.addr = OTHER, .len = 4, .fd = THE_EVENT), 0 },
	{ "ioeventfd: the same again", VM, KVM_IOEVENTFD,
	  EVENT(.addr = OTHER, .len = 4, .fd = THE_EVENT), EEXIST },
	{ "ioeventfd: with data where any is taken", VM, KVM_IOEVENTFD,
	  EVENT(.addr = OTHER, .len = 4, .datamatch = 1, .flags = KVM_IOEVENTFD_FLAG_DATAMATCH,
		.fd = THE_EVENT), EEXIST },
	{ "ioeventfd: another address", VM, KVM_IOEVENTFD,
	  EVENT(.addr = OTHER + 64, .len = 2, .datamatch = 1,
		.flags = KVM_IOEVENTFD_FLAG_DATAMATCH, .fd = THE_EVENT), 0 },
	{ "ioeventfd: other data there", VM, KVM_IOEVENTFD,
	  EVENT(.addr = OTHER + 64, .len = 2, .datamatch = 2,
		.flags = KVM_IOEVENTFD_FLAG_DATAMATCH, .fd = THE_EVENT), 0 },
	{ "ioeventfd: any length", VM, KVM_IOEVENTFD,
	  EVENT(.addr = OTHER + 128, .fd = THE_EVENT), 0 },
	{ "ioeventfd: taken back what is not there", VM, KVM_IOEVENTFD,
	  EVENT(.addr = OTHER + 8, .len = 4, .flags = KVM_IOEVENTFD_FLAG_DEASSIGN,
		.fd = THE_EVENT), ENOENT },
	{ "ioeventfd: taken back", VM, KVM_IOEVENTFD,
	  EVENT(.addr = OTHER, .len = 4, .flags = KVM_IOEVENTFD_FLAG_DEASSIGN,
		.fd = THE_EVENT), 0 },
	{ "ioeventfd: taken back twice", VM, KVM_IOEVENTFD,
	  EVENT(.addr = OTHER, .len = 4, .flags = KVM_IOEVENTFD_FLAG_DEASSIGN,
		.fd = THE_EVENT), ENOENT },

	{ "TCE table: no memory", VM, KVM_CREATE_SPAPR_TCE_64, NOWHERE, EFAULT },
	{ "TCE table: of no size", VM, KVM_CREATE_SPAPR_TCE_64,
	  TCE(.liobn = 1, .page_shift = 12), EINVAL },
	{ "TCE table: unknown flag", VM, KVM_CREATE_SPAPR_TCE_64,
	  TCE(.liobn = 1, .page_shift = 12, .size = 16, .flags = 1), EINVAL },
	{ "TCE table: pages too small", VM, KVM_CREATE_SPAPR_TCE_64,
	  TCE(.liobn = 1, .page_shift = 11, .size = 16), EINVAL },
	{ "TCE table: window wraps around", VM, KVM_CREATE_SPAPR_TCE_64,
	  TCE(.liobn = 1, .page_shift = 12, .offset = -1UL, .size = 16), EINVAL },
	{ "TCE table: too large", VM, KVM_CREATE_SPAPR_TCE_64,
	  TCE(.liobn = 1, .page_shift = 12, .size = 1UL << 51), ANY },
	{ "TCE table: of no size, the older call", VM, KVM_CREATE_SPAPR_TCE,
	  &(struct kvm_create_spapr_tce){ .liobn = 1 }, EINVAL },

	{ "VM capability: no memory", VM, KVM_ENABLE_CAP, NOWHERE, EFAULT },
	{ "VM capability: unknown", VM, KVM_ENABLE_CAP, CAP(.cap = 100000), EINVAL },
	{ "VM capability: flags", VM, KVM_ENABLE_CAP,
	  CAP(.cap = KVM_CAP_PPC_ENABLE_HCALL, .flags = 1, .args = { 0xe0, 1 }), EINVAL },
	{ "hypercall: no multiple of 4", VM, KVM_ENABLE_CAP,
	  CAP(.cap = KVM_CAP_PPC_ENABLE_HCALL, .args = { 0xe1, 1 }), EINVAL },
	{ "hypercall: not known to the kernel", VM, KVM_ENABLE_CAP,
	  CAP(.cap = KVM_CAP_PPC_ENABLE_HCALL, .args = { 0x58, 1 }), EINVAL },
	{ "hypercall: out of range", VM, KVM_ENABLE_CAP,
	  CAP(.cap = KVM_CAP_PPC_ENABLE_HCALL, .args = { 0x100000, 1 }), EINVAL },
	{ "hypercall: neither on nor off", VM, KVM_ENABLE_CAP,
	  CAP(.cap = KVM_CAP_PPC_ENABLE_HCALL, .args = { 0x31c, 2 }), EINVAL },
	{ "hypercall: on", VM, KVM_ENABLE_CAP,
	  CAP(.cap = KVM_CAP_PPC_ENABLE_HCALL, .args = { 0x31c, 1 }), 0 },
	{ "threads: after a vCPU", VM, KVM_ENABLE_CAP,
	  CAP(.cap = KVM_CAP_PPC_SMT, .args = { 1 }), EBUSY },

	{ "MMU: no memory", VM, KVM_PPC_CONFIGURE_V3_MMU, NOWHERE, EFAULT },
	{ "MMU: unknown flag", VM, KVM_PPC_CONFIGURE_V3_MMU,
	  MMU(.flags = 0x13, .process_table = PATB_GR), EINVAL },
	{ "MMU: radix and a hash table entry", VM, KVM_PPC_CONFIGURE_V3_MMU,
	  MMU(.flags = 3, .process_table = 0), EINVAL },
	{ "MMU: hash", VM, KVM_PPC_CONFIGURE_V3_MMU, MMU(.flags = 0), EINVAL },
	{ "MMU: hash, with a table", VM, KVM_PPC_CONFIGURE_V3_MMU,
	  MMU(.flags = 0, .process_table = 0x10000 | 4), EINVAL },
	{ "MMU: hash, with guest translation invalidation", VM, KVM_PPC_CONFIGURE_V3_MMU,
	  MMU(.flags = KVM_PPC_MMUV3_GTSE, .process_table = 0x10000), EINVAL },
	{ "MMU: table too large", VM, KVM_PPC_CONFIGURE_V3_MMU,
	  MMU(.flags = 3, .process_table = PATB_GR | 0x10000 | 25), EINVAL },
	{ "MMU: radix", VM, KVM_PPC_CONFIGURE_V3_MMU,
	  MMU(.flags = 3, .process_table = PATB_GR | 0x10000), 0 },
	{ "radix information: no memory", VM, KVM_PPC_GET_RMMU_INFO, NOWHERE, EFAULT },
	{ "hash information: no memory", VM, KVM_PPC_GET_SMMU_INFO, NOWHERE, EFAULT },
	{ "CPU characteristics: no memory", VM, KVM_PPC_GET_CPU_CHAR, NOWHERE, EFAULT },
	{ "hash table", VM, KVM_PPC_ALLOCATE_HTAB, &(uint32_t){ 24 }, ANY },
	{ "an unknown device", VM, KVM_CREATE_DEVICE,
	  &(struct kvm_create_device){ .type = 999 }, ANY },

	{ "KVM_RUN with an argument", VCPU, KVM_RUN, NUMBER(1), EINVAL },
	{ "vCPU capability: no memory", VCPU, KVM_ENABLE_CAP, NOWHERE, EFAULT },
	{ "vCPU capability: unknown", VCPU, KVM_ENABLE_CAP, CAP(.cap = 100000), EINVAL },
	{ "vCPU capability: flags", VCPU, KVM_ENABLE_CAP,
	  CAP(.cap = KVM_CAP_PPC_PAPR, .flags = 1), EINVAL },
	{ "vCPU capability: PAPR again", VCPU, KVM_ENABLE_CAP, CAP(.cap = KVM_CAP_PPC_PAPR), 0 },
	{ "registers to nowhere", VCPU, KVM_GET_REGS, NOWHERE, EFAULT },
	{ "registers from nowhere", VCPU, KVM_SET_REGS, NOWHERE, EFAULT },
	{ "special registers to nowhere", VCPU, KVM_GET_SREGS, NOWHERE, EFAULT },
	{ "special registers from nowhere", VCPU, KVM_SET_SREGS, NOWHERE, EFAULT },
	{ "one register of nowhere", VCPU, KVM_GET_ONE_REG, NOWHERE, EFAULT },
	{ "interrupt of nowhere", VCPU, KVM_INTERRUPT, NOWHERE, EFAULT },
	{ "signal mask of 4 bytes", VCPU, KVM_SET_SIGNAL_MASK,
	  &(uint32_t[3]){ 4, 0, 0 }, EINVAL },
	{ "signal mask of 8 bytes", VCPU, KVM_SET_SIGNAL_MASK, &(uint32_t[3]){ 8, 0, 0 }, 0 },
	{ "no signal mask", VCPU, KVM_SET_SIGNAL_MASK, NULL, 0 },
};

static void make_calls(struct machine *m, int event)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		const struct call *c = &calls[i];
		int fd = c->on == SYS ? m->sys : c->on == VM ? m->vm : m->cpu[0].fd;
		struct kvm_ioeventfd e;
		void *arg = c->arg;
		int ret, got;

		if (c->nr == KVM_IOEVENTFD && arg != NOWHERE) {
			e = *(struct kvm_ioeventfd *)arg;
			e.fd = e.fd == THE_EVENT ? event : e.fd;
			arg = &e;
		}
		ret = ioctl(fd, c->nr, arg);
		got = ret < 0 ? errno : 0;
		tap(c->want == ANY ? got : got == c->want, "%s", c->name);
		if (c->want == ANY ? !got : got != c->want)
			remark("%s, not %s", got ? strerror(got) : "taken",
			       c->want == ANY ? "an error" : strerror(c->want));
	}
}

static void radix_info(struct machine *m)
{
	struct kvm_ppc_rmmu_info r;
	struct kvm_ppc_smmu_info s;
	bool found = false;

	memset(&r, 0xff, sizeof(r));
	tap(!ioctl(m->vm, KVM_PPC_GET_RMMU_INFO, &r), "radix information");
	for (int i = 0; i < 8; i++)
		found |= r.geometries[i].page_shift == 12 &&
			 r.geometries[i].level_bits[0] == 9 && r.geometries[i].level_bits[3] == 13;
	tap(found, "radix trees of 4K pages are 9, 9, 9, 13");
	tap((r.ap_encodings[0] & 0xff) == 12 && r.ap_encodings[0] >> 29 == 0,
	    "4K pages have AP 0");
	memset(&s, 0, sizeof(s));
	tap(!ioctl(m->vm, KVM_PPC_GET_SMMU_INFO, &s) && s.slb_size >= 32 &&
	    s.flags & KVM_PPC_1T_SEGMENTS && s.sps[0].page_shift == 12,
	    "hash information as QEMU needs it");
}

static void run_area(struct machine *m)
{
	long size = ioctl(m->sys, KVM_GET_VCPU_MMAP_SIZE, 0);
	struct vcpu *v = &m->cpu[0];

	tap(size >= (long)sizeof(struct kvm_run) && size % getpagesize() == 0,
	    "size of the vCPU's mapping (%ld)", size);
	v->run->immediate_exit = 1;
	tap(ioctl(v->fd, KVM_RUN, 0) && errno == EINTR, "immediate_exit gives EINTR");
	munmap(v->run, size);
	v->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, v->fd, 0);
	if (!tap(v->run != MAP_FAILED, "a vCPU can be mapped again"))
		exit(tap_end());
	tap(v->run->immediate_exit == 1, "and is the same page");
	v->run->immediate_exit = 0;
}

static void sparse_vcpus(struct machine *m)
{
	int most = check_cap(m->sys, KVM_CAP_MAX_VCPU_ID);
	int a = ioctl(m->vm, KVM_CREATE_VCPU, 77UL), b;

	tap(a >= 0, "a vCPU number in between");
	b = ioctl(m->vm, KVM_CREATE_VCPU, (unsigned long)most - 1);
	tap(b >= 0 || errno == EINVAL, "the last vCPU number");
	close(a);
	tap(ioctl(m->vm, KVM_CREATE_VCPU, 77UL) < 0,
	    "a closed vCPU still has its number");
	if (b >= 0)
		close(b);
}

static bool name_is(int fd, const char *name)
{
	char link[64], path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, link, sizeof(link) - 1);
	link[n < 0 ? 0 : n] = 0;
	if (strcmp(link, name))
		remark("is named %s", link);
	return !strcmp(link, name);
}

static void descriptors(struct machine *m)
{
	tap(name_is(m->vm, "anon_inode:kvm-vm"), "name of a VM's descriptor");
	tap(name_is(m->cpu[0].fd, "anon_inode:kvm-vcpu:0"), "name of a vCPU's descriptor");
	tap(fcntl(m->vm, F_GETFD) & FD_CLOEXEC && fcntl(m->cpu[0].fd, F_GETFD) & FD_CLOEXEC,
	    "descriptors are closed on exec");
}

/* A machine belongs to the memory of the process that has made it. */
static void another_process(struct machine *m)
{
	struct kvm_regs regs;
	int status;
	pid_t pid = fork();

	if (!pid) {
		int bad = 0;

		bad |= !(ioctl(m->vm, KVM_SET_USER_MEMORY_REGION, REGION(.slot = 5)) && errno == EIO);
		bad |= !(ioctl(m->cpu[0].fd, KVM_GET_REGS, &regs) && errno == EIO) << 1;
		bad |= !(ioctl(m->cpu[0].fd, KVM_RUN, 0) && errno == EIO) << 2;
		bad |= !(ioctl(m->vm, KVM_CREATE_VCPU, 3UL) && errno == EIO) << 3;
		_exit(bad);
	}
	waitpid(pid, &status, 0);
	tap(WIFEXITED(status) && !WEXITSTATUS(status), "another process gets EIO (%x)", status);
}

/* KVM API 4.134: header, name, a descriptor for each statistic, data. */
static char *stats_whole(int fd, size_t *size)
{
	static char buffer[65536];
	ssize_t n;

	*size = 0;
	while ((n = pread(fd, buffer + *size, sizeof(buffer) - *size, *size)) > 0)
		*size += n;
	return buffer;
}

/* Every part can be read by itself. */
static bool stats_parts_agree(int fd, const char *whole, size_t size)
{
	char part[100];

	for (size_t at = 0; at < size; at += 37) {
		size_t want = size - at < sizeof(part) ? size - at : sizeof(part);

		if (pread(fd, part, sizeof(part), at) != (ssize_t)want ||
		    memcmp(part, whole + at, want))
			return false;
	}
	return pread(fd, part, sizeof(part), size) == 0;
}

/* Descriptors name what is there: within the data, each under its own name. */
static bool stats_rows_right(const char *whole, size_t size)
{
	const struct kvm_stats_header *h = (const void *)whole;
	size_t row = sizeof(struct kvm_stats_desc) + h->name_size;

	for (uint32_t i = 0; i < h->num_desc; i++) {
		const struct kvm_stats_desc *d = (const void *)(whole + h->desc_offset + i * row);

		if (!d->name[0] || d->name[h->name_size - 1] || !d->size ||
		    h->data_offset + d->offset + d->size * sizeof(uint64_t) > size)
			return false;
		for (uint32_t k = 0; k < i; k++)
			if (!strcmp(d->name, ((const struct kvm_stats_desc *)
				    (whole + h->desc_offset + k * row))->name))
				return false;
	}
	return h->num_desc && h->data_offset >= h->desc_offset + h->num_desc * row;
}

static void statistics(int from, const char *whose, const char *name)
{
	int fd = ioctl(from, KVM_GET_STATS_FD, NULL);
	size_t size;
	char *whole;

	if (!tap(fd >= 0, "statistics of %s", whose))
		return;
	whole = stats_whole(fd, &size);
	tap(size > sizeof(struct kvm_stats_header) && stats_rows_right(whole, size),
	    "statistics of %s: descriptors", whose);
	tap(stats_parts_agree(fd, whole, size), "statistics of %s: any part", whose);
	tap(write(fd, whole, 8) < 0 && errno == EBADF, "statistics of %s: not written", whose);
	tap(name_is(fd, name) && fcntl(fd, F_GETFD) & FD_CLOEXEC,
	    "statistics of %s: descriptor", whose);
	close(fd);
}

/* Return: is there a statistic of this name; @value gets it. */
static bool statistic(const char *whole, const char *name, uint64_t *value)
{
	const struct kvm_stats_header *h = (const void *)whole;
	size_t row = sizeof(struct kvm_stats_desc) + h->name_size;

	for (uint32_t i = 0; i < h->num_desc; i++) {
		const struct kvm_stats_desc *d = (const void *)(whole + h->desc_offset + i * row);

		if (strcmp(d->name, name))
			continue;
		memcpy(value, whole + h->data_offset + d->offset, sizeof(*value));
		return true;
	}
	return false;
}

/* Rows of debugfs nhv/below, "NAME NUMBER", are statistics of a VM, below_NAME. */
static void statistics_below(int vm)
{
	FILE *file = fopen("/sys/kernel/debug/nhv/below", "r");
	int fd = ioctl(vm, KVM_GET_STATS_FD, NULL);
	char line[100], name[48], row[64];
	unsigned int told = 0, same = 0;
	uint64_t here, below, none;
	size_t size;
	char *whole;

	if (!file || fd < 0) {
		tap(true, "statistics of the level below # SKIP no debugfs of nhv");
		return;
	}
	whole = stats_whole(fd, &size);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%47s %" SCNu64, name, &below) != 2)
			continue;
		told++;
		snprintf(row, sizeof(row), "below_%s", name);
		same += statistic(whole, row, &here) && here == below;
	}
	tap(told == same && (told || !statistic(whole, "below_heap_max", &none)),
	    "statistics of the level below: %u rows", told);
	fclose(file);
	close(fd);
}

/* The descriptor of the statistics keeps what it tells of. */
static void statistics_alone(struct options *o)
{
	int sys = open_device(o->device), vm = ioctl(sys, KVM_CREATE_VM, 0UL);
	int vcpu = ioctl(vm, KVM_CREATE_VCPU, 0UL);
	int fd = ioctl(vcpu, KVM_GET_STATS_FD, NULL);
	size_t size;

	close(vcpu);
	close(vm);
	close(sys);
	stats_whole(fd, &size);
	tap(size > sizeof(struct kvm_stats_header), "statistics outlive the VM's descriptor");
	close(fd);
}

static void threads_cap(struct options *o)
{
	int sys = open_device(o->device), vm = ioctl(sys, KVM_CREATE_VM, 1UL);
	int possible = check_cap(sys, KVM_CAP_PPC_SMT_POSSIBLE);

	tap(vm >= 0, "a VM of type 1");
	tap(enable_cap(vm, KVM_CAP_PPC_SMT, 3, 0) && errno == EINVAL, "3 threads a core");
	tap(enable_cap(vm, KVM_CAP_PPC_SMT, 16, 0) && errno == EINVAL, "16 threads a core");
	tap(!enable_cap(vm, KVM_CAP_PPC_SMT, 1, 0), "1 thread a core");
	if (possible & 2)
		tap(!enable_cap(vm, KVM_CAP_PPC_SMT, 2, 0) && check_cap(vm, KVM_CAP_PPC_SMT) == 2,
		    "2 threads a core");
	else
		tap(enable_cap(vm, KVM_CAP_PPC_SMT, 2, 0), "2 threads a core are refused");
	close(vm);
	close(sys);
}

int api_test(struct options *o)
{
	static struct machine m;
	int event = eventfd(0, EFD_CLOEXEC);

	machine_make(&m, o);
	tap_begin();
	tap(ioctl(m.sys, KVM_GET_API_VERSION, 0) == 12, "API version 12");
	check_caps(&m);
	make_calls(&m, event);
	radix_info(&m);
	run_area(&m);
	sparse_vcpus(&m);
	descriptors(&m);
	statistics(m.vm, "a VM", "anon_inode:kvm-vm-stats");
	statistics_below(m.vm);
	statistics(m.cpu[0].fd, "a vCPU", "anon_inode:kvm-vcpu-stats:0");
	statistics_alone(o);
	another_process(&m);
	threads_cap(o);
	machine_free(&m);
	close(event);
	return tap_end();
}

// SPDX-License-Identifier: GPL-2.0-only
/* System and VM: versions, capabilities, machine set-up. */
#include <string.h>
#include <unistd.h>

#include "api.h"

static const struct {
	const char *name;
	unsigned int number;
	long least, most;
} capabilities[] = {
#define CAP(name, least, most)	{ #name, KVM_CAP_##name, least, most }
	CAP(USER_MEMORY, 1, 1),
	CAP(DESTROY_MEMORY_REGION_WORKS, 1, 1),
	CAP(JOIN_MEMORY_REGIONS_WORKS, 1, 1),
	CAP(INTERNAL_ERROR_DATA, 1, 1),
	CAP(IOEVENTFD, 1, 1),
	CAP(IOEVENTFD_ANY_LENGTH, 1, 1),
	CAP(PPC_IRQ_LEVEL, 1, 1),
	CAP(PPC_SEGSTATE, 1, 1),
	CAP(PPC_UNSET_IRQ, 1, 1),
	CAP(PPC_PAPR, 1, 1),
	CAP(PPC_GET_SMMU_INFO, 1, 1),
	CAP(ONE_REG, 1, 1),
	CAP(SYNC_MMU, 1, 1),
	CAP(IMMEDIATE_EXIT, 1, 1),
	CAP(PPC_MMU_RADIX, 1, 1),
	CAP(PPC_MMU_HASH_V3, 0, 0),
	CAP(PPC_GET_PVINFO, 0, 0),	/* QEMU: set means KVM PR */
	CAP(MAX_VCPUS, 1024, 1 << 20),
	CAP(MAX_VCPU_ID, 1024, 1 << 20),
	CAP(NR_VCPUS, 1, 1 << 20),
	CAP(NR_MEMSLOTS, 32, 1 << 20),
	CAP(PPC_SMT, 1, 1),
	CAP(PPC_SMT_POSSIBLE, 1, 15),
	CAP(PPC_FWNMI, 1, 1),
	CAP(PPC_ALLOC_HTAB, 1, 1),
#undef CAP
};

static void test_capabilities(const struct machine *m)
{
	unsigned int i;
	long got;

	for (i = 0; i < sizeof(capabilities) / sizeof(*capabilities); i++) {
		got = call(m->vm, KVM_CHECK_EXTENSION, capabilities[i].number);
		check(got >= capabilities[i].least && got <= capabilities[i].most,
		      "capability %s: %ld", capabilities[i].name, got);
	}
	want(0, call(m->system, KVM_CHECK_EXTENSION, 1000000));
	want(0, call(m->vm, KVM_CHECK_EXTENSION, -1UL));
}

void test_system(void)
{
	struct machine m = machine_open();

	want(KVM_API_VERSION, call(m.system, KVM_GET_API_VERSION, 0));
	want(-EINVAL, call(m.system, KVM_GET_API_VERSION, 1));
	want(page_size, call(m.system, KVM_GET_VCPU_MMAP_SIZE, 0));
	want(-EINVAL, call(m.system, KVM_GET_VCPU_MMAP_SIZE, 1));
	want(-EINVAL, call(m.system, KVM_CREATE_VM, 2));
	want(-EINVAL, call(m.system, KVM_CREATE_VM, -1UL));
	want(-ENOTTY, call(m.system, KVM_RUN, 0));
	want(-ENOTTY, call(m.system, 0xae7f, 0));
	test_capabilities(&m);
	machine_close(&m);
}

static long enable(int fd, unsigned int cap, unsigned int flags,
		   uint64_t arg0, uint64_t arg1)
{
	struct kvm_enable_cap args = {
		.cap = cap, .flags = flags, .args = { arg0, arg1 },
	};

	return callp(fd, KVM_ENABLE_CAP, &args);
}

static long configure(int vm, uint64_t flags, uint64_t table)
{
	struct kvm_ppc_mmuv3_cfg cfg = { flags, table };

	return callp(vm, KVM_PPC_CONFIGURE_V3_MMU, &cfg);
}

static void test_threads(void)
{
	struct machine m = machine_open();
	int vm = call(m.system, KVM_CREATE_VM, 0);
	long possible = call(vm, KVM_CHECK_EXTENSION, KVM_CAP_PPC_SMT_POSSIBLE);

	want(-EINVAL, enable(vm, KVM_CAP_PPC_SMT, 0, 0, 0));
	want(-EINVAL, enable(vm, KVM_CAP_PPC_SMT, 0, 3, 0));
	want(-EINVAL, enable(vm, KVM_CAP_PPC_SMT, 0, 16, 0));
	want(-EINVAL, enable(vm, KVM_CAP_PPC_SMT, 0, 1, 1));
	want(-EINVAL, enable(vm, KVM_CAP_PPC_SMT, 1, 1, 0));
	want(possible & 8 ? 0 : -EINVAL, enable(vm, KVM_CAP_PPC_SMT, 0, 8, 0));
	want(0, enable(vm, KVM_CAP_PPC_SMT, 0, 1, 0));
	want(-EBUSY, enable(m.vm, KVM_CAP_PPC_SMT, 0, 1, 0));
	close(vm);
	machine_close(&m);
}

static void test_hcalls(const struct machine *m)
{
	want(0, enable(m->vm, KVM_CAP_PPC_ENABLE_HCALL, 0, 0x31c, 0));
	want(0, enable(m->vm, KVM_CAP_PPC_ENABLE_HCALL, 0, 0x31c, 1));
	want(0, enable(m->vm, KVM_CAP_PPC_ENABLE_HCALL, 0, 0x3c, 1));
	want(-EINVAL, enable(m->vm, KVM_CAP_PPC_ENABLE_HCALL, 0, 0x31c, 2));
	want(-EINVAL, enable(m->vm, KVM_CAP_PPC_ENABLE_HCALL, 0, 0x31d, 1));
	want(-EINVAL, enable(m->vm, KVM_CAP_PPC_ENABLE_HCALL, 0, 0x5fc, 1));
	want(-EINVAL, enable(m->vm, KVM_CAP_PPC_ENABLE_HCALL, 0, -4ULL, 1));
}

#define GR		(1ULL << 63)
#define RADIX		KVM_PPC_MMUV3_RADIX
#define GTSE		KVM_PPC_MMUV3_GTSE

static void test_mmu(const struct machine *m)
{
	want(0, configure(m->vm, RADIX | GTSE, GR | 12));
	want(0, configure(m->vm, RADIX, GR | 0x1e000000 | 24));
	want(-EINVAL, configure(m->vm, RADIX | GTSE, GR | 25));
	want(-EINVAL, configure(m->vm, RADIX | GTSE, 12));
	want(-EINVAL, configure(m->vm, GTSE, GR | 12));
	want(-EINVAL, configure(m->vm, 0, 12));
	want(-EINVAL, configure(m->vm, RADIX | GTSE | 4, GR | 12));
	want(-EFAULT, callp(m->vm, KVM_PPC_CONFIGURE_V3_MMU, NULL));
}

static void test_info(const struct machine *m)
{
	struct kvm_ppc_rmmu_info rmmu;
	struct kvm_ppc_smmu_info smmu;
	struct kvm_ppc_cpu_char cpu;
	uint32_t order = 18;

	want(0, callp(m->vm, KVM_PPC_GET_RMMU_INFO, &rmmu));
	check(rmmu.geometries[0].page_shift == 12 &&
	      rmmu.geometries[0].level_bits[3] == 13 &&
	      rmmu.ap_encodings[1] == 0xa0000010, "radix geometry");
	want(0, callp(m->vm, KVM_PPC_GET_SMMU_INFO, &smmu));
	check(smmu.flags & KVM_PPC_1T_SEGMENTS && smmu.slb_size >= 32 &&
	      smmu.sps[0].page_shift == 12 && smmu.sps[1].slb_enc == 0x110,
	      "segment sizes that QEMU asks for");
	want(0, callp(m->vm, KVM_PPC_GET_CPU_CHAR, &cpu));
	want(-EFAULT, callp(m->vm, KVM_PPC_GET_SMMU_INFO, (void *)8));
	want(-EOPNOTSUPP, callp(m->vm, KVM_PPC_ALLOCATE_HTAB, &order));
	want(-ENOTTY, callp(m->vm, KVM_PPC_GET_PVINFO, m->page));
	want(-ENOTTY, callp(m->vm, KVM_CREATE_DEVICE, m->page));
}

void test_machine(void)
{
	struct machine m = machine_open();

	want(-EINVAL, enable(m.vm, 100000, 0, 0, 0));
	want(-EFAULT, callp(m.vm, KVM_ENABLE_CAP, NULL));
	test_threads();
	test_hcalls(&m);
	test_mmu(&m);
	test_info(&m);
	machine_close(&m);
}

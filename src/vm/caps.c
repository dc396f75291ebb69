// SPDX-License-Identifier: GPL-2.0-only
/*
 * What user space is told it can have, and what it can turn on. The answers
 * are those of KVM_CHECK_EXTENSION in Documentation/virt/kvm/api.rst; what is
 * not in the table is not there.
 */
#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/moduleparam.h>
#include <asm/cputable.h>
#include <nhv/compat.h>
#include <nhv/level.h>
#include <nhv/vm.h>
#include <abi/numbers.h>

static int nhv_nr_cpus(const struct nhv_vm *vm)
{
	return num_present_cpus();
}

static int nhv_smt(const struct nhv_vm *vm)
{
	return vm ? READ_ONCE(vm->smt) : 1;
}

/*
 * A bit for each number of threads a core. More than one needs msgsndp of the
 * guest to trap, which an L0 that ignores HFSCR does not do.
 */
static int nhv_smt_possible(const struct nhv_vm *vm)
{
	return nhv_level.enforces_hfscr ? 8 | 4 | 2 | 1 : 1;
}

static int nhv_has_dawr1(const struct nhv_vm *vm)
{
	return cpu_has_feature(CPU_FTR_ARCH_31);
}

module_param_named(nested_guests, nhv_nested_limits.guests, uint, 0644);
MODULE_PARM_DESC(nested_guests, "guests that one guest may have as a hypervisor, 0 for none (default 64)");
module_param_named(nested_tables, nhv_nested_limits.tables, uint, 0644);
MODULE_PARM_DESC(nested_tables, "table pages for the guests of one guest, before those used least are dropped (default 65536)");
module_param_named(nested_copy, nhv_nested_limits.copy, uint, 0644);
MODULE_PARM_DESC(nested_copy, "bytes that one H_COPY_TOFROM_GUEST may copy (default 65536)");

static int nhv_nests(const struct nhv_vm *vm)
{
	return READ_ONCE(nhv_nested_limits.guests) != 0;
}

/* One answer: @ask if it depends on something, else @answer. */
struct nhv_cap {
	unsigned long number;
	int answer;
	int (*ask)(const struct nhv_vm *vm);
};

static const struct nhv_cap nhv_caps[] = {
	/* what QEMU refuses to start without */
	{ KVM_CAP_USER_MEMORY, 1 },
	{ KVM_CAP_DESTROY_MEMORY_REGION_WORKS, 1 },
	{ KVM_CAP_JOIN_MEMORY_REGIONS_WORKS, 1 },
	{ KVM_CAP_INTERNAL_ERROR_DATA, 1 },
	{ KVM_CAP_IOEVENTFD, 1 },
	{ KVM_CAP_IOEVENTFD_ANY_LENGTH, 1 },
	{ KVM_CAP_IOEVENTFD_NO_LENGTH, 1 },
	{ KVM_CAP_PPC_IRQ_LEVEL, 1 },
	{ KVM_CAP_PPC_SEGSTATE, 1 },
	{ KVM_CAP_PPC_UNSET_IRQ, 1 },
	{ KVM_CAP_PPC_PAPR, 1 },
	{ KVM_CAP_PPC_HIOR, 1 },
	{ KVM_CAP_PPC_GET_SMMU_INFO, 1 },
	{ KVM_CAP_ONE_REG, 1 },
	/* limits */
	{ KVM_CAP_NR_VCPUS, .ask = nhv_nr_cpus },
	{ KVM_CAP_MAX_VCPUS, NHV_MAX_VCPUS },
	{ KVM_CAP_MAX_VCPU_ID, NHV_MAX_VCPU_ID },
	{ KVM_CAP_NR_MEMSLOTS, NHV_MEM_SLOTS },
	/* descriptors and their calls */
	{ KVM_CAP_ENABLE_CAP, 1 },
	{ KVM_CAP_ENABLE_CAP_VM, 1 },
	{ KVM_CAP_CHECK_EXTENSION_VM, 1 },
	{ KVM_CAP_IMMEDIATE_EXIT, 1 },
	{ KVM_CAP_SYNC_MMU, 1 },
	{ KVM_CAP_READONLY_MEM, 1 },
	{ KVM_CAP_BINARY_STATS_FD, 1 },
	/* the machine */
	{ KVM_CAP_PPC_SMT, .ask = nhv_smt },
	{ KVM_CAP_PPC_SMT_POSSIBLE, .ask = nhv_smt_possible },
	{ KVM_CAP_PPC_MMU_RADIX, 1 },
	{ KVM_CAP_PPC_ENABLE_HCALL, 1 },
	{ KVM_CAP_PPC_NESTED_HV, .ask = nhv_nests },
	{ KVM_CAP_PPC_RPT_INVALIDATE, 1 },
	{ KVM_CAP_PPC_GET_CPU_CHAR, 1 },
	{ KVM_CAP_PPC_FWNMI, 1 },
	{ KVM_CAP_PPC_AIL_MODE_3, 1 },
	{ KVM_CAP_PPC_DAWR1, .ask = nhv_has_dawr1 },
	{ KVM_CAP_SPAPR_TCE, 1 },
	{ KVM_CAP_SPAPR_TCE_64, 1 },
	{ KVM_CAP_SPAPR_MULTITCE, 1 },
	/*
	 * There, and always refused: QEMU then says that hash tables do not
	 * work here, where without it would take the guest for one of KVM PR.
	 */
	{ KVM_CAP_PPC_ALLOC_HTAB, 1 },
};

int nhv_vm_check_extension(struct nhv_vm *vm, unsigned long number)
{
	const struct nhv_cap *cap;

	for (cap = nhv_caps; cap < nhv_caps + ARRAY_SIZE(nhv_caps); cap++)
		if (cap->number == number)
			return cap->ask ? cap->ask(vm) : cap->answer;
	return 0;
}

/* ---- KVM_ENABLE_CAP ----------------------------------------------------------- */

/* KVM_CAP_PPC_SMT: threads a virtual core, mode flags. */
static int nhv_enable_smt(struct nhv_vm *vm, const __u64 *args)
{
	if (!is_power_of_2(args[0]) || args[0] > 8 || args[1] ||
	    !(args[0] & nhv_smt_possible(vm)))
		return -EINVAL;
	if (vm->nr_vcpus)
		return -EBUSY;
	WRITE_ONCE(vm->smt, args[0]);
	return 0;
}

static const unsigned long nhv_hcall_numbers[NHV_HCALL_ROWS] = {
#define NHV_HCALL(name, number, handler, enabled, fast) number,
#include <nhv/hcalls.def>
#undef NHV_HCALL
};

/* KVM_CAP_PPC_ENABLE_HCALL: number, 1 for the kernel and 0 for user space. */
static int nhv_enable_hcall(struct nhv_vm *vm, const __u64 *args)
{
	unsigned int i;

	if (args[1] > 1)
		return -EINVAL;
	for (i = 0; i < NHV_HCALL_ROWS; i++) {
		if (nhv_hcall_numbers[i] != args[0])
			continue;
		if (args[1])
			set_bit(i, vm->enabled_hcalls);
		else
			clear_bit(i, vm->enabled_hcalls);
		return 0;
	}
	return -EINVAL;
}

static int nhv_enable_dawr1(struct nhv_vm *vm, const __u64 *args)
{
	if (!nhv_has_dawr1(vm))
		return -EINVAL;
	WRITE_ONCE(vm->dawr1_enabled, true);
	return 0;
}

/* KVM_CAP_PPC_NESTED_HV: 1 or 0. What the guest has built by then stays. */
static int nhv_enable_nested(struct nhv_vm *vm, const __u64 *args)
{
	if (args[0] > 1 || !nhv_nests(vm))
		return -EINVAL;
	WRITE_ONCE(vm->nesting.enabled, args[0]);
	return 0;
}

static const struct {
	__u32 number;
	int (*enable)(struct nhv_vm *vm, const __u64 *args);
} nhv_enables[] = {
	{ KVM_CAP_PPC_SMT,		nhv_enable_smt },
	{ KVM_CAP_PPC_ENABLE_HCALL,	nhv_enable_hcall },
	{ KVM_CAP_PPC_DAWR1,		nhv_enable_dawr1 },
	{ KVM_CAP_PPC_NESTED_HV,	nhv_enable_nested },
};

int nhv_vm_enable_cap(struct nhv_vm *vm, const struct kvm_enable_cap *cap)
{
	unsigned int i;
	int ret = -EINVAL;

	if (cap->flags)
		return -EINVAL;
	mutex_lock(&vm->lock);
	for (i = 0; i < ARRAY_SIZE(nhv_enables); i++)
		if (nhv_enables[i].number == cap->cap)
			ret = nhv_enables[i].enable(vm, cap->args);
	mutex_unlock(&vm->lock);
	return ret;
}

bool nhv_vm_hcall_enabled(const struct nhv_vm *vm, unsigned int row)
{
	return test_bit(row, vm->enabled_hcalls);
}

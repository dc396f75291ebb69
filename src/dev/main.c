// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading and unloading: look whether nhv can work here, say why not, and put
 * the rooms up from the lowest to the highest.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/reboot.h>
#include <asm/cputable.h>
#include <asm/firmware.h>
#include <asm/mmu.h>
#include <nhv/dev.h>
#include <nhv/level.h>
#include <nhv/mmu.h>
#include <nhv/observe.h>
#include <nhv/version.h>

static bool nhv_not_hypervisor(void)
{
	return !cpu_has_feature(CPU_FTR_HVMODE);
}

static bool nhv_is_partition(void)
{
	return firmware_has_feature(FW_FEATURE_LPAR);
}

static bool nhv_has_isa_300(void)
{
	return cpu_has_feature(CPU_FTR_ARCH_300);
}

/**
 * struct nhv_requirement - what this kernel and machine must be
 * @met: is it so
 * @error: what loading returns if not; each refusal has its own
 * @message: the reason, and what to do
 *
 * Later refusals, by the rooms that find them: -ENXIO the level below has no
 * nested API, -EBUSY kvm-hv is active, -EEXIST the name of device= is taken.
 */
struct nhv_requirement {
	bool (*met)(void);
	int error;
	const char *message;
};

static const struct nhv_requirement nhv_requirements[] = {
	{ nhv_not_hypervisor, -EOPNOTSUPP,
	  "this kernel has hypervisor mode; use kvm_hv here, and nhv inside a guest" },
	{ nhv_is_partition, -ENODEV,
	  "this is not a pseries guest (logical partition); nhv works in one only" },
	{ nhv_has_isa_300, -EPFNOSUPPORT,
	  "the processor is older than ISA 3.0; nhv needs a POWER9 or later, in no older mode" },
	{ radix_enabled, -EPROTONOSUPPORT,
	  "this kernel uses the hash MMU; boot it without disable_radix, on a radix partition" },
};

static int nhv_check_requirements(void)
{
	const struct nhv_requirement *must = nhv_requirements;

	for (; must < nhv_requirements + ARRAY_SIZE(nhv_requirements); must++) {
		if (must->met())
			continue;
		pr_err("%s\n", must->message);
		return must->error;
	}
	return 0;
}

/*
 * Called before restart, halt and kexec: a kernel started by kexec has its own
 * memory where our partition table is.
 */
static int nhv_goes_down(struct notifier_block *block, unsigned long event,
			 void *data)
{
	nhv_level_shutdown();
	return NOTIFY_DONE;
}

static struct notifier_block nhv_reboot_block = {
	.notifier_call = nhv_goes_down,
};

static int __init nhv_init(void)
{
	int ret;

	ret = nhv_check_requirements();
	if (ret)
		return ret;
	ret = nhv_peer_watch();
	if (ret)
		return ret;
	ret = nhv_tree_module_init();
	if (ret)
		goto unwatch;
	ret = nhv_level_init();
	if (ret)
		goto exit_tree;
	nhv_observe_init();
	ret = register_reboot_notifier(&nhv_reboot_block);
	if (ret)
		goto exit_level;
	ret = nhv_device_register();
	if (ret)
		goto unregister_reboot;
	return 0;

unregister_reboot:
	unregister_reboot_notifier(&nhv_reboot_block);
exit_level:
	nhv_observe_exit();
	nhv_level_exit();
exit_tree:
	nhv_tree_module_exit();
unwatch:
	nhv_peer_unwatch();
	return ret;
}

static void __exit nhv_exit(void)
{
	nhv_device_unregister();
	unregister_reboot_notifier(&nhv_reboot_block);
	nhv_observe_exit();
	nhv_level_exit();
	nhv_tree_module_exit();
	nhv_peer_unwatch();
}

module_init(nhv_init);
module_exit(nhv_exit);

MODULE_DESCRIPTION("Nested hypervisor for guests on POWER");
MODULE_VERSION(NHV_VERSION);
MODULE_LICENSE("GPL");

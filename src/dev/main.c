// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading and unloading: look whether nhv can work here, say why not, and put
 * the rooms up from the lowest to the highest.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/reboot.h>
#include <linux/string.h>
#include <asm/cputable.h>
#include <asm/firmware.h>
#include <asm/mmu.h>
#include <nhv/dev.h>
#include <nhv/level.h>
#include <nhv/mmu.h>
#include <nhv/observe.h>
#include <nhv/vcpu.h>
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
 * nested API, -EBUSY kvm-hv is active, -EADDRINUSE the name of device= is taken.
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
 * memory where our partition table and run buffers are. Only the text tells that
 * it is kexec, see kernel_kexec().
 */
static int nhv_goes_down(struct notifier_block *block, unsigned long event,
			 void *data)
{
	nhv_level_shutdown(event == SYS_RESTART && data &&
			   !strcmp(data, "kexec reboot"));
	return NOTIFY_DONE;
}

static struct notifier_block nhv_reboot_block = {
	.notifier_call = nhv_goes_down,
};

static int nhv_reboot_watch(void)
{
	return register_reboot_notifier(&nhv_reboot_block);
}

static void nhv_reboot_unwatch(void)
{
	unregister_reboot_notifier(&nhv_reboot_block);
}

static int nhv_observe_start(void)
{
	nhv_observe_init();
	return 0;
}

/* From the lowest to the highest; each undoes what it did when it fails. */
struct nhv_room {
	int (*start)(void);
	void (*stop)(void);
};

static const struct nhv_room nhv_rooms[] = {
	{ nhv_peer_watch,	nhv_peer_unwatch },
	{ nhv_tree_module_init,	nhv_tree_module_exit },
	{ nhv_level_init,	nhv_level_exit },
	{ nhv_observe_start,	nhv_observe_exit },
	{ nhv_overdue_start,	nhv_overdue_stop },
	{ nhv_reboot_watch,	nhv_reboot_unwatch },
	{ nhv_device_register,	nhv_device_unregister },
};

static void nhv_stop_rooms(const struct nhv_room *room)
{
	while (room > nhv_rooms)
		(--room)->stop();
}

static int __init nhv_init(void)
{
	const struct nhv_room *room = nhv_rooms;
	int ret = nhv_check_requirements();

	if (ret)
		return ret;
	for (; room < nhv_rooms + ARRAY_SIZE(nhv_rooms); room++) {
		ret = room->start();
		if (!ret)
			continue;
		nhv_stop_rooms(room);
		return ret;
	}
	return 0;
}

static void __exit nhv_exit(void)
{
	nhv_stop_rooms(nhv_rooms + ARRAY_SIZE(nhv_rooms));
}

module_init(nhv_init);
module_exit(nhv_exit);

MODULE_DESCRIPTION("Nested hypervisor for guests on POWER");
MODULE_VERSION(NHV_VERSION);
MODULE_LICENSE("GPL");

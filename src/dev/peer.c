// SPDX-License-Identifier: GPL-2.0-only
/*
 * The in-tree kvm-hv: it and nhv cannot both own the partition table register.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/limits.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/string.h>
#include <nhv/dev.h>

/*
 * kvm.ko exports a pointer that kvm-hv fills while it is active. There may be
 * no kvm.ko, so the symbol is looked up and not linked to.
 */
static bool nhv_kvm_hv_active(void)
{
	void **ops = (void **)__symbol_get("kvmppc_hv_ops");
	bool active;

	if (!ops)
		return false;
	active = READ_ONCE(*ops);
	__symbol_put("kvmppc_hv_ops");
	return active;
}

static int nhv_peer_comes(struct notifier_block *block, unsigned long state,
			  void *data)
{
	const struct module *module = data;

	if (state != MODULE_STATE_COMING || strcmp(module->name, "kvm_hv"))
		return NOTIFY_DONE;
	pr_info("kvm_hv refused while nhv is loaded; unload nhv to use it\n");
	return notifier_from_errno(-EBUSY);
}

static struct notifier_block nhv_peer_block = {
	.notifier_call = nhv_peer_comes,
	/* Before its trace events, which have names of ours, are registered. */
	.priority = INT_MAX,
};

/* The watch comes first: what is not active then is refused later. */
int nhv_peer_watch(void)
{
	int ret = register_module_notifier(&nhv_peer_block);

	if (ret)
		return ret;
	if (!nhv_kvm_hv_active())
		return 0;
	unregister_module_notifier(&nhv_peer_block);
	pr_err("kvm_hv is active and owns the partition table; unload it first (modprobe -r kvm_hv)\n");
	return -EBUSY;
}

void nhv_peer_unwatch(void)
{
	unregister_module_notifier(&nhv_peer_block);
}

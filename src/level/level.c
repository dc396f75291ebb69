// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which API the level below offers: v2 if it does, else v1.
 */
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/smp.h>
#include <linux/string.h>

#include <abi/partition.h>
#include <nhv/call.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>

#include "back_end.h"
#include "v2.h"

struct nhv_level nhv_level;

static const struct nhv_back_end *nhv_back_end;

/* After loading, what was found. */
static char nhv_api[8] = "auto";
module_param_string(api, nhv_api, sizeof(nhv_api), 0444);
MODULE_PARM_DESC(api, "nested API of the level below: auto (default), v1 or v2");

static const struct nhv_back_end * const nhv_back_ends[] = { &nhv_v2, &nhv_v1 };

static int nhv_level_probe(void)
{
	bool any = !strcmp(nhv_api, "auto"), known = any;
	const struct nhv_back_end *end;
	unsigned int i;
	long rc = 0;

	for (i = 0; i < ARRAY_SIZE(nhv_back_ends); i++) {
		end = nhv_back_ends[i];
		if (!any && strcmp(nhv_api, end->name))
			continue;
		known = true;
		rc = end->probe();
		if (rc)
			continue;
		nhv_back_end = end;
		return 0;
	}
	if (!known) {
		pr_err("nhv: api=%s is none of auto, v1, v2\n", nhv_api);
		return -EINVAL;
	}
	pr_err("nhv: the level below offers no nested API (%s: %ld): start this guest with cap-nested-hv=on or cap-nested-papr=on, or ask the provider for nested virtualization\n",
	       nhv_api, rc);
	return -ENXIO;
}

int nhv_level_init(void)
{
	int err = nhv_level_probe();

	nhv_level_turn_init();
	if (!err)
		err = nhv_back_end->init();
	if (err)
		return err;
	strscpy(nhv_api, nhv_back_end->name, sizeof(nhv_api));
	return 0;
}

static void nhv_left_guest(void *unused)
{
}

void nhv_level_shutdown(bool kexec)
{
	if (nhv_level_is_down())
		return;
	WRITE_ONCE(nhv_level.down, true);
	/* Each CPU answers once it is out of its guest. */
	on_each_cpu(nhv_left_guest, NULL, 1);
	nhv_back_end->shutdown(kexec);
}

void nhv_level_exit(void)
{
	nhv_level_shutdown(false);
	nhv_back_end->exit();
}

int nhv_level_vm_init(struct nhv_vm *vm)
{
	return nhv_back_end->vm_init(vm);
}

void nhv_level_vm_release(struct nhv_vm *vm)
{
	nhv_back_end->vm_release(vm);
}

void nhv_level_vm_clear(struct nhv_vm *vm)
{
	if (!nhv_level_is_down())
		nhv_back_end->vm_clear(vm);
}

void nhv_level_vm_set_table(struct nhv_vm *vm)
{
	if (!nhv_level_is_down())
		nhv_back_end->vm_set_table(vm);
}

int nhv_level_nested_init(struct nhv_nested *nested)
{
	return nhv_back_end->nested_init(nested);
}

void nhv_level_nested_release(struct nhv_nested *nested)
{
	nhv_back_end->nested_release(nested);
}

void nhv_level_nested_set_table(struct nhv_nested *nested)
{
	if (!nhv_level_is_down())
		nhv_back_end->nested_set_table(nested);
}

void nhv_level_nested_clear(struct nhv_nested *nested)
{
	if (!nhv_level_is_down())
		nhv_back_end->nested_clear(nested);
}

int nhv_level_vcpu_init(struct nhv_vcpu *vcpu)
{
	return nhv_back_end->vcpu_init(vcpu);
}

void nhv_level_vcpu_release(struct nhv_vcpu *vcpu)
{
	nhv_back_end->vcpu_release(vcpu);
}

int nhv_level_vcpu_nest(struct nhv_vcpu *vcpu)
{
	return nhv_back_end->vcpu_nest(vcpu);
}

int nhv_level_set_tb_offset(struct nhv_vcpu *vcpu, u64 offset)
{
	return nhv_back_end->set_tb_offset ?
		nhv_back_end->set_tb_offset(vcpu, offset) : 0;
}

int nhv_level_set_compat(struct nhv_vcpu *vcpu, u32 pvr)
{
	return nhv_back_end->set_compat ?
		nhv_back_end->set_compat(vcpu, pvr) : 0;
}

int nhv_level_counters(struct nhv_level_counters *counters)
{
	return nhv_back_end->counters ? nhv_back_end->counters(counters) :
					-EOPNOTSUPP;
}

const char *nhv_level_name(void)
{
	return nhv_back_end->name;
}

void nhv_level_invalidate(const struct nhv_batch *batch)
{
	bool rpt = nhv_level.rpt_invalidate;
	unsigned int i;
	long rc = 0;

	/* API v2 has H_RPT_INVALIDATE or nothing; see struct nhv_level. */
	if (nhv_level.carries_all && !rpt)
		return;
	for (i = 0; !batch->all && i < batch->nr && !rc; i++)
		rc = nhv_call_forget_page(rpt, batch->lpid,
					  batch->page[i].addr.addr,
					  batch->page[i].shift);
	if (batch->all || rc)
		rc = nhv_call_forget_lpid(rpt, batch->lpid, NHV_TLBIE_RIC_TLB);
	if (batch->walk_cache && !rc)
		rc = nhv_call_forget_lpid(rpt, batch->lpid, NHV_TLBIE_RIC_PWC);
	if (!rc)
		return;

	/* What nobody may refuse; on v1 with the other call. */
	rc = nhv_call_forget_lpid(nhv_level.carries_all, batch->lpid,
				  NHV_TLBIE_RIC_ALL);
	if (rc)
		pr_err_ratelimited("nhv: the level below refuses to invalidate LPID %u (%ld): its guest may see freed memory, end it\n",
				   batch->lpid, rc);
}

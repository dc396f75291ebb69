// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shadow trees: none yet, so that no guest of a guest can be made.
 */
#include <nhv/nested.h>

int nhv_shadow_init(struct nhv_nested *nested)
{
	return -ENOMEM;
}

void nhv_shadow_release(struct nhv_nested *nested)
{
}

enum nhv_shadow_verdict nhv_shadow_fault(struct nhv_nested *nested,
					 struct nhv_fault_run *run,
					 struct nhv_shadow_fault *fault)
{
	fault->error = -ENOMEM;
	return NHV_SHADOW_MEMORY;
}

void nhv_shadow_refill(struct nhv_nested *nested, struct nhv_fault_run *run,
		       struct nhv_l3ra at)
{
}

void nhv_shadow_unmap_range(struct nhv_nested *nested, struct nhv_l3ra from,
			    u64 size)
{
}

void nhv_shadow_unmap_all(struct nhv_nested *nested)
{
}

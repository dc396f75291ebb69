// SPDX-License-Identifier: GPL-2.0-only
/* Memory taken from under a vCPU that stores all the time. */
#include <errno.h>

#include "vmm.h"

long storm(struct machine *m, unsigned int slot, uint64_t real, uint64_t rounds)
{
	return -ENOSYS;
}

bool storm_mmio(struct vcpu *v)
{
	return false;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The test device: memory behind MMIO exits.  It behaves as RAM, so a payload
 * can run the same instruction on it and on RAM and compare.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "vmm.h"
#include "papr.h"

static uint8_t bytes[DEVICE_SIZE];
static uint64_t accesses, moved, largest;

static void access_device(struct kvm_run *run)
{
	uint64_t offset = run->mmio.phys_addr - DEVICE_BASE;

	if (run->mmio.is_write)
		memcpy(bytes + offset, run->mmio.data, run->mmio.len);
	else
		memcpy(run->mmio.data, bytes + offset, run->mmio.len);
	accesses++;
	moved += run->mmio.len;
	if (run->mmio.len > largest)
		largest = run->mmio.len;
}

void device_mmio(struct vcpu *v)
{
	struct kvm_run *run = v->run;
	uint64_t real = run->mmio.phys_addr;

	if (run->mmio.len > sizeof(run->mmio.data)) {
		fprintf(stderr, "nhv-vmm: MMIO of %u bytes\n", run->mmio.len);
		machine_end(v->m, STATUS_ENTRY);
	} else if (real >= DEVICE_BASE && real <= DEVICE_BASE + DEVICE_SIZE - run->mmio.len) {
		access_device(run);
	} else if (!storm_mmio(v) && !run->mmio.is_write) {
		/* Nobody is there: as on a bus, all ones. */
		memset(run->mmio.data, 0xff, sizeof(run->mmio.data));
	}
}

/* For H_LOGICAL_CI_LOAD and _STORE: where the bytes are, NULL for nowhere. */
void *device_at(uint64_t real, uint64_t size)
{
	if (real < DEVICE_BASE || real > DEVICE_BASE + DEVICE_SIZE - size)
		return NULL;
	return bytes + (real - DEVICE_BASE);
}

static void fill(uint64_t seed)
{
	for (size_t i = 0; i < sizeof(bytes); i++) {
		seed = seed * 6364136223846793005UL + 1442695040888963407UL;
		bytes[i] = seed >> 56;
	}
}

long device_ask(uint64_t what, uint64_t *args)
{
	switch (what) {
	case ASK_DEVICE_FILL:
		fill(args[0]);
		return 0;
	case ASK_DEVICE_READ:
		if (args[0] > sizeof(bytes) - 8)
			return -EFAULT;
		memcpy(&args[0], bytes + args[0], 8);
		return 0;
	}
	args[0] = accesses;
	args[1] = moved;
	args[2] = largest;
	accesses = moved = largest = 0;
	return 0;
}

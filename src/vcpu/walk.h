/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The walk of a guest's process table and process-scoped radix tree.
 */
#ifndef NHV_VCPU_WALK_H
#define NHV_VCPU_WALK_H

#include <nhv/base.h>

struct nhv_vm;

/**
 * struct nhv_walk - what a translation depends on
 * @process_table: dword 1 of the partition table entry
 * @pid: PIDR
 * @msr: MSR of the access
 * @data: a load or store (MSR[DR]), else an instruction fetch (MSR[IR])
 */
struct nhv_walk {
	u64 process_table;
	u32 pid;
	u64 msr;
	bool data;
};

/**
 * nhv_walk() - from an effective address to a real one of the guest
 * @vm: whose memory holds the tables; may sleep
 * @walk: see there
 * @ea: effective address
 * @ra: gets the L2 real address
 *
 * Protection is checked as far as it is known here: the kind of access and the
 * privilege, not keys. R and C are left alone: the processor has made the
 * access that we emulate, and has set them.
 *
 * Return: 0; -EFAULT when the tables do not map the address for that access or
 * are no legal tables.
 */
int nhv_walk(struct nhv_vm *vm, const struct nhv_walk *walk, u64 ea,
	     struct nhv_l2ra *ra);

#endif

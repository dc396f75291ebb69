/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest hypervisor, for tests of src/nested: its memory and its one vCPU, the
 * shadow trees and the level below as counters of what was asked of them.
 */
#ifndef HYPERVISOR_H
#define HYPERVISOR_H

#include <nhv/core.h>
#include <nhv/nested.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>

#define MEMORY		0x80000U
#define TABLE		0x10000U	/* partition table, PATS 4 */
#define PTCR		(TABLE | 4)
#define STATE		0x1000U
#define REGS		0x2000U
#define TREE		(NHV_PATE0_HR | NHV_RTS_52 | 0x30000 | NHV_RPDS_52)
#define OWN_MSR		(NHV_MSR_SF | NHV_MSR_ME | NHV_MSR_LE)

/* L2 real: its tree for L3, and 16 pages that are L3's memory. */
#define ROOT		0x30000U
#define LEVEL_1G	0x40000U
#define LEVEL_2M	0x41000U
#define LEVEL_4K	0x42000U
#define MEMORY_L3	0x50000U
#define PAGES_L3	16U

/* L3 real: process table, root of 2^10 and table of 2^9 entries of its tree. */
#define PROCESSES	0x0000U
#define THEIR_TABLE	0x1000U
#define THEIR_ROOT	0x2000U
#define THEIR_PAGES	0x8000U	/* effective page 0, 1, ... */

#define PID		5U
#define RWX		(NHV_PTE_READ | NHV_PTE_WRITE | NHV_PTE_EXEC)

struct hypervisor {
	struct nhv_vm vm;
	struct nhv_vcpu vcpu;
	struct nhv_hv_guest_state gs, nested_gs;
	struct nhv_pt_regs regs, nested_regs;
	u8 memory[MEMORY];
	u8 read[MEMORY];	/* how often each byte was read */
	u64 hole;		/* a byte that cannot be reached */
	u64 now;
	/* what exists */
	int objects, lpids, trees;
	/* what fails: all allocations after so many, one thing asked of others */
	int fail_after, fail_ask;
	/* what was called */
	unsigned int tables_set, cleared, unmapped_all, ranges, refills, batches;
	u64 process_table;
	struct nhv_l3ra from;
	u64 size;
	u32 last_lpid;
	bool full;		/* the level below has no LPID */
	bool rpt;
	int unready;		/* it has no vCPU for L3 */
	long lost;		/* what it says instead of the registers of L3 */
	bool other_turn;	/* L3 cannot be run in L2's turn */
	u64 leaf;		/* bits of the leaf that maps what L2 passes */
	unsigned int switched;
	u64 until;
};

extern struct hypervisor t;

/* What another vCPU does when a spinning lock is free: once. */
extern void (*meanwhile)(void);

/** start() - a new VM with a partition table that has a guest 1 */
void start(void);

/** end() - the VM goes, and nothing may be left of it */
void end(void);

/** set_entry() - an entry of its partition table */
void set_entry(u32 lpid, u64 tree, u64 process_table);

/** pass() - its two structures, in the byte order that its MSR says */
void pass(u64 version, u32 lpid, u64 msr);

/** l2_leaf() - a page of L3's memory is at its place, with these rights, 0: none */
void l2_leaf(unsigned int page, u64 rights);

/** l3_leaf() - the same of an effective page of L3, by its own table */
void l3_leaf(unsigned int page, u64 rights);

/** build_l3() - the tree for guest 1, and that guest's own for PID and kernel */
void build_l3(void);

/** enter() - H_ENTER_NESTED with them */
long enter(void);

/**
 * call() - a hypercall as papr/nested.c gets it
 * @handler: nhv_h_*()
 * @nr: how many arguments follow, each u64
 *
 * Return: the code.
 */
long call(long (*handler)(struct nhv_vcpu *vcpu), unsigned int nr, ...);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A payload as a hypervisor: what it needs to run guests of its own by the
 * hypercalls of the first nested API (H_ENTER_NESTED and its companions).
 */
#ifndef GUEST_HV_H
#define GUEST_HV_H

#include "guest.h"

#define H_NOT_AVAILABLE		3L
#define H_BAD_MODE		-5L
#define H_NOT_FOUND		-7L
#define H_NO_MEM		-9L
#define H_P5			-58L

#define H_RPT_INVALIDATE	0x448
#define H_GUEST_GET_CAPABILITIES 0x460
#define H_GUEST_DELETE		0x488
#define H_SET_PARTITION_TABLE	0xf800
#define H_ENTER_NESTED		0xf804
#define H_TLB_INVALIDATE	0xf808
#define H_COPY_TOFROM_GUEST	0xf80c

/* Causes in HDSISR, and in the MSR image of an instruction's fault. */
#define CAUSE_NO_ENTRY		0x40000000UL
#define CAUSE_NO_EXEC		0x10000000UL
#define CAUSE_PROTECTION	0x08000000UL
#define CAUSE_STORE		0x02000000UL
#define CAUSE_BAD_CONFIG	0x00080000UL
#define CAUSE_SET_RC		0x00040000UL
#define CAUSE_TABLE		0x00020000UL
#define CAUSES			0x7a0e0000UL

/* Partition-scoped leaves. */
#define LEAF_R	0x004UL
#define LEAF_W	0x002UL
#define LEAF_X	0x001UL
#define LEAF_REF 0x100UL
#define LEAF_CHG 0x080UL
#define LEAF_ALL (LEAF_R | LEAF_W | LEAF_X | LEAF_REF | LEAF_CHG)

/* tlbie operands as H_TLB_INVALIDATE takes them */
#define TLBIE(ric, prs, r)	((u64)(ric) << 18 | (u64)(prs) << 17 | (u64)(r) << 16)
#define IS_PAGE	0x000UL
#define IS_PID	0x400UL
#define IS_LPID	0x800UL
#define IS_ALL	0xc00UL
#define AP(n)	((u64)(n) << 5)

/* struct hv_guest_state; all but lpid and token are doublewords */
struct hv_state {
	u64 version;
	u32 lpid, token;
	u64 lpcr, pcr, amor, dpdes, hfscr, tb_offset, dawr0, dawrx0, ciabr;
	u64 hdec_expiry, purr, spurr, ic, vtb, hdar, hdsisr, heir, asdr;
	u64 srr0, srr1, sprg[4], pidr, cfar, ppr;
	u64 dawr1, dawrx1;	/* from version 2 on */
};
#define STATE_V1_SIZE	0xe8

/* struct pt_regs, with the longest tail that is in use */
struct hv_regs {
	u64 gpr[32], nip, msr, orig_gpr3, ctr, link, xer, ccr;
	u64 softe, trap, dar, dsisr, result, tail[4];
};

/*
 * One virtual processor of a guest. state and regs are in our own byte order;
 * what the hypercall gets are copies in the order it is made in.
 */
struct l3 {
	struct hv_state state;
	struct hv_regs regs;
	u64 wire_state[64], wire_regs[64];	/* 512 bytes each */
	u64 spurious;		/* exits that were not the guest's, entered again */
};

/* A guest: its tree, and its real memory from 0 on is the image of l3.S. */
struct l3_guest {
	u32 lpid;
	u64 *root;
};

extern char l3_image[], l3_end[], l3_call[], l3_load[], l3_store[], l3_jump[], l3_spin[],
	l3_wait[], l3_illegal[], l3_sc[], l3_fp[], l3_touch[], l3_follow[], l3_time[],
	l3_set_dec[], l3_sprs[];
#define L3_PROGRAM(name)	((u64)(l3_##name - l3_image))

long watched_hcall(u64 *args, u64 *out, u64 big_endian);

/* hv.c: be=1 on the command line makes all hypercalls big-endian */
long hv_call(u64 nr, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f);
#define hv_call_(nr, a, b, c, d, e, f, ...) hv_call(nr, a, b, c, d, e, f)
#define hv(...) hv_call_(__VA_ARGS__, 0, 0, 0, 0, 0, 0)

/* true when this machine serves hypervisors; else the test is skipped */
bool hv_ready(void);
extern u64 *const hv_partition_table;
#define PARTITION_SIZE_FIELD	4	/* 64 KiB, 4096 entries */
u64 hv_table_value(void);
void hv_set_entry(u32 lpid, u64 dword0, u64 dword1);
u64 hv_root_value(const u64 *root);
bool hv_guest_make(struct l3_guest *g, u32 lpid);
void hv_guest_end(struct l3_guest *g);
void l3_init(struct l3 *v, const struct l3_guest *g, u64 program);
long l3_enter_raw(struct l3 *v, u64 state, u64 regs);
long l3_enter(struct l3 *v);
long l3_run(struct l3 *v);
long l3_go(struct l3 *v, u64 program, u64 r3, u64 r4);
/* the entry for a page of the guest, as a number; 0: no table for it */
u64 l3_get_leaf(struct l3_guest *g, u64 real, unsigned int shift);
void l3_set_leaf(struct l3_guest *g, u64 real, unsigned int shift, u64 value);
long hv_flush_page(u32 lpid, u64 real, unsigned int ap);
long hv_flush_lpid(u32 lpid, unsigned int ric);
/* zeroed memory of ours that is not given back */
void *hv_memory(u64 size, u64 align);

#endif

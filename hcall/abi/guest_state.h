/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two structures of H_ENTER_NESTED (API v1): hv_guest_state, version 2,
 * and pt_regs. Both in the byte order of the caller.
 */
#ifndef NHV_ABI_GUEST_STATE_H
#define NHV_ABI_GUEST_STATE_H

#include <nhv/base.h>

#define NHV_GUEST_STATE_V1		1
#define NHV_GUEST_STATE_V2		2

struct nhv_hv_guest_state {
	u64 version;
	u32 lpid;
	u32 vcpu_token;
	u64 lpcr;
	u64 pcr;
	u64 amor;
	u64 dpdes;
	u64 hfscr;
	s64 tb_offset;
	u64 dawr0;
	u64 dawrx0;
	u64 ciabr;
	u64 hdec_expiry;
	u64 purr;
	u64 spurr;
	u64 ic;
	u64 vtb;
	u64 hdar;
	u64 hdsisr;
	u64 heir;
	u64 asdr;
	u64 srr0;
	u64 srr1;
	u64 sprg[4];
	u64 pidr;
	u64 cfar;
	u64 ppr;
	u64 dawr1;	/* from version 2 on */
	u64 dawrx1;
};

/* The part of pt_regs that carries meaning, in the place Linux gives it. */
struct nhv_pt_regs {
	u64 gpr[32];
	u64 nip;
	u64 msr;
	u64 orig_gpr3;
	u64 ctr;
	u64 link;
	u64 xer;
	u64 ccr;
	u64 softe;
	u64 trap;
	u64 dar;
	u64 dsisr;
	u64 result;
};

/*
 * No instruction: heir is preset to this, and a 0xE40 that leaves it there came
 * from a level below that does not report the instruction (QEMU).
 */
#define NHV_HEIR_CANARY			0xdeadbeef00000000ULL

/*
 * L0 kernels read and write back a tail of their own behind pt_regs, of 0 to
 * 32 bytes on those known. The room kept for it is far more than any needs.
 */
#define NHV_PT_REGS_ROOM		512

#endif

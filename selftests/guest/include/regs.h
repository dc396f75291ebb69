/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The register block of regs.S, at a fixed low address: an access with
 * displacement alone needs no base register, and none is free there.
 */
#ifndef GUEST_REGS_H
#define GUEST_REGS_H

#define REGS_IN		0x3000
#define REGS_OUT	0x3800
#define REGS_KEEP	0x4000	/* what the caller of regs_round needs again */

#define REGS_GPR	0x000	/* 32 */
#define REGS_VSR	0x100	/* 64 of 16 bytes */
#define REGS_CR		0x500
#define REGS_XER	0x508
#define REGS_LR		0x510
#define REGS_CTR	0x518
#define REGS_FPSCR	0x520
#define REGS_VSCR	0x530	/* 16 bytes */
#define REGS_MSR	0x540
#define REGS_SPR	0x580	/* as many as sprs.def has */
#define REGS_SIZE	0x6c0

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * regs_*(): load every register from REGS_IN, leave the guest (or spin), store
 * every register to REGS_OUT.  Nothing but the block is shared with C.
 */
#include "asm.h"
#include "regs.h"

	.machine "power10"
	.section .text

#define MSR_FACILITIES	0x2802000	/* VEC, VSX, FP */

.macro for_sprs op		/* r3 is scratch */
	.set	at, REGS_SPR
#define SPR(name, number, mask, fixed) \op at, number; .set at, at + 8;
#define SPR_P9(name, number, mask, fixed) .set at, at + 8;
#define SPR_P10(name, number, mask, fixed) .set at, at + 8;
#define SPR_PMU(name, number, mask, fixed) .set at, at + 8;
#include "sprs.def"
.endm

/* Optional ones are behind a branch; r4: bit 0 POWER9, 1 POWER10, 2 PMU */
.macro for_optional_sprs op
	.set	at, REGS_SPR
#define SPR(name, number, mask, fixed) .set at, at + 8;
#define SPR_P9(name, number, mask, fixed) \op at, number, 1; .set at, at + 8;
#define SPR_P10(name, number, mask, fixed) \op at, number, 2; .set at, at + 8;
#define SPR_PMU(name, number, mask, fixed) \op at, number, 4; .set at, at + 8;
#include "sprs.def"
.endm

.macro load_spr offset, number
	ld	%r3, REGS_IN+\offset(0)
	mtspr	\number, %r3
.endm

.macro store_spr offset, number
	mfspr	%r3, \number
	std	%r3, REGS_OUT+\offset(0)
.endm

.macro load_optional offset, number, bit
	andi.	%r3, %r4, \bit
	beq	1f
	load_spr \offset, \number
1:
.endm

.macro store_optional offset, number, bit
	andi.	%r3, %r4, \bit
	beq	1f
	store_spr \offset, \number
1:
.endm

/* r3: which optional registers there are */
.macro load_all
	mflr	%r0
	std	%r0, REGS_KEEP(0)
	std	%r1, REGS_KEEP+8(0)
	std	%r2, REGS_KEEP+16(0)
	std	%r13, REGS_KEEP+24(0)
	mfcr	%r0
	std	%r0, REGS_KEEP+32(0)
	std	%r3, REGS_KEEP+40(0)
	.set	n, 14
	.rept	18
	std	n, REGS_KEEP+64+8*n(0)
	.set	n, n + 1
	.endr
	mfspr	%r0, SPR_SPRG1
	std	%r0, REGS_KEEP+48(0)
	mfspr	%r0, SPR_PIDR
	std	%r0, REGS_KEEP+56(0)

	mr	%r4, %r3
	mfmsr	%r3
	oris	%r3, %r3, MSR_FACILITIES@h
	ori	%r3, %r3, MSR_FACILITIES@l
	mtmsrd	%r3
	isync
	li	%r5, REGS_IN+REGS_VSCR
	lvx	%v0, 0, %r5
	mtvscr	%v0
	lfd	%f0, REGS_IN+REGS_FPSCR(0)
	mtfsf	0xff, %f0, 1, 0
	.set	n, 0
	.rept	64
	li	%r5, REGS_IN+REGS_VSR+16*n
	lxvd2x	n, 0, %r5
	.set	n, n + 1
	.endr
	for_sprs load_spr
	for_optional_sprs load_optional
	isync
	ld	%r3, REGS_IN+REGS_XER(0)
	mtxer	%r3
	ld	%r3, REGS_IN+REGS_LR(0)
	mtlr	%r3
	ld	%r3, REGS_IN+REGS_CTR(0)
	mtctr	%r3
	ld	%r3, REGS_IN+REGS_CR(0)
	mtcr	%r3
	mfmsr	%r3
	std	%r3, REGS_IN+REGS_MSR(0)
	.set	n, 0
	.rept	32
	ld	n, REGS_IN+REGS_GPR+8*n(0)
	.set	n, n + 1
	.endr
.endm

.macro store_all
	.set	n, 0
	.rept	32
	std	n, REGS_OUT+REGS_GPR+8*n(0)
	.set	n, n + 1
	.endr
	mfcr	%r3
	std	%r3, REGS_OUT+REGS_CR(0)
	mfxer	%r3
	std	%r3, REGS_OUT+REGS_XER(0)
	mflr	%r3
	std	%r3, REGS_OUT+REGS_LR(0)
	mfctr	%r3
	std	%r3, REGS_OUT+REGS_CTR(0)
	mfmsr	%r3
	std	%r3, REGS_OUT+REGS_MSR(0)
	ld	%r4, REGS_KEEP+40(0)
	for_sprs store_spr
	for_optional_sprs store_optional
	.set	n, 0
	.rept	64
	li	%r5, REGS_OUT+REGS_VSR+16*n
	stxvd2x	n, 0, %r5
	.set	n, n + 1
	.endr
	mffs	%f0
	stfd	%f0, REGS_OUT+REGS_FPSCR(0)
	mfvscr	%v0
	li	%r5, REGS_OUT+REGS_VSCR
	stvx	%v0, 0, %r5

	/* Defaults again for what C code would stumble on. */
	li	%r3, 0
	mtspr	29, %r3
	mtspr	61, %r3
	ld	%r3, REGS_KEEP+56(0)
	mtspr	SPR_PIDR, %r3
	ld	%r3, REGS_KEEP+48(0)
	mtspr	SPR_SPRG1, %r3
	isync
	.set	n, 14
	.rept	18
	ld	n, REGS_KEEP+64+8*n(0)
	.set	n, n + 1
	.endr
	ld	%r0, REGS_KEEP+32(0)
	mtcr	%r0
	ld	%r13, REGS_KEEP+24(0)
	ld	%r2, REGS_KEEP+16(0)
	ld	%r1, REGS_KEEP+8(0)
	ld	%r0, REGS_KEEP(0)
	mtlr	%r0
	blr
.endm

	.globl	regs_hcall
regs_hcall:
	load_all
	sc	1
	store_all

/* CTR turns without leaving by itself */
	.globl	regs_spin
regs_spin:
	load_all
1:	bdnz	1b
	store_all

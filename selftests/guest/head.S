/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Exception vectors and start-up code of the payloads.  Linked at real
 * address 0, little-endian, and mapped one to one when translation is on, so
 * that a vector (always entered with translation off) is the same code.
 */
#include "asm.h"

	.machine "power9"
	.section .vectors, "ax"

/* SPRG1 is the struct cpu, SPRG2 is scratch; five instructions fit 32 bytes. */
.macro vector number
	. = \number
	mtspr	SPR_SPRG2, %r13
	mfspr	%r13, SPR_SPRG1
	std	%r12, CPU_R12(%r13)
	li	%r12, \number
	b	trap_common
.endm

	vector	0x100
	vector	0x200
	vector	0x300
	vector	0x380
	vector	0x400
	vector	0x480
	vector	0x500
	vector	0x600
	vector	0x700
	vector	0x800
	vector	0x900
	vector	0x980
	vector	0xa00
	vector	0xc00
	vector	0xd00
	vector	0xe00
	vector	0xe20
	vector	0xe40
	vector	0xe60
	vector	0xe80
	vector	0xea0
	vector	0xf00
	vector	0xf20
	vector	0xf40
	vector	0xf60
	vector	0xf80
	vector	0x1500

	. = 0x2000
trap_common:
	std	%r1, -FRAME_SIZE-0x400+FRAME_GPR+8(%r13)	/* below struct cpu */
	addi	%r1, %r13, -FRAME_SIZE-0x400
	std	%r12, FRAME_VECTOR(%r1)
	ld	%r12, CPU_R12(%r13)
	.irp n, 0,2,3,4,5,6,7,8,9,10,11,12
	std	%r\n, FRAME_GPR+8*\n(%r1)
	.endr
	mfspr	%r3, SPR_SPRG2
	std	%r3, FRAME_GPR+8*13(%r1)
	.irp n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	std	%r\n, FRAME_GPR+8*\n(%r1)
	.endr
	mfspr	%r3, SPR_SRR0
	std	%r3, FRAME_NIP(%r1)
	mfspr	%r3, SPR_SRR1
	std	%r3, FRAME_MSR(%r1)
	mfctr	%r3
	std	%r3, FRAME_CTR(%r1)
	mflr	%r3
	std	%r3, FRAME_LR(%r1)
	mfxer	%r3
	std	%r3, FRAME_XER(%r1)
	mfcr	%r3
	std	%r3, FRAME_CR(%r1)
	mfspr	%r3, SPR_DAR
	std	%r3, FRAME_DAR(%r1)
	mfspr	%r3, SPR_DSISR
	std	%r3, FRAME_DSISR(%r1)

	mr	%r3, %r1
	mr	%r31, %r1
	ld	%r1, CPU_TRAP_STACK(%r13)
	lis	%r2, .TOC.@h
	ori	%r2, %r2, .TOC.@l
	bl	trap
	mr	%r1, %r31

	ld	%r3, FRAME_NIP(%r1)
	mtspr	SPR_SRR0, %r3
	ld	%r3, FRAME_MSR(%r1)
	mtspr	SPR_SRR1, %r3
	ld	%r3, FRAME_CTR(%r1)
	mtctr	%r3
	ld	%r3, FRAME_LR(%r1)
	mtlr	%r3
	ld	%r3, FRAME_XER(%r1)
	mtxer	%r3
	ld	%r3, FRAME_CR(%r1)
	mtcr	%r3
	.irp n, 0,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	%r\n, FRAME_GPR+8*\n(%r1)
	.endr
	ld	%r1, FRAME_GPR+8(%r1)
	rfid
	b	.

	.section .text
/* r3: device tree */
	.globl	_start
_start:
	lis	%r13, (boot_area + FRAME_SIZE + 0x400)@h
	ori	%r13, %r13, (boot_area + FRAME_SIZE + 0x400)@l
	lis	%r4, start_c@h
	ori	%r4, %r4, start_c@l
	std	%r4, CPU_ENTRY(%r13)
	std	%r3, CPU_ARG(%r13)
	mr	%r3, %r13

/* r3: the struct cpu, with what to call in it */
	.globl	start_cpu_here
start_cpu_here:
	mr	%r13, %r3
	mtspr	SPR_SPRG1, %r13
	li	%r4, -1			/* no decrementer interrupt by itself */
	rldicl	%r4, %r4, 0, 9
	mtspr	SPR_DEC, %r4
	ld	%r1, CPU_STACK(%r13)
	lis	%r2, .TOC.@h
	ori	%r2, %r2, .TOC.@l
	ld	%r12, CPU_ENTRY(%r13)
	ld	%r3, CPU_ARG(%r13)
	mtctr	%r12
	bctrl
	b	.

/* long hcall(unsigned long *args): r3..r12 out of args[0..9] and back */
	.globl	hcall_block
hcall_block:
	mflr	%r0
	std	%r0, 16(%r1)
	stdu	%r1, -64(%r1)
	std	%r31, 56(%r1)
	mr	%r31, %r3
	.irp n, 4,5,6,7,8,9,10,11,12
	ld	%r\n, 8*(\n-3)(%r31)
	.endr
	ld	%r3, 0(%r31)
	sc	1
	.irp n, 4,5,6,7,8,9,10,11,12
	std	%r\n, 8*(\n-3)(%r31)
	.endr
	std	%r3, 0(%r31)
	ld	%r31, 56(%r1)
	addi	%r1, %r1, 64
	ld	%r0, 16(%r1)
	mtlr	%r0
	blr

/* Continue with another MSR: set_msr(msr) */
	.globl	set_msr
set_msr:
	mflr	%r4
	mtspr	SPR_SRR0, %r4
	mtspr	SPR_SRR1, %r3
	rfid
	b	.

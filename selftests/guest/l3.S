/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest of a payload that is a hypervisor: seen by itself it starts at
 * real address 0.  Each program ends in a hypercall, which the payload gets as
 * an exit with the program's registers.  Exceptions end in one too: r3 is the
 * vector, r4 and r5 SRR0 and SRR1, r6 and r7 DAR and DSISR.
 *
 * And how a hypercall is made with everything watched, in either byte order.
 */
#include "asm.h"

	.machine "power9"
	.section .data
	.balign	0x10000
	.globl	l3_image, l3_end
l3_image:

.macro vector number
	. = \number
	li	%r3, \number
	mfspr	%r4, SPR_SRR0
	mfspr	%r5, SPR_SRR1
	mfspr	%r6, SPR_DAR
	mfspr	%r7, SPR_DSISR
	b	l3_call
.endm
	vector	0x100
	vector	0x200
	vector	0x300
	vector	0x400
	vector	0x500
	vector	0x600
	vector	0x700
	vector	0x800
	vector	0x900
	vector	0xc00
	vector	0xd00
	vector	0xf20
	vector	0xf40
	vector	0xf60

	. = 0x2000
.macro program name
	.balign	32
	.globl	l3_\name
l3_\name:
.endm
	program call
	sc	1
	b	l3_call

	program load		/* r4 = *r3 */
	ld	%r4, 0(%r3)
	b	l3_call

	program store		/* *r3 = r4 */
	std	%r4, 0(%r3)
	b	l3_call

	program jump		/* to r3, which comes back */
	mtctr	%r3
	bctrl
	b	l3_call

	program spin
	b	.

	program wait		/* with interrupts on */
	mfmsr	%r3
	ori	%r3, %r3, 0x8000
	mtmsrd	%r3
	b	.

	program illegal
	.long	0x00c0ffee
	b	l3_call

	program sc
	sc	0
	b	l3_call

	program fp
	fadd	%f1, %f1, %f1
	b	l3_call

	program touch		/* r4 places, r5 apart, from r3 on */
	mtctr	%r4
1:	std	%r3, 0(%r3)
	add	%r3, %r3, %r5
	bdnz	1b
	b	l3_call

	program follow		/* publish what is at r3 at r4, and count at r4+8 */
	li	%r6, 0
1:	ld	%r5, 0(%r3)
	std	%r5, 0(%r4)
	addi	%r6, %r6, 1
	std	%r6, 8(%r4)
	b	1b

	program time		/* r4 timebase, r5 decrementer, r6 MSR */
	mfspr	%r4, 268
	mfspr	%r5, SPR_DEC
	mfmsr	%r6
	b	l3_call

	program set_dec		/* from r3, and look at it again: r4 */
	mtspr	SPR_DEC, %r3
	mfspr	%r4, SPR_DEC
	b	l3_call

	program sprs		/* read r4-r12, written r14-r22; r9: TAR, r10: DSCR, .. */
	mfspr	%r4, SPR_SRR0
	mfspr	%r5, SPR_SRR1
	mfspr	%r6, SPR_SPRG0
	mfspr	%r7, SPR_SPRG3
	mfspr	%r8, SPR_PIDR
	mfspr	%r9, 815
	mfspr	%r10, 17
	mfspr	%r11, 256
	mfspr	%r12, 29
	mtspr	SPR_SRR0, %r14
	mtspr	SPR_SRR1, %r15
	mtspr	SPR_SPRG0, %r16
	mtspr	SPR_SPRG3, %r17
	mtspr	SPR_PIDR, %r18
	mtspr	815, %r19
	mtspr	17, %r20
	mtspr	256, %r21
	mtspr	29, %r22
	b	l3_call
	.balign	4096
l3_end:

	.section .text
/*
 * long watched_hcall(u64 *args, u64 *out, u64 big_endian): r3..r12 out of args;
 * everything else that a hypercall keeps gets a pattern and is stored to out
 * after it: r14-r27 at 0, then CR, CTR, XER, LR.
 */
	.globl	watched_hcall
watched_hcall:
	mflr	%r0
	std	%r0, 16(%r1)
	stdu	%r1, -256(%r1)
	.irp n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	std	%r\n, (64+8*(\n-14))(%r1)
	.endr
	mfcr	%r0
	std	%r0, 48(%r1)
	mr	%r31, %r3
	mr	%r30, %r4
	mfmsr	%r29
	mr	%r28, %r29
	cmpdi	%r5, 0
	beq	1f
	li	%r0, 1			/* MSR[LE] off */
	andc	%r28, %r29, %r0
1:	mtspr	SPR_SRR1, %r28
	lis	%r0, call_le@h
	ori	%r0, %r0, call_le@l
	beq	2f
	lis	%r0, call_be@h
	ori	%r0, %r0, call_be@l
2:	mtspr	SPR_SRR0, %r0
	lis	%r28, call_back@h
	ori	%r28, %r28, call_back@l
	.irp n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27
	li	%r\n, 0x1100+\n
	.endr
	lis	%r0, 0x1234
	ori	%r0, %r0, 0x5678
	mtcr	%r0
	mtctr	%r0
	li	%r0, 0xe
	mtxer	%r0
	mtlr	%r15
	.irp n, 3,4,5,6,7,8,9,10,11,12
	ld	%r\n, 8*(\n-3)(%r31)
	.endr
	rfid
call_le:
	sc	1
	mtspr	SPR_SRR0, %r28
	mtspr	SPR_SRR1, %r29
	rfid
call_be:				/* the same, big-endian */
	.byte	0x44, 0x00, 0x00, 0x22
	.byte	0x7f, 0x9a, 0x03, 0xa6
	.byte	0x7f, 0xbb, 0x03, 0xa6
	.byte	0x4c, 0x00, 0x00, 0x24
call_back:
	.irp n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27
	std	%r\n, 8*(\n-14)(%r30)
	.endr
	mfcr	%r14
	std	%r14, 112(%r30)
	mfctr	%r14
	std	%r14, 120(%r30)
	mfxer	%r14
	std	%r14, 128(%r30)
	mflr	%r14
	std	%r14, 136(%r30)
	.irp n, 3,4,5,6,7,8,9,10,11,12
	std	%r\n, 8*(\n-3)(%r31)
	.endr
	ld	%r0, 48(%r1)
	mtcr	%r0
	.irp n, 14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	ld	%r\n, (64+8*(\n-14))(%r1)
	.endr
	addi	%r1, %r1, 256
	ld	%r0, 16(%r1)
	mtlr	%r0
	blr

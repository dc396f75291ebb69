/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * run_insn(struct insn_regs *r, code, msr): loads the registers of r, executes
 * the code (which ends with an rfid back to run_insn_back) under that MSR, and
 * stores the registers to r again.
 *
 * struct insn_regs: gpr 4, 5, 6, 7 at 0; vsr 1 at 32, vsr 34 (v2) at 48.
 */
#include "asm.h"

	.machine "power10"
	.section .text

	.globl	run_insn
run_insn:
	mflr	%r0
	std	%r0, 16(%r1)
	stdu	%r1, -96(%r1)
	std	%r28, 64(%r1)
	std	%r29, 72(%r1)
	std	%r30, 80(%r1)
	std	%r31, 88(%r1)
	mr	%r31, %r3
	mfmsr	%r30			/* what comes back */
	lis	%r28, run_insn_back@h
	ori	%r28, %r28, run_insn_back@l
	mr	%r29, %r30
	oris	%r10, %r30, 0x280	/* VEC, VSX */
	ori	%r10, %r10, 0x2000	/* FP */
	mtmsrd	%r10
	isync
	oris	%r29, %r29, 0x280
	ori	%r29, %r29, 0x2000
	mtspr	SPR_SRR0, %r4
	mtspr	SPR_SRR1, %r5
	li	%r10, 32
	lxvx	%vs1, %r31, %r10
	li	%r10, 48
	lxvx	%vs34, %r31, %r10
	ld	%r4, 0(%r31)
	ld	%r5, 8(%r31)
	ld	%r6, 16(%r31)
	ld	%r7, 24(%r31)
	rfid
	.globl	run_insn_back
run_insn_back:
	std	%r4, 0(%r31)
	std	%r5, 8(%r31)
	std	%r6, 16(%r31)
	std	%r7, 24(%r31)
	li	%r10, 32
	stxvx	%vs1, %r31, %r10
	li	%r10, 48
	stxvx	%vs34, %r31, %r10
	mtmsrd	%r30
	isync
	ld	%r28, 64(%r1)
	ld	%r29, 72(%r1)
	ld	%r30, 80(%r1)
	ld	%r31, 88(%r1)
	addi	%r1, %r1, 96
	ld	%r0, 16(%r1)
	mtlr	%r0
	blr

/*
 * The instructions to try.  r4 is the base, r5 an index, r6 what is loaded or
 * stored, vs1 (f1) and vs34 (v2) as well.  Each entry: length in words, flags
 * of include/insn.h, what it moves, a name, the code.
 */
#include "insn.h"

	.section .rodata
	.balign	8
	.globl	insns
insns:
.macro insn flags, size, code:vararg
	.long	\flags, \size
	.quad	9001f
	.quad	9000f
	.section .rodata.str, "aMS", @progbits, 1
9001:	.asciz	"\code"
	.section .text
	.balign	64
9000:	\code
	.long	0
	.section .rodata
.endm
#include "insns.def"
	.long	0, 0
	.quad	0, 0

/* SPDX-License-Identifier: GPL-2.0-only */
/* All 64 vector-scalar registers at once, which C cannot hold. */
	.machine "power8"
	.text

.macro each op, base		/* r0 is scratch */
	.set	n, 0
	.rept	64
	li	%r0, 16*n
	\op	n, \base, %r0
	.set	n, n + 1
	.endr
.endm

/* The ABI's own: f14 to f31 and v20 to v31 are vs14..31 and vs52..63. */
.macro callers op
	.set	n, 14
	.rept	18
	li	%r0, 16*n
	\op	n, %r1, %r0
	.set	n, n + 1
	.endr
	.set	n, 52
	.rept	12
	li	%r0, 16*(n-20)
	\op	n, %r1, %r0
	.set	n, n + 1
	.endr
.endm

/* noise_vsx(in, out, turns) */
	.globl	noise_vsx
	.type	noise_vsx, @function
noise_vsx:
	stdu	%r1, -1024(%r1)
	callers	stxvd2x
	each	lxvd2x, %r3
	mtctr	%r5
1:	bdnz	1b
	each	stxvd2x, %r4
	callers	lxvd2x
	addi	%r1, %r1, 1024
	blr

/* long noise_ioctl(fd, nr, arg, in, out): 0 or more, or -errno */
	.globl	noise_ioctl
	.type	noise_ioctl, @function
noise_ioctl:
	stdu	%r1, -1024(%r1)
	std	%r14, 1008(%r1)
	mr	%r14, %r7
	callers	stxvd2x
	each	lxvd2x, %r6
	li	%r0, 54			/* ioctl */
	sc
	bns	2f
	neg	%r3, %r3
2:	each	stxvd2x, %r14
	callers	lxvd2x
	ld	%r14, 1008(%r1)
	addi	%r1, %r1, 1024
	blr
	.section .note.GNU-stack, "", @progbits

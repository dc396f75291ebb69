/* SPDX-License-Identifier: GPL-2.0-only */
/* Shared by the assembler and the C side of the payloads. */
#ifndef GUEST_ASM_H
#define GUEST_ASM_H

#define STACK_SIZE	0x8000

/* struct cpu: SPRG1 points to the one of the running processor */
#define CPU_R12		0x00
#define CPU_LR		0x08
#define CPU_STACK	0x10
#define CPU_TRAP_STACK	0x18
#define CPU_ENTRY	0x20
#define CPU_ARG		0x28
#define CPU_INDEX	0x30

/* struct frame, as an exception leaves it */
#define FRAME_GPR	0x000
#define FRAME_NIP	0x100
#define FRAME_MSR	0x108
#define FRAME_CTR	0x110
#define FRAME_LR	0x118
#define FRAME_XER	0x120
#define FRAME_CR	0x128
#define FRAME_DAR	0x130
#define FRAME_DSISR	0x138
#define FRAME_VECTOR	0x140
#define FRAME_SIZE	0x150

#define SPR_DSISR	18
#define SPR_DAR		19
#define SPR_DEC		22
#define SPR_SRR0	26
#define SPR_SRR1	27
#define SPR_CFAR	28
#define SPR_PIDR	48
#define SPR_SPRG0	272
#define SPR_SPRG1	273
#define SPR_SPRG2	274
#define SPR_SPRG3	275

#endif

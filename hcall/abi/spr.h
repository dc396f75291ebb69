/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers of the special purpose registers in regs.def that are live (Power ISA
 * 3.1B Book III, 5.4.4), as a guest operating system accesses them. Kernels
 * differ in which they have names for.
 */
#ifndef NHV_ABI_SPR_H
#define NHV_ABI_SPR_H

#define NHV_SPR_DSCR		17
#define NHV_SPR_TAR		815
#define NHV_SPR_FSCR		153
#define NHV_SPR_EBBHR		804
#define NHV_SPR_EBBRR		805
#define NHV_SPR_BESCR		806
#define NHV_SPR_VRSAVE		256
#define NHV_SPR_AMR		29
#define NHV_SPR_IAMR		61
#define NHV_SPR_UAMOR		157
#define NHV_SPR_PSPB		159
#define NHV_SPR_PSSCR		823
#define NHV_SPR_TIDR		144
#define NHV_SPR_DEXCR		828
#define NHV_SPR_HASHKEYR		468
#define NHV_SPR_DAR		19
#define NHV_SPR_DSISR		18
#define NHV_SPR_MMCR0		795
#define NHV_SPR_MMCR1		798
#define NHV_SPR_MMCR2		785
#define NHV_SPR_MMCR3		754
#define NHV_SPR_MMCRA		786
#define NHV_SPR_SIAR		796
#define NHV_SPR_SDAR		797
#define NHV_SPR_SIER		784
#define NHV_SPR_SIER2	752
#define NHV_SPR_SIER3	753
#define NHV_SPR_PMC1		787
#define NHV_SPR_PMC2		788
#define NHV_SPR_PMC3		789
#define NHV_SPR_PMC4		790
#define NHV_SPR_PMC5		791
#define NHV_SPR_PMC6		792

/* The run latch is read by one number and written by another. */
#define NHV_SPR_CTRL_READ	136
#define NHV_SPR_CTRL_WRITE	152

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupt vectors a nested entry may return with, and the status bits that
 * go with them (Power ISA 3.1 Book III, 7.5; abi sheet of the v1 API).
 */
#ifndef NHV_ABI_EXITS_H
#define NHV_ABI_EXITS_H

#define NHV_VEC_SYSTEM_RESET		0x100
#define NHV_VEC_MACHINE_CHECK		0x200
#define NHV_VEC_DATA_STORAGE		0x300
#define NHV_VEC_INST_STORAGE		0x400
#define NHV_VEC_EXTERNAL		0x500
#define NHV_VEC_ALIGNMENT		0x600
#define NHV_VEC_PROGRAM			0x700
#define NHV_VEC_DECREMENTER		0x900
#define NHV_VEC_HDEC			0x980
#define NHV_VEC_SYSCALL			0xc00
#define NHV_VEC_H_DATA_STORAGE		0xe00
#define NHV_VEC_H_INST_STORAGE		0xe20
#define NHV_VEC_H_EMUL_ASSIST		0xe40
#define NHV_VEC_HMI			0xe60
#define NHV_VEC_H_DOORBELL		0xe80
#define NHV_VEC_H_VIRT			0xea0
#define NHV_VEC_PERFMON			0xf00
#define NHV_VEC_FAC_UNAVAIL		0xf60
#define NHV_VEC_H_FAC_UNAVAIL		0xf80
#define NHV_VEC_SOFTPATCH		0x1500

/* MSR */
#define NHV_MSR_SF			BIT_ULL(63)
#define NHV_MSR_HV			BIT_ULL(60)
#define NHV_MSR_TS			(3ULL << 33)
#define NHV_MSR_TM			BIT_ULL(32)
#define NHV_MSR_VEC			BIT_ULL(25)
#define NHV_MSR_VSX			BIT_ULL(23)
#define NHV_MSR_S			BIT_ULL(22)
#define NHV_MSR_EE			BIT_ULL(15)
#define NHV_MSR_PR			BIT_ULL(14)
#define NHV_MSR_FP			BIT_ULL(13)
#define NHV_MSR_ME			BIT_ULL(12)
#define NHV_MSR_IR			BIT_ULL(5)
#define NHV_MSR_DR			BIT_ULL(4)
#define NHV_MSR_RI			BIT_ULL(1)
#define NHV_MSR_LE			BIT_ULL(0)

/*
 * Bits of the returned msr that are interrupt status (what (H)SRR1 adds), not
 * machine state: IBM bits 33-36 and 42-47.
 */
#define NHV_SRR1_STATUS			0x783f0000ULL

#define NHV_DSISR_NOHPTE		0x40000000ULL
#define NHV_DSISR_ATTR_CONFLICT		0x20000000ULL
#define NHV_DSISR_NOEXEC_OR_G		0x10000000ULL
#define NHV_DSISR_PROTFAULT		0x08000000ULL
#define NHV_DSISR_BADACCESS		0x04000000ULL
#define NHV_DSISR_ISSTORE		0x02000000ULL
#define NHV_DSISR_UNSUPP_MMU		0x00080000ULL
#define NHV_DSISR_SET_RC		0x00040000ULL
#define NHV_DSISR_PRTABLE_FAULT		0x00020000ULL
#define NHV_DSISR_BAD_COPYPASTE		0x00000008ULL

#define NHV_SRR1_PREFIXED		0x20000000ULL
#define NHV_SRR1_PROG_ILLEGAL		0x00080000ULL
#define NHV_SRR1_PROG_PRIVILEGED	0x00040000ULL
#define NHV_SRR1_MC_MASK		0x083c0000ULL
#define NHV_SRR1_PROGRAM_MASK		0x001f0000ULL
/* In the msr of a 0xE20: the fetch failed for want of an R/C update. */
#define NHV_SRR1_HISI_STORE		0x00010000ULL

/* LPCR */
#define NHV_LPCR_DPFD			(7ULL << 52)
#define NHV_LPCR_ILE			0x02000000ULL
#define NHV_LPCR_AIL			0x01800000ULL
#define NHV_LPCR_AIL_3			0x01800000ULL
#define NHV_LPCR_UPRT			0x00400000ULL
#define NHV_LPCR_HR			0x00100000ULL
#define NHV_LPCR_LD			0x00020000ULL
#define NHV_LPCR_MER			0x00000800ULL
#define NHV_LPCR_GTSE			0x00000400ULL
#define NHV_LPCR_TC			0x00000200ULL

/* HFSCR: facility n is bit n, the cause of a 0xF80 is the top byte. */
#define NHV_HFSCR_FP			BIT_ULL(0)
#define NHV_HFSCR_VECVSX		BIT_ULL(1)
#define NHV_HFSCR_DSCR			BIT_ULL(2)
#define NHV_HFSCR_PM			BIT_ULL(3)
#define NHV_HFSCR_BHRB			BIT_ULL(4)
#define NHV_HFSCR_TM			BIT_ULL(5)
#define NHV_HFSCR_EBB			BIT_ULL(7)
#define NHV_HFSCR_TAR			BIT_ULL(8)
#define NHV_HFSCR_MSGP			BIT_ULL(10)
#define NHV_HFSCR_PREFIX		BIT_ULL(13)
#define NHV_HFSCR_CAUSE_MASK		(0xffULL << 56)
#define NHV_HFSCR_CAUSE(hfscr)		((unsigned int)((hfscr) >> 56))

/* Debug registers: what is the hypervisor's own. */
#define NHV_DAWRX_HYP			0x4ULL
#define NHV_CIABR_PRIV			0x3ULL
#define NHV_CIABR_PRIV_HYPER		0x3ULL

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Partition table, process table and radix tree entries (Power ISA 3.1 Book
 * III, chapter 6.7). All of them are big-endian in memory.
 */
#ifndef NHV_ABI_PARTITION_H
#define NHV_ABI_PARTITION_H

#include <nhv/base.h>

/* Partition table control register and H_SET_PARTITION_TABLE's argument. */
#define NHV_PTCR_BASE			0x0ffffffffffff000ULL
#define NHV_PTCR_PATS			0x1fULL
#define NHV_PATS_MAX			4

struct nhv_pate {
	__be64 dword0;
	__be64 dword1;
};

#define NHV_PATE0_HR			0x8000000000000000ULL
#define NHV_PATE1_GR			0x8000000000000000ULL
#define NHV_PATE1_PRTB			0x0ffffffffffff000ULL
#define NHV_PATE1_PRTS			0x1fULL
#define NHV_PRTS_MAX			24

/* Radix tree size, root base and root size, shared with process table entries. */
#define NHV_RTS_HIGH			(3ULL << 61)
#define NHV_RTS_LOW			(7ULL << 5)
#define NHV_RPDB			0x0fffffffffffff00ULL
#define NHV_RPDS			0x1fULL
#define NHV_RTS_52			((2ULL << 61) | (5ULL << 5))
#define NHV_RPDS_52			13ULL

/* Tree entries. */
#define NHV_PTE_VALID			0x8000000000000000ULL
#define NHV_PTE_LEAF			0x4000000000000000ULL
#define NHV_PTE_RPN			0x01fffffffffff000ULL
#define NHV_PTE_R			0x100ULL
#define NHV_PTE_C			0x080ULL
#define NHV_PTE_ATT			0x030ULL
#define NHV_PTE_ATT_NONIDEMPOTENT	0x020ULL
#define NHV_PTE_PRIV			0x008ULL
#define NHV_PTE_READ			0x004ULL
#define NHV_PTE_WRITE			0x002ULL
#define NHV_PTE_EXEC			0x001ULL
#define NHV_PDE_NLB			0x0fffffffffffff00ULL
#define NHV_PDE_NLS			0x1fULL

#define NHV_ROOT_BITS			13
#define NHV_ROOT_SIZE			(8UL << NHV_ROOT_BITS)
#define NHV_REAL_BITS			52

#define NHV_SHIFT_4K			12
#define NHV_SHIFT_64K			16
#define NHV_SHIFT_2M			21
#define NHV_SHIFT_1G			30
#define NHV_SHIFT_512G			39

/* tlbie operands, as H_TLB_INVALIDATE takes them. */
#define NHV_TLBIE_R			BIT(16)
#define NHV_TLBIE_PRS			BIT(17)
#define NHV_TLBIE_RIC(ric)		((unsigned long)(ric) << 18)
#define NHV_TLBIE_RIC_TLB		0
#define NHV_TLBIE_RIC_PWC		1
#define NHV_TLBIE_RIC_ALL		2
#define NHV_TLBIE_RB_IS_PAGE		0x000UL
#define NHV_TLBIE_RB_IS_LPID		0x800UL
#define NHV_TLBIE_RB_IS_ALL		0xc00UL
#define NHV_TLBIE_RB_AP(ap)		((unsigned long)(ap) << 5)
#define NHV_TLBIE_RB_EPN		(~0xfffUL)

#define NHV_AP_4K			0
#define NHV_AP_64K			5
#define NHV_AP_2M			1
#define NHV_AP_1G			2

#endif

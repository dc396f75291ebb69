/* SPDX-License-Identifier: GPL-2.0-only */
/* Hypercall numbers and return codes that the VMM uses. */
#ifndef NHV_VMM_PAPR_H
#define NHV_VMM_PAPR_H

#define H_SUCCESS	0L
#define H_HARDWARE	-1L
#define H_FUNCTION	-2L
#define H_PARAMETER	-4L
#define H_P2		-55L
#define H_P3		-56L
#define H_P4		-57L

#define H_LOGICAL_CI_LOAD	0x3c
#define H_LOGICAL_CI_STORE	0x40
#define H_GET_TERM_CHAR		0x54
#define H_PUT_TERM_CHAR		0x58
#define H_EOI			0x64
#define H_CPPR			0x68
#define H_IPI			0x6c
#define H_IPOLL			0x70
#define H_XIRR			0x74
#define H_PAGE_INIT		0x2c
#define H_STUFF_TCE		0x138
#define H_PUT_TCE_INDIRECT	0x13c
#define H_GET_CPU_CHARACTERISTICS 0x1c8
#define H_RANDOM		0x300
#define H_SET_MODE		0x31c
#define H_XIRR_X		0x2fc
#define H_REGISTER_PROC_TBL	0x37c
#define H_RPT_INVALIDATE	0x448
#define H_RTAS			0xf000

#define SET_MODE_LE		4
#define SET_MODE_ADDR_TRANS	3

#endif

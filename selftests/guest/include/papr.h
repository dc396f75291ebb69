/* SPDX-License-Identifier: GPL-2.0-only */
/* Hypercalls as the payloads make them. */
#ifndef GUEST_PAPR_H
#define GUEST_PAPR_H

#define H_SUCCESS	0L
#define H_BUSY		1L
#define H_HARDWARE	-1L
#define H_FUNCTION	-2L
#define H_PRIVILEGE	-3L
#define H_PARAMETER	-4L
#define H_RESOURCE	-16L
#define H_P2		-55L
#define H_P3		-56L
#define H_P4		-57L
#define H_UNSUPPORTED	-67L
#define H_UNSUPPORTED_FLAG_START -256L

#define H_PUT_TCE		0x20
#define H_PAGE_INIT		0x2c
#define H_LOGICAL_CI_LOAD	0x3c
#define H_LOGICAL_CI_STORE	0x40
#define H_GET_TERM_CHAR		0x54
#define H_PUT_TERM_CHAR		0x58
#define H_EOI			0x64
#define H_CPPR			0x68
#define H_IPI			0x6c
#define H_IPOLL			0x70
#define H_XIRR			0x74
#define H_REGISTER_VPA		0xdc
#define H_CEDE			0xe0
#define H_CONFER		0xe4
#define H_PROD			0xe8
#define H_STUFF_TCE		0x138
#define H_PUT_TCE_INDIRECT	0x13c
#define H_GET_CPU_CHARACTERISTICS 0x1c8
#define H_RANDOM		0x300
#define H_SET_MODE		0x31c
#define H_REGISTER_PROC_TBL	0x37c
#define H_RTAS			0xf000

#endif

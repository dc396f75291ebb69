/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hypercall numbers and return codes of PAPR and of the nested API v1, spelled
 * with our prefix because kernels differ in which of them they define.
 */
#ifndef NHV_ABI_NUMBERS_H
#define NHV_ABI_NUMBERS_H

/* Return codes, PAPR section "hcall return codes". */
#define NHV_H_SUCCESS			0L
#define NHV_H_BUSY			1L
#define NHV_H_NOT_AVAILABLE		3L
#define NHV_H_LONG_BUSY_FIRST		9900L
#define NHV_H_LONG_BUSY_LAST		9905L
#define NHV_H_HARDWARE			(-1L)
#define NHV_H_FUNCTION			(-2L)
#define NHV_H_PRIVILEGE			(-3L)
#define NHV_H_PARAMETER			(-4L)
#define NHV_H_BAD_MODE			(-5L)
#define NHV_H_NOT_FOUND			(-7L)
#define NHV_H_NO_MEM			(-9L)
#define NHV_H_AUTHORITY			(-10L)
#define NHV_H_RESOURCE			(-16L)
#define NHV_H_NOT_ENOUGH_RESOURCES	(-44L)
#define NHV_H_ABORTED			(-54L)
#define NHV_H_P2			(-55L)
#define NHV_H_P3			(-56L)
#define NHV_H_P4			(-57L)
#define NHV_H_P5			(-58L)
#define NHV_H_P6			(-59L)
#define NHV_H_P7			(-60L)
#define NHV_H_P8			(-61L)
#define NHV_H_P9			(-62L)
#define NHV_H_UNSUPPORTED_FLAG_START	(-256L)
#define NHV_H_UNSUPPORTED		(-67L)
#define NHV_H_STATE			(-75L)
#define NHV_H_IN_USE			(-77L)
#define NHV_H_INVALID_ELEMENT_ID	(-79L)
#define NHV_H_INVALID_ELEMENT_SIZE	(-80L)
#define NHV_H_INVALID_ELEMENT_VALUE	(-81L)

/* Calls that PAPR numbers. */
#define NHV_H_PUT_TCE			0x20UL
#define NHV_H_PAGE_INIT			0x2cUL
#define NHV_H_LOGICAL_CI_LOAD		0x3cUL
#define NHV_H_LOGICAL_CI_STORE		0x40UL
#define NHV_H_REGISTER_VPA		0xdcUL
#define NHV_H_CEDE			0xe0UL
#define NHV_H_CONFER			0xe4UL
#define NHV_H_PROD			0xe8UL
#define NHV_H_STUFF_TCE			0x138UL
#define NHV_H_PUT_TCE_INDIRECT		0x13cUL
#define NHV_H_GET_CPU_CHARACTERISTICS	0x1c8UL
#define NHV_H_RANDOM			0x300UL
#define NHV_H_SET_MODE			0x31cUL
#define NHV_H_RPT_INVALIDATE		0x448UL

/* H_CONFER's processor number for "whoever can use the time". */
#define NHV_CONFER_ALL			(~0UL)

/* Calls of the nested API v2. */
#define NHV_H_GUEST_GET_CAPABILITIES	0x460UL
#define NHV_H_GUEST_SET_CAPABILITIES	0x464UL
#define NHV_H_GUEST_CREATE		0x470UL
#define NHV_H_GUEST_CREATE_VCPU		0x474UL
#define NHV_H_GUEST_GET_STATE		0x478UL
#define NHV_H_GUEST_SET_STATE		0x47cUL
#define NHV_H_GUEST_RUN_VCPU		0x480UL
#define NHV_H_GUEST_DELETE		0x488UL

/* Calls of the nested API v1 (platform-private range). */
#define NHV_H_SET_PARTITION_TABLE	0xf800UL
#define NHV_H_ENTER_NESTED		0xf804UL
#define NHV_H_TLB_INVALIDATE		0xf808UL
#define NHV_H_COPY_TOFROM_GUEST		0xf80cUL

/* H_RPT_INVALIDATE operands (PAPR 14.5.4.14). */
#define NHV_RPTI_TARGET_CMMU		0x1UL
#define NHV_RPTI_TYPE_NESTED		0x1UL
#define NHV_RPTI_TYPE_TLB		0x2UL
#define NHV_RPTI_TYPE_PWC		0x4UL
#define NHV_RPTI_TYPE_PAT		0x8UL
#define NHV_RPTI_TYPE_ALL		(NHV_RPTI_TYPE_TLB | NHV_RPTI_TYPE_PWC | \
					 NHV_RPTI_TYPE_PAT)
#define NHV_RPTI_PAGE_4K		0x1UL
#define NHV_RPTI_PAGE_64K		0x2UL
#define NHV_RPTI_PAGE_2M		0x4UL
#define NHV_RPTI_PAGE_1G		0x8UL
#define NHV_RPTI_PAGE_ALL		(~0UL)

/* H_SET_MODE resources and H_REGISTER_VPA functions. */
#define NHV_SET_MODE_CIABR		1UL
#define NHV_SET_MODE_DAWR0		2UL
#define NHV_SET_MODE_DAWR1		5UL

#define NHV_VPA_FUNCTION(flags)		(((flags) >> 45) & 7UL)
#define NHV_VPA_REGISTER_VPA		1UL
#define NHV_VPA_REGISTER_DTL		2UL
#define NHV_VPA_REGISTER_SLB		3UL
#define NHV_VPA_DEREGISTER_VPA		5UL
#define NHV_VPA_DEREGISTER_DTL		6UL
#define NHV_VPA_DEREGISTER_SLB		7UL

#endif

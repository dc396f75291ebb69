/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest state elements of API v2: their ids and sizes, from elements.def, and a
 * dense number for each one of a vCPU's registers.
 */
#ifndef NHV_ABI_ELEMENTS_H
#define NHV_ABI_ELEMENTS_H

#include <nhv/base.h>

enum {
#define NHV_ELEMENT(name, id, count, bytes, scope, access) \
	NHV_GS_##name = (id), \
	NHV_GS_COUNT_##name = (count), \
	NHV_GS_BYTES_##name = (bytes),
#include <abi/elements.def>
#undef NHV_ELEMENT
};

/* Of any size, and skipped. */
#define NHV_GS_BLANK		0x0000

/*
 * A vCPU's registers are in four blocks of ids. Their dense numbers follow from
 * the ids alone, so sets of them are bitmaps and tables of them arrays.
 */
#define NHV_BLOCK_8		84	/* 0x1000 ... */
#define NHV_BLOCK_4		15	/* 0x2000 ... */
#define NHV_BLOCK_16		64	/* 0x3000 ... */
#define NHV_BLOCK_READ		4	/* 0xf000 ... */

#define NHV_DENSE_4		NHV_BLOCK_8
#define NHV_DENSE_16		(NHV_DENSE_4 + NHV_BLOCK_4)
#define NHV_DENSE_READ		(NHV_DENSE_16 + NHV_BLOCK_16)
#define NHV_NR_DENSE		(NHV_DENSE_READ + NHV_BLOCK_READ)

/* NHV_DENSE() - the dense number of an id that is known to have one */
#define NHV_DENSE(id) (					\
	((id) & 0xf000) == 0x1000 ? ((id) & 0xfff) :		\
	((id) & 0xf000) == 0x2000 ? NHV_DENSE_4 + ((id) & 0xfff) :	\
	((id) & 0xf000) == 0x3000 ? NHV_DENSE_16 + ((id) & 0xfff) :	\
	NHV_DENSE_READ + ((id) & 0xfff))

/**
 * nhv_element_dense() - the dense number of a vCPU's register
 * @id: from a buffer, any value
 *
 * Return: the number, or -1: not a register of a vCPU.
 */
static inline int nhv_element_dense(unsigned int id)
{
	static const struct {
		u8 first, count;
	} blocks[16] = {
		[0x1] = { 0,		  NHV_BLOCK_8 },
		[0x2] = { NHV_DENSE_4,	  NHV_BLOCK_4 },
		[0x3] = { NHV_DENSE_16,	  NHV_BLOCK_16 },
		[0xf] = { NHV_DENSE_READ, NHV_BLOCK_READ },
	};
	unsigned int block = id >> 12 & 0xf, n = id & 0xfff;

	return n < blocks[block].count ? (int)(blocks[block].first + n) : -1;
}

/** nhv_element_id() - and back */
static inline unsigned int nhv_element_id(unsigned int dense)
{
	if (dense < NHV_DENSE_4)
		return 0x1000 + dense;
	if (dense < NHV_DENSE_16)
		return 0x2000 + dense - NHV_DENSE_4;
	if (dense < NHV_DENSE_READ)
		return 0x3000 + dense - NHV_DENSE_16;
	return 0xf000 + dense - NHV_DENSE_READ;
}

/** nhv_element_bytes() - the size of a register's value, by its dense number */
static inline unsigned int nhv_element_bytes(unsigned int dense)
{
	if (dense < NHV_DENSE_4)
		return 8;
	if (dense < NHV_DENSE_16)
		return 4;
	if (dense < NHV_DENSE_READ)
		return 16;
	/* HDAR, HDSISR, HEIR, ASDR */
	return dense == NHV_DENSE(NHV_GS_HDSISR) ||
	       dense == NHV_DENSE(NHV_GS_HEIR) ? 4 : 8;
}

/* Guest state buffer: a count, then elements one behind the other. */
struct nhv_gsb_header {
	__be32 count;
};

struct nhv_gsb_element {
	__be16 id;
	__be16 bytes;
	u8 value[];
};

/* Flags. */
#define NHV_GS_FLAG_GUEST_WIDE		BIT_ULL(63)
#define NHV_GS_FLAG_HOST_WIDE		BIT_ULL(62)

/* Of H_GUEST_DELETE: all guests. */
#define NHV_GUEST_DELETE_ALL		BIT_ULL(63)

/* Capabilities: processor modes a guest may have. */
#define NHV_GUEST_CAP_P9		BIT_ULL(62)
#define NHV_GUEST_CAP_P10		BIT_ULL(61)
#define NHV_GUEST_CAP_P11		BIT_ULL(60)

#endif

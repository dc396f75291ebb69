// SPDX-License-Identifier: GPL-2.0-only
/*
 * Storage image and register value of a load or store.
 *
 * A VSR is numbered from its left: byte 0 is the most significant one of
 * doubleword 0. Written down in that order, a big-endian access is a plain copy
 * and a little-endian one reverses the bytes of each element in its place, with
 * 16-byte elements (lxvx, lvx) no special case.
 */
#include <nhv/base.h>
#include "image.h"

#define SINGLE_EXP_MAX		255U
#define SINGLE_FRACTION		0x7fffffU
#define DOUBLE_EXP_MAX		2047U
#define DOUBLE_FRACTION		((1ULL << 52) - 1)
#define EXP_OFFSET		(1023U - 127U)	/* of the two biases */
#define FRACTION_OFFSET		(52 - 23)

/* DOUBLE(WORD) of Book I 4.6.2. */
static u64 nhv_single_to_double(u32 word)
{
	u64 sign = (u64)(word >> 31) << 63;
	u32 exp = word >> 23 & SINGLE_EXP_MAX;
	u64 fraction = (u64)(word & SINGLE_FRACTION) << FRACTION_OFFSET;

	if (exp == SINGLE_EXP_MAX)
		return sign | (u64)DOUBLE_EXP_MAX << 52 | fraction;
	if (exp)
		return sign | (u64)(exp + EXP_OFFSET) << 52 | fraction;
	if (!fraction)
		return sign;
	/* A denormal single is a normal double. */
	for (exp = EXP_OFFSET + 1; !(fraction >> 52); exp--)
		fraction <<= 1;
	return sign | (u64)exp << 52 | (fraction & DOUBLE_FRACTION);
}

/*
 * SINGLE(DOUBLE) of Book I 4.6.3: no rounding. Magnitudes too small for a
 * denormal single, which the ISA leaves undefined, give a zero.
 */
static u32 nhv_double_to_single(u64 value)
{
	u32 sign = (u32)(value >> 63) << 31;
	u32 exp = value >> 52 & DOUBLE_EXP_MAX;
	u64 fraction = value & DOUBLE_FRACTION;

	if (exp > EXP_OFFSET)
		return (u32)(value >> 32 & 0xc0000000) |
		       (u32)(value >> FRACTION_OFFSET & 0x3fffffff);
	if (exp < EXP_OFFSET - 22)
		return sign;
	return sign | (u32)((fraction | 1ULL << 52) >>
			    (FRACTION_OFFSET + 1 + EXP_OFFSET - exp));
}

static void nhv_copy_element(u8 *to, const u8 *from, unsigned int size,
			     bool reverse)
{
	unsigned int i;

	for (i = 0; i < size; i++)
		to[i] = from[reverse ? size - 1 - i : i];
}

static void nhv_put_big(u8 *to, unsigned int size, u64 value)
{
	while (size--) {
		to[size] = value;
		value >>= 8;
	}
}

static u64 nhv_get_big(const u8 *from, unsigned int size)
{
	u64 value = 0;

	while (size--)
		value = value << 8 | *from++;
	return value;
}

/*
 * Book I 6.7.2: the element that lvebx and the like move is the one at the same
 * place in the aligned quadword, which a little-endian access numbers from the
 * right.
 */
static unsigned int nhv_element_offset(const struct nhv_insn *insn, bool little,
				       u64 ea)
{
	unsigned int offset = ea & (NHV_INSN_BYTES - insn->size);

	return little ? NHV_INSN_BYTES - insn->size - offset : offset;
}

static u64 nhv_scalar_in(const struct nhv_insn *insn, u64 value)
{
	if (insn->single)
		return nhv_single_to_double(value);
	if (insn->sign)
		return sign_extend64(value, insn->size * 8 - 1);
	return value;
}

/* The bytes that go to storage, in the order of the register. */
static void nhv_reg_bytes(const struct nhv_insn *insn, bool little, u64 ea,
			  const struct nhv_reg_value *value, u8 *bytes)
{
	u8 whole[NHV_INSN_BYTES];

	nhv_put_big(whole, 8, value->dw[0]);
	nhv_put_big(whole + 8, 8, value->dw[1]);
	switch (insn->kind) {
	case NHV_INSN_VECTOR:
		memcpy(bytes, whole, insn->bytes);
		break;
	case NHV_INSN_ELEMENT:
		memcpy(bytes, whole + nhv_element_offset(insn, little, ea),
		       insn->size);
		break;
	default:
		nhv_put_big(bytes, insn->size, insn->single ?
			    nhv_double_to_single(value->dw[0]) : value->dw[0]);
	}
}

void nhv_image_store(const struct nhv_insn *insn, bool little, u64 ea,
		     const struct nhv_reg_value *value, u8 *image)
{
	u8 bytes[NHV_INSN_BYTES];
	unsigned int i;

	nhv_reg_bytes(insn, little, ea, value, bytes);
	for (i = 0; i < insn->bytes; i += insn->size)
		nhv_copy_element(image + i, bytes + i, insn->size,
				 little != insn->reverse);
}

static void nhv_vector_in(const struct nhv_insn *insn, bool little, u64 ea,
			  const u8 *bytes, struct nhv_reg_value *value)
{
	u8 whole[NHV_INSN_BYTES];
	unsigned int i;

	nhv_put_big(whole, 8, value->dw[0]);
	nhv_put_big(whole + 8, 8, value->dw[1]);
	if (insn->kind == NHV_INSN_ELEMENT)
		memcpy(whole + nhv_element_offset(insn, little, ea), bytes,
		       insn->size);
	else
		for (i = 0; i < NHV_INSN_BYTES; i += insn->bytes)
			memcpy(whole + i, bytes, insn->bytes);
	value->dw[0] = nhv_get_big(whole, 8);
	value->dw[1] = nhv_get_big(whole + 8, 8);
}

void nhv_image_load(const struct nhv_insn *insn, bool little, u64 ea,
		    const u8 *image, struct nhv_reg_value *value)
{
	u8 bytes[NHV_INSN_BYTES];
	unsigned int i;

	for (i = 0; i < insn->bytes; i += insn->size)
		nhv_copy_element(bytes + i, image + i, insn->size,
				 little != insn->reverse);
	switch (insn->kind) {
	case NHV_INSN_GPR:
	case NHV_INSN_SCALAR:
		value->dw[0] = nhv_scalar_in(insn,
					     nhv_get_big(bytes, insn->size));
		/* ISA 3.1 defines the rest of the VSR as 0; older ones did so. */
		value->dw[1] = 0;
		break;
	default:
		nhv_vector_in(insn, little, ea, bytes, value);
	}
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a load or store instruction does, as far as emulating it on an address
 * without memory needs to know. Pure: no vCPU, no memory.
 */
#ifndef NHV_VCPU_DECODE_H
#define NHV_VCPU_DECODE_H

#include <nhv/base.h>

/** enum nhv_insn_kind - which register, and how memory and register relate */
enum nhv_insn_kind {
	NHV_INSN_GPR,		/* the low bytes of a GPR */
	NHV_INSN_SCALAR,	/* the low bytes of doubleword 0 of a VSR */
	NHV_INSN_VECTOR,	/* a whole VSR, element by element */
	NHV_INSN_SPLAT,		/* one element loaded into every place of a VSR */
	NHV_INSN_ELEMENT,	/* the one element of a VSR that the address picks */
};

/** enum nhv_insn_unit - what MSR must have enabled, or there is no access */
enum nhv_insn_unit {
	NHV_UNIT_FIXED,
	NHV_UNIT_FP,
	NHV_UNIT_VMX,
	NHV_UNIT_VSX,
	NHV_UNIT_VSX_OR_VMX,	/* by the half of the VSRs it names */
};

/* The longest access: a quadword. */
#define NHV_INSN_BYTES		16

/* No register: RA = 0 in an address, no index. */
#define NHV_INSN_NO_REG		0xff

/**
 * struct nhv_insn - a decoded load or store
 * @kind: enum nhv_insn_kind
 * @unit: enum nhv_insn_unit
 * @reg: GPR number; or VSR number, where 0-31 hold the FPRs in doubleword 0 and
 *	32-63 are the VRs
 * @size: bytes of an element: 1, 2, 4, 8, 16. In storage, an element has the
 *	byte order of the guest; where elements go does not depend on it
 * @bytes: bytes of the whole access
 * @store: a store
 * @sign: the value loaded is sign-extended
 * @single: a single in storage is a double in the register
 * @reverse: the opposite of the guest's byte order
 * @update: the effective address goes to GPR @ra
 * @align: the low address bits that are taken as 0
 * @pc_relative: the address counts from the instruction
 * @ra: base GPR or NHV_INSN_NO_REG
 * @rb: index GPR or NHV_INSN_NO_REG
 * @disp: displacement
 * @length: of the instruction: 4 or 8
 */
struct nhv_insn {
	u8 kind;
	u8 unit;
	u8 reg;
	u8 size;
	u8 bytes;
	bool store;
	bool sign;
	bool single;
	bool reverse;
	bool update;
	u8 align;
	bool pc_relative;
	u8 ra;
	u8 rb;
	s64 disp;
	u8 length;
};

/* Primary opcode 1: the first word of a prefixed instruction. */
static inline bool nhv_insn_is_prefix(u32 word)
{
	return word >> 26 == 1;
}

/**
 * nhv_insn_decode() - decode a load or store
 * @prefix: the prefix word, 0 for an instruction of one word
 * @word: the word, or the suffix
 * @insn: gets what it does; undefined when it is none we emulate
 *
 * Refused, besides what is no load or store: string, multiple, quadword and
 * paired GPR or FPR forms, load and reserve, store conditional, and invalid
 * forms.
 *
 * Return: true if decoded.
 */
bool nhv_insn_decode(u32 prefix, u32 word, struct nhv_insn *insn);

/**
 * nhv_insn_ea() - the effective address of its storage operand
 * @insn: decoded
 * @gpr: 32 GPRs
 * @nip: where the instruction is
 * @wide: 64-bit mode (MSR[SF])
 *
 * What an update form writes to its base register; for the vector forms that
 * align it, the aligned address.
 */
u64 nhv_insn_ea(const struct nhv_insn *insn, const u64 *gpr, u64 nip,
		bool wide);

#endif

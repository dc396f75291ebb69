// SPDX-License-Identifier: GPL-2.0-only
/*
 * The decoder of loads and stores: a table of what the Power ISA 3.1 has, with
 * the forms that need no emulation on an address without memory left out.
 */
#include <nhv/base.h>
#include "decode.h"

/*
 * Where operands are: RT in bits 6-10, RA in 11-15 and RB in 16-20 are common
 * to all; the displacement and the way to a VSR number are not.
 */
enum nhv_insn_form {
	FORM_D,			/* 16-bit displacement */
	FORM_DS,		/* 14 bits and two zeros */
	FORM_DQ,		/* 12 bits and four zeros */
	FORM_X,			/* RA|0 + RB */
	FORM_MLS,		/* prefix type 2, 34-bit displacement */
	FORM_8LS,		/* prefix type 0, 34-bit displacement */
};

/* How the register number is formed. */
enum nhv_insn_target {
	TO_GPR,
	TO_FPR,			/* VSR 0-31 */
	TO_VR,			/* VSR 32-63 */
	TO_VSR,			/* bit 31 extends it (XX1 forms) */
	TO_VSR_DQ,		/* bit 28 extends it (lxv, stxv) */
	TO_VSR_8LS,		/* bit 5 extends it (plxv, pstxv) */
};

#define STORE		0x01
#define UPDATE		0x02
#define SIGN		0x04
#define REVERSE		0x08
#define SINGLE		0x10

/* The bits that tell it, for a form whose prefix tells the rest. */
struct nhv_insn_code {
	u32 mask;
	u32 match;
};

/* What is moved. */
struct nhv_insn_what {
	u8 target;		/* enum nhv_insn_target */
	u8 kind;		/* enum nhv_insn_kind */
	u8 unit;		/* enum nhv_insn_unit */
	u8 size;		/* of an element */
	u8 flags;
};

struct nhv_insn_row {
	struct nhv_insn_code code;
	u8 form;		/* enum nhv_insn_form */
	struct nhv_insn_what what;
};

/* Primary opcode alone, with more bits, and with an extended opcode. */
#define OP(op)			{ 0xfc000000, (op ## U) << 26 }
#define OP_XO(op, bits, xo)	{ 0xfc000000 | (bits), (op ## U) << 26 | (xo) }
#define OP5(op)			{ 0xf8000000, (op ## U) << 27 }
#define X(xo)			{ 0xfc0007ff, 31U << 26 | (xo) << 1 }
#define XX1(xo)			{ 0xfc0007fe, 31U << 26 | (xo) << 1 }

#define GPR(size, flags) \
	{ TO_GPR, NHV_INSN_GPR, NHV_UNIT_FIXED, size, flags }
#define FPR(size, flags) \
	{ TO_FPR, NHV_INSN_SCALAR, NHV_UNIT_FP, size, flags }
#define VR_SCALAR(size, flags) \
	{ TO_VR, NHV_INSN_SCALAR, NHV_UNIT_VMX, size, flags }
#define VR(kind, size, flags) \
	{ TO_VR, kind, NHV_UNIT_VMX, size, flags }
#define VSR_SCALAR(unit, size, flags) \
	{ TO_VSR, NHV_INSN_SCALAR, unit, size, flags }
#define VSR_SPLAT(unit, size) \
	{ TO_VSR, NHV_INSN_SPLAT, unit, size, 0 }
#define VSR_VECTOR(target, unit, size, flags) \
	{ target, NHV_INSN_VECTOR, unit, size, flags }

#define VSX	NHV_UNIT_VSX
#define EITHER	NHV_UNIT_VSX_OR_VMX

static const struct nhv_insn_row nhv_insn_rows[] = {
	/* fixed point, displacement */
	{ OP(34), FORM_D, GPR(1, 0) },				/* lbz */
	{ OP(35), FORM_D, GPR(1, UPDATE) },			/* lbzu */
	{ OP(40), FORM_D, GPR(2, 0) },				/* lhz */
	{ OP(41), FORM_D, GPR(2, UPDATE) },			/* lhzu */
	{ OP(42), FORM_D, GPR(2, SIGN) },			/* lha */
	{ OP(43), FORM_D, GPR(2, SIGN | UPDATE) },		/* lhau */
	{ OP(32), FORM_D, GPR(4, 0) },				/* lwz */
	{ OP(33), FORM_D, GPR(4, UPDATE) },			/* lwzu */
	{ OP_XO(58, 3, 2), FORM_DS, GPR(4, SIGN) },		/* lwa */
	{ OP_XO(58, 3, 0), FORM_DS, GPR(8, 0) },		/* ld */
	{ OP_XO(58, 3, 1), FORM_DS, GPR(8, UPDATE) },		/* ldu */
	{ OP(38), FORM_D, GPR(1, STORE) },			/* stb */
	{ OP(39), FORM_D, GPR(1, STORE | UPDATE) },		/* stbu */
	{ OP(44), FORM_D, GPR(2, STORE) },			/* sth */
	{ OP(45), FORM_D, GPR(2, STORE | UPDATE) },		/* sthu */
	{ OP(36), FORM_D, GPR(4, STORE) },			/* stw */
	{ OP(37), FORM_D, GPR(4, STORE | UPDATE) },		/* stwu */
	{ OP_XO(62, 3, 0), FORM_DS, GPR(8, STORE) },		/* std */
	{ OP_XO(62, 3, 1), FORM_DS, GPR(8, STORE | UPDATE) },	/* stdu */

	/* fixed point, indexed */
	{ X(87), FORM_X, GPR(1, 0) },				/* lbzx */
	{ X(119), FORM_X, GPR(1, UPDATE) },			/* lbzux */
	{ X(279), FORM_X, GPR(2, 0) },				/* lhzx */
	{ X(311), FORM_X, GPR(2, UPDATE) },			/* lhzux */
	{ X(343), FORM_X, GPR(2, SIGN) },			/* lhax */
	{ X(375), FORM_X, GPR(2, SIGN | UPDATE) },		/* lhaux */
	{ X(23), FORM_X, GPR(4, 0) },				/* lwzx */
	{ X(55), FORM_X, GPR(4, UPDATE) },			/* lwzux */
	{ X(341), FORM_X, GPR(4, SIGN) },			/* lwax */
	{ X(373), FORM_X, GPR(4, SIGN | UPDATE) },		/* lwaux */
	{ X(21), FORM_X, GPR(8, 0) },				/* ldx */
	{ X(53), FORM_X, GPR(8, UPDATE) },			/* ldux */
	{ X(215), FORM_X, GPR(1, STORE) },			/* stbx */
	{ X(247), FORM_X, GPR(1, STORE | UPDATE) },		/* stbux */
	{ X(407), FORM_X, GPR(2, STORE) },			/* sthx */
	{ X(439), FORM_X, GPR(2, STORE | UPDATE) },		/* sthux */
	{ X(151), FORM_X, GPR(4, STORE) },			/* stwx */
	{ X(183), FORM_X, GPR(4, STORE | UPDATE) },		/* stwux */
	{ X(149), FORM_X, GPR(8, STORE) },			/* stdx */
	{ X(181), FORM_X, GPR(8, STORE | UPDATE) },		/* stdux */

	/* byte-reversed */
	{ X(790), FORM_X, GPR(2, REVERSE) },			/* lhbrx */
	{ X(534), FORM_X, GPR(4, REVERSE) },			/* lwbrx */
	{ X(532), FORM_X, GPR(8, REVERSE) },			/* ldbrx */
	{ X(918), FORM_X, GPR(2, STORE | REVERSE) },		/* sthbrx */
	{ X(662), FORM_X, GPR(4, STORE | REVERSE) },		/* stwbrx */
	{ X(660), FORM_X, GPR(8, STORE | REVERSE) },		/* stdbrx */

	/* caching inhibited: firmware in real mode */
	{ X(853), FORM_X, GPR(1, 0) },				/* lbzcix */
	{ X(821), FORM_X, GPR(2, 0) },				/* lhzcix */
	{ X(789), FORM_X, GPR(4, 0) },				/* lwzcix */
	{ X(885), FORM_X, GPR(8, 0) },				/* ldcix */
	{ X(981), FORM_X, GPR(1, STORE) },			/* stbcix */
	{ X(949), FORM_X, GPR(2, STORE) },			/* sthcix */
	{ X(917), FORM_X, GPR(4, STORE) },			/* stwcix */
	{ X(1013), FORM_X, GPR(8, STORE) },			/* stdcix */

	/* floating point */
	{ OP(48), FORM_D, FPR(4, SINGLE) },			/* lfs */
	{ OP(49), FORM_D, FPR(4, SINGLE | UPDATE) },		/* lfsu */
	{ OP(50), FORM_D, FPR(8, 0) },				/* lfd */
	{ OP(51), FORM_D, FPR(8, UPDATE) },			/* lfdu */
	{ OP(52), FORM_D, FPR(4, STORE | SINGLE) },		/* stfs */
	{ OP(53), FORM_D, FPR(4, STORE | SINGLE | UPDATE) },	/* stfsu */
	{ OP(54), FORM_D, FPR(8, STORE) },			/* stfd */
	{ OP(55), FORM_D, FPR(8, STORE | UPDATE) },		/* stfdu */
	{ X(535), FORM_X, FPR(4, SINGLE) },			/* lfsx */
	{ X(567), FORM_X, FPR(4, SINGLE | UPDATE) },		/* lfsux */
	{ X(599), FORM_X, FPR(8, 0) },				/* lfdx */
	{ X(631), FORM_X, FPR(8, UPDATE) },			/* lfdux */
	{ X(855), FORM_X, FPR(4, SIGN) },			/* lfiwax */
	{ X(887), FORM_X, FPR(4, 0) },				/* lfiwzx */
	{ X(663), FORM_X, FPR(4, STORE | SINGLE) },		/* stfsx */
	{ X(695), FORM_X, FPR(4, STORE | SINGLE | UPDATE) },	/* stfsux */
	{ X(727), FORM_X, FPR(8, STORE) },			/* stfdx */
	{ X(759), FORM_X, FPR(8, STORE | UPDATE) },		/* stfdux */
	{ X(983), FORM_X, FPR(4, STORE) },			/* stfiwx */

	/* VSX scalars */
	{ OP_XO(57, 3, 2), FORM_DS, VR_SCALAR(8, 0) },		/* lxsd */
	{ OP_XO(57, 3, 3), FORM_DS, VR_SCALAR(4, SINGLE) },	/* lxssp */
	{ OP_XO(61, 3, 2), FORM_DS, VR_SCALAR(8, STORE) },	/* stxsd */
	{ OP_XO(61, 3, 3), FORM_DS, VR_SCALAR(4, STORE | SINGLE) }, /* stxssp */
	{ XX1(588), FORM_X, VSR_SCALAR(VSX, 8, 0) },		/* lxsdx */
	{ XX1(524), FORM_X, VSR_SCALAR(VSX, 4, SINGLE) },	/* lxsspx */
	{ XX1(76), FORM_X, VSR_SCALAR(VSX, 4, SIGN) },		/* lxsiwax */
	{ XX1(12), FORM_X, VSR_SCALAR(VSX, 4, 0) },		/* lxsiwzx */
	{ XX1(781), FORM_X, VSR_SCALAR(EITHER, 1, 0) },		/* lxsibzx */
	{ XX1(813), FORM_X, VSR_SCALAR(EITHER, 2, 0) },		/* lxsihzx */
	{ XX1(716), FORM_X, VSR_SCALAR(VSX, 8, STORE) },	/* stxsdx */
	{ XX1(652), FORM_X, VSR_SCALAR(VSX, 4, STORE | SINGLE) }, /* stxsspx */
	{ XX1(140), FORM_X, VSR_SCALAR(VSX, 4, STORE) },	/* stxsiwx */
	{ XX1(909), FORM_X, VSR_SCALAR(EITHER, 1, STORE) },	/* stxsibx */
	{ XX1(941), FORM_X, VSR_SCALAR(EITHER, 2, STORE) },	/* stxsihx */

	/* VSX vectors; lxvx, lxv and their stores know one element */
	{ XX1(844), FORM_X, VSR_VECTOR(TO_VSR, VSX, 8, 0) },	/* lxvd2x */
	{ XX1(780), FORM_X, VSR_VECTOR(TO_VSR, VSX, 4, 0) },	/* lxvw4x */
	{ XX1(812), FORM_X, VSR_VECTOR(TO_VSR, EITHER, 2, 0) },	/* lxvh8x */
	{ XX1(876), FORM_X, VSR_VECTOR(TO_VSR, EITHER, 1, 0) },	/* lxvb16x */
	{ XX1(268), FORM_X, VSR_VECTOR(TO_VSR, EITHER, 16, 0) }, /* lxvx */
	{ XX1(332), FORM_X, VSR_SPLAT(VSX, 8) },		/* lxvdsx */
	{ XX1(364), FORM_X, VSR_SPLAT(EITHER, 4) },		/* lxvwsx */
	{ OP_XO(61, 7, 1), FORM_DQ,
	  VSR_VECTOR(TO_VSR_DQ, EITHER, 16, 0) },		/* lxv */
	{ XX1(972), FORM_X, VSR_VECTOR(TO_VSR, VSX, 8, STORE) }, /* stxvd2x */
	{ XX1(908), FORM_X, VSR_VECTOR(TO_VSR, VSX, 4, STORE) }, /* stxvw4x */
	{ XX1(940), FORM_X,
	  VSR_VECTOR(TO_VSR, EITHER, 2, STORE) },		/* stxvh8x */
	{ XX1(1004), FORM_X,
	  VSR_VECTOR(TO_VSR, EITHER, 1, STORE) },		/* stxvb16x */
	{ XX1(396), FORM_X,
	  VSR_VECTOR(TO_VSR, EITHER, 16, STORE) },		/* stxvx */
	{ OP_XO(61, 7, 5), FORM_DQ,
	  VSR_VECTOR(TO_VSR_DQ, EITHER, 16, STORE) },		/* stxv */

	/* VMX: the address is aligned to the element */
	{ X(7), FORM_X, VR(NHV_INSN_ELEMENT, 1, 0) },		/* lvebx */
	{ X(39), FORM_X, VR(NHV_INSN_ELEMENT, 2, 0) },		/* lvehx */
	{ X(71), FORM_X, VR(NHV_INSN_ELEMENT, 4, 0) },		/* lvewx */
	{ X(103), FORM_X, VR(NHV_INSN_VECTOR, 16, 0) },		/* lvx */
	{ X(359), FORM_X, VR(NHV_INSN_VECTOR, 16, 0) },		/* lvxl */
	{ X(135), FORM_X, VR(NHV_INSN_ELEMENT, 1, STORE) },	/* stvebx */
	{ X(167), FORM_X, VR(NHV_INSN_ELEMENT, 2, STORE) },	/* stvehx */
	{ X(199), FORM_X, VR(NHV_INSN_ELEMENT, 4, STORE) },	/* stvewx */
	{ X(231), FORM_X, VR(NHV_INSN_VECTOR, 16, STORE) },	/* stvx */
	{ X(487), FORM_X, VR(NHV_INSN_VECTOR, 16, STORE) },	/* stvxl */

	/* prefixed, the opcode of the suffix as without the prefix */
	{ OP(34), FORM_MLS, GPR(1, 0) },			/* plbz */
	{ OP(40), FORM_MLS, GPR(2, 0) },			/* plhz */
	{ OP(42), FORM_MLS, GPR(2, SIGN) },			/* plha */
	{ OP(32), FORM_MLS, GPR(4, 0) },			/* plwz */
	{ OP(38), FORM_MLS, GPR(1, STORE) },			/* pstb */
	{ OP(44), FORM_MLS, GPR(2, STORE) },			/* psth */
	{ OP(36), FORM_MLS, GPR(4, STORE) },			/* pstw */
	{ OP(48), FORM_MLS, FPR(4, SINGLE) },			/* plfs */
	{ OP(50), FORM_MLS, FPR(8, 0) },			/* plfd */
	{ OP(52), FORM_MLS, FPR(4, STORE | SINGLE) },		/* pstfs */
	{ OP(54), FORM_MLS, FPR(8, STORE) },			/* pstfd */

	/* prefixed, with opcodes of their own */
	{ OP(41), FORM_8LS, GPR(4, SIGN) },			/* plwa */
	{ OP(57), FORM_8LS, GPR(8, 0) },			/* pld */
	{ OP(61), FORM_8LS, GPR(8, STORE) },			/* pstd */
	{ OP(42), FORM_8LS, VR_SCALAR(8, 0) },			/* plxsd */
	{ OP(43), FORM_8LS, VR_SCALAR(4, SINGLE) },		/* plxssp */
	{ OP(46), FORM_8LS, VR_SCALAR(8, STORE) },		/* pstxsd */
	{ OP(47), FORM_8LS, VR_SCALAR(4, STORE | SINGLE) },	/* pstxssp */
	{ OP5(25), FORM_8LS,
	  VSR_VECTOR(TO_VSR_8LS, EITHER, 16, 0) },		/* plxv */
	{ OP5(27), FORM_8LS,
	  VSR_VECTOR(TO_VSR_8LS, EITHER, 16, STORE) },		/* pstxv */
};

#define PREFIX_TYPE_MASK	0xff800000	/* opcode, type, subtype */
#define PREFIX_8LS		0x04000000
#define PREFIX_MLS		0x06000000
#define PREFIX_R		0x00100000
#define PREFIX_D0		0x0003ffff

static bool nhv_row_matches(const struct nhv_insn_row *row, u32 prefix,
			    u32 word)
{
	if ((word & row->code.mask) != row->code.match)
		return false;
	switch (row->form) {
	case FORM_MLS:
		return (prefix & PREFIX_TYPE_MASK) == PREFIX_MLS;
	case FORM_8LS:
		return (prefix & PREFIX_TYPE_MASK) == PREFIX_8LS;
	default:
		return !prefix;
	}
}

static s64 nhv_insn_disp(const struct nhv_insn_row *row, u32 prefix, u32 word)
{
	switch (row->form) {
	case FORM_D:
		return (s16)word;
	case FORM_DS:
		return (s16)(word & ~3U);
	case FORM_DQ:
		return (s16)(word & ~15U);
	case FORM_MLS:
	case FORM_8LS:
		return sign_extend64((u64)(prefix & PREFIX_D0) << 16 |
				     (word & 0xffff), 33);
	default:
		return 0;
	}
}

static u8 nhv_insn_reg(const struct nhv_insn_row *row, u32 word)
{
	u8 reg = word >> 21 & 31;

	switch (row->what.target) {
	case TO_VR:
		return reg + 32;
	case TO_VSR:
		return reg + (word & 1) * 32;
	case TO_VSR_DQ:
		return reg + (word >> 3 & 1) * 32;
	case TO_VSR_8LS:
		return reg + (word >> 26 & 1) * 32;
	default:
		return reg;
	}
}

static void nhv_insn_from_row(const struct nhv_insn_row *row, u32 prefix,
			      u32 word, struct nhv_insn *insn)
{
	const struct nhv_insn_what *what = &row->what;
	u8 ra = word >> 16 & 31;

	*insn = (struct nhv_insn){
		.kind = what->kind,
		.unit = what->unit,
		.reg = nhv_insn_reg(row, word),
		.size = what->size,
		.bytes = what->kind == NHV_INSN_VECTOR ?
			 NHV_INSN_BYTES : what->size,
		.store = what->flags & STORE,
		.sign = what->flags & SIGN,
		.single = what->flags & SINGLE,
		.reverse = what->flags & REVERSE,
		.update = what->flags & UPDATE,
		.pc_relative = prefix & PREFIX_R,
		.ra = ra ? ra : NHV_INSN_NO_REG,
		.rb = NHV_INSN_NO_REG,
		.disp = nhv_insn_disp(row, prefix, word),
		.length = prefix ? 8 : 4,
	};
	if (row->form == FORM_X)
		insn->rb = word >> 11 & 31;
	/* Book I 6.7: the VMX accesses ignore low address bits, no others do. */
	if (what->target == TO_VR && row->form == FORM_X)
		insn->align = what->size - 1;
}

/*
 * Book I 3.3.2, 4.6.2: update forms with RA = 0, or with RA = RT in a
 * fixed-point load, are invalid; so is a base register besides R = 1 (1.6.3).
 */
static bool nhv_insn_valid(const struct nhv_insn *insn)
{
	bool based = insn->ra != NHV_INSN_NO_REG;

	if (insn->pc_relative)
		return !based;
	if (!insn->update)
		return true;
	return based && (insn->store || insn->kind != NHV_INSN_GPR ||
			 insn->ra != insn->reg);
}

bool nhv_insn_decode(u32 prefix, u32 word, struct nhv_insn *insn)
{
	const struct nhv_insn_row *row = nhv_insn_rows;
	const struct nhv_insn_row *end = row + ARRAY_SIZE(nhv_insn_rows);

	for (; row < end; row++) {
		if (!nhv_row_matches(row, prefix, word))
			continue;
		nhv_insn_from_row(row, prefix, word, insn);
		return nhv_insn_valid(insn);
	}
	return false;
}

u64 nhv_insn_ea(const struct nhv_insn *insn, const u64 *gpr, u64 nip, bool wide)
{
	u64 ea = insn->disp;

	if (insn->pc_relative)
		ea += nip;
	if (insn->ra != NHV_INSN_NO_REG)
		ea += gpr[insn->ra];
	if (insn->rb != NHV_INSN_NO_REG)
		ea += gpr[insn->rb];
	if (!wide)
		ea = (u32)ea;
	return ea & ~(u64)insn->align;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The decoder of loads and stores.
 *
 * Objects: src/vcpu/decode.o
 */
#include <nhv/base.h>
#include "insn_vectors.h"
#include "ktap.h"

static bool flag(const struct insn_vector *v, char which)
{
	return strchr(v->flags, which);
}

static void check_vector(const struct insn_vector *v)
{
	struct nhv_insn insn;

	if (!nhv_insn_decode(v->prefix, v->word, &insn)) {
		CHECK(false, "%s: refused", v->text);
		return;
	}
	CHECK_EQ(insn.kind, v->kind, v->text);
	CHECK_EQ(insn.unit, v->unit, v->text);
	CHECK_EQ(insn.reg, v->reg, v->text);
	CHECK_EQ(insn.size, v->size, v->text);
	CHECK_EQ(insn.bytes, v->bytes, v->text);
	CHECK_EQ(insn.ra, v->ra, v->text);
	CHECK_EQ(insn.rb, v->rb, v->text);
	CHECK_EQ(insn.disp, v->disp, v->text);
	CHECK_EQ(insn.length, v->prefix ? 8 : 4, v->text);
	CHECK_EQ(insn.store, flag(v, 's'), v->text);
	CHECK_EQ(insn.sign, flag(v, 'x'), v->text);
	CHECK_EQ(insn.single, flag(v, 'f'), v->text);
	CHECK_EQ(insn.reverse, flag(v, 'r'), v->text);
	CHECK_EQ(insn.update, flag(v, 'u'), v->text);
	CHECK_EQ(insn.pc_relative, flag(v, 'p'), v->text);
}

static void test_vectors(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(insn_vectors); i++)
		check_vector(&insn_vectors[i]);
}

static void test_refused(void)
{
	struct nhv_insn insn;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(insn_refused); i++) {
		const struct insn_refused *r = &insn_refused[i];

		CHECK(!nhv_insn_decode(r->prefix, r->word, &insn),
		      "%s: decoded", r->text);
	}
}

/* The bits that tell one instruction of a primary opcode from another. */
static u32 code_bits(u32 word)
{
	switch (word >> 26) {
	case 31:
		return 0x7fe;
	case 57:
	case 58:
	case 62:
		return 3;
	case 61:
		return (word & 3) == 1 ? 7 : 3;
	default:
		return 0;
	}
}

/* One mnemonic: the same prefix type, opcode and extended opcode. */
static bool same_code(u32 prefix, u32 word, const struct insn_vector *v)
{
	u32 bits = 0xfc000000 | (prefix ? 0 : code_bits(word));

	/* plxv and pstxv: bit 5 belongs to the register */
	if (prefix && v->kind == NHV_INSN_VECTOR)
		bits = 0xf8000000;
	/* Bit 31 is reserved but where it belongs to the register. */
	if (word >> 26 == 31 && !strstr(v->text, "xv") && !strstr(v->text, "xs"))
		bits |= 1;
	return (prefix & 0xff800000) == (v->prefix & 0xff800000) &&
	       (word & bits) == (v->word & bits);
}

static bool listed(u32 prefix, u32 word)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(insn_vectors); i++)
		if (same_code(prefix, word, &insn_vectors[i]))
			return true;
	return false;
}

static void check_code(u32 prefix, u32 word)
{
	struct nhv_insn insn;
	bool decoded;

	/* RT 3, RA 4, RB 5: valid in every form; pc-relative has no RA. */
	word |= 3 << 21 | 4 << 16 | (word >> 26 == 31 ? 5 << 11 : 0);
	decoded = nhv_insn_decode(prefix, word, &insn);
	CHECK(decoded == listed(prefix, word), "%08x %08x: decoded %d",
	      prefix, word, decoded);
}

/* Nothing but what the vectors list is decoded, and all of it. */
static void test_exhaustive(void)
{
	static const u32 prefix[] = {
		0, 0x04000000, 0x04800000, 0x05000000, 0x06000000, 0x06800000,
		0x07000000,
	};
	unsigned int i;
	u32 op, low;

	for (i = 0; i < ARRAY_SIZE(prefix); i++)
		for (op = 0; op < 64; op++)
			for (low = 0; low < 0x800; low++)
				check_code(prefix[i], op << 26 | low);
}

static void check_ea(u32 prefix, u32 word, bool wide, u64 want)
{
	struct nhv_insn insn;
	u64 gpr[32];
	unsigned int i;

	for (i = 0; i < 32; i++)
		gpr[i] = 0xc000000010000000ULL + i * 0x1001;
	if (!nhv_insn_decode(prefix, word, &insn))
		CHECK(false, "%08x %08x: refused", prefix, word);
	else
		CHECK_EQ(nhv_insn_ea(&insn, gpr, 0xd000000000000100ULL, wide),
			 want, "address");
}

static void test_address(void)
{
	/* lwz 3,-4(4); lwz 3,-4(0); lwzx 3,4,5; lwzx 3,0,5 */
	check_ea(0, 0x8064fffc, true, 0xc000000010004000ULL);
	check_ea(0, 0x8060fffc, true, 0xfffffffffffffffcULL);
	check_ea(0, 0x8060fffc, false, 0xfffffffcULL);
	check_ea(0, 0x7c64282e, true, 0x8000000020009009ULL);
	check_ea(0, 0x7c60282e, true, 0xc000000010005005ULL);
	check_ea(0, 0x7c60282e, false, 0x10005005ULL);
	/* lvx 3,0,5; lvewx 3,0,5; lvebx 3,0,5; lxvx 3,0,5 */
	check_ea(0, 0x7c6028ce, true, 0xc000000010005000ULL);
	check_ea(0, 0x7c60288e, true, 0xc000000010005004ULL);
	check_ea(0, 0x7c60280e, true, 0xc000000010005005ULL);
	check_ea(0, 0x7c602a18, true, 0xc000000010005005ULL);
	/* plwz 3,-2(4); plwz 3,0x10008(0),1 */
	check_ea(0x0603ffff, 0x8064fffe, true, 0xc000000010004002ULL);
	check_ea(0x06100001, 0x80600008, true, 0xd000000000010108ULL);
}

int main(void)
{
	static const struct ktap_case cases[] = {
		{ "decode: every form", test_vectors },
		{ "decode: refused", test_refused },
		{ "decode: nothing else", test_exhaustive },
		{ "decode: effective address", test_address },
	};

	return ktap_main(cases, ARRAY_SIZE(cases));
}

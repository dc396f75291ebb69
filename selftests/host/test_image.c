// SPDX-License-Identifier: GPL-2.0-only
/*
 * Storage image and register value of loads and stores.
 *
 * Objects: src/vcpu/decode.o src/vcpu/image.o
 */
#include <nhv/base.h>
#include "../../src/vcpu/image.h"
#include "insn_vectors.h"
#include "ktap.h"

/* Byte n of the register is n; storage is written with the byte at EA first. */
#define LEFT	0x0001020304050607ULL
#define RIGHT	0x08090a0b0c0d0e0fULL

struct image_case {
	const char *mnemonic;
	unsigned int ea;
	u64 left;
	u64 right;
	const char *big;	/* in storage, big-endian mode */
	const char *little;	/* in storage, little-endian mode */
};

static const struct image_case stores[] = {
	{ "stb", 1, LEFT, 0, "07", "07" },
	{ "sth", 0, LEFT, 0, "0607", "0706" },
	{ "stw", 4, LEFT, 0, "04050607", "07060504" },
	{ "std", 0, LEFT, 0, "0001020304050607", "0706050403020100" },
	{ "sthbrx", 0, LEFT, 0, "0706", "0607" },
	{ "stwbrx", 0, LEFT, 0, "07060504", "04050607" },
	{ "stdbrx", 0, LEFT, 0, "0706050403020100", "0001020304050607" },
	{ "stwcix", 0, LEFT, 0, "04050607", "07060504" },
	{ "stfd", 0, LEFT, RIGHT, "0001020304050607", "0706050403020100" },
	{ "stfs", 0, 0xbff8000000000000, RIGHT, "bfc00000", "0000c0bf" },
	{ "stfiwx", 0, LEFT, RIGHT, "04050607", "07060504" },
	{ "stxsd", 0, LEFT, RIGHT, "0001020304050607", "0706050403020100" },
	{ "stxssp", 0, 0x4000000000000000, 0, "40000000", "00000040" },
	{ "stxsdx", 0, LEFT, RIGHT, "0001020304050607", "0706050403020100" },
	{ "stxsspx", 0, 0x3ff0000000000000, 0, "3f800000", "0000803f" },
	{ "stxsiwx", 0, LEFT, RIGHT, "04050607", "07060504" },
	{ "stxsibx", 0, LEFT, RIGHT, "07", "07" },
	{ "stxsihx", 0, LEFT, RIGHT, "0607", "0706" },
	{ "stxvd2x", 0, LEFT, RIGHT, "000102030405060708090a0b0c0d0e0f",
	  "07060504030201000f0e0d0c0b0a0908" },
	{ "stxvw4x", 0, LEFT, RIGHT, "000102030405060708090a0b0c0d0e0f",
	  "03020100070605040b0a09080f0e0d0c" },
	{ "stxvh8x", 0, LEFT, RIGHT, "000102030405060708090a0b0c0d0e0f",
	  "010003020504070609080b0a0d0c0f0e" },
	{ "stxvb16x", 0, LEFT, RIGHT, "000102030405060708090a0b0c0d0e0f",
	  "000102030405060708090a0b0c0d0e0f" },
	{ "stxvx", 0, LEFT, RIGHT, "000102030405060708090a0b0c0d0e0f",
	  "0f0e0d0c0b0a09080706050403020100" },
	{ "stxv", 0, LEFT, RIGHT, "000102030405060708090a0b0c0d0e0f",
	  "0f0e0d0c0b0a09080706050403020100" },
	{ "pstxv", 0, LEFT, RIGHT, "000102030405060708090a0b0c0d0e0f",
	  "0f0e0d0c0b0a09080706050403020100" },
	{ "stvx", 0, LEFT, RIGHT, "000102030405060708090a0b0c0d0e0f",
	  "0f0e0d0c0b0a09080706050403020100" },
	{ "stvebx", 3, LEFT, RIGHT, "03", "0c" },
	{ "stvehx", 6, LEFT, RIGHT, "0607", "0908" },
	{ "stvewx", 8, LEFT, RIGHT, "08090a0b", "07060504" },
};

/* What a load gives from an image: the register after. */
static const struct image_case loads[] = {
	{ "lbz", 0, 0x80, 0, "80", "80" },
	{ "lhz", 0, 0x8001, 0, "8001", "0180" },
	{ "lha", 0, 0xffffffffffff8001, 0, "8001", "0180" },
	{ "lha", 0, 0x7001, 0, "7001", "0170" },
	{ "lwz", 0, 0x80010203, 0, "80010203", "03020180" },
	{ "lwa", 0, 0xffffffff80010203, 0, "80010203", "03020180" },
	{ "ld", 0, LEFT, 0, "0001020304050607", "0706050403020100" },
	{ "lhbrx", 0, 0x8001, 0, "0180", "8001" },
	{ "lwbrx", 0, 0x80010203, 0, "03020180", "80010203" },
	{ "ldbrx", 0, LEFT, 0, "0706050403020100", "0001020304050607" },
	{ "lfd", 0, LEFT, 0, "0001020304050607", "0706050403020100" },
	{ "lfs", 0, 0xbff8000000000000, 0, "bfc00000", "0000c0bf" },
	{ "lfiwax", 0, 0xffffffff80010203, 0, "80010203", "03020180" },
	{ "lfiwzx", 0, 0x80010203, 0, "80010203", "03020180" },
	{ "lxsd", 0, LEFT, 0, "0001020304050607", "0706050403020100" },
	{ "lxssp", 0, 0x4000000000000000, 0, "40000000", "00000040" },
	{ "lxsspx", 0, 0x3ff0000000000000, 0, "3f800000", "0000803f" },
	{ "lxsiwax", 0, 0xffffffff80010203, 0, "80010203", "03020180" },
	{ "lxsiwzx", 0, 0x80010203, 0, "80010203", "03020180" },
	{ "lxsibzx", 0, 0x80, 0, "80", "80" },
	{ "lxsihzx", 0, 0x8001, 0, "8001", "0180" },
	{ "lxvdsx", 0, LEFT, LEFT, "0001020304050607", "0706050403020100" },
	{ "lxvwsx", 0, 0x0405060704050607, 0x0405060704050607, "04050607",
	  "07060504" },
	{ "lxvd2x", 0, LEFT, RIGHT, "000102030405060708090a0b0c0d0e0f",
	  "07060504030201000f0e0d0c0b0a0908" },
	{ "lxvw4x", 0, LEFT, RIGHT, "000102030405060708090a0b0c0d0e0f",
	  "03020100070605040b0a09080f0e0d0c" },
	{ "lxvh8x", 0, LEFT, RIGHT, "000102030405060708090a0b0c0d0e0f",
	  "010003020504070609080b0a0d0c0f0e" },
	{ "lxvb16x", 0, LEFT, RIGHT, "000102030405060708090a0b0c0d0e0f",
	  "000102030405060708090a0b0c0d0e0f" },
	{ "lxvx", 0, LEFT, RIGHT, "000102030405060708090a0b0c0d0e0f",
	  "0f0e0d0c0b0a09080706050403020100" },
	{ "plxv", 0, LEFT, RIGHT, "000102030405060708090a0b0c0d0e0f",
	  "0f0e0d0c0b0a09080706050403020100" },
	{ "lvx", 0, LEFT, RIGHT, "000102030405060708090a0b0c0d0e0f",
	  "0f0e0d0c0b0a09080706050403020100" },
};

static bool decode(const char *mnemonic, struct nhv_insn *insn)
{
	size_t length = strlen(mnemonic);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(insn_vectors); i++) {
		const struct insn_vector *v = &insn_vectors[i];

		if (!strncmp(v->text, mnemonic, length) &&
		    v->text[length] == ' ')
			return nhv_insn_decode(v->prefix, v->word, insn);
	}
	CHECK(false, "no vector for %s", mnemonic);
	return false;
}

static void to_hex(const u8 *bytes, unsigned int nr, char *text)
{
	while (nr--)
		text += sprintf(text, "%02x", *bytes++);
}

static void from_hex(const char *text, u8 *bytes)
{
	unsigned int byte;

	for (; sscanf(text, "%2x", &byte) == 1; text += 2)
		*bytes++ = byte;
}

static void check_store(const struct image_case *c, bool little)
{
	struct nhv_reg_value value = { { c->left, c->right } };
	const char *want = little ? c->little : c->big;
	u8 image[NHV_INSN_BYTES + 1];
	char text[2 * sizeof(image) + 1];
	struct nhv_insn insn;

	if (!decode(c->mnemonic, &insn))
		return;
	memset(image, 0xee, sizeof(image));
	nhv_image_store(&insn, little, c->ea, &value, image);
	to_hex(image, insn.bytes, text);
	CHECK(!strcmp(text, want), "%s little=%d: %s, not %s", c->mnemonic,
	      little, text, want);
	CHECK(image[insn.bytes] == 0xee, "%s writes too much", c->mnemonic);
}

static void test_store(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(stores); i++) {
		check_store(&stores[i], false);
		check_store(&stores[i], true);
	}
}

static void check_load(const struct image_case *c, bool little)
{
	struct nhv_reg_value value = { { ~0ULL, ~0ULL } };
	u8 image[NHV_INSN_BYTES];
	struct nhv_insn insn;

	if (!decode(c->mnemonic, &insn))
		return;
	memset(image, 0xee, sizeof(image));
	from_hex(little ? c->little : c->big, image);
	nhv_image_load(&insn, little, c->ea, image, &value);
	CHECK_EQ(value.dw[0], c->left, c->mnemonic);
	CHECK_EQ(value.dw[1], c->right, c->mnemonic);
}

static void test_load(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(loads); i++) {
		check_load(&loads[i], false);
		check_load(&loads[i], true);
	}
}

/*
 * lvebx and the like, at every place of the quadword: the element comes from
 * where lvx of the same quadword would put it, the others stay.
 */
static void check_element(const char *mnemonic, unsigned int ea, bool little)
{
	struct nhv_reg_value value = { { 0, 0 } }, whole = { { 0, 0 } };
	struct nhv_insn insn, lvx;
	u8 quad[NHV_INSN_BYTES] = { 0 };
	unsigned int i;

	if (!decode(mnemonic, &insn) || !decode("lvx", &lvx))
		return;
	for (i = 0; i < insn.size; i++)
		quad[ea + i] = 0xa1 + i;
	nhv_image_load(&insn, little, 0x1000 + ea, quad + ea, &value);
	nhv_image_load(&lvx, little, 0x1000, quad, &whole);
	CHECK_EQ(value.dw[0], whole.dw[0], mnemonic);
	CHECK_EQ(value.dw[1], whole.dw[1], mnemonic);
}

static void test_element(void)
{
	static const char * const mnemonic[] = { "lvebx", "lvehx", "lvewx" };
	unsigned int i, ea;

	for (i = 0; i < ARRAY_SIZE(mnemonic); i++)
		for (ea = 0; ea < NHV_INSN_BYTES; ea += 1U << i) {
			check_element(mnemonic[i], ea, false);
			check_element(mnemonic[i], ea, true);
		}
}

static u64 load_single(u32 word)
{
	struct nhv_reg_value value;
	struct nhv_insn insn;

	if (!decode("lfs", &insn))
		return 0;
	nhv_image_load(&insn, true, 0, (u8 *)&word, &value);
	return value.dw[0];
}

static u32 store_single(u64 left)
{
	struct nhv_reg_value value = { { left, 0 } };
	struct nhv_insn insn;
	u32 word = 0;

	if (decode("stfs", &insn))
		nhv_image_store(&insn, true, 0, &value, (u8 *)&word);
	return word;
}

/* The host's conversions are exact in this direction, but for NaNs. */
static void check_single(u32 word)
{
	float single;
	double wide;
	u64 bits;

	memcpy(&single, &word, sizeof(single));
	wide = single;
	memcpy(&bits, &wide, sizeof(bits));
	if (single == single)
		CHECK_EQ(load_single(word), bits, "double");
	CHECK_EQ(store_single(load_single(word)), word, "there and back");
}

static void test_single(void)
{
	u64 seed = 0x6a09e667f3bcc908ULL;
	unsigned int i;
	u32 exp;

	for (exp = 0; exp < 512; exp++) {
		check_single(exp << 23);
		check_single(exp << 23 | 1);
		check_single(exp << 23 | 0x400000);
		check_single(exp << 23 | 0x7fffff);
	}
	for (i = 0; i < 23; i++)
		check_single(1U << i);
	for (i = 0; i < 100000; i++) {
		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		check_single(seed >> 32);
	}
	/* A signalling NaN stays one. */
	CHECK_EQ(load_single(0x7f800001), 0x7ff0000020000000ULL, "NaN");
	/* Bits that a single has no room for go, without rounding. */
	CHECK_EQ(store_single(0x3fffffffffffffffULL), 0x3fffffff, "cut");
	CHECK_EQ(store_single(0xb800000000000000ULL), 0x80400000, "denormal");
	CHECK_EQ(store_single(0x36a0000000000000ULL), 1, "least");
	CHECK_EQ(store_single(0x3690000000000000ULL), 0, "too small");
	CHECK_EQ(store_single(1), 0, "double denormal");
}

int main(void)
{
	static const struct ktap_case cases[] = {
		{ "image: store", test_store },
		{ "image: load", test_load },
		{ "image: VMX element", test_element },
		{ "image: single and double", test_single },
	};

	return ktap_main(cases, ARRAY_SIZE(cases));
}

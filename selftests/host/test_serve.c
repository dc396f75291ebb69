// SPDX-License-Identifier: GPL-2.0-only
/* hcall/serve: what a guest hypervisor passes, in both byte orders, at each border. */
#include <nhv/base.h>
#include <nhv/serve.h>
#include <abi/exits.h>
#include <abi/numbers.h>
#include "ktap.h"

/* Bytes that are different in each place. */
static void fill(void *to, size_t size)
{
	u8 *byte = to;
	size_t i;

	for (i = 0; i < size; i++)
		byte[i] = i * 7 + 1;
}

/* ---- the structures ------------------------------------------------------- */

static void test_layout(void)
{
	CHECK_EQ(sizeof(struct nhv_hv_guest_state), 0xf8, "hv_guest_state");
	CHECK_EQ(offsetof(struct nhv_hv_guest_state, lpid), 0x08, "lpid");
	CHECK_EQ(offsetof(struct nhv_hv_guest_state, vcpu_token), 0x0c, "token");
	CHECK_EQ(offsetof(struct nhv_hv_guest_state, hdec_expiry), 0x58, "hdec");
	CHECK_EQ(offsetof(struct nhv_hv_guest_state, asdr), 0x98, "asdr");
	CHECK_EQ(offsetof(struct nhv_hv_guest_state, dawr1), 0xe8, "dawr1");
	CHECK_EQ(sizeof(struct nhv_pt_regs), 0x160, "pt_regs");
	CHECK_EQ(offsetof(struct nhv_pt_regs, msr), 0x108, "msr");
	CHECK_EQ(offsetof(struct nhv_pt_regs, ccr), 0x130, "ccr");
}

static void test_versions(void)
{
	CHECK_EQ(nhv_serve_state_size(0), 0, "version 0");
	CHECK_EQ(nhv_serve_state_size(1), 0xe8, "version 1");
	CHECK_EQ(nhv_serve_state_size(2), 0xf8, "version 2");
	CHECK_EQ(nhv_serve_state_size(3), 0, "version 3");
	CHECK_EQ(nhv_serve_state_size(1ULL << 56), 0, "version 1, other order");
	CHECK_EQ(nhv_serve_state_size(~0ULL), 0, "version ~0");
}

static void test_order(void)
{
	CHECK(!nhv_serve_swaps(NHV_MSR_LE | NHV_MSR_SF), "little-endian caller");
	CHECK(nhv_serve_swaps(NHV_MSR_SF), "big-endian caller");
}

/* All of hv_guest_state as doublewords, but for the two words. */
static void test_swap_state(void)
{
	struct nhv_hv_guest_state gs, was;
	const u64 *after = (u64 *)&gs, *before = (u64 *)&was;
	unsigned int i;

	fill(&gs, sizeof(gs));
	was = gs;
	nhv_serve_swap_state(&gs);
	for (i = 0; i < sizeof(gs) / 8; i++)
		if (i != offsetof(struct nhv_hv_guest_state, lpid) / 8)
			CHECK_EQ(after[i], __builtin_bswap64(before[i]), "field");
	CHECK_EQ(gs.lpid, __builtin_bswap32(was.lpid), "lpid");
	CHECK_EQ(gs.vcpu_token, __builtin_bswap32(was.vcpu_token), "token");
	nhv_serve_swap_state(&gs);
	CHECK(!memcmp(&gs, &was, sizeof(gs)), "twice is not once");
}

static void test_swap_regs(void)
{
	struct nhv_pt_regs regs, was;
	unsigned int i;

	fill(&regs, sizeof(regs));
	was = regs;
	nhv_serve_swap_regs(&regs);
	for (i = 0; i < sizeof(regs) / 8; i++)
		CHECK_EQ(((u64 *)&regs)[i],
			 __builtin_bswap64(((u64 *)&was)[i]), "register");
}

static void test_check(void)
{
	struct nhv_hv_guest_state gs = { .version = 2, .lpid = 1 };

	CHECK_EQ(nhv_serve_check(&gs, 0, 0), NHV_H_SUCCESS, "a fine one");
	CHECK_EQ(nhv_serve_check(&gs, 1ULL << 33, 0), NHV_H_BAD_MODE,
		 "suspended guest");
	CHECK_EQ(nhv_serve_check(&gs, 2ULL << 33, 0), NHV_H_BAD_MODE,
		 "transactional guest");
	CHECK_EQ(nhv_serve_check(&gs, 0, 1ULL << 33), NHV_H_BAD_MODE,
		 "suspended caller");
	CHECK_EQ(nhv_serve_check(&gs, 0, 2ULL << 33), NHV_H_BAD_MODE,
		 "transactional caller");
	gs.lpid = 0;
	CHECK_EQ(nhv_serve_check(&gs, 0, 0), NHV_H_PARAMETER, "LPID 0");
	gs.lpid = ~0U;
	gs.vcpu_token = 2047;
	CHECK_EQ(nhv_serve_check(&gs, 0, 0), NHV_H_SUCCESS, "the last token");
	gs.vcpu_token = 2048;
	CHECK_EQ(nhv_serve_check(&gs, 0, 0), NHV_H_PARAMETER, "one too large");
	gs.vcpu_token = ~0U;
	CHECK_EQ(nhv_serve_check(&gs, 0, 0), NHV_H_PARAMETER, "the largest");
	gs.vcpu_token = 0;
	gs.version = 3;
	CHECK_EQ(nhv_serve_check(&gs, 0, 0), NHV_H_PARAMETER, "version 3");
}

/* ---- what is taken out ------------------------------------------------------- */

#define OWN_LPCR	(NHV_LPCR_HR | NHV_LPCR_UPRT | NHV_LPCR_GTSE | NHV_LPCR_LD)

static u64 lpcr(u64 asked, u64 own_lpcr)
{
	struct nhv_hv_guest_state gs = { .lpcr = asked };
	const struct nhv_serve_own own = { .lpcr = own_lpcr };

	nhv_serve_sanitise(&gs, &own);
	return gs.lpcr;
}

static void test_lpcr(void)
{
	const u64 theirs = NHV_LPCR_DPFD | NHV_LPCR_ILE | NHV_LPCR_LD |
			   NHV_LPCR_MER | NHV_LPCR_AIL_3;
	const u64 fixed = OWN_LPCR & ~NHV_LPCR_LD;

	CHECK_EQ(lpcr(0, OWN_LPCR), fixed, "nothing asked");
	CHECK_EQ(lpcr(~0ULL, OWN_LPCR), fixed | theirs, "all asked");
	CHECK_EQ(lpcr(~0ULL, 0), theirs, "all asked by one that has nothing");
	CHECK_EQ(lpcr(0x00800000, 0), 0, "AIL 1");
	CHECK_EQ(lpcr(0x01000000, 0), 0, "AIL 2");
	CHECK_EQ(lpcr(0x01800000, 0), 0x01800000, "AIL 3");
	CHECK_EQ(lpcr(0, theirs), 0, "the caller's own stay its own");
	CHECK_EQ(lpcr(0x1f, 0), 0, "HEIC, LPES, HVICE, HDICE");
	CHECK_EQ(lpcr(NHV_LPCR_TC, NHV_LPCR_GTSE), NHV_LPCR_GTSE, "TC, GTSE");
}

static void test_hfscr(void)
{
	struct nhv_hv_guest_state gs = { .hfscr = ~0ULL };
	const struct nhv_serve_own own = {
		.hfscr = NHV_HFSCR_FP | NHV_HFSCR_TAR | 0xabULL << 56,
	};

	nhv_serve_sanitise(&gs, &own);
	CHECK_EQ(gs.hfscr, NHV_HFSCR_FP | NHV_HFSCR_TAR, "all asked");
	gs.hfscr = NHV_HFSCR_TAR | NHV_HFSCR_TM;
	nhv_serve_sanitise(&gs, &own);
	CHECK_EQ(gs.hfscr, NHV_HFSCR_TAR, "one asked");
}

static void test_debug(void)
{
	struct nhv_hv_guest_state gs = {
		.dawrx0 = ~0ULL, .dawrx1 = ~0ULL, .ciabr = ~0ULL,
		.dpdes = 0x80, .pcr = 2,
	};
	const struct nhv_serve_own own = { .pcr = 4 };
	u64 priv;

	nhv_serve_sanitise(&gs, &own);
	CHECK_EQ(gs.dawrx0, ~4ULL, "DAWRX0");
	CHECK_EQ(gs.dawrx1, ~4ULL, "DAWRX1");
	CHECK_EQ(gs.ciabr, ~3ULL, "CIABR of a hypervisor");
	CHECK_EQ(gs.dpdes, 1, "DPDES");
	CHECK_EQ(gs.pcr, 6, "PCR: what either takes away");
	for (priv = 0; priv < 3; priv++) {
		gs.ciabr = 0x1000 | priv;
		nhv_serve_sanitise(&gs, &own);
		CHECK_EQ(gs.ciabr, 0x1000 | priv, "CIABR of others");
	}
}

static void test_msr(void)
{
	CHECK_EQ(nhv_serve_msr(0), NHV_MSR_ME, "ME");
	CHECK_EQ(nhv_serve_msr(~0ULL) & (NHV_MSR_HV | NHV_MSR_S | NHV_MSR_TS |
					 NHV_MSR_TM | NHV_SRR1_STATUS),
		 0, "HV, S, TM, status");
	CHECK_EQ(nhv_serve_msr(NHV_MSR_SF | NHV_MSR_EE | NHV_MSR_LE),
		 NHV_MSR_SF | NHV_MSR_EE | NHV_MSR_LE | NHV_MSR_ME, "others");
}

/* ---- what goes back ---------------------------------------------------------------- */

/* Each field as it must be: from the run, or as it was given. */
static void result(unsigned int vector, struct nhv_hv_guest_state *given,
		   struct nhv_hv_guest_state *gs)
{
	fill(given, sizeof(*given));
	memset(gs, 0x5a, sizeof(*gs));
	nhv_serve_result(given, gs, vector);
}

static void test_result_asked(void)
{
	struct nhv_hv_guest_state given, gs, was;

	fill(&was, sizeof(was));
	result(NHV_VEC_EXTERNAL, &given, &gs);
	CHECK(!memcmp(&given, &was, offsetof(struct nhv_hv_guest_state, dpdes)),
	      "what was asked for changed");
	CHECK_EQ(given.hfscr, was.hfscr, "HFSCR");
	CHECK_EQ(given.tb_offset, was.tb_offset, "tb_offset");
	CHECK_EQ(given.dawr0, was.dawr0, "DAWR0");
	CHECK_EQ(given.ciabr, was.ciabr, "CIABR");
	CHECK_EQ(given.hdec_expiry, was.hdec_expiry, "hdec_expiry");
	CHECK_EQ(given.hdar, was.hdar, "HDAR");
	CHECK_EQ(given.heir, was.heir, "HEIR");
	CHECK_EQ(given.asdr, was.asdr, "ASDR");
	CHECK_EQ(given.dawrx1, was.dawrx1, "DAWRX1");
}

static void test_result_run(void)
{
	struct nhv_hv_guest_state given, gs;

	result(NHV_VEC_EXTERNAL, &given, &gs);
	CHECK_EQ(given.dpdes, gs.dpdes, "DPDES");
	CHECK(!memcmp(&given.purr, &gs.purr, 4 * sizeof(u64)),
	      "PURR, SPURR, IC, VTB");
	CHECK(!memcmp(&given.srr0, &gs.srr0,
		      offsetof(struct nhv_hv_guest_state, dawr1) -
		      offsetof(struct nhv_hv_guest_state, srr0)),
	      "SRR0 to PPR");
}

static void test_result_faults(void)
{
	struct nhv_hv_guest_state given, gs, was;

	fill(&was, sizeof(was));
	result(NHV_VEC_H_DATA_STORAGE, &given, &gs);
	CHECK(!memcmp(&given.hdar, &gs.hdar, 16), "HDAR, HDSISR");
	CHECK_EQ(given.asdr, gs.asdr, "ASDR of 0xE00");
	CHECK_EQ(given.heir, was.heir, "HEIR of 0xE00");
	result(NHV_VEC_H_INST_STORAGE, &given, &gs);
	CHECK_EQ(given.hdar, was.hdar, "HDAR of 0xE20");
	CHECK_EQ(given.asdr, gs.asdr, "ASDR of 0xE20");
	result(NHV_VEC_H_EMUL_ASSIST, &given, &gs);
	CHECK_EQ(given.heir, gs.heir, "HEIR");
	result(NHV_VEC_H_FAC_UNAVAIL, &given, &gs);
	CHECK_EQ(given.hfscr, (was.hfscr & ~(0xffULL << 56)) | 0x5aULL << 56,
		 "the cause and nothing else of HFSCR");

	gs.heir = NHV_HEIR_CANARY;
	nhv_serve_result(&was, &gs, NHV_VEC_H_EMUL_ASSIST);
	CHECK(was.heir != NHV_HEIR_CANARY, "our own canary as an instruction");
}

/* ---- the partition table -------------------------------------------------------------- */

static void test_ptcr(void)
{
	CHECK(nhv_serve_ptcr_ok(0), "none");
	CHECK(nhv_serve_ptcr_ok(0x10000 | 4), "the largest");
	CHECK(!nhv_serve_ptcr_ok(0x20000 | 5), "larger");
	CHECK(!nhv_serve_ptcr_ok(0x20000 | 31), "largest number");
	CHECK(!nhv_serve_ptcr_ok(0x10000 | 0x20), "a reserved bit");
	CHECK(!nhv_serve_ptcr_ok(1ULL << 60), "beyond real addresses");
	CHECK(nhv_serve_ptcr_ok(0x0ffffffffffff000ULL), "the last address");
}

static void test_pate_at(void)
{
	u64 at;

	CHECK(nhv_serve_pate_at(0x10000, 1, &at), "LPID 1");
	CHECK_EQ(at, 0x10010, "LPID 1");
	CHECK(!nhv_serve_pate_at(0x10000, 0, &at), "LPID 0");
	CHECK(nhv_serve_pate_at(0x10000, 255, &at), "last of 4K");
	CHECK_EQ(at, 0x10ff0, "last of 4K");
	CHECK(!nhv_serve_pate_at(0x10000, 256, &at), "one too far");
	CHECK(nhv_serve_pate_at(0x10004, 4095, &at), "last of 64K");
	CHECK_EQ(at, 0x1fff0, "last of 64K");
	CHECK(!nhv_serve_pate_at(0x10004, 4096, &at), "one too far");
	CHECK(!nhv_serve_pate_at(0x10004, ~0ULL, &at), "much too far");
	CHECK(!nhv_serve_pate_at(0x10004, 1ULL << 60, &at), "shifts to 0");
}

static void pate(u64 dword0, u64 dword1, u64 dword[2])
{
	const struct nhv_pate entry = {
		.dword0 = cpu_to_be64(dword0), .dword1 = cpu_to_be64(dword1),
	};

	nhv_serve_pate(&entry, dword);
}

static void test_pate(void)
{
	const u64 tree = NHV_PATE0_HR | NHV_RTS_52 | 0x1230000 | NHV_RPDS_52;
	u64 dword[2];

	pate(tree, NHV_PATE1_GR | 0x4560000 | 12, dword);
	CHECK_EQ(dword[0], tree, "tree");
	CHECK_EQ(dword[1], NHV_PATE1_GR | 0x4560000 | 12, "process table");
	pate(tree, 0, dword);
	CHECK_EQ(dword[0], tree, "no process table yet");
	pate(tree, ~0x1fULL | 24, dword);
	CHECK_EQ(dword[1], NHV_PATE1_GR | NHV_PATE1_PRTB | 24,
		 "reserved bits of the second");
	pate(tree, NHV_PATE1_GR | 25, dword);
	CHECK(!dword[0] && !dword[1], "process table too large");
	pate(0, NHV_PATE1_GR, dword);
	CHECK(!dword[0] && !dword[1], "no tree");
	pate(tree & ~NHV_PATE0_HR, NHV_PATE1_GR, dword);
	CHECK(!dword[0] && !dword[1], "hash");
}

/* ---- invalidations ------------------------------------------------------------------------ */

#define R		NHV_TLBIE_R
#define RIC(n)		NHV_TLBIE_RIC(n)
#define IS(n)		((u64)(n) << 10)
#define AP(n)		((u64)(n) << 5)

static const struct tlbie_case {
	u64 image, rb;
	long code;
	u8 what;
	bool every;
	u64 from, size;
} tlbies[] = {
	{ R, 0x12345000 | AP(0), 0, NHV_SERVE_RANGE, 0, 0x12345000, 0x1000 },
	{ R, 0x12345000 | AP(5), 0, NHV_SERVE_RANGE, 0, 0x12340000, 0x10000 },
	{ R, 0x12345000 | AP(1), 0, NHV_SERVE_RANGE, 0, 0x12200000, 0x200000 },
	{ R, 0x52345000 | AP(2), 0, NHV_SERVE_RANGE, 0, 0x40000000, 0x40000000 },
	{ R, ~0xfffULL, 0, NHV_SERVE_RANGE, 0, ~0xfffULL, 0x1000 },
	{ R, AP(3), NHV_H_PARAMETER }, { R, AP(4), NHV_H_PARAMETER },
	{ R, AP(6), NHV_H_PARAMETER }, { R, AP(7), NHV_H_PARAMETER },
	{ R, IS(1), NHV_H_PARAMETER },
	{ R | RIC(1), IS(1), NHV_H_PARAMETER },
	{ R | RIC(2), IS(1), NHV_H_PARAMETER },
	{ R, IS(2), 0, NHV_SERVE_ALL },
	{ R, IS(3), 0, NHV_SERVE_ALL, 1 },
	{ R | RIC(1), IS(0), NHV_H_PARAMETER },
	{ R | RIC(1), IS(2), 0, NHV_SERVE_NOTHING },
	{ R | RIC(1), IS(3), 0, NHV_SERVE_NOTHING, 1 },
	{ R | RIC(2), IS(0), NHV_H_PARAMETER },
	{ R | RIC(2), IS(2), 0, NHV_SERVE_ENTRY },
	{ R | RIC(2), IS(3), 0, NHV_SERVE_ENTRY, 1 },
	{ R | RIC(3), IS(0), NHV_H_PARAMETER },
	{ R | RIC(3), IS(2), NHV_H_PARAMETER },
	{ R | RIC(3), IS(3), NHV_H_PARAMETER },
	{ 0, IS(2), NHV_H_PARAMETER },
	{ R | NHV_TLBIE_PRS, IS(2), NHV_H_PARAMETER },
	{ NHV_TLBIE_PRS, IS(2), NHV_H_PARAMETER },
	/* A whole instruction counts like its fields alone. */
	{ 0x7c000264 | R | RIC(2), IS(2), 0, NHV_SERVE_ENTRY },
};

static void test_tlbie(void)
{
	struct nhv_serve_flush flush;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tlbies); i++) {
		const struct tlbie_case *c = &tlbies[i];
		long code = nhv_serve_tlbie(c->image, 0xabcd00000007ULL, c->rb,
					    &flush);

		CHECK(code == c->code, "row %u: code %ld", i, code);
		if (code)
			continue;
		CHECK(flush.what == c->what, "row %u: what %u", i, flush.what);
		CHECK(flush.every == c->every, "row %u: every", i);
		CHECK_EQ(flush.lpid, 7, "LPID");
		CHECK_EQ(flush.from.addr, c->from, "from");
		CHECK_EQ(flush.size, c->size, "size");
	}
}

static void test_tlbie_insn(void)
{
	unsigned int rs, rb;

	/* tlbie r5,r4,2,0,1 */
	CHECK(nhv_serve_tlbie_insn(0x7c892a64, &rs, &rb), "tlbie");
	CHECK(rs == 4 && rb == 5, "operands %u, %u", rs, rb);
	CHECK(!nhv_serve_tlbie_insn(0x7c892a65, &rs, &rb), "reserved bit");
	CHECK(!nhv_serve_tlbie_insn(0x7c892a24, &rs, &rb), "tlbiel");
	CHECK(!nhv_serve_tlbie_insn(0x60000000, &rs, &rb), "nop");
}

#define TLB	NHV_RPTI_TYPE_TLB
#define PWC	NHV_RPTI_TYPE_PWC
#define PAT	NHV_RPTI_TYPE_PAT

static const struct rpt_case {
	u64 target, type, pages, start, end;
	long code;
	u8 what;
	u64 from, size;
} rpts[] = {
	{ 1, NHV_RPTI_TYPE_ALL, 0, 0, 0, 0, NHV_SERVE_ENTRY },
	{ 1, PAT, 0, 0x1000, 0x2000, 0, NHV_SERVE_ENTRY },
	{ 1, TLB, 0, 0, ~0ULL, 0, NHV_SERVE_ALL },
	{ 1, TLB | PWC, 0, 0, ~0ULL, 0, NHV_SERVE_ALL },
	{ 1, PWC, 0, 0, ~0ULL, 0, NHV_SERVE_NOTHING },
	{ 1, 0, 0, 0, ~0ULL, 0, NHV_SERVE_NOTHING },
	{ 1, TLB, 1, 0x1000, 0x3000, 0, NHV_SERVE_RANGE, 0x1000, 0x2000 },
	{ 1, TLB, 1, 0x1234, 0x3000, 0, NHV_SERVE_RANGE, 0x1000, 0x2000 },
	{ 1, TLB, 2, 0x11000, 0x13000, 0, NHV_SERVE_RANGE, 0x10000, 0x3000 },
	{ 1, TLB, 5, 0x211000, 0x213000, 0, NHV_SERVE_RANGE, 0x200000, 0x13000 },
	{ 1, TLB, 8, 0x40001000, 0x40002000, 0, NHV_SERVE_RANGE, 0x40000000,
	  0x2000 },
	{ 1, TLB, ~0ULL, 0x1000, 0x2000, 0, NHV_SERVE_RANGE, 0, 0x2000 },
	{ 1, TLB, 1, 1, ~0ULL, 0, NHV_SERVE_RANGE, 0, ~0ULL },
	{ 1, TLB, 1, 0x1000, 0x1000, 0, NHV_SERVE_NOTHING, 0x1000, 0 },
	{ 1, TLB, 0, 0x1000, 0x2000, NHV_H_P4 },
	{ 1, TLB, 0x10, 0x1000, 0x2000, NHV_H_P4 },
	{ 1, TLB, 0x11, 0x1000, 0x2000, NHV_H_P4 },
	{ 0, TLB, 1, 0x1000, 0x2000, NHV_H_P2 },
	{ 2, TLB, 1, 0x1000, 0x2000, NHV_H_P2 },
	{ 3, TLB, 1, 0x1000, 0x2000, NHV_H_P2 },
	{ 4, TLB, 1, 0x1000, 0x2000, NHV_H_P2 },
};

static void test_rpt(void)
{
	struct nhv_serve_flush flush;
	struct nhv_serve_rpt rpt;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rpts); i++) {
		const struct rpt_case *c = &rpts[i];
		long code;

		rpt = (struct nhv_serve_rpt){ 9, c->target, c->type | 1,
					      c->pages, c->start, c->end };
		CHECK_EQ(nhv_serve_rpt_check(&rpt), NHV_H_SUCCESS, "check");
		code = nhv_serve_rpt_nested(&rpt, &flush);
		CHECK(code == c->code, "row %u: code %ld", i, code);
		if (code)
			continue;
		CHECK(flush.what == c->what, "row %u: what %u", i, flush.what);
		CHECK(!flush.every && flush.lpid == 9, "row %u: LPID", i);
		if (c->what != NHV_SERVE_RANGE)
			continue;
		CHECK_EQ(flush.from.addr, c->from, "from");
		CHECK_EQ(flush.size, c->size, "size");
	}
	rpt.end = rpt.start - 1;
	CHECK_EQ(nhv_serve_rpt_check(&rpt), NHV_H_P5, "end before start");
	rpt = (struct nhv_serve_rpt){ 1ULL << 32 | 5, 1, TLB | 1, 0, 0, ~0ULL };
	CHECK_EQ(nhv_serve_rpt_nested(&rpt, &flush), NHV_H_SUCCESS, "LPID");
	CHECK_EQ(flush.lpid, 0, "an LPID of more than 32 bits");
}

/* ---- copies ------------------------------------------------------------------------------------ */

static void test_copy(void)
{
	const struct nhv_serve_copy fine = { 1, 0, 0x1000, 0x2000, 0, 16 };
	struct nhv_serve_copy copy = fine;
	unsigned int bit;

	CHECK_EQ(nhv_serve_copy_check(&copy, 16), NHV_H_SUCCESS, "a load");
	copy.from = 0x3000;
	CHECK_EQ(nhv_serve_copy_check(&copy, 16), NHV_H_PARAMETER, "both");
	copy.to = 0;
	CHECK_EQ(nhv_serve_copy_check(&copy, 16), NHV_H_SUCCESS, "a store");
	copy.from = 0;
	CHECK_EQ(nhv_serve_copy_check(&copy, 16), NHV_H_PARAMETER, "neither");
	copy = fine;
	copy.n = 17;
	CHECK_EQ(nhv_serve_copy_check(&copy, 16), NHV_H_PARAMETER, "too long");
	copy.n = ~0ULL;
	CHECK_EQ(nhv_serve_copy_check(&copy, 16), NHV_H_PARAMETER, "longest");
	copy.n = 0;
	CHECK_EQ(nhv_serve_copy_check(&copy, 16), NHV_H_SUCCESS, "nothing");
	copy.pid = 1ULL << 32;
	CHECK_EQ(nhv_serve_copy_check(&copy, 16), NHV_H_PARAMETER, "PID");
	for (bit = 0; bit < 64; bit++) {
		copy = fine;
		copy.ea = 1ULL << bit;
		CHECK_EQ(nhv_serve_copy_check(&copy, 16),
			 bit < 52 ? NHV_H_SUCCESS : NHV_H_PARAMETER, "address");
	}
}

int main(void)
{
	static const struct ktap_case cases[] = {
		{ "serve: layout", test_layout },
		{ "serve: versions", test_versions },
		{ "serve: byte order of the caller", test_order },
		{ "serve: swapped state", test_swap_state },
		{ "serve: swapped registers", test_swap_regs },
		{ "serve: states refused", test_check },
		{ "serve: LPCR", test_lpcr },
		{ "serve: HFSCR", test_hfscr },
		{ "serve: debug registers, DPDES, PCR", test_debug },
		{ "serve: MSR", test_msr },
		{ "serve: what was asked goes back", test_result_asked },
		{ "serve: what was run goes back", test_result_run },
		{ "serve: fault registers", test_result_faults },
		{ "serve: PTCR", test_ptcr },
		{ "serve: where an entry is", test_pate_at },
		{ "serve: partition table entry", test_pate },
		{ "serve: H_TLB_INVALIDATE", test_tlbie },
		{ "serve: tlbie", test_tlbie_insn },
		{ "serve: H_RPT_INVALIDATE", test_rpt },
		{ "serve: H_COPY_TOFROM_GUEST", test_copy },
	};

	return ktap_main(cases, ARRAY_SIZE(cases));
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invalidations that a guest hypervisor asks for, by H_TLB_INVALIDATE, by a
 * tlbie instruction or by H_RPT_INVALIDATE, all turned into one form.
 *
 * What is asked for may be widened: forgetting more is never wrong.
 */
#include <abi/numbers.h>
#include <abi/partition.h>
#include <nhv/serve.h>

/* The leaves there are, by growing size. */
static const struct nhv_serve_page {
	u8 shift;
	u8 ap;		/* tlbie RB[AP] */
	u8 rpti;	/* H_RPT_INVALIDATE page size */
} nhv_serve_pages[] = {
	{ NHV_SHIFT_4K,		NHV_AP_4K,	NHV_RPTI_PAGE_4K },
	{ NHV_SHIFT_64K,	NHV_AP_64K,	NHV_RPTI_PAGE_64K },
	{ NHV_SHIFT_2M,		NHV_AP_2M,	NHV_RPTI_PAGE_2M },
	{ NHV_SHIFT_1G,		NHV_AP_1G,	NHV_RPTI_PAGE_1G },
};

/* RB[IS] */
enum nhv_tlbie_is {
	NHV_TLBIE_IS_PAGE,
	NHV_TLBIE_IS_PID,
	NHV_TLBIE_IS_LPID,
	NHV_TLBIE_IS_ALL,
};

#define NHV_TLBIE_RIC_OF(image)	(((image) >> 18) & 3)
#define NHV_TLBIE_IS_OF(rb)	(((rb) >> 10) & 3)
#define NHV_TLBIE_AP_OF(rb)	(((rb) >> 5) & 7)

static long nhv_serve_tlbie_page(u64 rb, struct nhv_serve_flush *flush)
{
	unsigned int i;
	u64 size;

	for (i = 0; i < ARRAY_SIZE(nhv_serve_pages); i++) {
		if (nhv_serve_pages[i].ap != NHV_TLBIE_AP_OF(rb))
			continue;
		size = 1ULL << nhv_serve_pages[i].shift;
		flush->what = NHV_SERVE_RANGE;
		flush->from = nhv_l3ra(rb & NHV_TLBIE_RB_EPN & -size);
		flush->size = size;
		return NHV_H_SUCCESS;
	}
	return NHV_H_PARAMETER;
}

long nhv_serve_tlbie(u64 image, u64 rs, u64 rb, struct nhv_serve_flush *flush)
{
	static const u8 what[] = {
		[NHV_TLBIE_RIC_TLB] = NHV_SERVE_ALL,
		[NHV_TLBIE_RIC_PWC] = NHV_SERVE_NOTHING,
		[NHV_TLBIE_RIC_ALL] = NHV_SERVE_ENTRY,
	};
	unsigned int ric = NHV_TLBIE_RIC_OF(image);
	unsigned int is = NHV_TLBIE_IS_OF(rb);

	memset(flush, 0, sizeof(*flush));
	flush->lpid = (u32)rs;
	/* Partition scope of a radix guest is all that a hypervisor has to ask for. */
	if (!(image & NHV_TLBIE_R) || image & NHV_TLBIE_PRS)
		return NHV_H_PARAMETER;
	if (ric >= ARRAY_SIZE(what) || is == NHV_TLBIE_IS_PID)
		return NHV_H_PARAMETER;
	if (is == NHV_TLBIE_IS_PAGE)
		return ric == NHV_TLBIE_RIC_TLB ?
			nhv_serve_tlbie_page(rb, flush) : NHV_H_PARAMETER;
	flush->what = what[ric];
	flush->every = is == NHV_TLBIE_IS_ALL;
	return NHV_H_SUCCESS;
}

/* tlbie RB,RS,RIC,PRS,R (Power ISA 3.1 Book III, 6.9.3.3), an X-form. */
#define NHV_INSN_TLBIE_MASK	0xfc0007ffU
#define NHV_INSN_TLBIE		((31U << 26) | (306U << 1))

bool nhv_serve_tlbie_insn(u32 insn, unsigned int *rs, unsigned int *rb)
{
	*rs = (insn >> 21) & 31;
	*rb = (insn >> 11) & 31;
	return (insn & NHV_INSN_TLBIE_MASK) == NHV_INSN_TLBIE;
}

long nhv_serve_rpt_check(const struct nhv_serve_rpt *rpt)
{
	return rpt->end < rpt->start ? NHV_H_P5 : NHV_H_SUCCESS;
}

/* The largest of the page sizes named; 0 if one is unknown, or none is named. */
static u64 nhv_serve_rpt_size(u64 pages)
{
	u64 size = 0, left = pages;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nhv_serve_pages); i++) {
		if (!(pages & nhv_serve_pages[i].rpti))
			continue;
		size = 1ULL << nhv_serve_pages[i].shift;
		left &= ~(u64)nhv_serve_pages[i].rpti;
	}
	return left && pages != NHV_RPTI_PAGE_ALL ? 0 : size;
}

static long nhv_serve_rpt_range(const struct nhv_serve_rpt *rpt,
				struct nhv_serve_flush *flush)
{
	u64 size = nhv_serve_rpt_size(rpt->pages);

	if (!size)
		return NHV_H_P4;
	flush->what = NHV_SERVE_RANGE;
	flush->from = nhv_l3ra(rpt->start & -size);
	flush->size = rpt->end - flush->from.addr;
	if (rpt->start == rpt->end)
		flush->what = NHV_SERVE_NOTHING;
	return NHV_H_SUCCESS;
}

long nhv_serve_rpt_nested(const struct nhv_serve_rpt *rpt,
			  struct nhv_serve_flush *flush)
{
	memset(flush, 0, sizeof(*flush));
	/* An LPID that cannot be has nothing to forget, like one that is not. */
	flush->lpid = rpt->id <= ~0U ? rpt->id : 0;
	if (rpt->target != NHV_RPTI_TARGET_CMMU)
		return NHV_H_P2;
	if (rpt->type & NHV_RPTI_TYPE_PAT)
		flush->what = NHV_SERVE_ENTRY;
	else if (!(rpt->type & NHV_RPTI_TYPE_TLB))
		flush->what = NHV_SERVE_NOTHING;
	else if (!rpt->start && rpt->end == ~0ULL)
		flush->what = NHV_SERVE_ALL;
	else
		return nhv_serve_rpt_range(rpt, flush);
	return NHV_H_SUCCESS;
}

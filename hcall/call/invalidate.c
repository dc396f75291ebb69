// SPDX-License-Identifier: GPL-2.0-only
/*
 * One invalidation of a partition-scoped translation, by whichever call the
 * level below has.
 */
#include <abi/numbers.h>
#include <abi/partition.h>
#include <nhv/call.h>

static const struct nhv_page_code {
	u8 shift;
	u8 ap;		/* tlbie RB[AP] */
	u8 rpti;	/* H_RPT_INVALIDATE page size */
} nhv_page_codes[] = {
	{ NHV_SHIFT_4K,		NHV_AP_4K,	NHV_RPTI_PAGE_4K },
	{ NHV_SHIFT_64K,	NHV_AP_64K,	NHV_RPTI_PAGE_64K },
	{ NHV_SHIFT_2M,		NHV_AP_2M,	NHV_RPTI_PAGE_2M },
	{ NHV_SHIFT_1G,		NHV_AP_1G,	NHV_RPTI_PAGE_1G },
};

static const struct nhv_page_code *nhv_page_code(unsigned int shift)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nhv_page_codes); i++)
		if (nhv_page_codes[i].shift == shift)
			return &nhv_page_codes[i];
	return NULL;
}

long nhv_call_forget_page(bool rpt, u32 lpid, u64 addr, unsigned int shift)
{
	const struct nhv_page_code *code = nhv_page_code(shift);
	unsigned long rb;

	if (!code)
		return NHV_H_PARAMETER;
	if (rpt)
		return nhv_call_rpt_invalidate(lpid, NHV_RPTI_TYPE_TLB,
					       code->rpti, addr,
					       addr + (1ULL << shift));

	rb = (addr & NHV_TLBIE_RB_EPN) | NHV_TLBIE_RB_IS_PAGE |
	     NHV_TLBIE_RB_AP(code->ap);
	return nhv_call_tlb_invalidate(NHV_TLBIE_RIC_TLB, lpid, rb);
}

long nhv_call_forget_lpid(bool rpt, u32 lpid, unsigned int ric)
{
	static const u64 type[] = {
		[NHV_TLBIE_RIC_TLB] = NHV_RPTI_TYPE_TLB,
		[NHV_TLBIE_RIC_PWC] = NHV_RPTI_TYPE_PWC,
		[NHV_TLBIE_RIC_ALL] = NHV_RPTI_TYPE_ALL,
	};

	if (rpt)
		return nhv_call_rpt_invalidate(lpid, type[ric],
					       NHV_RPTI_PAGE_ALL, 0, ~0ULL);
	return nhv_call_tlb_invalidate(ric, lpid, NHV_TLBIE_RB_IS_LPID);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The partition table of a guest hypervisor: where an entry is, and what it may
 * say (Power ISA 3.1 Book III, 6.7.6.1).
 */
#include <abi/partition.h>
#include <nhv/serve.h>

#define NHV_PATE_SHIFT		4
#define NHV_TABLE_SHIFT		12

bool nhv_serve_ptcr_ok(u64 ptcr)
{
	return (ptcr & NHV_PTCR_PATS) <= NHV_PATS_MAX &&
	       !(ptcr & ~(NHV_PTCR_BASE | NHV_PTCR_PATS));
}

bool nhv_serve_pate_at(u64 ptcr, u64 lpid, u64 *at)
{
	unsigned int shift = NHV_TABLE_SHIFT + (ptcr & NHV_PTCR_PATS);

	if (!lpid || lpid >> (shift - NHV_PATE_SHIFT))
		return false;
	*at = (ptcr & NHV_PTCR_BASE) + (lpid << NHV_PATE_SHIFT);
	return true;
}

void nhv_serve_pate(const struct nhv_pate *pate, u64 dword[2])
{
	u64 tree = be64_to_cpu(pate->dword0);
	u64 process_table = be64_to_cpu(pate->dword1);

	dword[0] = 0;
	dword[1] = 0;
	/* A guest that has no process table yet may lack GR; it is radix by HR. */
	if (!(tree & NHV_PATE0_HR) ||
	    (process_table & NHV_PATE1_PRTS) > NHV_PRTS_MAX)
		return;
	dword[0] = tree;
	dword[1] = process_table & (NHV_PATE1_GR | NHV_PATE1_PRTB |
				    NHV_PATE1_PRTS);
}

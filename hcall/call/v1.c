// SPDX-License-Identifier: GPL-2.0-only
/*
 * The caller's side of the nested API v1.
 *
 * plpar_hcall_norets() may be called with a guest's registers live: it uses
 * no floating point, and it marks SRR0 and SRR1 as lost, which an sc 1 of our
 * own would have to do too.
 */
#include <asm/hvcall.h>
#include <asm/processor.h>

#include <abi/numbers.h>
#include <abi/partition.h>
#include <nhv/call.h>

/*
 * A busy answer comes from work the level below does piecemeal; whoever calls
 * here may hold up an MMU notifier and must not sleep.
 */
#define NHV_BUSY_RETRIES	1000

static bool nhv_busy(long rc)
{
	return rc == NHV_H_BUSY ||
	       (rc >= NHV_H_LONG_BUSY_FIRST && rc <= NHV_H_LONG_BUSY_LAST);
}

long nhv_call_set_partition_table(u64 ptcr)
{
	return plpar_hcall_norets(NHV_H_SET_PARTITION_TABLE, ptcr);
}

long nhv_call_enter_nested(struct nhv_l1ra gs, struct nhv_l1ra regs)
{
	return plpar_hcall_norets(NHV_H_ENTER_NESTED, gs.addr, regs.addr);
}

bool nhv_call_has_copy(void)
{
	/* An effective address with its top bits set is refused by all that know the call. */
	long rc = plpar_hcall_norets(NHV_H_COPY_TOFROM_GUEST, 1UL, 0UL, ~0UL,
				     0UL, 0UL, 0UL);

	return rc != NHV_H_FUNCTION;
}

long nhv_call_tlb_invalidate(unsigned int ric, u32 lpid, unsigned long rb)
{
	unsigned long image = NHV_TLBIE_R | NHV_TLBIE_RIC(ric);
	unsigned int turn;
	long rc;

	for (turn = 0; turn < NHV_BUSY_RETRIES; turn++) {
		rc = plpar_hcall_norets(NHV_H_TLB_INVALIDATE, image,
					(unsigned long)lpid, rb);
		if (!nhv_busy(rc))
			break;
		cpu_relax();
	}
	return rc;
}

long nhv_call_rpt_invalidate(u32 lpid, u64 type, u64 pages, u64 start, u64 end)
{
	unsigned int turn;
	long rc;

	for (turn = 0; turn < NHV_BUSY_RETRIES; turn++) {
		rc = plpar_hcall_norets(NHV_H_RPT_INVALIDATE,
					(unsigned long)lpid,
					NHV_RPTI_TARGET_CMMU,
					NHV_RPTI_TYPE_NESTED | type, pages,
					start, end);
		if (!nhv_busy(rc))
			break;
		cpu_relax();
	}
	return rc;
}

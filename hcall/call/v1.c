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

#include "told.h"

/*
 * A busy answer comes from work the level below does piecemeal; whoever calls
 * here may hold up an MMU notifier and must not sleep.
 */
#define NHV_BUSY_RETRIES	1000

bool nhv_call_busy(long rc)
{
	return rc == NHV_H_BUSY ||
	       (rc >= NHV_H_LONG_BUSY_FIRST && rc <= NHV_H_LONG_BUSY_LAST);
}

static long nhv_call(unsigned long number, const unsigned long arg[6])
{
	long rc = plpar_hcall_norets(number, arg[0], arg[1], arg[2], arg[3],
				     arg[4], arg[5]);

	return nhv_call_told(number, arg, rc);
}

/* Until the level below has done all of it. */
static long nhv_call_patiently(unsigned long number,
			       const unsigned long arg[6])
{
	unsigned int turn;
	long rc;

	for (turn = 0; turn < NHV_BUSY_RETRIES; turn++) {
		rc = nhv_call(number, arg);
		if (!nhv_call_busy(rc))
			break;
		cpu_relax();
	}
	return rc;
}

long nhv_call_set_partition_table(u64 ptcr)
{
	const unsigned long arg[6] = { ptcr };

	return nhv_call(NHV_H_SET_PARTITION_TABLE, arg);
}

void nhv_call_yield(void)
{
	/* No processor, so no count of its dispatches. */
	plpar_hcall_norets(NHV_H_CONFER, NHV_CONFER_ALL, 0UL);
}

bool nhv_call_has_copy(void)
{
	/* An effective address with its top bits set is refused by all that know the call. */
	const unsigned long arg[6] = { 1, 0, ~0UL };

	return nhv_call(NHV_H_COPY_TOFROM_GUEST, arg) != NHV_H_FUNCTION;
}

long nhv_call_tlb_invalidate(unsigned int ric, u32 lpid, unsigned long rb)
{
	const unsigned long arg[6] = {
		NHV_TLBIE_R | NHV_TLBIE_RIC(ric), lpid, rb,
	};

	return nhv_call_patiently(NHV_H_TLB_INVALIDATE, arg);
}

long nhv_call_rpt_invalidate(u32 lpid, u64 type, u64 pages, u64 start, u64 end)
{
	const unsigned long arg[6] = {
		lpid, NHV_RPTI_TARGET_CMMU, NHV_RPTI_TYPE_NESTED | type, pages,
		start, end,
	};

	return nhv_call_patiently(NHV_H_RPT_INVALIDATE, arg);
}

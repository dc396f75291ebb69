// SPDX-License-Identifier: GPL-2.0-only
/*
 * API v2: what the level below gets wrong, learnt from a guest without memory.
 * Its first instruction fetch is a fault, and that is all it ever does.
 */
#include <linux/gfp.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <asm/hw_irq.h>
#include <asm/page.h>
#include <asm/reg.h>
#include <asm/time.h>

#include <abi/numbers.h>
#include <abi/partition.h>
#include <nhv/call.h>
#include <nhv/turn.h>

#include "back_end.h"
#include "v2.h"

/* Far from now, in either direction, and within 31 bits of timebase. */
#define NHV_LEARN_DEC_TICKS	(1ULL << 29)

static long nhv_learn_tables(u64 guest, struct nhv_v2_vcpu *v2, u64 root)
{
	struct nhv_gsb gsb;
	u64 where;

	nhv_gsb_start(&gsb, v2->state, NHV_V2_BUFFER);
	nhv_v2_put_partition_table(&gsb, root);
	return nhv_call_set_state(NHV_GS_FLAG_GUEST_WIDE, guest, 0,
				  nhv_l1ra(__pa(v2->state)), gsb.used, &where);
}

/* Return: the vector, or below 0 what was answered. */
static long nhv_learn_run(u64 guest, struct nhv_v2_vcpu *v2, u64 expires)
{
	unsigned long flags;
	struct nhv_gsb gsb;
	u64 vector, host;
	long rc;

	nhv_gsb_start(&gsb, v2->input, NHV_V2_BUFFER);
	nhv_gsb_put(&gsb, NHV_GS_MSR, 8, NHV_MSR_SF);
	nhv_gsb_put(&gsb, NHV_GS_NIA, 8, NHV_VEC_SYSTEM_RESET);
	nhv_gsb_put(&gsb, NHV_GS_DEC_EXPIRY, 8, expires);
	nhv_gsb_put(&gsb, NHV_GS_HDEC_EXPIRY, 8, expires);

	local_irq_save(flags);
	hard_irq_disable();
	host = mftb() + nhv_read_dec(decrementer_max > S32_MAX);
	rc = nhv_call_run_vcpu(guest, 0, &vector);
	mtspr(SPRN_DEC, host - mftb());
	local_irq_restore(flags);
	return rc ? -EIO : (long)vector;
}

static long nhv_learn_dec(u64 guest, struct nhv_v2_vcpu *v2, u64 *expires)
{
	struct nhv_gsb_at at;
	struct nhv_gsb gsb;
	u64 where;
	long rc;

	nhv_gsb_start(&gsb, v2->state, NHV_V2_BUFFER);
	nhv_gsb_put(&gsb, NHV_GS_DEC_EXPIRY, 8, 0);
	rc = nhv_call_get_state(0, guest, 0, nhv_l1ra(__pa(v2->state)),
				gsb.used, &where);
	if (rc)
		return rc;
	nhv_gsb_first(&at, v2->state, gsb.used);
	if (nhv_gsb_next(&at) != 1)
		return -EIO;
	return nhv_gsb_number(&at, expires);
}

/* The guest has not touched its decrementer, so what was sent must come back. */
static long nhv_learn_from(u64 guest, struct nhv_v2_vcpu *v2, u64 root)
{
	u64 sent = mftb() + NHV_LEARN_DEC_TICKS, got;
	long rc = nhv_learn_tables(guest, v2, root);

	if (rc)
		return rc;
	rc = nhv_learn_run(guest, v2, sent);
	if (rc < 0)
		return rc;
	rc = nhv_learn_dec(guest, v2, &got);
	if (rc)
		return rc;
	nhv_v2_quirks.mirrors_dec = (s64)(got - mftb()) < 0;
	return 0;
}

/* What not every level below knows, and a guest can do without. */
static const u16 nhv_learn_optional[] = {
	NHV_GS_VPA, NHV_GS_WORT, NHV_GS_DEXCR, NHV_GS_HASHKEYR,
	NHV_GS_HASHPKEYR,
};

/* Offered alone: an element that is refused takes all others with it. */
static long nhv_learn_offer(u64 guest, struct nhv_v2_vcpu *v2, u16 id)
{
	unsigned int bytes = id == NHV_GS_VPA ? NHV_GS_BYTES_VPA :
				nhv_element_bytes(NHV_DENSE(id));
	unsigned int turn = 0;
	struct nhv_gsb gsb;
	u64 where;
	long rc;

	nhv_gsb_start(&gsb, v2->state, NHV_V2_BUFFER);
	nhv_gsb_put(&gsb, id, bytes, 0);
	do {
		rc = nhv_call_set_state(0, guest, 0, nhv_l1ra(__pa(v2->state)),
					gsb.used, &where);
	} while (nhv_v2_later(rc, &turn));
	/* It knows the element. */
	return rc == NHV_H_INVALID_ELEMENT_VALUE ? 0 : rc;
}

static void nhv_learn_optionals(u64 guest, struct nhv_v2_vcpu *v2)
{
	unsigned int i;
	long rc;
	u16 id;

	nhv_v2_quirks.no_vpa = false;
	for (i = 0; i < ARRAY_SIZE(nhv_learn_optional); i++) {
		id = nhv_learn_optional[i];
		if (id != NHV_GS_VPA && !nhv_v2_state_takes(id))
			continue;
		rc = nhv_learn_offer(guest, v2, id);
		if (!rc)
			continue;
		pr_info("nhv: the level below does not take guest state element %#x (%ld), it is left out\n",
			id, rc);
		if (id == NHV_GS_VPA)
			nhv_v2_quirks.no_vpa = true;
		else
			nhv_v2_state_drop(id);
	}
}

int nhv_v2_learn(void)
{
	unsigned int order = get_order(NHV_ROOT_SIZE);
	unsigned long root = __get_free_pages(GFP_KERNEL | __GFP_ZERO, order);
	struct nhv_v2_vcpu *v2 = NULL;
	u32 created = 0;
	u64 guest = 0;
	long rc;

	if (!root)
		return -ENOMEM;
	rc = nhv_v2_create(&guest);
	if (!rc) {
		rc = nhv_v2_vcpu_new(guest, 0, &created, &v2);
		if (!rc)
			nhv_learn_optionals(guest, v2);
		if (!rc)
			rc = nhv_learn_from(guest, v2, __pa(root));
		nhv_v2_delete(guest);
	}
	nhv_v2_vcpu_free(v2);
	free_pages(root, order);
	if (!rc)
		return 0;
	pr_err("nhv: the level below offers API v2, but runs no guest (%ld)\n", rc);
	return -ENXIO;
}

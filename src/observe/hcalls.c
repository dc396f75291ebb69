// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counting hypercalls: the guest's by number, our own by what they failed with.
 */
#include <linux/atomic.h>
#include <linux/seq_file.h>

#include <nhv/hcall_slot.h>

#include "stats.h"

#define NHV_KEY(number)		((number) < 0xf000 ? (number) / 4 : \
				 NHV_KEY_PRIVATE(number))
#define NHV_SLOT_OF(name, number) \
	[NHV_KEY(number)] = NHV_SLOT_##name
#define NHV_CODE_ROW(name, number) { number, #name }

const u8 nhv_hcall_slots[NHV_KEY_MAX] = { NHV_PAPR_CALLS(NHV_SLOT_OF) };

static_assert(NHV_HCALL_SLOTS <= U8_MAX);

static const struct {
	long rc;
	const char *name;
} nhv_codes[] = { NHV_PAPR_RETURN_CODES(NHV_CODE_ROW) };

/* The last is for codes without a name. */
static atomic64_t nhv_refusals[ARRAY_SIZE(nhv_codes) + 1];

void nhv_count_refusal(long rc)
{
	unsigned int i = 0;

	while (i < ARRAY_SIZE(nhv_codes) && nhv_codes[i].rc != rc)
		i++;
	atomic64_inc(&nhv_refusals[i]);
}

void nhv_refusals_show(struct seq_file *file)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nhv_refusals); i++) {
		s64 count = atomic64_read(&nhv_refusals[i]);

		if (count)
			seq_printf(file, "%s %lld\n", i < ARRAY_SIZE(nhv_codes) ?
				   nhv_codes[i].name : "other", count);
	}
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the number of a hypercall to the slot it is counted in; inline, because each
 * hypercall of a guest is sought by it.
 */
#ifndef NHV_HCALL_SLOT_H
#define NHV_HCALL_SLOT_H

#include <linux/nospec.h>

#include <nhv/observe.h>

/*
 * PAPR numbers calls in steps of 4 from 0 on; the platform's own are a few from
 * 0xF000 and from 0xF800 on, some of them odd.
 */
#define NHV_KEY_PAPR		0x180
#define NHV_KEY_MAX		(NHV_KEY_PAPR + 0x20)
#define NHV_KEY_PRIVATE(number)	(NHV_KEY_PAPR + (((number) & 0x800) >> 7) + \
				 ((number) & 0xf))

extern const u8 nhv_hcall_slots[NHV_KEY_MAX];

/**
 * nhv_hcall_slot() - which hypercall is it
 * @number: any value
 *
 * Return: its slot; NHV_SLOT_OTHER for one without a name. Bounded for speculation
 * too.
 */
static __always_inline enum nhv_hcall_slot nhv_hcall_slot(unsigned long number)
{
	unsigned long key;

	if (number < 4 * NHV_KEY_PAPR && !(number & 3))
		key = number / 4;
	else if ((number & ~0x80fUL) == 0xf000)
		key = NHV_KEY_PRIVATE(number);
	else
		return NHV_SLOT_OTHER;
	return nhv_hcall_slots[array_index_nospec(key, NHV_KEY_MAX)];
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Real addresses are not host addresses: memory.c turns one into the other and
 * ends the test on an address that is no memory.
 */
#ifndef HOST_ASM_PAGE_H
#define HOST_ASM_PAGE_H

#include <linux/types.h>

/* PAGE_SHIFT comes from the Makefile: everything is built for 12 and 16. */
#define PAGE_SIZE	(1UL << PAGE_SHIFT)
#define PAGE_MASK	(~(PAGE_SIZE - 1))

u64 host_pa(const void *pointer);
void *host_va(u64 real);

#define __pa(pointer)	host_pa((const void *)(pointer))
#define __va(real)	host_va(real)

static inline int get_order(unsigned long size)
{
	int order = 0;

	while (PAGE_SIZE << order < size)
		order++;
	return order;
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The real memory of the native build: page tables and nothing else, at real
 * addresses that are not host addresses.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <linux/types.h>

/** host_live() - is all of a range within one object that exists */
bool host_live(u64 real, size_t size);

/** host_read_entry() - a table entry by its real address, native byte order */
u64 host_read_entry(u64 real);

/** host_objects() - objects that exist now */
unsigned int host_objects(void);

/** host_fail_after() - let @nr allocations succeed and all later ones fail; -1: none */
void host_fail_after(int nr);

/* What a test may define to look on: an object is about to be freed. */
void host_freed(u64 real, size_t size);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* A sorted array: enough of an xarray for a test. */
#ifndef HOST_LINUX_XARRAY_H
#define HOST_LINUX_XARRAY_H

#include <linux/slab.h>
#include <linux/types.h>

struct xarray {
	struct {
		unsigned long index;
		void *entry;
	} *slot;
	unsigned int nr;
};

static inline void xa_init(struct xarray *xa)
{
	xa->slot = NULL;
	xa->nr = 0;
}

void *xa_load(struct xarray *xa, unsigned long index);
int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t flags);
void xa_destroy(struct xarray *xa);

/* The first entry from *index to @last; *index becomes its place. */
void *host_xa_next(struct xarray *xa, unsigned long *index, unsigned long last);

#define xa_for_each_range(xa, index, entry, start, last)		\
	for (index = (start);						\
	     (entry = host_xa_next(xa, &index, last)) != NULL; index++)

#define xa_for_each(xa, index, entry)					\
	xa_for_each_range(xa, index, entry, 0, ~0UL)

#endif

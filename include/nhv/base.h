/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ground every room stands on: the few kernel headers that code which is
 * also built natively may use, and the address types.
 *
 * selftests/host replaces this list of kernel headers by its own, so a header
 * is added here only when that build has it too.
 */
#ifndef NHV_BASE_H
#define NHV_BASE_H

#include <linux/types.h>
#include <linux/errno.h>
#include <linux/bitops.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/atomic.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/xarray.h>
#include <asm/byteorder.h>
#include <asm/page.h>

/*
 * A local variable that is not cleared where the kernel is built to clear them all:
 * for hundreds of bytes on a hot path, of which none is read before it is written.
 */
#if __has_attribute(uninitialized)
#define __nhv_uncleared		__attribute__((uninitialized))
#else
#define __nhv_uncleared
#endif

/*
 * Mixing two of these is the classic bug of a nested hypervisor, so each is a
 * struct of its own and the compiler refuses the mix.
 */

/** struct nhv_l2ra - a real address of our guest (L2 real) */
struct nhv_l2ra {
	u64 addr;
};

/** struct nhv_l3ra - a real address of a guest of our guest (L3 real) */
struct nhv_l3ra {
	u64 addr;
};

/** struct nhv_l1ra - a real address of the kernel nhv runs in (L1 real) */
struct nhv_l1ra {
	u64 addr;
};

/** struct nhv_hva - a user virtual address of the VMM's process */
struct nhv_hva {
	unsigned long addr;
};

/**
 * struct nhv_tra - a real address in the space of the LPID that a tree serves
 *
 * src/mmu builds trees for L2 and shadow trees for L3 with the same code;
 * nhv_l2_tra() and nhv_l3_tra() are the only ways to get one.
 */
struct nhv_tra {
	u64 addr;
};

static inline struct nhv_l2ra nhv_l2ra(u64 addr)
{
	return (struct nhv_l2ra){ addr };
}

static inline struct nhv_l3ra nhv_l3ra(u64 addr)
{
	return (struct nhv_l3ra){ addr };
}

static inline struct nhv_l1ra nhv_l1ra(u64 addr)
{
	return (struct nhv_l1ra){ addr };
}

static inline struct nhv_hva nhv_hva(unsigned long addr)
{
	return (struct nhv_hva){ addr };
}

static inline struct nhv_tra nhv_l2_tra(struct nhv_l2ra ra)
{
	return (struct nhv_tra){ ra.addr };
}

static inline struct nhv_tra nhv_l3_tra(struct nhv_l3ra ra)
{
	return (struct nhv_tra){ ra.addr };
}

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside the shadow trees: between the walk of L2's tree and who uses it.
 */
#ifndef NHV_NESTED_SHADOW_H
#define NHV_NESTED_SHADOW_H

#include <nhv/nested.h>

/* How many base pages one fault looks at: a window of so many, aligned. */
#define NHV_SHADOW_WINDOW	32

/**
 * nhv_shadow_decode() - decode an entry of L2's tree
 * @entry: native byte order
 * @at: L3 real address that it is for
 * @shift: size of a leaf at its level
 * @leaf: gets @ra, @shift and @bits
 *
 * Return: as nhv_shadow_walk(), NHV_DSISR_UNSUPP_MMU for what is no leaf.
 */
u64 nhv_shadow_decode(u64 entry, struct nhv_l3ra at, unsigned int shift,
		      struct nhv_shadow_leaf *leaf);

/**
 * struct nhv_shadow_around - a page beside the one that faulted
 * @page: L2 real address of it
 * @bits: as in struct nhv_shadow_leaf; 0: not one to be mapped
 */
struct nhv_shadow_around {
	struct nhv_l2ra page;
	u64 bits;
};

/**
 * struct nhv_shadowing - a fault that is being resolved
 * @nested: whose; its lock is held while the rest is used
 * @at: L3 real address of the page
 * @need: what a leaf of the VM's own tree must have: NHV_PTE_*
 * @leaf: what L2's tree says about @at
 * @start: L3 real address of the window
 * @around: its pages
 * @stock: tables for the shadow tree
 */
struct nhv_shadowing {
	struct nhv_nested *nested;
	struct nhv_l3ra at;
	u64 need;
	struct nhv_shadow_leaf leaf;
	struct nhv_l3ra start;
	struct nhv_shadow_around around[NHV_SHADOW_WINDOW];
	struct nhv_stock stock;
};

/** enum nhv_shadowed - how far it came */
enum nhv_shadowed {
	NHV_SHADOWED,
	NHV_SHADOW_NO_PAGE,	/* the VM's own tree does not have it so */
	NHV_SHADOW_NO_FETCH,	/* it is there and nothing may be fetched from it */
	NHV_SHADOW_NO_PLACE,	/* a table, node or head is missing */
};

/**
 * nhv_shadow_look_around() - read what L2's tree says about the window
 * @s: @leaf is what it says about the page itself; fills @start and @around
 *
 * May sleep. Entries that are not fit to be mapped are left out.
 */
void nhv_shadow_look_around(struct nhv_shadowing *s);

/**
 * nhv_shadow_prepare() - all that nhv_shadow_fill() may need
 * @s: the fault; may sleep
 *
 * Return: 0 or -ENOMEM.
 */
int nhv_shadow_prepare(struct nhv_shadowing *s);

/**
 * nhv_shadow_fill() - map what both trees allow, and the window with it
 * @s: the fault; takes mmu_lock; what had to give way is invalidated on return
 */
enum nhv_shadowed nhv_shadow_fill(struct nhv_shadowing *s);

#endif

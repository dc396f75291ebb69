// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk of L2's tree for L3. All of it is L2's to choose: each entry is read
 * once, into a copy, and only the one shape of Power ISA 3.1 Book III, 6.7.10,
 * that processors know for 52 bits is followed, which bounds the walk.
 */
#include <abi/exits.h>
#include <nhv/core.h>
#include <nhv/nested.h>

#include "shadow.h"

/* Of the tables from the root down: index bits, and what is left below them. */
static const struct nhv_walk_shape {
	u8 bits;
	u8 left;
	bool leaf;
} nhv_walk_shapes[] = {
	{ NHV_ROOT_BITS,			NHV_SHIFT_512G,	false },
	{ NHV_SHIFT_512G - NHV_SHIFT_1G,	NHV_SHIFT_1G,	true },
	{ NHV_SHIFT_1G - NHV_SHIFT_2M,		NHV_SHIFT_2M,	true },
	{ NHV_SHIFT_2M - NHV_SHIFT_64K,		NHV_SHIFT_64K,	true },
	{ NHV_SHIFT_2M - NHV_SHIFT_4K,		NHV_SHIFT_4K,	true },
};

/* The table of @bits that follows one which leaves @left, NULL if there is none. */
static const struct nhv_walk_shape *nhv_walk_shape(unsigned int left,
						   unsigned int bits)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nhv_walk_shapes); i++)
		if (nhv_walk_shapes[i].bits == bits &&
		    nhv_walk_shapes[i].left + bits == left)
			return &nhv_walk_shapes[i];
	return NULL;
}

static int nhv_walk_entry(struct nhv_vm *vm, struct nhv_l2ra at, u64 *entry)
{
	__be64 raw;

	if (nhv_guest_read(vm, at, &raw, sizeof(raw)))
		return -EFAULT;
	*entry = be64_to_cpu(raw);
	return 0;
}

u64 nhv_shadow_decode(u64 entry, struct nhv_l3ra at, unsigned int shift,
		      struct nhv_shadow_leaf *leaf)
{
	u64 inside = (1ULL << shift) - 1;
	u64 rpn = entry & NHV_PTE_RPN;

	if (!(entry & NHV_PTE_VALID))
		return NHV_DSISR_NOHPTE;
	if (!(entry & NHV_PTE_LEAF) || rpn & inside)
		return NHV_DSISR_UNSUPP_MMU;
	leaf->ra = nhv_l2ra(rpn | (at.addr & inside));
	leaf->shift = shift;
	leaf->bits = entry & (NHV_PTE_READ | NHV_PTE_WRITE | NHV_PTE_EXEC |
			      NHV_PTE_R | NHV_PTE_C | NHV_PTE_ATT);
	return 0;
}

/*
 * The first word of a partition table entry names the root as the entry of a
 * table names the next one. Return: bits of the tree, 0 for what is no tree.
 */
static unsigned int nhv_walk_root(const struct nhv_nested *nested)
{
	const u64 rts = NHV_RTS_HIGH | NHV_RTS_LOW;

	if (nested->gone || !(nested->pate[0] & NHV_PATE0_HR) ||
	    (nested->pate[0] & rts) != NHV_RTS_52)
		return 0;
	return NHV_REAL_BITS;
}

u64 nhv_shadow_walk(const struct nhv_nested *nested, struct nhv_l3ra at,
		    struct nhv_shadow_leaf *leaf)
{
	unsigned int left = nhv_walk_root(nested);
	const struct nhv_walk_shape *shape;
	u64 entry = nested->pate[0];
	u64 table;

	if (at.addr >> NHV_REAL_BITS)
		return NHV_DSISR_NOHPTE;
	/* Ends: each turn is at a later shape. */
	for (;;) {
		shape = nhv_walk_shape(left, entry & NHV_PDE_NLS);
		table = entry & NHV_PDE_NLB;
		if (!shape || table & ((8ULL << shape->bits) - 1))
			return NHV_DSISR_UNSUPP_MMU;
		left = shape->left;
		leaf->entry = nhv_l2ra(table + 8 * (at.addr >> left &
					(BIT_ULL(shape->bits) - 1)));
		leaf->ra = leaf->entry;
		if (nhv_walk_entry(nested->vm, leaf->entry, &entry))
			return NHV_DSISR_PRTABLE_FAULT;
		if (!(entry & NHV_PTE_VALID))
			return NHV_DSISR_NOHPTE;
		if (!(entry & NHV_PTE_LEAF))
			continue;
		return shape->leaf ? nhv_shadow_decode(entry, at, left, leaf) :
		       NHV_DSISR_UNSUPP_MMU;
	}
}

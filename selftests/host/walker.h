/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The level below reading a tree: by real addresses, from what stands in
 * memory, with the rules of Power ISA 3.1 Book III 6.7.10 and no others.
 */
#ifndef WALKER_H
#define WALKER_H

#include <linux/types.h>

/** struct walk_at - a place in a walk, which a walk cache may keep */
struct walk_at {
	u64 table;		/* real address */
	unsigned int bits;	/* index bits of the table */
	unsigned int left;	/* address bits that it and those below translate */
};

/** walk_root() - where a walk begins; ends the test on a bad entry */
struct walk_at walk_root(u64 pate0);

/**
 * walk_step() - read one entry
 * @at: moves on when the entry is a table
 * @addr: what is translated
 *
 * Return: the entry; ends the test on one that is not legal.
 */
u64 walk_step(struct walk_at *at, u64 addr);

/**
 * walk() - from the root to the end
 * @pate0: partition table entry
 * @addr: what is translated
 * @shift: gets what the last entry covers
 *
 * Return: the leaf, or 0.
 */
u64 walk(u64 pate0, u64 addr, unsigned int *shift);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * L2 and the host under it, for tests of shadow trees: L2's memory with its trees
 * for its guests, and which frame the host has behind each page.
 *
 * What is looked at is a few pieces of 2M of L2's memory and of each guest's.
 * Each piece of L2's memory is a slot.
 */
#ifndef WORLD_H
#define WORLD_H

#include <nhv/core.h>
#include <nhv/nested.h>
#include <nhv/vm.h>

#define MIB2		(1ULL << NHV_SHIFT_2M)
#define GIB		(1ULL << NHV_SHIFT_1G)
#define PAGES		(1U << (NHV_SHIFT_2M - PAGE_SHIFT))	/* of a piece */

#define RWX		(NHV_PTE_READ | NHV_PTE_WRITE | NHV_PTE_EXEC)
#define RC		(NHV_PTE_R | NHV_PTE_C)

#define GUESTS		3
#define PIECES		7	/* of L2's memory */
#define SPACES		6	/* pieces of a guest's */
#define HUGE		2	/* ranges of 1G of L2's memory that may be one leaf */
#define READONLY	6	/* the piece that the VMM has made read-only */
#define DEVICE		0x200000000ULL	/* L2 real: no memory */

/* How L2 has made a guest's tree. */
#define L2_SHIFT_MIN	NHV_SHIFT_4K

extern const u64 pieces[PIECES];	/* L2 real, of 2M each */
extern const u64 spaces[SPACES];	/* L3 real, of 2M each */

/* What the host has behind a piece. */
struct piece {
	bool gone;		/* no slot any more, as vCPUs see it */
	bool dead;		/* and all of it is torn down */
	bool logs;
	bool large;		/* one mapping of 2M, of @frame */
	u64 frame;
	struct host_page {
		u64 frame;	/* 0: not there */
		bool writable;
		bool uncached;
		unsigned int protecting;
	} page[PAGES];
};

extern struct nhv_vm vm;
extern struct nhv_nested guests[GUESTS];
extern struct piece piece[PIECES];
extern u64 huge_frame[HUGE];		/* 0: not one mapping */
extern struct nhv_slot slots[PIECES];

/** world_start() - all of L2's memory there, its guests' trees empty */
void world_start(void);

/** world_end() - release it all */
void world_end(void);

/** piece_of() - which piece an L2 real address is in, -1 if none */
int piece_of(u64 ra);

/** host_frame() - the L1 frame of an L2 page, 0 if there is none */
u64 host_frame(u64 ra);

/** host_uncached() - is it no memory to fetch from */
bool host_uncached(u64 ra);

/** host_may_write() - is it writable, and known to be dirty if that is logged */
bool host_may_write(u64 ra);

/** frame_new() - a frame of a size that nobody has had before */
u64 frame_new(unsigned int shift);

/* ---- L2's trees ------------------------------------------------------------- */

/** enum level - of an entry of L2's tree */
enum level {
	LEVEL_PAGE,		/* base, 4K or 64K */
	LEVEL_2M,
	LEVEL_1G,
};

/**
 * l2_entry() - where L2 has an entry
 * @guest: whose tree
 * @at: L3 real address in one of @spaces
 * @level: which
 *
 * Return: L2 real address of it.
 */
u64 l2_entry(unsigned int guest, u64 at, enum level level);

/** l2_page_shift() - size of the leaves in the lowest table there */
unsigned int l2_page_shift(unsigned int guest, u64 at);

/** l2_get() - an entry of it, native byte order */
u64 l2_get(u64 at);

/** l2_put() - write one */
void l2_put(u64 at, u64 entry);

/** l2_table() - the entry that makes the tables as they were at first */
u64 l2_table(unsigned int guest, u64 at, enum level level);

/** l2_map() - make a leaf, with the tables above it; nothing is invalidated */
void l2_map(unsigned int guest, u64 at, u64 ra, enum level level, u64 bits);

/** l2_walk() - the leaf L2 has for an address, 0 if none */
u64 l2_walk(unsigned int guest, u64 at, unsigned int *shift);

/* Hooks that a test may define. */
void world_read(void);			/* L2's memory has been read */
bool world_unreadable(u64 ra);		/* it cannot be read there */
int world_no_memory(void);		/* errno for a page that cannot be had, or 0 */

#endif

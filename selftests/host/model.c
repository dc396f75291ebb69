// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is a stale translation ever used?
 *
 * Two guests' trees are changed at random, through the real tree.c and batch.c.
 * Beside them is a short reference of what should be mapped, and a processor
 * that walks the real tables by real address, at any moment, and keeps what it
 * found in a TLB and in a walk cache, both tagged by LPID. They forget nothing
 * by themselves: only what an invalidation names.
 *
 * What a change took away goes on the list of the departed with the batch it
 * was collected in, and leaves it when that batch has been sent. From then on
 * the frame may be anybody's, so a TLB entry must be covered by the reference
 * or by a departed leaf at all times, and a walk cache entry by a live table.
 *
 *   model [SEED [STEPS]], or the environment's SEED and STEPS
 */
#include <nhv/base.h>
#include <nhv/level.h>
#include <nhv/mmu.h>
#include <nhv/observe.h>
#include "chance.h"
#include "memory.h"
#include "walker.h"

#define GUESTS		2
#define BATCHES		3		/* that one guest has open at a time */
#define REGIONS		5		/* pieces of 1G that are used */
#define HOT		4		/* pieces of 2M in each that have pages */
#define BASE_PAGES	(1U << (NHV_SHIFT_2M - PAGE_SHIFT))
#define TLB_SIZE	48
#define PWC_SIZE	24
#define DEPARTED_MAX	65536

#define RIGHTS		(NHV_PTE_READ | NHV_PTE_WRITE | NHV_PTE_EXEC)
#define RIGHTS_ATT	(RIGHTS | NHV_PTE_ATT)
#define TOP		(1ULL << NHV_REAL_BITS)

struct nhv_live_counts nhv_live_counts;
struct nhv_level nhv_level;

/* ---- addresses ---------------------------------------------------------------- */

/* First and last of the space, both sides of a border between root entries. */
static const u64 regions[REGIONS] = {
	0, 511ULL << 30, 512ULL << 30, 0x123456ULL << 30, TOP - (1ULL << 30),
};

static const unsigned int hot[HOT] = { 0, 1, 200, 511 };

static const unsigned int shifts[] = {
	PAGE_SHIFT, NHV_SHIFT_2M, NHV_SHIFT_1G
};

static u64 random_page(void)
{
	unsigned int page = one_in(3) ? chance(BASE_PAGES) :
			    (BASE_PAGES - 3 + chance(6)) % BASE_PAGES;

	return regions[chance(REGIONS)] +
	       ((u64)hot[chance(HOT)] << NHV_SHIFT_2M) +
	       ((u64)page << PAGE_SHIFT);
}

static unsigned int random_shift(void)
{
	return shifts[one_in(10) ? one_in(8) ? 2 : 1 : 0];
}

/* Few and regular, so that pages often continue what a large leaf maps. */
static u64 random_frame(u64 addr, unsigned int shift)
{
	u64 space = addr & ((1ULL << 34) - 1);
	u64 frame = (1ULL << 40) + ((u64)(one_in(4) ? chance(4) : 0) << 35) +
		    space;

	return frame & -(1ULL << shift);
}

static u64 random_bits(void)
{
	u64 bits = NHV_PTE_READ | NHV_PTE_R;

	if (one_in(16))
		return bits | NHV_PTE_ATT_NONIDEMPOTENT;
	bits |= NHV_PTE_EXEC;
	return one_in(2) ? bits | NHV_PTE_WRITE | NHV_PTE_C : bits;
}

/* ---- the reference --------------------------------------------------------------- */

/* A leaf is its frame and bits, 0 if there is none. */
struct reference {
	u64 large[REGIONS];
	u64 medium[REGIONS][512];
	u64 base[REGIONS][HOT][BASE_PAGES];
};

struct guest {
	u32 lpid;
	struct nhv_tree tree;
	struct nhv_stock stock;
	struct nhv_batch batch[BATCHES];
	struct reference ref;
	unsigned long leaves[3];
};

static struct guest guests[GUESTS];

/* The place of an address in the reference for a size, NULL if it has none. */
static u64 *ref_at(struct guest *guest, u64 addr, unsigned int size)
{
	unsigned int r, h, medium = addr >> NHV_SHIFT_2M & 511;

	for (r = 0; r < REGIONS; r++)
		if (addr >> NHV_SHIFT_1G == regions[r] >> NHV_SHIFT_1G)
			break;
	if (r == REGIONS)
		return NULL;
	if (size == 2)
		return &guest->ref.large[r];
	if (size == 1)
		return &guest->ref.medium[r][medium];
	for (h = 0; h < HOT; h++)
		if (hot[h] == medium)
			return &guest->ref.base[r][h][addr >> PAGE_SHIFT &
						      (BASE_PAGES - 1)];
	return NULL;
}

/* The leaf that maps an address and its size, NULL if there is none. */
static u64 *ref_find(struct guest *guest, u64 addr, unsigned int *size)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(shifts); i++) {
		u64 *leaf = ref_at(guest, addr, i);

		if (leaf && *leaf) {
			*size = i;
			return leaf;
		}
	}
	return NULL;
}

/* Does a leaf at @base let @addr be used as @frame with @rights? */
static bool covers(u64 leaf, u64 base, unsigned int shift, u64 addr, u64 frame,
		   u64 rights)
{
	return addr - base < 1ULL << shift &&
	       (leaf & NHV_PTE_RPN) + (addr - base) == frame &&
	       (leaf & NHV_PTE_ATT) == (rights & NHV_PTE_ATT) &&
	       !(rights & RIGHTS & ~leaf);
}

/* ---- the departed ------------------------------------------------------------------ */

static struct departed {
	const struct nhv_batch *batch;
	u32 lpid;
	u64 base;
	unsigned int shift;
	u64 leaf;
} departed[DEPARTED_MAX];
static unsigned int departed_nr;

static void depart(struct guest *guest, const struct nhv_batch *batch, u64 base,
		   unsigned int size, u64 leaf)
{
	if (departed_nr == DEPARTED_MAX)
		wrong("the list of the departed is full");
	departed[departed_nr++] = (struct departed){
		batch, guest->lpid, base, shifts[size], leaf
	};
}

static void depart_for_good(const struct nhv_batch *batch)
{
	unsigned int from, to = 0;

	for (from = 0; from < departed_nr; from++)
		if (departed[from].batch != batch)
			departed[to++] = departed[from];
	departed_nr = to;
}

static bool usable(struct guest *guest, u64 addr, u64 frame, u64 rights)
{
	unsigned int size, i;
	u64 *leaf = ref_find(guest, addr, &size);

	if (leaf && covers(*leaf, addr & -(1ULL << shifts[size]), shifts[size],
			   addr, frame, rights))
		return true;
	for (i = 0; i < departed_nr; i++)
		if (departed[i].lpid == guest->lpid &&
		    covers(departed[i].leaf, departed[i].base,
			   departed[i].shift, addr, frame, rights))
			return true;
	return false;
}

/* ---- the processor ------------------------------------------------------------------ */

static struct tlb_entry {
	u32 lpid;		/* 0: free */
	u64 base;
	unsigned int shift;
	u64 leaf;
} tlb[GUESTS * TLB_SIZE];

/* A table that the addresses with some upper bits lead to. */
static struct pwc_entry {
	u32 lpid;
	u64 prefix;
	struct walk_at at;
} pwc[GUESTS * PWC_SIZE];

static struct guest *guest_of(u32 lpid)
{
	return &guests[lpid - 1];
}

static void tlb_check(const struct tlb_entry *entry)
{
	u64 frame = entry->leaf & NHV_PTE_RPN, last = 1ULL << entry->shift;
	struct guest *guest = guest_of(entry->lpid);
	u64 rights = entry->leaf & RIGHTS_ATT;

	last -= PAGE_SIZE;
	if (!usable(guest, entry->base, frame, rights) ||
	    !usable(guest, entry->base + last, frame + last, rights))
		wrong("LPID %u: 0x%llx (2^%u) is stale as 0x%llx",
		      entry->lpid, entry->base, entry->shift, entry->leaf);
}

static void processor_check(u32 lpid)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tlb); i++)
		if (tlb[i].lpid == lpid)
			tlb_check(&tlb[i]);
}

static struct walk_at walk_start(struct guest *guest, u64 addr)
{
	unsigned int i = chance(ARRAY_SIZE(pwc)), n;

	for (n = 0; n < ARRAY_SIZE(pwc) && !one_in(16); n++) {
		i = (i + 1) % ARRAY_SIZE(pwc);
		if (pwc[i].lpid == guest->lpid &&
		    pwc[i].prefix == addr >> pwc[i].at.left)
			return pwc[i].at;
	}
	return walk_root(nhv_tree_pate0(&guest->tree));
}

/* Return: the leaf as the processor finds it, 0 if it finds none. */
static u64 processor_walk(struct guest *guest, u64 addr)
{
	struct walk_at at = walk_start(guest, addr);
	u64 entry;

	for (;;) {
		entry = walk_step(&at, addr);
		if (!(entry & NHV_PTE_VALID))
			return 0;
		if (entry & NHV_PTE_LEAF)
			break;
		pwc[(guest->lpid - 1) * PWC_SIZE + chance(PWC_SIZE)] =
			(struct pwc_entry){ guest->lpid, addr >> at.left, at };
	}
	tlb[(guest->lpid - 1) * TLB_SIZE + chance(TLB_SIZE)] =
		(struct tlb_entry){ guest->lpid, addr & -(1ULL << at.left),
				    at.left, entry };
	return entry;
}

static bool processor_knows(struct guest *guest, u64 addr)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tlb); i++)
		if (tlb[i].lpid == guest->lpid &&
		    addr - tlb[i].base < 1ULL << tlb[i].shift)
			return true;
	return false;
}

/* Another CPU of the guest uses memory in the middle of whatever goes on. */
void host_stored(void)
{
	struct guest *guest = &guests[chance(GUESTS)];

	if (guest->tree.root && one_in(8))
		processor_walk(guest, random_page());
}

/* Called as a table is freed: nobody may be able to get there any more. */
void host_freed(u64 real, size_t size)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pwc); i++)
		if (pwc[i].lpid && pwc[i].at.table - real < size)
			wrong("LPID %u: a table is freed that the walk cache still has for 0x%llx",
			      pwc[i].lpid, pwc[i].prefix << pwc[i].at.left);
}

/* ---- the invalidations ----------------------------------------------------------------- */

static void forget_page(u32 lpid, u64 addr, unsigned int shift)
{
	unsigned int i;

	/* tlbie takes an entry of exactly the size it is told. */
	for (i = 0; i < ARRAY_SIZE(tlb); i++)
		if (tlb[i].lpid == lpid && tlb[i].shift == shift &&
		    tlb[i].base == addr)
			tlb[i].lpid = 0;
}

static void forget_tlb(u32 lpid)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tlb); i++)
		if (tlb[i].lpid == lpid)
			tlb[i].lpid = 0;
}

static void forget_walks(u32 lpid)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pwc); i++)
		if (pwc[i].lpid == lpid)
			pwc[i].lpid = 0;
}

void nhv_level_invalidate(const struct nhv_batch *batch)
{
	unsigned int i;

	/* A QEMU does nothing on an invalidation. */
	if (!nhv_level.keeps_translations)
		return;
	if (batch->all)
		forget_tlb(batch->lpid);
	for (i = 0; !batch->all && i < batch->nr; i++)
		forget_page(batch->lpid, batch->page[i].addr.addr,
			    batch->page[i].shift);
	if (batch->walk_cache)
		forget_walks(batch->lpid);
}

void nhv_host_drop_translations(struct nhv_vm *vm)
{
	struct guest *guest = (struct guest *)vm;

	forget_tlb(guest->lpid);
	forget_walks(guest->lpid);
}

void nhv_host_count_batch(struct nhv_vm *vm, const struct nhv_batch *batch)
{
	if (((struct guest *)vm)->lpid != batch->lpid)
		wrong("a batch is sent for another guest");
}

/* ---- what is done to a tree --------------------------------------------------------------- */

static void ref_drop(struct guest *guest, struct nhv_batch *batch, u64 *leaf,
		     u64 base, unsigned int size)
{
	if (!*leaf)
		return;
	depart(guest, batch, base, size, *leaf);
	*leaf = 0;
	guest->leaves[size]--;
}

/* All leaves smaller than a large one at @base. */
static void ref_drop_below(struct guest *guest, struct nhv_batch *batch,
			   u64 base, unsigned int size)
{
	u64 addr, end = base + (1ULL << shifts[size]);
	unsigned int i;

	if (size == 2)
		for (addr = base; addr < end; addr += 1ULL << NHV_SHIFT_2M)
			ref_drop_below(guest, batch, addr, 1);
	if (size == 2)
		for (addr = base; addr < end; addr += 1ULL << NHV_SHIFT_2M)
			ref_drop(guest, batch, ref_at(guest, addr, 1), addr, 1);
	if (size == 1 && ref_at(guest, base, 0))
		for (i = 0; i < BASE_PAGES; i++)
			ref_drop(guest, batch,
				 ref_at(guest, base, 0) + i,
				 base + ((u64)i << PAGE_SHIFT), 0);
}

/* What nhv_tree_map() should do, by its contract. */
static void ref_map(struct guest *guest, struct nhv_batch *batch, u64 addr,
		    u64 frame, unsigned int size, u64 bits)
{
	unsigned int there;
	u64 *leaf = ref_find(guest, addr, &there);
	u64 base;

	if (leaf && there >= size) {
		base = addr & -(1ULL << shifts[there]);
		if (covers(*leaf, base, shifts[there], addr, frame,
			   bits & NHV_PTE_ATT) &&
		    (there == size || !(bits & ~*leaf))) {
			*leaf |= bits;
			return;
		}
		ref_drop(guest, batch, leaf, base, there);
	}
	if (size)
		ref_drop_below(guest, batch, addr, size);
	*ref_at(guest, addr, size) = frame | bits;
	guest->leaves[size]++;
}

static void do_map(struct guest *guest, struct nhv_batch *batch)
{
	unsigned int shift = random_shift();
	u64 addr = random_page() & -(1ULL << shift);
	u64 frame = random_frame(addr, shift);
	u64 bits = random_bits();
	bool filled = !one_in(4);
	bool mapped;

	if (filled && nhv_stock_fill(&guest->stock))
		wrong("no tables");
	mapped = nhv_tree_map(&guest->tree, filled ? &guest->stock : NULL,
			      (struct nhv_tra){ addr }, nhv_l1ra(frame), shift,
			      bits, batch);
	if (filled && !mapped)
		wrong("0x%llx is not mapped with a stock", addr);
	if (!mapped && nhv_tree_table_present(&guest->tree,
					      (struct nhv_tra){ addr }))
		wrong("0x%llx is not mapped, where tables are", addr);
	if (mapped)
		ref_map(guest, batch, addr, frame,
			shift == NHV_SHIFT_1G ? 2 : shift == NHV_SHIFT_2M, bits);
}

/* A guest that goes through its memory, with fault-around: many small leaves. */
static void do_map_run(struct guest *guest, struct nhv_batch *batch)
{
	unsigned int nr = 1 + chance(3 * NHV_BATCH_PAGES);
	u64 addr = random_page(), end = (addr | (BASE_PAGES * PAGE_SIZE - 1));
	u64 bits = random_bits();

	for (; nr && addr < end; nr--, addr += PAGE_SIZE) {
		u64 frame = random_frame(addr, PAGE_SHIFT);

		if (!nhv_tree_map(&guest->tree, NULL, (struct nhv_tra){ addr },
				  nhv_l1ra(frame), PAGE_SHIFT, bits, batch))
			continue;
		ref_map(guest, batch, addr, frame, 0, bits);
		if (one_in(2))
			processor_walk(guest, addr);
	}
}

#define NEAR	16

/* What nhv_tree_map_near() should do with one page of the run. */
static void ref_map_near(struct guest *guest, u64 addr, u64 frame, u64 bits,
			 bool tables)
{
	unsigned int there;
	u64 *leaf = ref_find(guest, addr, &there);

	if (!leaf && tables) {
		*ref_at(guest, addr, 0) = frame | bits;
		guest->leaves[0]++;
	} else if (leaf && !there &&
		   covers(*leaf, addr, PAGE_SHIFT, addr, frame,
			  bits & NHV_PTE_ATT)) {
		*leaf |= bits;
	}
}

static void do_map_near(struct guest *guest)
{
	u64 addr = random_page(), bits = random_bits(), leaf[NEAR];
	unsigned int i, nr = BASE_PAGES - (addr >> PAGE_SHIFT) % BASE_PAGES;
	bool tables = nhv_tree_table_present(&guest->tree,
					     (struct nhv_tra){ addr });

	nr = nr < NEAR ? nr : NEAR;
	for (i = 0; i < nr; i++)
		leaf[i] = one_in(4) ? 0 :
			random_frame(addr + i * PAGE_SIZE, PAGE_SHIFT) | bits;
	nhv_tree_map_near(&guest->tree, (struct nhv_tra){ addr }, nr, leaf);
	for (i = 0; i < nr; i++)
		if (leaf[i])
			ref_map_near(guest, addr + i * PAGE_SIZE,
				     leaf[i] - bits, bits, tables);
}

static void random_range(u64 *from, u64 *size)
{
	*from = random_page();
	switch (chance(16)) {
	case 0:
		*from &= -(1ULL << NHV_SHIFT_1G);
		*size = 1ULL << NHV_SHIFT_1G;
		break;
	case 1:
	case 2:
		*from &= -(1ULL << NHV_SHIFT_2M);
		*size = 1ULL << NHV_SHIFT_2M;
		break;
	case 3:
		/* Any start and any end, to the end of the space and beyond. */
		*from += chance(PAGE_SIZE);
		*size = chance64() >> chance(64);
		break;
	default:
		*size = (u64)(1 + chance(20)) << PAGE_SHIFT;
	}
}

static bool overlaps(u64 base, unsigned int size, u64 from, u64 length)
{
	u64 last = length - 1 > ~0ULL - from ? ~0ULL : from + length - 1;

	return length && base <= last && base + (1ULL << shifts[size]) > from;
}

/* Each leaf of the reference that a range overlaps. */
typedef void (*visit_fn)(struct guest *guest, struct nhv_batch *batch,
			 u64 *leaf, u64 base, unsigned int size);

static unsigned long visit(struct guest *guest, struct nhv_batch *batch,
			   u64 from, u64 length, u64 bits, visit_fn fn)
{
	unsigned int r, i, size;
	unsigned long nr = 0;

	for (r = 0; r < REGIONS; r++) {
		if (!overlaps(regions[r], 2, from, length))
			continue;
		for (i = 0; i < 1 + 512 + HOT * BASE_PAGES; i++) {
			u64 base = regions[r];
			u64 *leaf;

			if (!i) {
				size = 2;
			} else if (i <= 512) {
				size = 1;
				base += (u64)(i - 1) << NHV_SHIFT_2M;
			} else {
				size = 0;
				base += (u64)hot[(i - 513) / BASE_PAGES] <<
					NHV_SHIFT_2M;
				base += (u64)((i - 513) % BASE_PAGES) <<
					PAGE_SHIFT;
			}
			leaf = ref_at(guest, base, size);
			if (!(*leaf & bits) ||
			    !overlaps(base, size, from, length))
				continue;
			nr++;
			if (fn)
				fn(guest, batch, leaf, base, size);
		}
	}
	return nr;
}

static void do_unmap(struct guest *guest, struct nhv_batch *batch)
{
	u64 from, size;
	unsigned long got, want;

	random_range(&from, &size);
	got = nhv_tree_unmap(&guest->tree, (struct nhv_tra){ from }, size,
			     batch);
	want = visit(guest, batch, from, size, ~0ULL, ref_drop);
	if (got != want)
		wrong("unmap of 0x%llx, 0x%llx bytes: %lu leaves, not %lu",
		      from, size, got, want);
}

static void ref_protect(struct guest *guest, struct nhv_batch *batch, u64 *leaf,
			u64 base, unsigned int size)
{
	depart(guest, batch, base, size, *leaf);
	*leaf &= ~(NHV_PTE_WRITE | NHV_PTE_C);
}

static void do_protect(struct guest *guest, struct nhv_batch *batch)
{
	const u64 bits = NHV_PTE_WRITE | NHV_PTE_C;
	u64 from, size;
	unsigned long got, want;

	random_range(&from, &size);
	got = nhv_tree_clear_bits(&guest->tree, (struct nhv_tra){ from }, size,
				  bits, batch);
	want = visit(guest, batch, from, size, bits, ref_protect);
	if (got != want)
		wrong("protect of 0x%llx, 0x%llx bytes: %lu leaves, not %lu",
		      from, size, got, want);
}

static void ref_age(struct guest *guest, struct nhv_batch *batch, u64 *leaf,
		    u64 base, unsigned int size)
{
	(void)guest, (void)batch, (void)base, (void)size;
	*leaf &= ~NHV_PTE_R;
}

static void do_age(struct guest *guest, struct nhv_batch *batch)
{
	u64 from, size;
	unsigned long got, want;
	bool young;

	random_range(&from, &size);
	want = visit(guest, batch, from, size, NHV_PTE_R, NULL);
	young = nhv_tree_test_bits(&guest->tree, (struct nhv_tra){ from }, size,
				   NHV_PTE_R);
	if (young != !!want)
		wrong("0x%llx, 0x%llx bytes: young %d", from, size, young);
	got = nhv_tree_clear_bits(&guest->tree, (struct nhv_tra){ from }, size,
				  NHV_PTE_R, one_in(2) ? batch : NULL);
	visit(guest, batch, from, size, NHV_PTE_R, ref_age);
	if (got != want)
		wrong("0x%llx, 0x%llx bytes: %lu aged, not %lu", from, size,
		      got, want);
}

/* A use of memory. Without a TLB entry what is found must be what should be. */
static void do_access(struct guest *guest)
{
	u64 addr = random_page() + chance(PAGE_SIZE);
	unsigned int size, shift;
	u64 *leaf = ref_find(guest, addr, &size);
	u64 want = leaf ? *leaf | NHV_PTE_VALID | NHV_PTE_LEAF : 0;
	u64 got = nhv_tree_find(&guest->tree, (struct nhv_tra){ addr }, &shift);

	if (got != want)
		wrong("0x%llx: find gives 0x%llx, not 0x%llx", addr, got, want);
	got = walk(nhv_tree_pate0(&guest->tree), addr, &shift);
	if (got != want)
		wrong("0x%llx: tables give 0x%llx, not 0x%llx", addr, got,
		      want);
	if (want && shift != shifts[size])
		wrong("0x%llx: 2^%u, not 2^%u", addr, shift, shifts[size]);
	if (!processor_knows(guest, addr))
		processor_walk(guest, addr);
}

static void do_send(struct guest *guest, struct nhv_batch *batch)
{
	nhv_batch_send(batch, (struct nhv_vm *)guest);
	depart_for_good(batch);
	processor_check(guest->lpid);
	if (one_in(4))
		nhv_stock_drain(&guest->stock);
}

static void check_counts(struct guest *guest)
{
	static const enum nhv_leaf_size sizes[] = {
		PAGE_SHIFT == 12 ? NHV_LEAF_4K : NHV_LEAF_64K, NHV_LEAF_2M,
		NHV_LEAF_1G
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		if (guest->tree.leaves[sizes[i]] != guest->leaves[i])
			wrong("%lu leaves of 2^%u, not %lu",
			      guest->tree.leaves[sizes[i]], shifts[i],
			      guest->leaves[i]);
	if (nhv_live_counts.tables.counter != host_objects())
		wrong("%d tables are counted, %u exist",
		      nhv_live_counts.tables.counter, host_objects());
}

static void one_step(void)
{
	struct guest *guest = &guests[chance(GUESTS)];
	struct nhv_batch *batch = &guest->batch[chance(BATCHES)];

	switch (chance(32)) {
	case 0 ... 8:
		do_map(guest, batch);
		break;
	case 9 ... 10:
		if (one_in(2))
			do_map_run(guest, batch);
		else
			do_map_near(guest);
		break;
	case 11 ... 12:
		do_unmap(guest, batch);
		break;
	case 13:
		do_protect(guest, batch);
		break;
	case 14:
		do_age(guest, batch);
		break;
	case 15 ... 18:
		do_send(guest, batch);
		check_counts(guest);
		break;
	default:
		do_access(guest);
	}
}

/* ---- a run ------------------------------------------------------------------------------- */

static void begin(bool keeps_translations)
{
	unsigned int i, n;

	memset(guests, 0, sizeof(guests));
	memset(tlb, 0, sizeof(tlb));
	memset(pwc, 0, sizeof(pwc));
	nhv_level.keeps_translations = keeps_translations;
	for (i = 0; i < GUESTS; i++) {
		guests[i].lpid = i + 1;
		if (nhv_tree_init(&guests[i].tree, i + 1))
			wrong("no root");
		for (n = 0; n < BATCHES; n++)
			nhv_batch_init(&guests[i].batch[n], i + 1);
	}
}

static void finish(void)
{
	unsigned int i, n;

	for (i = 0; i < GUESTS; i++) {
		for (n = 0; n < BATCHES; n++)
			do_send(&guests[i], &guests[i].batch[n]);
		nhv_stock_drain(&guests[i].stock);
		forget_tlb(i + 1);
		forget_walks(i + 1);
		nhv_tree_destroy(&guests[i].tree);
	}
	if (host_objects() || nhv_live_counts.tables.counter)
		wrong("%u objects are left", host_objects());
}

int main(int argc, char **argv)
{
	u64 steps = number(argc > 2 ? argv[2] : NULL, "STEPS", 1000000);
	unsigned int keeps;

	chance_start(number(argc > 1 ? argv[1] : NULL, "SEED", time(NULL)));
	printf("KTAP version 1\n1..1\n# SEED=%llu STEPS=%llu\n", chance_seed,
	       steps);
	fflush(stdout);
	if (nhv_tree_module_init())
		wrong("no caches");

	/* Half below a level that caches translations, half below a QEMU. */
	for (keeps = 0; keeps < 2; keeps++) {
		begin(keeps);
		for (step = 0; step < steps / 2; step++)
			one_step();
		finish();
	}
	nhv_tree_module_exit();
	printf("ok 1 model: %llu steps\n", steps);
	return 0;
}

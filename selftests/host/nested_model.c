// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two levels: is a stale translation of an L3 ever used?
 *
 * L2 changes its trees for three guests and invalidates in every way there is;
 * the host takes pages away, moves, ages, write-protects, deletes slots. L3 uses
 * memory, and its faults are resolved by the real src/nested/shadow*.c, rmap.c,
 * change.c, tree.c and batch.c. Other threads do any of that whenever mmu_lock
 * is given back, before an invalidation takes effect, and whenever L2's memory is
 * read. Beside them is a processor that walks the real trees by real address at
 * any moment and keeps what it found, tagged by LPID, until it is told.
 *
 * The reference is two sentences. A translation of L3 may be used if L2 has it in
 * its tree, or had it and has not invalidated it since, with at least the
 * permission used; and if the host has that frame behind that L2 page, with at
 * least that permission, or is not yet done with taking it away.
 *
 *   nested_model [SEED [STEPS]], or the environment's SEED and STEPS
 */
#include <linux/minmax.h>

#include <nhv/base.h>
#include <abi/exits.h>
#include <nhv/level.h>
#include "chance.h"
#include "memory.h"
#include "walker.h"
#include "world.h"

#define LPIDS		(GUESTS + 2)	/* 1 is L2, then its guests */
#define TLB_SIZE	24		/* of each LPID */
#define PWC_SIZE	12
#define DEPARTED	48		/* of each guest */

static unsigned int depth;		/* threads that others have interrupted */
static unsigned int faults;		/* of them, in the slots' SRCU read side */
static u64 disturbed;			/* what others did */

/* ---- addresses ------------------------------------------------------------------ */

static u64 random_in(u64 start)
{
	unsigned int page = one_in(3) ? chance(PAGES) :
			    (PAGES - 3 + chance(6)) % PAGES;

	return start + ((u64)page << PAGE_SHIFT);
}

static u64 random_space(void)
{
	return random_in(spaces[chance(SPACES)]);
}

static u64 random_page(void)
{
	return random_in(pieces[chance(PIECES)]);
}

/* Where L3 faults at this moment, or did last. */
static unsigned int fault_guest;
static u64 fault_at;

/* The L2 page behind that, as often as not: what others do there is what hurts. */
static u64 disputed_page(void)
{
	unsigned int shift;
	u64 leaf, ra;

	if (!depth || one_in(2))
		return random_page();
	leaf = l2_walk(fault_guest, fault_at, &shift);
	ra = (leaf & NHV_PTE_RPN) + (fault_at & ((1ULL << shift) - 1));
	return leaf && piece_of(ra) >= 0 ? ra & PAGE_MASK : random_page();
}

/* ---- what L2 has taken back and not invalidated ------------------------------------ */

static struct departed {
	u64 base;
	unsigned int shift;
	u64 leaf;
	u64 time;
} departed[GUESTS][DEPARTED];
static unsigned int departed_nr[GUESTS];
static u64 forgotten[GUESTS][SPACES][PAGES];	/* when last invalidated */
static u64 now;

static void l2_forgot(unsigned int guest, u64 from, u64 size)
{
	unsigned int i, n;

	for (i = 0; i < SPACES; i++)
		for (n = 0; n < PAGES; n++) {
			u64 at = spaces[i] + ((u64)n << PAGE_SHIFT);

			if (at + PAGE_SIZE > from && at - from < size)
				forgotten[guest][i][n] = now;
			else if (from > at && from - at < PAGE_SIZE && size)
				forgotten[guest][i][n] = now;
		}
}

static u64 forgotten_at(unsigned int guest, u64 at)
{
	unsigned int i;

	for (i = 0; i < SPACES; i++)
		if (at - spaces[i] < MIB2)
			return forgotten[guest][i][at % MIB2 >> PAGE_SHIFT];
	return 0;
}

static void invalidate_all(unsigned int guest)
{
	mutex_lock(&guests[guest].lock);
	nhv_shadow_unmap_all(&guests[guest]);
	mutex_unlock(&guests[guest].lock);
	now++;
	l2_forgot(guest, 0, ~0ULL);
	departed_nr[guest] = 0;
}

/* ---- the reference --------------------------------------------------------------------- */

static bool host_allows(u64 ra, u64 frame, u64 bits)
{
	int i = piece_of(ra);

	/* Beside the pieces there is what a leaf of 1G maps too. */
	if (i < 0 && ra < HUGE * GIB && huge_frame[ra / GIB])
		return huge_frame[ra / GIB] + (ra & (GIB - 1)) == frame;
	if (i < 0 || piece[i].dead)
		return false;
	if (host_frame(ra) != frame)
		return false;
	if (bits & NHV_PTE_EXEC && host_uncached(ra))
		return false;
	return !(bits & NHV_PTE_WRITE) || host_may_write(ra);
}

static bool leaf_allows(u64 leaf, unsigned int shift, u64 at, u64 frame,
			u64 bits)
{
	u64 has = leaf & RWX;
	u64 ra = (leaf & NHV_PTE_RPN) + (at & ((1ULL << shift) - 1));

	if (has & NHV_PTE_WRITE)
		has |= NHV_PTE_READ;
	if (!(leaf & NHV_PTE_R) || (bits & RWX & ~has))
		return false;
	if (bits & NHV_PTE_WRITE && !(leaf & NHV_PTE_C))
		return false;
	return host_allows(ra & PAGE_MASK, frame, bits);
}

static bool right_usable(unsigned int guest, u64 at, u64 frame, u64 bits)
{
	unsigned int shift, i;
	u64 leaf = l2_walk(guest, at, &shift);

	if (leaf && leaf_allows(leaf, shift, at, frame, bits))
		return true;
	for (i = 0; i < departed_nr[guest]; i++) {
		const struct departed *d = &departed[guest][i];

		if (at - d->base < 1ULL << d->shift &&
		    d->time > forgotten_at(guest, at) &&
		    leaf_allows(d->leaf, d->shift, at, frame, bits))
			return true;
	}
	return false;
}

/*
 * Each right by itself: where L2 has given one, and then another in place of it,
 * and has invalidated neither, both are there.
 */
static bool page_usable(unsigned int guest, u64 at, u64 frame, u64 bits)
{
	u64 right;

	for (right = 1; right & RWX; right <<= 1)
		if (bits & right && !right_usable(guest, at, frame, right))
			return false;
	return true;
}

/* ---- the processor --------------------------------------------------------------------- */

static struct tlb_entry {
	bool valid;
	u64 base;
	unsigned int shift;
	u64 leaf;
} tlb[LPIDS][TLB_SIZE];

static struct pwc_entry {
	bool valid;
	u64 prefix;
	struct walk_at at;
} pwc[LPIDS][PWC_SIZE];

static struct nhv_tree *tree_of(u32 lpid)
{
	return lpid == 1 ? &vm.tree : &guests[lpid - 2].tree;
}

static void page_check(u32 lpid, const struct tlb_entry *entry, u64 at)
{
	u64 frame = (entry->leaf & NHV_PTE_RPN) + (at - entry->base);
	u64 bits = entry->leaf & RWX;

	if (lpid == 1 ? host_allows(at, frame, bits) :
	    page_usable(lpid - 2, at, frame, bits))
		return;
	wrong("LPID %u: 0x%llx (2^%u) is stale as 0x%llx", lpid, at,
	      entry->shift, entry->leaf);
}

/* Of a large one, pages in each piece it covers that is looked at. */
static void tlb_check(u32 lpid, const struct tlb_entry *entry)
{
	const u64 *starts = lpid == 1 ? pieces : spaces;
	unsigned int i, nr = lpid == 1 ? PIECES : SPACES;

	if (entry->shift == PAGE_SHIFT) {
		page_check(lpid, entry, entry->base);
		return;
	}
	for (i = 0; i < nr; i++) {
		if (starts[i] - entry->base >= 1ULL << entry->shift)
			continue;
		page_check(lpid, entry, starts[i]);
		page_check(lpid, entry, random_in(starts[i]));
		page_check(lpid, entry, starts[i] + MIB2 - PAGE_SIZE);
	}
}

static void processor_check(void)
{
	unsigned int lpid, i;

	for (lpid = 1; lpid < LPIDS; lpid++)
		for (i = 0; i < TLB_SIZE; i++)
			if (tlb[lpid][i].valid)
				tlb_check(lpid, &tlb[lpid][i]);
}

static struct walk_at walk_start(u32 lpid, u64 addr)
{
	unsigned int i = chance(PWC_SIZE), n;

	for (n = 0; n < PWC_SIZE; n++) {
		i = (i + 1) % PWC_SIZE;
		if (pwc[lpid][i].valid &&
		    pwc[lpid][i].prefix == addr >> pwc[lpid][i].at.left)
			return pwc[lpid][i].at;
	}
	return walk_root(nhv_tree_pate0(tree_of(lpid)));
}

/* Return: the leaf as the processor finds it, 0 if there is none. */
static u64 processor_walk(u32 lpid, u64 addr, unsigned int *shift)
{
	struct walk_at at = walk_start(lpid, addr);
	u64 entry;

	for (;;) {
		entry = walk_step(&at, addr);
		if (!(entry & NHV_PTE_VALID))
			return 0;
		if (entry & NHV_PTE_LEAF)
			break;
		pwc[lpid][chance(PWC_SIZE)] =
			(struct pwc_entry){ true, addr >> at.left, at };
	}
	/* Without R there is no use of it and nothing to keep. */
	if (entry & NHV_PTE_R)
		tlb[lpid][chance(TLB_SIZE)] = (struct tlb_entry){
			true, addr & -(1ULL << at.left), at.left, entry
		};
	*shift = at.left;
	return entry;
}

static bool running;

/* Another CPU in the guest uses memory in the middle of whatever goes on. */
void host_stored(void)
{
	u32 lpid = 1 + chance(LPIDS - 1);
	unsigned int shift;

	if (running && !vm.mmu_lock.held)
		wrong("an entry is changed without mmu_lock");
	if (running && one_in(8))
		processor_walk(lpid, lpid == 1 ? random_page() : random_space(),
			       &shift);
}

/* A table is freed: nobody may be able to get there any more. */
void host_freed(u64 real, size_t size)
{
	unsigned int lpid, i;

	for (lpid = 1; running && lpid < LPIDS; lpid++)
		for (i = 0; i < PWC_SIZE; i++)
			if (pwc[lpid][i].valid &&
			    pwc[lpid][i].at.table - real < size)
				wrong("LPID %u: a table is freed that the walk cache has",
				      lpid);
}

static void others(unsigned int chances);

void nhv_level_invalidate(const struct nhv_batch *batch)
{
	struct tlb_entry *entry = tlb[batch->lpid];
	unsigned int i, n;

	if (vm.mmu_lock.held)
		wrong("a hypercall is made under mmu_lock");
	others(1);
	for (i = 0; i < TLB_SIZE; i++, entry++) {
		if (batch->all)
			entry->valid = false;
		for (n = 0; !batch->all && n < batch->nr; n++)
			if (entry->shift == batch->page[n].shift &&
			    entry->base == batch->page[n].addr.addr)
				entry->valid = false;
	}
	for (i = 0; batch->walk_cache && i < PWC_SIZE; i++)
		pwc[batch->lpid][i].valid = false;
}

/* ---- what the host does ------------------------------------------------------------------ */

enum host_what {
	HOST_TAKE,		/* swap a page out */
	HOST_MOVE,		/* migrate it, or break a copy-on-write */
	HOST_PROTECT,		/* fork, same-page merging */
	HOST_SPLIT,		/* a large page becomes small ones */
	HOST_COLLAPSE,		/* and the other way round */
	HOST_HUGE,
	HOST_WHATS,
};

static u64 host_range(enum host_what what, u64 *ra)
{
	if (what == HOST_HUGE || (what == HOST_SPLIT && *ra < HUGE * GIB &&
				  huge_frame[*ra / GIB])) {
		*ra &= -GIB;
		return GIB;
	}
	if (what == HOST_SPLIT || what == HOST_COLLAPSE) {
		*ra &= -MIB2;
		return MIB2;
	}
	return PAGE_SIZE;
}

static void host_split(u64 ra, u64 size)
{
	unsigned int i, n;

	for (i = 0; i < PIECES; i++) {
		if (pieces[i] - ra >= size)
			continue;
		for (n = 0; n < PAGES; n++)
			piece[i].page[n].frame =
				host_frame(pieces[i] + n * PAGE_SIZE);
		piece[i].large = false;
	}
	if (size == GIB)
		huge_frame[ra / GIB] = 0;
}

/* Slots of their own, or that log, have no page of 1G together. */
static bool any_apart(u64 ra)
{
	unsigned int i;

	for (i = 0; i < PIECES; i++)
		if (pieces[i] / GIB == ra / GIB &&
		    (piece[i].gone || piece[i].logs))
			return true;
	return false;
}

/* As the host's page tables are once whoever uses them has been told. */
static void host_commit(enum host_what what, u64 ra)
{
	struct piece *p = &piece[what == HOST_HUGE ? 0 : piece_of(ra)];
	struct host_page *page = &p->page[ra % MIB2 >> PAGE_SHIFT];

	switch (what) {
	case HOST_TAKE:
		page->frame = 0;
		break;
	case HOST_MOVE:
		page->frame = frame_new(PAGE_SHIFT);
		page->writable = true;
		page->uncached = one_in(32);
		break;
	case HOST_PROTECT:
		page->writable = false;
		break;
	case HOST_COLLAPSE:
		p->large = true;
		p->frame = frame_new(NHV_SHIFT_2M);
		break;
	case HOST_HUGE:
		if (any_apart(ra))
			break;
		huge_frame[ra / GIB] = frame_new(NHV_SHIFT_1G);
		break;
	default:
		break;
	}
}

/* As host.c is told by the host. */
static void do_host(void)
{
	enum host_what what = chance(HOST_WHATS);
	struct nhv_batch batch;
	struct nhv_change change = { .vm = &vm, .batch = &batch };
	u64 ra = disputed_page(), size;
	bool large = piece[piece_of(ra)].large ||
		     (ra < HUGE * GIB && huge_frame[ra / GIB]);

	if (what >= HOST_COLLAPSE && !one_in(8))
		return;
	if (what == HOST_HUGE && ra >= HUGE * GIB)
		return;
	/* A part of a large page is split off first. */
	if (large && what < HOST_SPLIT)
		what = HOST_SPLIT;
	size = host_range(what, &ra);
	if (what == HOST_HUGE && any_apart(ra))
		return;

	nhv_batch_init(&batch, vm.lpid);
	vm.invalidate_active++;
	nhv_change_range(&change, nhv_l2ra(ra), size);
	nhv_change_send(&change);
	if (what == HOST_SPLIT)
		host_split(ra, size);
	else
		host_commit(what, ra);
	processor_check();
	vm.invalidate_active--;
}

static bool any_young(u64 ra, u64 size)
{
	unsigned int g, i, n, shift;

	for (g = 0; g < GUESTS; g++)
		for (i = 0; i < SPACES; i++)
			for (n = 0; n < PAGES; n++) {
				struct nhv_tra at = {
					spaces[i] + ((u64)n << PAGE_SHIFT)
				};
				u64 leaf = nhv_tree_find(&guests[g].tree, at,
							 &shift);
				u64 frame = (leaf & NHV_PTE_RPN) +
					(at.addr & ((1ULL << shift) - 1));

				if (leaf & NHV_PTE_R &&
				    frame == host_frame(ra) && size)
					return true;
			}
	return false;
}

static void do_age(void)
{
	u64 ra = random_page(), size = one_in(4) ? MIB2 : PAGE_SIZE;
	struct nhv_batch batch;
	struct nhv_change change = { .vm = &vm, .bits = NHV_PTE_R };

	ra &= -size;
	if (one_in(2)) {
		nhv_batch_init(&batch, vm.lpid);
		change.batch = &batch;
	}
	if (!depth && host_frame(ra) && one_in(16) && any_young(ra, PAGE_SIZE)) {
		vm.mmu_lock.held = 1;
		if (!nhv_rmap_test_bits(&vm, nhv_l2ra(ra), PAGE_SIZE,
					NHV_PTE_R))
			wrong("0x%llx is used and not young", ra);
		vm.mmu_lock.held = 0;
	}
	nhv_change_range(&change, nhv_l2ra(ra), size);
	if (!depth && nhv_rmap_test_bits(&vm, nhv_l2ra(ra), PAGE_SIZE,
					 NHV_PTE_R) && !disturbed)
		wrong("0x%llx is aged and young", ra);
	if (change.batch)
		nhv_change_send(&change);
}

static void do_log(void)
{
	unsigned int i = chance(PIECES), n;
	unsigned long taken[BITS_TO_LONGS(PAGES)];
	struct piece *p = &piece[i];

	if (!p->logs)
		return;
	memcpy(taken, slots[i].dirty, sizeof(taken));
	memset(slots[i].dirty, 0, sizeof(taken));
	for (n = 0; n < PAGES; n++)
		p->page[n].protecting += test_bit(n, taken);
	nhv_mmu_protect_dirty(&vm, &slots[i], taken);
	for (n = 0; n < PAGES; n++)
		p->page[n].protecting -= test_bit(n, taken);
	processor_check();
}

/*
 * A slot goes once no fault that has seen it is under way, and comes back with
 * other memory, logging or not.
 */
static void do_slot(void)
{
	unsigned int i = chance(PIECES), n;
	struct piece *p = &piece[i];

	if (faults || !one_in(8))
		return;
	if (pieces[i] < HUGE * GIB && huge_frame[pieces[i] / GIB])
		return;
	if (!p->gone) {
		p->gone = true;
		nhv_mmu_unmap_range(&vm, slots[i].base, slots[i].size);
		p->dead = true;
		processor_check();
		return;
	}
	if (!p->dead)
		return;
	for (n = 0; n < PAGES; n++)
		p->page[n].frame = one_in(2) ? frame_new(PAGE_SHIFT) : 0;
	p->large = false;
	p->logs = one_in(3);
	memset(slots[i].dirty, 0, BITS_TO_LONGS(PAGES) * sizeof(long));
	p->gone = false;
	p->dead = false;
}

/* ---- what L2 does --------------------------------------------------------------------------- */

static u64 random_bits(void)
{
	u64 bits = RWX | RC;

	if (one_in(4))
		bits &= ~(u64)(1U << chance(9));
	if (one_in(16))
		bits &= chance64();
	return bits & (RWX | RC);
}

static unsigned int shift_of(unsigned int guest, u64 at, enum level level)
{
	return level == LEVEL_1G ? NHV_SHIFT_1G :
	       level == LEVEL_2M ? NHV_SHIFT_2M : l2_page_shift(guest, at);
}

static u64 random_entry(unsigned int guest, u64 at, enum level level)
{
	unsigned int shift = shift_of(guest, at, level);
	u64 ra = one_in(32) ? DEVICE : random_page();

	if (level != LEVEL_PAGE && one_in(2))
		return l2_table(guest, at, level);
	if (one_in(6))
		return 0;
	if (one_in(64))
		return NHV_PTE_VALID | chance64();
	return NHV_PTE_VALID | NHV_PTE_LEAF | random_bits() |
	       (ra & -(1ULL << shift));
}

/* Only a large leaf that is there is something to have been used. */
static void l2_depart(unsigned int guest, u64 at)
{
	unsigned int shift;
	u64 leaf = l2_walk(guest, at, &shift);

	if (!leaf)
		return;
	departed[guest][departed_nr[guest]++] = (struct departed){
		at & -(1ULL << shift), shift, leaf, ++now
	};
}

/* A table that is hidden by another entry takes all its leaves along. */
static bool l2_hides(unsigned int guest, u64 at, enum level level)
{
	return l2_get(l2_entry(guest, at, level)) == l2_table(guest, at, level);
}

static void l2_hide(unsigned int guest, u64 at, enum level level)
{
	if (level == LEVEL_PAGE || !l2_hides(guest, at, level))
		return;
	/* L2 has to have invalidated them, or may not expect anything. */
	l2_put(l2_entry(guest, at, level), 0);
	invalidate_all(guest);
}

static void do_l2_change(unsigned int guest, u64 at, enum level level)
{
	if (departed_nr[guest] == DEPARTED || l2_hides(guest, at, level)) {
		if (guests[guest].lock.held)
			return;
		if (departed_nr[guest] == DEPARTED)
			invalidate_all(guest);
		l2_hide(guest, at, level);
	}
	if (departed_nr[guest] < DEPARTED) {
		l2_depart(guest, at);
		l2_put(l2_entry(guest, at, level),
		       random_entry(guest, at, level));
	}
}

static void do_l2(void)
{
	unsigned int guest = chance(GUESTS);
	enum level level = one_in(8) ? one_in(8) ? LEVEL_1G : LEVEL_2M :
			   LEVEL_PAGE;

	do_l2_change(guest, random_space(), level);
}

/* L2 maps memory for a guest, as one that runs does. */
static void do_l2_map(void)
{
	unsigned int guest = chance(GUESTS), nr = 1 + chance(40);
	u64 at = random_space(), ra = random_page(), end = (at | (MIB2 - 1));
	u64 step = 1ULL << l2_page_shift(guest, at);

	ra &= -step;
	at &= -step;
	for (; nr && at < end && ra + step <= (ra | (MIB2 - 1)); nr--) {
		if (departed_nr[guest] == DEPARTED)
			return;
		l2_depart(guest, at);
		l2_put(l2_entry(guest, at, LEVEL_PAGE), NHV_PTE_VALID |
		       NHV_PTE_LEAF | ra | RWX | RC);
		at += step;
		ra += step;
	}
}

static void do_invalidate(void)
{
	static const u8 sizes[] = {
		NHV_SHIFT_4K, NHV_SHIFT_64K, NHV_SHIFT_2M, NHV_SHIFT_1G
	};
	unsigned int guest = chance(GUESTS);
	u64 from = random_space(), size = 1ULL << sizes[chance(4)];

	if (guests[guest].lock.held)
		return;
	if (one_in(16)) {
		invalidate_all(guest);
		processor_check();
		return;
	}
	if (one_in(16)) {
		from = chance64() >> chance(20);
		size = chance64() >> chance(64);
	} else {
		from &= -size;
	}
	mutex_lock(&guests[guest].lock);
	nhv_shadow_unmap_range(&guests[guest], nhv_l3ra(from), size);
	mutex_unlock(&guests[guest].lock);
	now++;
	l2_forgot(guest, from, size);
	processor_check();
}

/* L2 takes back what is there where L3 faults. */
static void do_revoke(void)
{
	unsigned int guest = fault_guest;
	u64 at = fault_at & PAGE_MASK;

	do_l2_change(guest, at, LEVEL_PAGE);
	if (guests[guest].lock.held)
		return;
	mutex_lock(&guests[guest].lock);
	nhv_shadow_unmap_range(&guests[guest], nhv_l3ra(at), PAGE_SIZE);
	mutex_unlock(&guests[guest].lock);
	now++;
	l2_forgot(guest, at, PAGE_SIZE);
	processor_check();
}

/* ---- what L3 does --------------------------------------------------------------------------- */

struct access {
	bool store;
	bool fetch;
};

static u64 access_needs(const struct access *access)
{
	return NHV_PTE_R | (access->store ? NHV_PTE_WRITE | NHV_PTE_C :
			    access->fetch ? NHV_PTE_EXEC : NHV_PTE_READ);
}

/* What L2 is to see, 0: nothing; by its tree as it is now. */
static u64 expected_status(unsigned int guest, u64 at,
			   const struct access *access, u64 *leaf,
			   unsigned int *shift)
{
	u64 has;

	*leaf = l2_walk(guest, at, shift);
	if (!*leaf)
		return NHV_DSISR_NOHPTE;
	if (*leaf & NHV_PTE_RPN & ((1ULL << *shift) - 1))
		return NHV_DSISR_UNSUPP_MMU;
	has = *leaf & RWX;
	if (access->store && !(has & NHV_PTE_WRITE))
		return NHV_DSISR_PROTFAULT;
	if (access->fetch && !(has & NHV_PTE_EXEC))
		return NHV_DSISR_NOEXEC_OR_G;
	if (!access->store && !access->fetch &&
	    !(has & (NHV_PTE_READ | NHV_PTE_WRITE)))
		return NHV_DSISR_PROTFAULT;
	if (!(*leaf & NHV_PTE_R) || (access->store && !(*leaf & NHV_PTE_C)))
		return NHV_DSISR_SET_RC;
	return 0;
}

static bool garbage(unsigned int guest, u64 at)
{
	int level;

	for (level = LEVEL_1G; level > LEVEL_PAGE; level--) {
		u64 entry = l2_get(l2_entry(guest, at, level));

		if (entry & NHV_PTE_VALID && !(entry & NHV_PTE_LEAF) &&
		    entry != l2_table(guest, at, level))
			return true;
		if (!(entry & NHV_PTE_VALID) || entry & NHV_PTE_LEAF)
			return false;
	}
	return (l2_get(l2_entry(guest, at, level)) &
		(NHV_PTE_VALID | NHV_PTE_LEAF)) == NHV_PTE_VALID;
}

static void check_reflect(unsigned int guest, u64 at,
			  const struct access *access,
			  const struct nhv_shadow_fault *fault)
{
	unsigned int shift;
	u64 leaf, want = expected_status(guest, at, access, &leaf, &shift);

	if (fault->table || garbage(guest, at))
		return;
	if (access->store)
		want |= NHV_DSISR_ISSTORE;
	if (!(want & ~NHV_DSISR_ISSTORE) || fault->status != want)
		wrong("guest %u, 0x%llx as 0x%llx: L2 sees 0x%llx, not 0x%llx",
		      guest, at, leaf, fault->status, want);
}

/* What is mapped is as large as both levels let it be, and as they allow. */
static void check_resumed(unsigned int guest, u64 at,
			  const struct access *access)
{
	unsigned int theirs, own, shift;
	u64 leaf, want, ra, need = access_needs(access), got;

	want = expected_status(guest, at, access, &leaf, &theirs);
	if (want)
		wrong("guest %u, 0x%llx: resumed, where L2 is to see 0x%llx",
		      guest, at, want);
	ra = (leaf & NHV_PTE_RPN) + (at & ((1ULL << theirs) - 1));
	want = nhv_tree_find(&vm.tree, nhv_l2_tra(nhv_l2ra(ra)), &own);
	got = nhv_tree_find(&guests[guest].tree,
			    (struct nhv_tra){ at }, &shift);
	/* The host was busy, or out of memory, or those are who have all tables. */
	if ((want & need) != need ||
	    (depth && nhv_rmap_tables(&vm) + NHV_STOCK_TABLES >
	     max(nhv_nested_limits.tables, 16)))
		return;
	if ((got & need) != need)
		wrong("guest %u, 0x%llx: resumed and mapped as 0x%llx", guest,
		      at, got);
	if (theirs >= NHV_SHIFT_2M && own >= NHV_SHIFT_2M &&
	    shift < NHV_SHIFT_2M)
		wrong("guest %u, 0x%llx: 2^%u by 2^%u is 2^%u", guest, at,
		      theirs, own, shift);
}

static void check_verdict(unsigned int guest, u64 at,
			  const struct access *access,
			  enum nhv_shadow_verdict verdict,
			  const struct nhv_shadow_fault *fault)
{
	unsigned int shift;
	u64 leaf = l2_walk(guest, at, &shift);
	int i;

	switch (verdict) {
	case NHV_SHADOW_RESUME:
		check_resumed(guest, at, access);
		return;
	case NHV_SHADOW_REFLECT:
		check_reflect(guest, at, access, fault);
		return;
	case NHV_SHADOW_MMIO:
		i = piece_of(fault->at.addr);
		if (!leaf || (i >= 0 && !piece[i].gone))
			wrong("0x%llx is MMIO", fault->at.addr);
		return;
	case NHV_SHADOW_REFUSE:
		i = piece_of(leaf & NHV_PTE_RPN);
		if (!leaf || (!access->fetch && i != READONLY &&
			      shift == PAGE_SHIFT))
			wrong("0x%llx is refused", at);
		return;
	case NHV_SHADOW_MEMORY:
		if (fault->error != -ENOMEM && fault->error != -EFAULT &&
		    (fault->error != -EINVAL || shift >= PAGE_SHIFT))
			wrong("0x%llx: error %d", at, fault->error);
	}
}

static void l3_fault(unsigned int guest, u64 at, const struct access *access,
		     u64 leaf)
{
	struct nhv_fault_runs runs = { };
	struct nhv_shadow_fault fault = {
		.ra = nhv_l3ra(at),
		.status = !leaf ? NHV_DSISR_NOHPTE :
			  leaf & NHV_PTE_R ? NHV_DSISR_PROTFAULT :
			  NHV_DSISR_SET_RC,
		.store = access->store,
		.fetch = access->fetch,
	};
	enum nhv_shadow_verdict verdict;
	u64 before = disturbed;
	unsigned int shift;

	if (access->store)
		fault.status |= NHV_DSISR_ISSTORE;
	fault_guest = guest;
	fault_at = at;
	faults++;
	if (one_in(64))
		host_fail_after(chance(8));
	verdict = nhv_shadow_fault(&guests[guest], &runs, &fault);
	if (verdict != NHV_SHADOW_MEMORY && before == disturbed)
		host_fail_after(-1);
	faults--;
	if (before == disturbed)
		check_verdict(guest, at, access, verdict, &fault);
	host_fail_after(-1);
	/* The access is made again. */
	processor_walk(guest + 2, at, &shift);
}

static void do_access(void)
{
	unsigned int guest = chance(GUESTS), kind = chance(4), shift;
	struct access access = { .store = kind == 1, .fetch = kind == 2 };
	u64 at = random_space() + chance(PAGE_SIZE);
	u64 leaf = processor_walk(guest + 2, at, &shift);

	if ((leaf & access_needs(&access)) == access_needs(&access))
		return;
	if (guests[guest].lock.held)
		return;
	guests[guest].stamp = step;
	l3_fault(guest, at, &access, leaf);
}

/* L2 has resolved what it was given, and enters its guest again. */
static void do_refill(void)
{
	unsigned int guest = chance(GUESTS);
	struct nhv_fault_runs runs = { };

	if (guests[guest].lock.held)
		return;
	faults++;
	nhv_shadow_refill(&guests[guest], &runs, nhv_l3ra(random_space()));
	faults--;
}

static void do_quota(void)
{
	nhv_nested_limits.tables = one_in(2) ? 1024 : 16 + chance(32);
}

/* ---- a run ------------------------------------------------------------------------------------ */

static void one_step(void)
{
	switch (chance(64)) {
	case 0 ... 3:
		do_host();
		break;
	case 4 ... 5:
		do_age();
		break;
	case 6 ... 7:
		do_log();
		break;
	case 8:
		do_slot();
		break;
	case 9 ... 14:
		do_l2();
		break;
	case 15 ... 17:
		do_l2_map();
		break;
	case 18 ... 21:
		do_invalidate();
		break;
	case 22 ... 24:
		do_refill();
		break;
	case 25:
		do_quota();
		break;
	case 26 ... 27:
		do_revoke();
		break;
	default:
		do_access();
	}
}

/* What other threads do meanwhile. */
static void others(unsigned int chances)
{
	if (!running || depth >= 2 || !one_in(chances * 4))
		return;
	depth++;
	disturbed++;
	one_step();
	depth--;
}

void host_unlocked(spinlock_t *lock)
{
	(void)lock;
	others(8);
}

void world_read(void)
{
	others(8);
}

bool world_unreadable(u64 ra)
{
	(void)ra;
	return running && one_in(2048);
}

int world_no_memory(void)
{
	return one_in(512) ? -EFAULT : 0;
}

int main(int argc, char **argv)
{
	u64 steps = number(argc > 2 ? argv[2] : NULL, "STEPS", 1000000);

	chance_start(number(argc > 1 ? argv[1] : NULL, "SEED", time(NULL)));
	printf("KTAP version 1\n1..1\n# SEED=%llu STEPS=%llu\n", chance_seed,
	       steps);
	fflush(stdout);
	world_start();
	running = true;
	for (step = 0; step < steps; step++) {
		one_step();
		disturbed = 0;
		if (one_in(64))
			processor_check();
	}
	running = false;
	world_end();
	printf("ok 1 nested_model: %llu steps\n", steps);
	return 0;
}

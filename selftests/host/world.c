// SPDX-License-Identifier: GPL-2.0-only
/* L2, the host under it, and what src/core and src/mmu make of both. */
#include <stdio.h>
#include <stdlib.h>

#include <nhv/base.h>
#include <abi/exits.h>
#include <nhv/level.h>
#include "memory.h"
#include "world.h"

#define TABLES		0xc0000000ULL	/* L2 real: where L2 has its trees */
#define TREE_SIZE	0x40000ULL	/* what one has */
#define FRAMES		(1ULL << 54)

/* Of a tree: the root, a table of each region, then the lowest ones. */
#define REGIONS		3
#define TREE_LEVEL_2	0x10000ULL
#define TREE_LEVEL_1	0x14000ULL
#define TREE_LEVEL_0	0x20000ULL
#define TABLE_ROOM	0x1000ULL

const u64 pieces[PIECES] = {
	2 * MIB2, 3 * MIB2, 511 * MIB2, GIB, GIB + MIB2, GIB + 300 * MIB2,
	2 * GIB,
};

const u64 spaces[SPACES] = {
	0, MIB2, GIB - MIB2, GIB, (1ULL << NHV_SHIFT_512G) + 3 * MIB2,
	(1ULL << NHV_REAL_BITS) - MIB2,
};

struct nhv_vm vm;
struct nhv_nested guests[GUESTS];
struct piece piece[PIECES];
u64 huge_frame[HUGE];
struct nhv_slot slots[PIECES];

struct nhv_live_counts nhv_live_counts;
struct nhv_level nhv_level = { .keeps_translations = true };
struct nhv_nested_limits nhv_nested_limits = { .tables = 1024 };

static u8 trees[GUESTS * TREE_SIZE];
static unsigned long dirty[PIECES][BITS_TO_LONGS(PAGES)];
static u64 next_frame;

__weak void world_read(void)
{
}

__weak bool world_unreadable(u64 ra)
{
	(void)ra;
	return false;
}

__weak int world_no_memory(void)
{
	return 0;
}

/* ---- the host ------------------------------------------------------------------ */

u64 frame_new(unsigned int shift)
{
	u64 size = 1ULL << shift;
	u64 frame = (next_frame + size - 1) & -size;

	next_frame = frame + size;
	return frame;
}

int piece_of(u64 ra)
{
	int i;

	for (i = 0; i < PIECES; i++)
		if (ra - pieces[i] < MIB2)
			return i;
	return -1;
}

static struct host_page *host_page(u64 ra)
{
	return &piece[piece_of(ra)].page[ra % MIB2 >> PAGE_SHIFT];
}

static u64 *huge_of(u64 ra)
{
	return ra / GIB < HUGE ? &huge_frame[ra / GIB] : NULL;
}

u64 host_frame(u64 ra)
{
	const struct piece *p = &piece[piece_of(ra)];
	u64 *huge = huge_of(ra);

	if (huge && *huge)
		return *huge + (ra & (GIB - 1) & PAGE_MASK);
	if (p->large)
		return p->frame + (ra & (MIB2 - 1) & PAGE_MASK);
	return host_page(ra)->frame;
}

bool host_uncached(u64 ra)
{
	u64 *huge = huge_of(ra);

	return !piece[piece_of(ra)].large && !(huge && *huge) &&
	       host_page(ra)->uncached;
}

bool host_may_write(u64 ra)
{
	int i = piece_of(ra);
	unsigned int page = ra % MIB2 >> PAGE_SHIFT;

	if (i == READONLY)
		return false;
	if (piece[i].logs && !test_bit(page, dirty[i]) &&
	    !piece[i].page[page].protecting)
		return false;
	return piece[i].large || (huge_of(ra) && *huge_of(ra)) ||
	       host_page(ra)->writable;
}

/* ---- src/core -------------------------------------------------------------------- */

const struct nhv_slot *nhv_slot_find(struct nhv_vm *of, struct nhv_l2ra ra)
{
	int i = piece_of(ra.addr);

	(void)of;
	return i >= 0 && !piece[i].gone ? &slots[i] : NULL;
}

/* Data has no content; what can be read is L2's trees. */
int nhv_guest_read(struct nhv_vm *of, struct nhv_l2ra ra, void *to, size_t size)
{
	(void)of;
	if (vm.mmu_lock.held)
		host_lock_misused("held, and L2's memory is read");
	if (ra.addr < TABLES || ra.addr - TABLES >= sizeof(trees) ||
	    size > sizeof(trees) - (ra.addr - TABLES) ||
	    world_unreadable(ra.addr))
		return -EFAULT;
	memcpy(to, trees + (ra.addr - TABLES), size);
	world_read();
	return 0;
}

/* ---- src/mmu: what fault.c does --------------------------------------------------- */

static unsigned int own_shift(u64 ra)
{
	u64 *huge = huge_of(ra);
	int i = piece_of(ra);

	if (piece[i].logs || i == READONLY)
		return PAGE_SHIFT;
	if (huge && *huge)
		return NHV_SHIFT_1G;
	return piece[i].large ? NHV_SHIFT_2M : PAGE_SHIFT;
}

static u64 own_bits(u64 ra, bool store)
{
	int i = piece_of(ra);
	u64 bits = NHV_PTE_READ | NHV_PTE_R;

	bits |= host_uncached(ra) ? NHV_PTE_ATT_NONIDEMPOTENT :
		NHV_PTE_EXEC;
	if (i == READONLY || (piece[i].logs && !store))
		return bits;
	if (!piece[i].large && !(huge_of(ra) && *huge_of(ra)) &&
	    !host_page(ra)->writable)
		return bits;
	return bits | NHV_PTE_WRITE | NHV_PTE_C;
}

/* mmu_lock is held, and the host is not about to change anything. */
static void own_map(struct nhv_stock *stock, struct nhv_batch *batch, u64 ra,
		    bool store)
{
	u64 bits = own_bits(ra, store), frame = host_frame(ra);
	unsigned int shift = own_shift(ra);
	u64 mask = -(1ULL << shift);
	int i = piece_of(ra);

	if (!frame)
		return;
	nhv_tree_map(&vm.tree, stock, nhv_l2_tra(nhv_l2ra(ra & mask)),
		     nhv_l1ra(frame & mask), shift, bits, batch);
	if (bits & NHV_PTE_WRITE && piece[i].logs)
		dirty[i][(ra % MIB2 >> PAGE_SHIFT) / BITS_PER_LONG] |=
			BIT((ra % MIB2 >> PAGE_SHIFT) % BITS_PER_LONG);
}

static void own_fill(u64 ra, bool store)
{
	struct nhv_stock stock = { };
	struct nhv_batch batch;
	bool unsent;

	if (nhv_stock_fill(&stock)) {
		nhv_stock_drain(&stock);
		return;
	}
	nhv_batch_init(&batch, vm.lpid);
	spin_lock(&vm.mmu_lock);
	if (!vm.invalidate_active)
		own_map(&stock, &batch, ra, store);
	unsent = nhv_unsent_begin(&vm, &batch);
	spin_unlock(&vm.mmu_lock);
	nhv_batch_send(&batch, &vm);
	if (unsent)
		nhv_unsent_end(&vm);
	nhv_stock_drain(&stock);
}

/* The host gives a page of its own to who writes. */
static void host_write(u64 ra)
{
	struct nhv_batch batch;
	struct nhv_change change = { .vm = &vm, .batch = &batch };
	struct host_page *page = host_page(ra);

	if (piece[piece_of(ra)].large || (huge_of(ra) && *huge_of(ra)) ||
	    page->writable)
		return;
	nhv_batch_init(&batch, vm.lpid);
	vm.invalidate_active++;
	nhv_change_range(&change, nhv_l2ra(ra & PAGE_MASK), PAGE_SIZE);
	nhv_change_send(&change);
	page->frame = frame_new(PAGE_SHIFT);
	page->writable = true;
	vm.invalidate_active--;
}

enum nhv_fault_verdict nhv_mmu_fault(struct nhv_vm *of,
				     struct nhv_fault_runs *runs,
				     struct nhv_fault *fault)
{
	const u64 tables = NHV_DSISR_PRTABLE_FAULT | NHV_DSISR_SET_RC;
	int i = piece_of(fault->ra.addr);

	(void)of, (void)runs;
	if (i < 0 || piece[i].gone || (i == READONLY && fault->store)) {
		fault->refuse = fault->status & tables;
		return fault->refuse ? NHV_FAULT_REFUSE : NHV_FAULT_MMIO;
	}
	fault->error = world_no_memory();
	if (fault->error)
		return NHV_FAULT_MEMORY;
	if (!host_frame(fault->ra.addr)) {
		host_page(fault->ra.addr)->frame = frame_new(PAGE_SHIFT);
		host_page(fault->ra.addr)->writable = fault->store;
	}
	if (fault->store)
		host_write(fault->ra.addr);
	own_fill(fault->ra.addr, fault->store);
	return NHV_FAULT_RESUME;
}

void nhv_host_drop_translations(struct nhv_vm *of)
{
	(void)of;
}

void nhv_host_count_batch(struct nhv_vm *of, const struct nhv_batch *batch)
{
	(void)of, (void)batch;
}

/* ---- src/nested: who is there ------------------------------------------------------ */

struct nhv_nested *nhv_nested_oldest(struct nhv_vm *of,
				     const struct nhv_nested *but, u64 before)
{
	struct nhv_nested *oldest = NULL;
	unsigned int i;

	(void)of;
	for (i = 0; i < GUESTS; i++) {
		struct nhv_nested *nested = &guests[i];

		/* There is one thread: nobody would give a lock back. */
		if (nested == but || nested->stamp >= before ||
		    !nested->tree.tables || nested->lock.held)
			continue;
		before = nested->stamp;
		oldest = nested;
	}
	if (oldest)
		oldest->refs++;
	return oldest;
}

void nhv_nested_put(struct nhv_nested *nested)
{
	nested->refs--;
}

/* ---- L2's trees ------------------------------------------------------------------------ */

static u64 tree_of(unsigned int guest)
{
	return TABLES + guest * TREE_SIZE;
}

static unsigned int space_of(u64 at)
{
	unsigned int i;

	for (i = 0; i < SPACES; i++)
		if (at - spaces[i] < MIB2)
			return i;
	return 0;
}

/* Which of the tables below the root, and which of the ones below these. */
static unsigned int region_2(u64 at)
{
	return at >> NHV_SHIFT_512G ? at >> (NHV_REAL_BITS - 1) ? 2 : 1 : 0;
}

static unsigned int region_1(u64 at)
{
	return region_2(at) ? region_2(at) + 1 : at >= GIB;
}

u64 l2_get(u64 at)
{
	__be64 raw;

	memcpy(&raw, trees + (at - TABLES), sizeof(raw));
	return be64_to_cpu(raw);
}

void l2_put(u64 at, u64 entry)
{
	__be64 raw = cpu_to_be64(entry);

	memcpy(trees + (at - TABLES), &raw, sizeof(raw));
}

/* A guest hypervisor with 64K pages has tables of 32 entries. */
unsigned int l2_page_shift(unsigned int guest, u64 at)
{
	if (PAGE_SHIFT == NHV_SHIFT_64K)
		return NHV_SHIFT_64K;
	return (guest + space_of(at)) % 4 == 3 ? NHV_SHIFT_64K : NHV_SHIFT_4K;
}

static u64 table_level_2(unsigned int guest, u64 at)
{
	return tree_of(guest) + TREE_LEVEL_2 + region_2(at) * TABLE_ROOM;
}

static u64 table_level_1(unsigned int guest, u64 at)
{
	return tree_of(guest) + TREE_LEVEL_1 + region_1(at) * TABLE_ROOM;
}

static u64 table_level_0(unsigned int guest, u64 at)
{
	return tree_of(guest) + TREE_LEVEL_0 + space_of(at) * TABLE_ROOM;
}

u64 l2_entry(unsigned int guest, u64 at, enum level level)
{
	unsigned int shift = l2_page_shift(guest, at);

	switch (level) {
	case LEVEL_1G:
		return table_level_2(guest, at) +
		       8 * (at >> NHV_SHIFT_1G & 511);
	case LEVEL_2M:
		return table_level_1(guest, at) +
		       8 * (at >> NHV_SHIFT_2M & 511);
	default:
		return table_level_0(guest, at) +
		       8 * (at % MIB2 >> shift);
	}
}

u64 l2_table(unsigned int guest, u64 at, enum level level)
{
	if (level == LEVEL_1G)
		return NHV_PTE_VALID | table_level_1(guest, at) | 9;
	return NHV_PTE_VALID | table_level_0(guest, at) |
	       (NHV_SHIFT_2M - l2_page_shift(guest, at));
}

void l2_map(unsigned int guest, u64 at, u64 ra, enum level level, u64 bits)
{
	if (level < LEVEL_1G)
		l2_put(l2_entry(guest, at, LEVEL_1G),
		       l2_table(guest, at, LEVEL_1G));
	if (level < LEVEL_2M)
		l2_put(l2_entry(guest, at, LEVEL_2M),
		       l2_table(guest, at, LEVEL_2M));
	l2_put(l2_entry(guest, at, level),
	       bits ? NHV_PTE_VALID | NHV_PTE_LEAF | ra | bits : 0);
}

u64 l2_walk(unsigned int guest, u64 at, unsigned int *shift)
{
	int level;

	for (level = LEVEL_1G; level >= LEVEL_PAGE; level--) {
		u64 entry = l2_get(l2_entry(guest, at, level));

		*shift = level == LEVEL_1G ? NHV_SHIFT_1G :
			 level == LEVEL_2M ? NHV_SHIFT_2M :
			 l2_page_shift(guest, at);
		if (!(entry & NHV_PTE_VALID))
			return 0;
		if (entry & NHV_PTE_LEAF)
			return entry;
	}
	return 0;
}

static void l2_tree_start(unsigned int guest)
{
	u64 root = tree_of(guest);
	unsigned int i;

	for (i = 0; i < SPACES; i++) {
		u64 at = spaces[i];

		l2_put(root + 8 * (at >> NHV_SHIFT_512G),
		       NHV_PTE_VALID | table_level_2(guest, at) | 9);
		l2_put(l2_entry(guest, at, LEVEL_1G),
		       l2_table(guest, at, LEVEL_1G));
		l2_put(l2_entry(guest, at, LEVEL_2M),
		       l2_table(guest, at, LEVEL_2M));
	}
}

/* ---- begin and end --------------------------------------------------------------------- */

static void world_fail(const char *what)
{
	printf("Bail out! %s\n", what);
	exit(1);
}

static void world_start_pieces(void)
{
	unsigned int i, n;

	memset(piece, 0, sizeof(piece));
	memset(dirty, 0, sizeof(dirty));
	memset(slots, 0, sizeof(slots));
	memset(huge_frame, 0, sizeof(huge_frame));
	for (i = 0; i < PIECES; i++) {
		slots[i].base = nhv_l2ra(pieces[i]);
		slots[i].size = MIB2;
		slots[i].id = i;
		slots[i].dirty = dirty[i];
		slots[i].flags = i == READONLY ? KVM_MEM_READONLY : 0;
		for (n = 0; n < PAGES; n++) {
			piece[i].page[n].frame = frame_new(PAGE_SHIFT);
			piece[i].page[n].writable = true;
		}
	}
}

void world_start(void)
{
	unsigned int i;

	next_frame = FRAMES;
	memset(trees, 0, sizeof(trees));
	memset(&vm, 0, sizeof(vm));
	memset(guests, 0, sizeof(guests));
	world_start_pieces();
	if (nhv_tree_module_init())
		world_fail("no caches");
	vm.lpid = 1;
	if (nhv_tree_init(&vm.tree, vm.lpid))
		world_fail("no tree");
	for (i = 0; i < GUESTS; i++) {
		guests[i].vm = &vm;
		guests[i].id = i + 1;
		guests[i].lpid = i + 2;
		guests[i].stamp = i;
		guests[i].pate[0] = NHV_PATE0_HR | NHV_RTS_52 | tree_of(i) |
				    NHV_RPDS_52;
		mutex_init(&guests[i].lock);
		if (nhv_shadow_init(&guests[i]))
			world_fail("no shadow tree");
		l2_tree_start(i);
	}
}

void world_end(void)
{
	unsigned int i;

	for (i = 0; i < GUESTS; i++)
		nhv_shadow_release(&guests[i]);
	nhv_rmap_release(&vm);
	nhv_tree_destroy(&vm.tree);
	nhv_tree_module_exit();
	if (host_objects())
		world_fail("objects are left");
	if (nhv_live_counts.tables.counter || nhv_live_counts.rmaps.counter)
		world_fail("objects are counted that do not exist");
}

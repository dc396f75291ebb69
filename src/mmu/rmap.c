// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reverse map: from a page of L2 to the shadow leaves that map it.
 *
 * A shadow leaf has a record, which says which L2 page it maps and hangs on the
 * list of that page. Records lie in nodes, found by the leaf's address in the
 * shadow tree; lists begin in heads, found by the address of the L2 page. Both
 * exist once for each size of leaf, so a range is looked at in three places, and
 * a leaf is found by its first address alone.
 *
 * What a change takes hangs on its tree until it is sent. A thread that comes
 * while another is sending cannot know whether that concerns it, and has all
 * shadow trees forgotten rather than wait.
 */
#include <linux/minmax.h>
#include <linux/sched.h>

#include <abi/partition.h>
#include <nhv/mmu.h>
#include <nhv/observe.h>
#include <nhv/vm.h>

/* Of a leaf of each level; a node of the last level covers the one after it. */
static const u8 nhv_rmap_shift[NHV_RMAP_LEVELS + 1] = {
	PAGE_SHIFT, NHV_SHIFT_2M, NHV_SHIFT_1G, NHV_SHIFT_512G,
};

/* One leaf of a shadow tree; not on a list when there is no leaf. */
struct nhv_rmap_record {
	struct hlist_node link;
	struct nhv_l2ra page;
};

/*
 * A node is as large as it is aligned, so a record finds the one it is in. With
 * 32 bytes a record there is room for the rest.
 */
#define NHV_RECORD_ROOM		32UL

struct nhv_rmap_node {
	struct nhv_rmap_tree *side;
	struct nhv_tra base;		/* of what it covers */
	struct nhv_rmap_record record[];
};

/**
 * struct nhv_rmap - of a VM
 * @heads: where the lists of L2 pages begin, by level; nothing goes before the VM
 * @trees: all shadow trees
 * @pending: those with something to invalidate
 * @sending: a thread is sending what it takes from @pending
 * @tables: table pages in all shadow trees
 * @near: the heads of base pages that were used last, and where they begin
 *
 * By mmu_lock, but that @heads grows without.
 */
struct nhv_rmap {
	struct xarray heads[NHV_RMAP_LEVELS];
	struct list_head trees;
	struct list_head pending;
	bool sending;
	unsigned long tables;
	struct {
		struct hlist_head *heads;
		u64 base;
	} near;
};

/* ---- nodes and heads ---------------------------------------------------------- */

static unsigned int nhv_rmap_bits(unsigned int level)
{
	return nhv_rmap_shift[level + 1] - nhv_rmap_shift[level];
}

static size_t nhv_node_size(unsigned int level)
{
	static_assert(sizeof(struct nhv_rmap_record) <= NHV_RECORD_ROOM);
	static_assert(sizeof(struct nhv_rmap_node) <=
		      (NHV_RECORD_ROOM - sizeof(struct nhv_rmap_record)) *
		      (1UL << (NHV_SHIFT_2M - NHV_SHIFT_64K)));
	return NHV_RECORD_ROOM << nhv_rmap_bits(level);
}

static size_t nhv_heads_size(unsigned int level)
{
	return sizeof(struct hlist_head) << nhv_rmap_bits(level);
}

/* Which leaf of its level an address is in. */
static unsigned long nhv_unit(u64 addr, unsigned int level)
{
	return addr >> nhv_rmap_shift[level];
}

static unsigned int nhv_slot_of(unsigned long unit, unsigned int level)
{
	return unit & ((1UL << nhv_rmap_bits(level)) - 1);
}

static int nhv_rmap_level(unsigned int shift)
{
	int level;

	for (level = 0; level < NHV_RMAP_LEVELS; level++)
		if (nhv_rmap_shift[level] == shift)
			return level;
	return -1;
}

static struct nhv_rmap_record *nhv_record(struct nhv_rmap_tree *side,
					  struct nhv_tra at, unsigned int level)
{
	unsigned long unit = nhv_unit(at.addr, level);
	struct nhv_rmap_node *node = xa_load(&side->nodes[level],
					     unit >> nhv_rmap_bits(level));

	return node ? &node->record[nhv_slot_of(unit, level)] : NULL;
}

static struct hlist_head *nhv_head(struct nhv_rmap *rmap, struct nhv_l2ra page,
				   unsigned int level)
{
	unsigned long unit = nhv_unit(page.addr, level);
	struct hlist_head *heads = xa_load(&rmap->heads[level],
					   unit >> nhv_rmap_bits(level));

	return heads ? &heads[nhv_slot_of(unit, level)] : NULL;
}

/*
 * The same two with mmu_lock held: base pages come with their neighbours, whose
 * records and heads lie beside.
 */
static __always_inline struct nhv_rmap_record *
nhv_record_beside(const struct nhv_rmap_tree *side, struct nhv_tra at)
{
	unsigned int slot = nhv_slot_of(nhv_unit(at.addr, 0), 0);
	struct nhv_rmap_node *near = side->near;

	if (near && !((near->base.addr ^ at.addr) >> nhv_rmap_shift[1]))
		return &near->record[slot];
	return NULL;
}

static struct nhv_rmap_record *nhv_record_near(struct nhv_rmap_tree *side,
					       struct nhv_tra at,
					       unsigned int level)
{
	unsigned int slot = nhv_slot_of(nhv_unit(at.addr, 0), 0);
	struct nhv_rmap_record *record;

	if (level)
		return nhv_record(side, at, level);
	record = nhv_record_beside(side, at);
	if (record)
		return record;
	record = nhv_record(side, at, 0);
	side->near = record ? container_of(record - slot, struct nhv_rmap_node,
					   record[0]) : NULL;
	return record;
}

static __always_inline struct hlist_head *
nhv_head_beside(const struct nhv_rmap *rmap, struct nhv_l2ra page)
{
	unsigned int slot = nhv_slot_of(nhv_unit(page.addr, 0), 0);

	if (rmap->near.heads &&
	    !((rmap->near.base ^ page.addr) >> nhv_rmap_shift[1]))
		return rmap->near.heads + slot;
	return NULL;
}

static struct hlist_head *nhv_head_near(struct nhv_rmap *rmap,
					struct nhv_l2ra page,
					unsigned int level)
{
	unsigned int slot = nhv_slot_of(nhv_unit(page.addr, 0), 0);
	struct hlist_head *head;

	if (level)
		return nhv_head(rmap, page, level);
	head = nhv_head_beside(rmap, page);
	if (head)
		return head;
	head = nhv_head(rmap, page, 0);
	rmap->near.heads = head ? head - slot : NULL;
	rmap->near.base = page.addr;
	return head;
}

static struct nhv_rmap_node *nhv_node_of(const struct nhv_rmap_record *record,
					 unsigned int level)
{
	unsigned long mask = nhv_node_size(level) - 1;

	return (struct nhv_rmap_node *)((unsigned long)record & ~mask);
}

static struct nhv_tra nhv_record_at(const struct nhv_rmap_record *record,
				    unsigned int level)
{
	const struct nhv_rmap_node *node = nhv_node_of(record, level);
	u64 slot = record - node->record;

	return (struct nhv_tra){ node->base.addr +
				 (slot << nhv_rmap_shift[level]) };
}

static void *nhv_rmap_alloc(size_t size)
{
	void *object = kzalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);

	if (object)
		atomic_inc(&nhv_live_counts.rmaps);
	return object;
}

static void nhv_rmap_free(void *object)
{
	kfree(object);
	atomic_dec(&nhv_live_counts.rmaps);
}

/* Somebody else may have been faster, which is as good. */
static int nhv_rmap_insert(struct xarray *where, unsigned long index,
			   void *object)
{
	int err = xa_insert(where, index, object, GFP_KERNEL_ACCOUNT);

	if (err)
		nhv_rmap_free(object);
	return err == -EBUSY ? 0 : err;
}

int nhv_rmap_prepare_leaf(struct nhv_rmap_tree *side, struct nhv_tra at,
			  unsigned int shift)
{
	int level = nhv_rmap_level(shift);
	struct nhv_rmap_node *node;

	if (level < 0 || at.addr >> NHV_REAL_BITS)
		return -EINVAL;
	if (nhv_record(side, at, level))
		return 0;
	node = nhv_rmap_alloc(nhv_node_size(level));
	if (!node)
		return -ENOMEM;
	node->side = side;
	node->base.addr = at.addr & -(1ULL << nhv_rmap_shift[level + 1]);
	return nhv_rmap_insert(&side->nodes[level],
			       at.addr >> nhv_rmap_shift[level + 1], node);
}

bool nhv_rmap_has_page(struct nhv_vm *vm, struct nhv_l2ra page,
		       unsigned int shift)
{
	int level = nhv_rmap_level(shift);

	return level >= 0 && nhv_head(READ_ONCE(vm->rmap), page, level);
}

int nhv_rmap_prepare_page(struct nhv_vm *vm, struct nhv_l2ra page,
			  unsigned int shift)
{
	struct nhv_rmap *rmap = READ_ONCE(vm->rmap);
	int level = nhv_rmap_level(shift);
	struct hlist_head *heads;

	if (level < 0 || page.addr >> NHV_REAL_BITS)
		return -EINVAL;
	if (nhv_head(rmap, page, level))
		return 0;
	heads = nhv_rmap_alloc(nhv_heads_size(level));
	if (!heads)
		return -ENOMEM;
	return nhv_rmap_insert(&rmap->heads[level],
			       page.addr >> nhv_rmap_shift[level + 1], heads);
}

/* ---- taking leaves out ---------------------------------------------------------- */

static void nhv_rmap_pending(struct nhv_rmap_tree *side)
{
	if (!nhv_batch_empty(&side->batch) && list_empty(&side->pending))
		list_add_tail(&side->pending, &side->vm->rmap->pending);
}

static void nhv_record_drop(struct nhv_rmap_record *record, unsigned int level)
{
	struct nhv_rmap_tree *side = nhv_node_of(record, level)->side;

	nhv_tree_unmap(side->tree, nhv_record_at(record, level),
		       1ULL << nhv_rmap_shift[level], &side->batch);
	hlist_del_init(&record->link);
	nhv_rmap_pending(side);
}

/* What of a range lies within the space, as units of a level. */
struct nhv_units {
	unsigned long first;
	unsigned long last;
};

static bool nhv_units(u64 from, u64 size, unsigned int level,
		      struct nhv_units *units)
{
	const u64 limit = 1ULL << NHV_REAL_BITS;

	if (from >= limit || !size)
		return false;
	units->first = nhv_unit(from, level);
	units->last = nhv_unit(from + min(size, limit - from) - 1, level);
	return true;
}

/* The part of them that the node or heads of an index have, as slots. */
static struct nhv_units nhv_slots_at(const struct nhv_units *units,
				     unsigned long index, unsigned int level)
{
	unsigned long first = index << nhv_rmap_bits(level);
	unsigned long last = first + (1UL << nhv_rmap_bits(level)) - 1;

	return (struct nhv_units){
		nhv_slot_of(max(units->first, first), level),
		nhv_slot_of(min(units->last, last), level),
	};
}

static unsigned long nhv_drop_level(struct nhv_rmap_tree *side, u64 from,
				    u64 size, unsigned int level)
{
	struct nhv_units units, slots;
	struct nhv_rmap_node *node;
	unsigned long index, nr = 0;

	if (!nhv_units(from, size, level, &units))
		return 0;
	xa_for_each_range(&side->nodes[level], index, node,
			  units.first >> nhv_rmap_bits(level),
			  units.last >> nhv_rmap_bits(level)) {
		slots = nhv_slots_at(&units, index, level);
		for (; slots.first <= slots.last; slots.first++) {
			struct nhv_rmap_record *record =
				&node->record[slots.first];

			if (hlist_unhashed(&record->link))
				continue;
			nhv_record_drop(record, level);
			nr++;
		}
	}
	return nr;
}

unsigned long nhv_rmap_drop(struct nhv_rmap_tree *side, struct nhv_tra from,
			    u64 size)
{
	unsigned long nr = 0;
	unsigned int level;

	for (level = 0; level < NHV_RMAP_LEVELS; level++)
		nr += nhv_drop_level(side, from.addr, size, level);
	return nr;
}

/* The leaves are gone, as all the tree is; the records follow. */
static void nhv_node_empty(struct nhv_vm *vm, struct nhv_rmap_node *node,
			   unsigned int level)
{
	unsigned int slot;

	spin_lock(&vm->mmu_lock);
	for (slot = 0; slot < 1U << nhv_rmap_bits(level); slot++)
		if (!hlist_unhashed(&node->record[slot].link))
			hlist_del_init(&node->record[slot].link);
	spin_unlock(&vm->mmu_lock);
}

static bool nhv_tree_drop_piece(struct nhv_rmap_tree *side, u64 *next)
{
	struct nhv_vm *vm = side->vm;
	unsigned long tables = side->tree->tables;
	bool more;

	spin_lock(&vm->mmu_lock);
	more = nhv_tree_clear(side->tree, next, &side->batch);
	vm->rmap->tables -= tables - side->tree->tables;
	nhv_rmap_pending(side);
	spin_unlock(&vm->mmu_lock);
	return more;
}

void nhv_rmap_drop_all(struct nhv_rmap_tree *side)
{
	struct nhv_vm *vm = side->vm;
	struct nhv_rmap_node *node;
	unsigned long index;
	unsigned int level;
	u64 next = 0;

	while (nhv_tree_drop_piece(side, &next))
		cond_resched();
	nhv_rmap_send(vm);

	side->near = NULL;
	for (level = 0; level < NHV_RMAP_LEVELS; level++) {
		xa_for_each(&side->nodes[level], index, node) {
			nhv_node_empty(vm, node, level);
			nhv_rmap_free(node);
			cond_resched();
		}
		xa_destroy(&side->nodes[level]);
	}
}

/* ---- putting one in --------------------------------------------------------------- */

/*
 * Does what is @there, of size @shift, do already what this one should? Of the same
 * size it is the one of @record.
 */
static bool nhv_rmap_covered(const struct nhv_rmap_leaf *leaf,
			     const struct nhv_rmap_record *record, u64 there,
			     unsigned int shift)
{
	u64 inside;

	if (!there || shift < leaf->shift ||
	    (shift == leaf->shift && record->page.addr != leaf->page.addr))
		return false;
	inside = leaf->at.addr & ((1ULL << shift) - 1);
	return (there & NHV_PTE_RPN) + inside == leaf->to.addr &&
	       !((there ^ leaf->bits) & NHV_PTE_ATT) && !(leaf->bits & ~there);
}

/*
 * May there be leaves that have to go? In the place of a base page there is at
 * most one, and @taken says whether that may be.
 */
static bool nhv_rmap_overlaps(const struct nhv_rmap_leaf *leaf,
			      const struct nhv_rmap_record *record, bool taken)
{
	if (hlist_unhashed(&record->link))
		return taken || leaf->shift != PAGE_SHIFT;
	return record->page.addr != leaf->page.addr;
}

static bool nhv_rmap_replace(const struct nhv_rmap_leaf *leaf,
			     struct nhv_stock *stock)
{
	struct nhv_rmap_tree *side = leaf->side;
	unsigned long tables = side->tree->tables;
	bool mapped;

	mapped = nhv_tree_map(side->tree, stock, leaf->at, leaf->to,
			      leaf->shift, leaf->bits, &side->batch);
	side->vm->rmap->tables += side->tree->tables - tables;
	nhv_rmap_pending(side);
	return mapped;
}

static void nhv_record_set(struct nhv_rmap_record *record,
			   struct nhv_l2ra page, struct hlist_head *head)
{
	record->page = page;
	hlist_add_head(&record->link, head);
}

/* Wherever it is, whatever is there. */
static noinline bool nhv_rmap_map_any(const struct nhv_rmap_leaf *leaf,
				      struct nhv_stock *stock)
{
	struct nhv_rmap_tree *side = leaf->side;
	int level = nhv_rmap_level(leaf->shift);
	struct nhv_rmap_record *record = nhv_record_near(side, leaf->at, level);
	struct hlist_head *head;
	unsigned int shift;
	u64 there;

	if (!record)
		return false;
	there = nhv_tree_find(side->tree, leaf->at, &shift);
	if (nhv_rmap_covered(leaf, record, there, shift))
		return true;
	head = nhv_head_near(side->vm->rmap, leaf->page, level);
	/* A place in the lowest table has the size of a base page. */
	if (!head || (!stock && shift != PAGE_SHIFT))
		return false;
	/* Whatever overlaps goes with its record, not only what is in the way. */
	if (nhv_rmap_overlaps(leaf, record, there || shift != PAGE_SHIFT))
		nhv_rmap_drop(side, leaf->at, 1ULL << leaf->shift);
	if (!nhv_rmap_replace(leaf, stock))
		return false;
	if (hlist_unhashed(&record->link))
		nhv_record_set(record, leaf->page, head);
	return true;
}

bool nhv_rmap_map(const struct nhv_rmap_leaf *leaf, struct nhv_stock *stock)
{
	const struct nhv_rmap_tree *side = leaf->side;
	struct nhv_rmap_record *record = nhv_record_beside(side, leaf->at);
	struct hlist_head *head = nhv_head_beside(side->vm->rmap, leaf->page);

	/* Mostly one of many pages beside each other, where there was none. */
	if (leaf->shift != PAGE_SHIFT || !record || !head ||
	    !hlist_unhashed(&record->link) ||
	    !nhv_tree_map_free(side->tree, leaf->at,
			       leaf->to.addr | leaf->bits))
		return nhv_rmap_map_any(leaf, stock);
	nhv_record_set(record, leaf->page, head);
	return true;
}

/* ---- when L2's page changes --------------------------------------------------------- */

/* How many shadow leaves are changed in one hold of mmu_lock. */
#define NHV_RMAP_BREATH		4096

enum nhv_rmap_what {
	NHV_RMAP_UNMAP,
	NHV_RMAP_CLEAR,
	NHV_RMAP_TEST,
};

struct nhv_rmap_change {
	enum nhv_rmap_what what;
	u64 bits;
	unsigned int left;		/* of NHV_RMAP_BREATH */
	unsigned long nr;		/* leaves that had one of @bits */
};

static void nhv_record_change(struct nhv_rmap_record *record,
			      unsigned int level,
			      struct nhv_rmap_change *change)
{
	struct nhv_rmap_tree *side = nhv_node_of(record, level)->side;
	struct nhv_tra at = nhv_record_at(record, level);
	u64 size = 1ULL << nhv_rmap_shift[level];

	switch (change->what) {
	case NHV_RMAP_UNMAP:
		nhv_record_drop(record, level);
		break;
	case NHV_RMAP_CLEAR:
		change->nr += nhv_tree_clear_bits(side->tree, at, size,
						  change->bits, &side->batch);
		nhv_rmap_pending(side);
		break;
	case NHV_RMAP_TEST:
		change->nr += nhv_tree_test_bits(side->tree, at, size,
						 change->bits);
		break;
	}
}

/* Return: false if there are more than may be changed at once. */
static bool nhv_change_list(struct hlist_head *head, unsigned int level,
			    struct nhv_rmap_change *change)
{
	struct nhv_rmap_record *record;
	struct hlist_node *next;

	hlist_for_each_entry_safe(record, next, head, link) {
		if (!change->left)
			return false;
		change->left--;
		nhv_record_change(record, level, change);
	}
	return true;
}

static bool nhv_change_level(struct nhv_rmap *rmap,
			     const struct nhv_units *units, unsigned int level,
			     struct nhv_rmap_change *change)
{
	struct hlist_head *heads;
	struct nhv_units slots;
	unsigned long index;

	xa_for_each_range(&rmap->heads[level], index, heads,
			  units->first >> nhv_rmap_bits(level),
			  units->last >> nhv_rmap_bits(level)) {
		slots = nhv_slots_at(units, index, level);
		for (; slots.first <= slots.last; slots.first++)
			if (!nhv_change_list(&heads[slots.first], level,
					     change))
				return false;
	}
	return true;
}

static bool nhv_rmap_change(struct nhv_vm *vm, struct nhv_l2ra from, u64 size,
			    struct nhv_rmap_change *change)
{
	struct nhv_units units;
	unsigned int level;

	change->left = NHV_RMAP_BREATH;
	for (level = 0; vm->rmap && level < NHV_RMAP_LEVELS; level++)
		if (nhv_units(from.addr, size, level, &units) &&
		    !nhv_change_level(vm->rmap, &units, level, change))
			return false;
	return true;
}

bool nhv_rmap_unmap(struct nhv_vm *vm, struct nhv_l2ra from, u64 size)
{
	struct nhv_rmap_change change = { .what = NHV_RMAP_UNMAP };

	return nhv_rmap_change(vm, from, size, &change);
}

bool nhv_rmap_clear_bits(struct nhv_vm *vm, struct nhv_l2ra from, u64 size,
			 u64 bits, unsigned long *nr)
{
	struct nhv_rmap_change change = { .what = NHV_RMAP_CLEAR, .bits = bits };
	bool done = nhv_rmap_change(vm, from, size, &change);

	*nr += change.nr;
	return done;
}

bool nhv_rmap_test_bits(struct nhv_vm *vm, struct nhv_l2ra from, u64 size,
			u64 bits)
{
	struct nhv_rmap_change change = { .what = NHV_RMAP_TEST, .bits = bits };

	return !nhv_rmap_change(vm, from, size, &change) || change.nr;
}

/* ---- sending -------------------------------------------------------------------------- */

/* mmu_lock is held. */
static void nhv_rmap_take(struct nhv_rmap_tree *side, struct nhv_batch *batch)
{
	list_del_init(&side->pending);
	*batch = side->batch;
	nhv_batch_init(&side->batch, side->tree->lpid);
}

/* Only one thread is here, so what is not on the list is its to send. */
static bool nhv_rmap_take_next(struct nhv_vm *vm, struct nhv_batch *batch)
{
	struct nhv_rmap *rmap = vm->rmap;
	struct nhv_rmap_tree *side;

	spin_lock(&vm->mmu_lock);
	side = list_first_entry_or_null(&rmap->pending, struct nhv_rmap_tree,
					pending);
	if (side)
		nhv_rmap_take(side, batch);
	else
		rmap->sending = false;
	spin_unlock(&vm->mmu_lock);
	return side;
}

/* The shadow tree with the next LPID. */
static bool nhv_rmap_next_lpid(struct nhv_vm *vm, u32 *lpid)
{
	struct nhv_rmap_tree *side;
	u32 next = ~0U;

	spin_lock(&vm->mmu_lock);
	list_for_each_entry(side, &vm->rmap->trees, trees)
		if (side->tree->lpid > *lpid)
			next = min(next, side->tree->lpid);
	spin_unlock(&vm->mmu_lock);
	*lpid = next;
	return next != ~0U;
}

/* Someone has taken translations and not sent them yet: it may be any. */
static void nhv_rmap_forget_all(struct nhv_vm *vm)
{
	struct nhv_batch batch;
	u32 lpid = 0;

	while (nhv_rmap_next_lpid(vm, &lpid)) {
		nhv_batch_init(&batch, lpid);
		batch.all = true;
		batch.walk_cache = true;
		nhv_batch_send(&batch, vm);
	}
}

void nhv_rmap_send(struct nhv_vm *vm)
{
	struct nhv_rmap *rmap = READ_ONCE(vm->rmap);
	struct nhv_batch batch __nhv_uncleared;
	bool busy, mine;

	if (!rmap)
		return;
	spin_lock(&vm->mmu_lock);
	busy = rmap->sending;
	mine = !busy && !list_empty(&rmap->pending);
	rmap->sending = busy || mine;
	spin_unlock(&vm->mmu_lock);

	if (busy)
		nhv_rmap_forget_all(vm);
	while (mine && nhv_rmap_take_next(vm, &batch))
		nhv_batch_send(&batch, vm);
}

/* ---- life ------------------------------------------------------------------------------- */

static int nhv_rmap_begin(struct nhv_vm *vm)
{
	struct nhv_rmap *rmap;
	unsigned int level;

	if (READ_ONCE(vm->rmap))
		return 0;
	rmap = nhv_rmap_alloc(sizeof(*rmap));
	if (!rmap)
		return -ENOMEM;
	INIT_LIST_HEAD(&rmap->trees);
	INIT_LIST_HEAD(&rmap->pending);
	for (level = 0; level < NHV_RMAP_LEVELS; level++)
		xa_init(&rmap->heads[level]);

	spin_lock(&vm->mmu_lock);
	if (!vm->rmap) {
		WRITE_ONCE(vm->rmap, rmap);
		rmap = NULL;
	}
	spin_unlock(&vm->mmu_lock);
	if (rmap)
		nhv_rmap_free(rmap);
	return 0;
}

void nhv_rmap_release(struct nhv_vm *vm)
{
	struct hlist_head *heads;
	unsigned long index;
	unsigned int level;

	if (!vm->rmap)
		return;
	for (level = 0; level < NHV_RMAP_LEVELS; level++) {
		xa_for_each(&vm->rmap->heads[level], index, heads)
			nhv_rmap_free(heads);
		xa_destroy(&vm->rmap->heads[level]);
	}
	nhv_rmap_free(vm->rmap);
	vm->rmap = NULL;
}

unsigned long nhv_rmap_tables(struct nhv_vm *vm)
{
	return READ_ONCE(vm->rmap->tables);
}

int nhv_rmap_tree_init(struct nhv_rmap_tree *side, struct nhv_vm *vm,
		       struct nhv_tree *tree)
{
	unsigned int level;
	int err = nhv_rmap_begin(vm);

	if (err)
		return err;
	side->vm = vm;
	side->tree = tree;
	nhv_batch_init(&side->batch, tree->lpid);
	INIT_LIST_HEAD(&side->pending);
	for (level = 0; level < NHV_RMAP_LEVELS; level++)
		xa_init(&side->nodes[level]);
	spin_lock(&vm->mmu_lock);
	list_add_tail(&side->trees, &vm->rmap->trees);
	spin_unlock(&vm->mmu_lock);
	return 0;
}

void nhv_rmap_tree_release(struct nhv_rmap_tree *side)
{
	struct nhv_batch batch;

	nhv_rmap_drop_all(side);
	/* The thread that was to send it has yet to come to it. */
	spin_lock(&side->vm->mmu_lock);
	list_del(&side->trees);
	nhv_rmap_take(side, &batch);
	spin_unlock(&side->vm->mmu_lock);
	nhv_batch_send(&batch, side->vm);
}

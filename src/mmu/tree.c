// SPDX-License-Identifier: GPL-2.0-only
/*
 * Partition-scoped radix trees (Power ISA 3.1 Book III, 6.7.10): 52 bits of
 * real address, a root of 13 bits, then 9, 9 and what is left above a page.
 *
 * The level below reads these tables at any time, from another context and
 * without our locks. So an entry is changed by one store, a table is complete
 * before it is linked, and one that was unlinked is not touched in a way that
 * makes an entry valid until its batch has been sent.
 */
#include <linux/minmax.h>

#include <abi/partition.h>
#include <nhv/mmu.h>
#include <nhv/observe.h>

#define NHV_LEVEL_ROOT		3
#define NHV_LEVELS		4
#define NHV_LEAF_BASE		(PAGE_SIZE == 1UL << NHV_SHIFT_4K ? \
				 NHV_LEAF_4K : NHV_LEAF_64K)

/* What an index of each level selects, and how wide the index is. */
static const struct nhv_geometry {
	u8 shift;
	u8 bits;
	u8 size;		/* enum nhv_leaf_size of a leaf there */
} nhv_geometry[NHV_LEVELS] = {
	{ PAGE_SHIFT,		NHV_SHIFT_2M - PAGE_SHIFT,	NHV_LEAF_BASE },
	{ NHV_SHIFT_2M,		NHV_SHIFT_1G - NHV_SHIFT_2M,	NHV_LEAF_2M },
	{ NHV_SHIFT_1G,		NHV_SHIFT_512G - NHV_SHIFT_1G,	NHV_LEAF_1G },
	{ NHV_SHIFT_512G,	NHV_ROOT_BITS },
};

/* Tables of level 0 may be smaller than those above: 256 bytes, 64K pages. */
static struct kmem_cache *nhv_base_tables;
static struct kmem_cache *nhv_upper_tables;

static size_t nhv_table_bytes(unsigned int level)
{
	return sizeof(__be64) << nhv_geometry[level].bits;
}

/* PDE[NLB]: a table is aligned to its size. */
static struct kmem_cache *nhv_table_cache(const char *name, unsigned int level)
{
	size_t bytes = nhv_table_bytes(level);

	return kmem_cache_create(name, bytes, bytes, SLAB_ACCOUNT, NULL);
}

int nhv_tree_module_init(void)
{
	nhv_base_tables = nhv_table_cache("nhv_table_base", 0);
	if (!nhv_base_tables)
		return -ENOMEM;
	nhv_upper_tables = nhv_table_cache("nhv_table_upper", 1);
	if (!nhv_upper_tables) {
		kmem_cache_destroy(nhv_base_tables);
		return -ENOMEM;
	}
	return 0;
}

void nhv_tree_module_exit(void)
{
	kmem_cache_destroy(nhv_upper_tables);
	kmem_cache_destroy(nhv_base_tables);
}

static struct kmem_cache *nhv_cache(unsigned int level)
{
	return level ? nhv_upper_tables : nhv_base_tables;
}

static void nhv_table_free(void *table, unsigned int level)
{
	kmem_cache_free(nhv_cache(level), table);
	atomic_dec(&nhv_live_counts.tables);
}

int nhv_stock_fill(struct nhv_stock *stock)
{
	unsigned int level;

	for (level = 0; level < NHV_STOCK_TABLES; level++) {
		if (stock->table[level])
			continue;
		stock->table[level] = kmem_cache_zalloc(nhv_cache(level),
							GFP_KERNEL_ACCOUNT);
		if (!stock->table[level])
			return -ENOMEM;
		atomic_inc(&nhv_live_counts.tables);
	}
	return 0;
}

void nhv_stock_drain(struct nhv_stock *stock)
{
	unsigned int level;

	for (level = 0; level < NHV_STOCK_TABLES; level++) {
		if (stock->table[level])
			nhv_table_free(stock->table[level], level);
		stock->table[level] = NULL;
	}
}

static u64 nhv_entry(const __be64 *entry)
{
	return be64_to_cpu(READ_ONCE(*entry));
}

static void nhv_set_entry(__be64 *entry, u64 value)
{
	WRITE_ONCE(*entry, cpu_to_be64(value));
}

static bool nhv_is_leaf(u64 entry)
{
	return (entry & NHV_PTE_VALID) && (entry & NHV_PTE_LEAF);
}

static bool nhv_is_table(u64 entry)
{
	return (entry & NHV_PTE_VALID) && !(entry & NHV_PTE_LEAF);
}

static __be64 *nhv_table_below(u64 entry)
{
	return __va(entry & NHV_PDE_NLB);
}

static u64 nhv_level_size(unsigned int level)
{
	return 1ULL << nhv_geometry[level].shift;
}

static unsigned int nhv_index(u64 addr, unsigned int level)
{
	return (addr >> nhv_geometry[level].shift) &
	       ((1U << nhv_geometry[level].bits) - 1);
}

/* The entry that decides about an address, not below level @stop. */
static __be64 *nhv_descend(const struct nhv_tree *tree, u64 addr,
			   unsigned int stop, unsigned int *level)
{
	__be64 *table = tree->root;
	unsigned int at = NHV_LEVEL_ROOT;

	for (;;) {
		__be64 *entry = table + nhv_index(addr, at);
		u64 value = nhv_entry(entry);

		if (at == stop || !nhv_is_table(value)) {
			*level = at;
			return entry;
		}
		table = nhv_table_below(value);
		at--;
	}
}

/* The entry of the lowest level, if it is near what was looked at last, or NULL. */
static __always_inline __be64 *nhv_entry_near(const struct nhv_tree *tree,
					      u64 addr)
{
	if (tree->near.table && !((tree->near.addr ^ addr) >> NHV_SHIFT_2M))
		return tree->near.table + nhv_index(addr, 0);
	return NULL;
}

/* As nhv_descend() down to the lowest level. */
static __be64 *nhv_look(const struct nhv_tree *tree, u64 addr,
			unsigned int *level)
{
	__be64 *entry = nhv_entry_near(tree, addr);

	*level = 0;
	return entry ? entry : nhv_descend(tree, addr, 0, level);
}

/* The same, and the next look may be near. */
static __be64 *nhv_descend_near(struct nhv_tree *tree, u64 addr,
				unsigned int *level)
{
	__be64 *entry = nhv_look(tree, addr, level);

	if (!*level) {
		tree->near.table = entry - nhv_index(addr, 0);
		tree->near.addr = addr;
	}
	return entry;
}

int nhv_tree_init(struct nhv_tree *tree, u32 lpid)
{
	tree->root = (void *)__get_free_pages(GFP_KERNEL_ACCOUNT | __GFP_ZERO |
					      __GFP_NOWARN,
					      get_order(NHV_ROOT_SIZE));
	if (!tree->root)
		return -ENOMEM;
	tree->lpid = lpid;
	atomic_inc(&nhv_live_counts.tables);
	return 0;
}

/* Leaves need no look: of the lowest tables only the pages are freed. */
static void nhv_free_below(__be64 *table, unsigned int level)
{
	unsigned int i;

	for (i = 0; i < 1U << nhv_geometry[level].bits; i++) {
		u64 value = nhv_entry(table + i);

		if (!nhv_is_table(value))
			continue;
		if (level > 1)
			nhv_free_below(nhv_table_below(value), level - 1);
		nhv_table_free(nhv_table_below(value), level - 1);
	}
}

void nhv_tree_destroy(struct nhv_tree *tree)
{
	if (!tree->root)
		return;
	nhv_free_below(tree->root, NHV_LEVEL_ROOT);
	free_pages((unsigned long)tree->root, get_order(NHV_ROOT_SIZE));
	atomic_dec(&nhv_live_counts.tables);
	memset(tree, 0, sizeof(*tree));
}

u64 nhv_tree_pate0(const struct nhv_tree *tree)
{
	return NHV_PATE0_HR | NHV_RTS_52 | __pa(tree->root) | NHV_RPDS_52;
}

/*
 * A table hangs on the batch by its first entry. The level below may still be
 * reading it, and takes a real address (top bit 0) for an entry that is not
 * valid, where a kernel address would look like a leaf.
 */
void nhv_batch_table(struct nhv_batch *batch, void *table, unsigned int level)
{
	__be64 *link = table;

	nhv_set_entry(link, batch->tables ? __pa(batch->tables) | batch->level :
		      0);
	batch->tables = table;
	batch->level = level;
}

void nhv_batch_free_tables(struct nhv_batch *batch)
{
	while (batch->tables) {
		void *table = batch->tables;
		u64 link = nhv_entry(table);

		nhv_table_free(table, batch->level);
		batch->level = link & (NHV_LEVELS - 1);
		link -= batch->level;
		batch->tables = link ? __va(link) : NULL;
	}
}

/* Everything below an entry that has just been cleared. */
static void nhv_unlink(struct nhv_tree *tree, __be64 *table, unsigned int level,
		       struct nhv_batch *batch)
{
	unsigned int i;

	for (i = 0; i < 1U << nhv_geometry[level].bits; i++) {
		u64 value = nhv_entry(table + i);

		if (nhv_is_leaf(value))
			tree->leaves[nhv_geometry[level].size]--;
		else if (nhv_is_table(value))
			nhv_unlink(tree, nhv_table_below(value), level - 1,
				   batch);
	}
	if (tree->near.table == table)
		tree->near.table = NULL;
	nhv_batch_table(batch, table, level);
	tree->tables--;
}

/*
 * The batch says "all": the pages that were mapped below may be many, and only
 * an invalidation that the level below cannot ignore tells that nobody reads
 * the tables any more.
 */
static void nhv_collapse(struct nhv_tree *tree, __be64 *entry,
			 unsigned int level, struct nhv_batch *batch)
{
	u64 value = nhv_entry(entry);

	tree->losses++;
	nhv_set_entry(entry, 0);
	nhv_unlink(tree, nhv_table_below(value), level - 1, batch);
	batch->all = true;
	batch->walk_cache = true;
}

static void nhv_drop_leaf(struct nhv_tree *tree, __be64 *entry, u64 addr,
			  unsigned int level, struct nhv_batch *batch)
{
	tree->losses++;
	nhv_set_entry(entry, 0);
	tree->leaves[nhv_geometry[level].size]--;
	nhv_batch_page(batch, (struct nhv_tra){ addr & -nhv_level_size(level) },
		       nhv_geometry[level].shift);
}

/* Does a leaf of a level map an address to a frame in the way @bits ask? */
static bool nhv_same_frame(u64 leaf, u64 addr, u64 to, u64 bits,
			   unsigned int level)
{
	u64 offset = addr & (nhv_level_size(level) - 1);

	return ((leaf & NHV_PTE_RPN) + offset) == to &&
	       (leaf & NHV_PTE_ATT) == (bits & NHV_PTE_ATT);
}

static int nhv_level_of(unsigned int shift)
{
	int level;

	for (level = 0; level < NHV_LEVEL_ROOT; level++)
		if (nhv_geometry[level].shift == shift)
			return level;
	return -1;
}

static bool nhv_stock_has(const struct nhv_stock *stock, unsigned int from,
			  unsigned int above)
{
	unsigned int level;

	for (level = from; level < above; level++)
		if (!stock || !stock->table[level])
			return false;
	return true;
}

/* Link tables under an absent entry of @level until there is one of @want. */
static __be64 *nhv_grow(struct nhv_tree *tree, struct nhv_stock *stock,
			__be64 *entry, u64 addr, unsigned int level,
			unsigned int want)
{
	while (level > want) {
		__be64 *table = stock->table[--level];

		stock->table[level] = NULL;
		/* Its zeroes must be seen before it is. */
		smp_wmb();
		nhv_set_entry(entry, NHV_PTE_VALID | __pa(table) |
			      nhv_geometry[level].bits);
		tree->tables++;
		entry = table + nhv_index(addr, level);
	}
	return entry;
}

static void nhv_new_leaf(struct nhv_tree *tree, __be64 *entry,
			 unsigned int level, u64 leaf)
{
	nhv_set_entry(entry, NHV_PTE_VALID | NHV_PTE_LEAF | leaf);
	tree->leaves[nhv_geometry[level].size]++;
}

bool nhv_tree_map(struct nhv_tree *tree, struct nhv_stock *stock,
		  struct nhv_tra at, struct nhv_l1ra to, unsigned int shift,
		  u64 bits, struct nhv_batch *batch)
{
	int want = nhv_level_of(shift);
	unsigned int level;
	__be64 *entry;
	u64 value;

	if (want < 0 || at.addr >> NHV_REAL_BITS)
		return false;
	entry = want ? nhv_descend(tree, at.addr, want, &level) :
		       nhv_descend_near(tree, at.addr, &level);
	value = nhv_entry(entry);

	if (nhv_is_leaf(value) &&
	    nhv_same_frame(value, at.addr, to.addr, bits, level) &&
	    (level == want || !(bits & ~value))) {
		/* More permission: nobody has to forget the less. */
		if (bits & ~value)
			nhv_set_entry(entry, value | bits);
		return true;
	}

	if (!nhv_stock_has(stock, want, level))
		return false;
	if (nhv_is_leaf(value))
		nhv_drop_leaf(tree, entry, at.addr, level, batch);
	else if (nhv_is_table(value))
		nhv_collapse(tree, entry, level, batch);

	entry = nhv_grow(tree, stock, entry, at.addr, level, want);
	nhv_new_leaf(tree, entry, want, to.addr | bits);
	return true;
}

bool nhv_tree_map_free(struct nhv_tree *tree, struct nhv_tra at, u64 leaf)
{
	__be64 *entry = nhv_entry_near(tree, at.addr);

	if (!entry || nhv_entry(entry))
		return false;
	nhv_new_leaf(tree, entry, 0, leaf);
	return true;
}

unsigned int nhv_tree_map_near(struct nhv_tree *tree, struct nhv_tra at,
			       unsigned int nr, const u64 *leaf)
{
	u64 same = NHV_PTE_VALID | NHV_PTE_LEAF | NHV_PTE_RPN | NHV_PTE_ATT;
	unsigned int level, i, changed = 0, added = 0;
	__be64 *entry;

	if (at.addr >> NHV_REAL_BITS)
		return 0;
	entry = nhv_descend_near(tree, at.addr, &level);
	if (level)
		return 0;
	/* What would be in the next table is left out. */
	nr = min(nr, (1U << nhv_geometry[0].bits) - nhv_index(at.addr, 0));
	for (i = 0; i < nr; i++, entry++) {
		u64 want = leaf[i] | NHV_PTE_VALID | NHV_PTE_LEAF;
		u64 value = nhv_entry(entry);

		if (!leaf[i] || !(want & ~value))
			continue;
		/* More permission: nobody has to forget the less. */
		if (value && (value ^ want) & same)
			continue;
		nhv_set_entry(entry, value | want);
		added += !value;
		changed++;
	}
	tree->leaves[NHV_LEAF_BASE] += added;
	return changed;
}

static noinline u64 nhv_find_any(struct nhv_tree *tree, struct nhv_tra at,
				 unsigned int *shift)
{
	unsigned int level;
	u64 value;

	if (at.addr >> NHV_REAL_BITS)
		return 0;
	value = nhv_entry(nhv_descend_near(tree, at.addr, &level));
	*shift = nhv_geometry[level].shift;
	return nhv_is_leaf(value) ? value : 0;
}

u64 nhv_tree_find(struct nhv_tree *tree, struct nhv_tra at,
		  unsigned int *shift)
{
	const __be64 *entry = nhv_entry_near(tree, at.addr);
	u64 value;

	if (!entry)
		return nhv_find_any(tree, at, shift);
	value = nhv_entry(entry);
	*shift = PAGE_SHIFT;
	return nhv_is_leaf(value) ? value : 0;
}

bool nhv_tree_table_present(const struct nhv_tree *tree, struct nhv_tra at)
{
	unsigned int level;

	if (at.addr >> NHV_REAL_BITS)
		return false;
	nhv_descend(tree, at.addr, 0, &level);
	return !level;
}

/* A walk over the leaves of a range. What is absent is skipped as a whole. */
struct nhv_cursor {
	u64 next;		/* where to look next */
	u64 end;		/* where to stop */
	u64 addr;		/* what the leaf found maps */
	unsigned int level;
	__be64 *entry;
};

static struct nhv_cursor nhv_cursor(struct nhv_tra from, u64 size)
{
	u64 limit = 1ULL << NHV_REAL_BITS;
	u64 start = min(from.addr, limit);

	return (struct nhv_cursor){
		.next = start,
		.end = start + min(size, limit - start),
	};
}

/* The next leaf of the range, or 0. The caller may clear what it was given. */
static u64 nhv_next_leaf(const struct nhv_tree *tree, struct nhv_cursor *c)
{
	while (c->next < c->end) {
		u64 value;

		/* In the middle of a lowest table the next entry is at hand. */
		if (c->entry && !c->level &&
		    (c->next & (nhv_level_size(1) - 1)))
			c->entry++;
		else
			c->entry = nhv_look(tree, c->next, &c->level);
		c->addr = c->next & -nhv_level_size(c->level);
		c->next = c->addr + nhv_level_size(c->level);
		value = nhv_entry(c->entry);
		if (nhv_is_leaf(value))
			return value;
	}
	return 0;
}

unsigned long nhv_tree_unmap(struct nhv_tree *tree, struct nhv_tra from,
			     u64 size, struct nhv_batch *batch)
{
	struct nhv_cursor c = nhv_cursor(from, size);
	unsigned long nr = 0;

	while (nhv_next_leaf(tree, &c)) {
		nhv_drop_leaf(tree, c.entry, c.addr, c.level, batch);
		nr++;
	}
	return nr;
}

/* The first piece that a root entry leads to, from an address on, or its table. */
static void nhv_clear_piece(struct nhv_tree *tree, __be64 *root, u64 *next,
			    struct nhv_batch *batch)
{
	const unsigned int level = NHV_LEVEL_ROOT - 1;
	__be64 *table = nhv_table_below(nhv_entry(root));
	u64 end = (*next | (nhv_level_size(NHV_LEVEL_ROOT) - 1)) + 1;

	for (; *next < end; *next += nhv_level_size(level)) {
		__be64 *entry = table + nhv_index(*next, level);
		u64 value = nhv_entry(entry);

		if (nhv_is_table(value))
			nhv_collapse(tree, entry, level, batch);
		else if (nhv_is_leaf(value))
			nhv_drop_leaf(tree, entry, *next, level, batch);
		else
			continue;
		return;
	}
	nhv_collapse(tree, root, NHV_LEVEL_ROOT, batch);
}

bool nhv_tree_clear(struct nhv_tree *tree, u64 *next, struct nhv_batch *batch)
{
	const u64 size = nhv_level_size(NHV_LEVEL_ROOT);

	for (; *next < 1ULL << NHV_REAL_BITS; *next = (*next | (size - 1)) + 1) {
		__be64 *root = tree->root + nhv_index(*next, NHV_LEVEL_ROOT);

		if (!nhv_is_table(nhv_entry(root)))
			continue;
		nhv_clear_piece(tree, root, next, batch);
		return true;
	}
	return false;
}

unsigned long nhv_tree_clear_bits(struct nhv_tree *tree, struct nhv_tra from,
				  u64 size, u64 bits, struct nhv_batch *batch)
{
	struct nhv_cursor c = nhv_cursor(from, size);
	unsigned long nr = 0;
	u64 leaf;

	while ((leaf = nhv_next_leaf(tree, &c))) {
		if (!(leaf & bits))
			continue;
		tree->losses++;
		nhv_set_entry(c.entry, leaf & ~bits);
		if (batch)
			nhv_batch_page(batch, (struct nhv_tra){ c.addr },
				       nhv_geometry[c.level].shift);
		nr++;
	}
	return nr;
}

bool nhv_tree_test_bits(const struct nhv_tree *tree, struct nhv_tra from,
			u64 size, u64 bits)
{
	struct nhv_cursor c = nhv_cursor(from, size);
	u64 leaf;

	while ((leaf = nhv_next_leaf(tree, &c)))
		if (leaf & bits)
			return true;
	return false;
}

#define NHV_RUN_LEAVES		512
#define NHV_RUN_BITS		(NHV_PTE_READ | NHV_PTE_WRITE | NHV_PTE_EXEC | \
				 NHV_PTE_R | NHV_PTE_C | NHV_PTE_ATT)

/* Does a leaf go on where a run ends? */
static bool nhv_run_goes_on(const struct nhv_tree_run *run,
			    const struct nhv_cursor *c, u64 leaf)
{
	return c->addr == run->from.addr + run->size &&
	       (leaf & NHV_PTE_RPN) == run->to.addr + run->size &&
	       nhv_geometry[c->level].shift == run->shift &&
	       (leaf & NHV_RUN_BITS) == run->bits;
}

bool nhv_tree_run(const struct nhv_tree *tree, struct nhv_tra from,
		  struct nhv_tree_run *run)
{
	struct nhv_cursor c = nhv_cursor(from, ~0ULL);
	u64 leaf = nhv_next_leaf(tree, &c);
	unsigned int nr;

	if (!leaf)
		return false;
	run->from.addr = c.addr;
	run->size = 0;
	run->to = nhv_l1ra(leaf & NHV_PTE_RPN);
	run->shift = nhv_geometry[c.level].shift;
	run->bits = leaf & NHV_RUN_BITS;
	for (nr = 0; nr < NHV_RUN_LEAVES && leaf; nr++) {
		if (!nhv_run_goes_on(run, &c, leaf))
			break;
		run->size += 1ULL << run->shift;
		leaf = nhv_next_leaf(tree, &c);
	}
	return true;
}

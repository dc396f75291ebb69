/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * src/mmu: partition-scoped radix trees, faults, batches of invalidations, MMU
 * notifiers.
 */
#ifndef NHV_MMU_H
#define NHV_MMU_H

#include <nhv/base.h>
#include <abi/partition.h>

struct nhv_vm;
struct nhv_slot;

/**
 * struct nhv_batch - invalidations of one LPID, collected and sent once
 *
 * Lives on the stack of whoever changes a tree. Nothing in it allocates, so it
 * is filled under mmu_lock; past its ceiling it stands for the whole LPID.
 * Table pages taken out of a tree hang on it and are freed after it was sent.
 */
#define NHV_BATCH_PAGES		32

struct nhv_batch {
	u32 lpid;
	bool all;			/* flush the whole LPID */
	bool walk_cache;		/* a table was unlinked */
	unsigned int nr;
	struct {
		struct nhv_tra addr;
		u8 shift;
	} page[NHV_BATCH_PAGES];
	void *tables;			/* chain of unlinked table pages */
	u8 level;			/* of the first of them */
};

/** enum nhv_leaf_size - index of a leaf size in counters, by growing size */
enum nhv_leaf_size {
	NHV_LEAF_4K,
	NHV_LEAF_64K,
	NHV_LEAF_2M,
	NHV_LEAF_1G,
	NHV_LEAF_SIZES,
};

/**
 * struct nhv_tree - the partition-scoped tree of one LPID
 * @lpid: whose
 * @root: 64 KiB of entries
 * @leaves: leaves there are now, by size
 * @tables: table pages below the root there are now
 * @losses: goes up whenever anything is taken from a leaf: a look at one is good
 *	until then
 * @near: the lowest table that was looked at last, and an address it is for;
 *	neighbours are looked at one after the other. NULL: none
 *
 * Protected by the mmu_lock of the VM it belongs to.
 */
struct nhv_tree {
	u32 lpid;
	__be64 *root;
	unsigned long leaves[NHV_LEAF_SIZES];
	unsigned long tables;
	unsigned long losses;
	struct {
		__be64 *table;
		u64 addr;
	} near;
};

/**
 * struct nhv_stock - table pages prepared for one nhv_tree_map()
 * @table: one for each level below the root, lowest first, NULL once used
 */
#define NHV_STOCK_TABLES	3

struct nhv_stock {
	void *table[NHV_STOCK_TABLES];
};

/* ---- tree.c: pure, native tests build it ------------------------------- */

/**
 * nhv_tree_module_init() - the slab caches of table pages
 *
 * Return: 0 or -ENOMEM.
 */
int nhv_tree_module_init(void);

/** nhv_tree_module_exit() - destroy them; no tree and no stock is left */
void nhv_tree_module_exit(void);

/**
 * nhv_tree_init() - allocate the root
 * @tree: zeroed
 * @lpid: LPID it will serve
 *
 * Return: 0 or -ENOMEM.
 */
int nhv_tree_init(struct nhv_tree *tree, u32 lpid);

/**
 * nhv_tree_destroy() - free root and tables; the LPID has been flushed before
 * @tree: may be one whose nhv_tree_init() failed
 */
void nhv_tree_destroy(struct nhv_tree *tree);

/**
 * nhv_tree_pate0() - the first dword of the partition table entry, native order
 * @tree: the tree
 */
u64 nhv_tree_pate0(const struct nhv_tree *tree);

/**
 * nhv_stock_fill() - prepare: have enough table pages for any one map
 * @stock: zeroed or left over from an earlier map
 *
 * May sleep; GFP_KERNEL_ACCOUNT. Return: 0 or -ENOMEM.
 */
int nhv_stock_fill(struct nhv_stock *stock);

/**
 * nhv_stock_drain() - free what was prepared and not used
 * @stock: the stock
 */
void nhv_stock_drain(struct nhv_stock *stock);

/**
 * nhv_tree_map() - commit: install a leaf
 * @tree: the tree; caller holds its VM's mmu_lock
 * @stock: tables to take from; NULL to map only where the tables are there
 * @at: address in the tree's space, aligned to @shift
 * @to: L1 real address, aligned to @shift
 * @shift: PAGE_SHIFT, 21 or 30
 * @bits: NHV_PTE_READ|WRITE|EXEC|R|C|ATT
 * @batch: gets what must be invalidated (replaced leaf, collapsed table)
 *
 * An entry that maps the same frame at the same or a larger size and has all
 * @bits already is left alone; the same frame only gains bits. A large leaf
 * goes when a smaller one of another frame or with more permission takes its
 * place, and what else it mapped faults again.
 *
 * Return: true, and it cannot fail with a filled stock; false with the tree
 * unchanged if a table is missing in the stock or @at is beyond 52 bits.
 */
bool nhv_tree_map(struct nhv_tree *tree, struct nhv_stock *stock,
		  struct nhv_tra at, struct nhv_l1ra to, unsigned int shift,
		  u64 bits, struct nhv_batch *batch);

/**
 * nhv_tree_map_free() - commit: install the leaf of a base page, if the tree was
 * looked at near it last and there is none
 * @tree: the tree; caller holds its VM's mmu_lock
 * @at: any address
 * @leaf: what nhv_tree_map() would be given, the frame and the bits in one
 *
 * Return: false if it takes nhv_tree_map().
 */
bool nhv_tree_map_free(struct nhv_tree *tree, struct nhv_tra at, u64 leaf);

/**
 * nhv_tree_map_near() - commit: install leaves of base pages that lie together,
 * where that needs nothing but a store
 * @tree: the tree; caller holds its VM's mmu_lock
 * @at: of the first; what is not within the same 2 MiB is left alone
 * @nr: how many
 * @leaf: for each what nhv_tree_map() would be given, the frame and the bits in
 *	one; 0 to leave the page alone
 *
 * A page that is mapped to the frame already gets the bits it has not; one that
 * is mapped otherwise stays as it is. Where a table is missing nothing is done.
 *
 * Return: how many entries were changed.
 */
unsigned int nhv_tree_map_near(struct nhv_tree *tree, struct nhv_tra at,
			       unsigned int nr, const u64 *leaf);

/**
 * nhv_tree_find() - the leaf that maps an address
 * @tree: the tree; caller holds mmu_lock
 * @at: any address
 * @shift: gets the leaf's size
 *
 * Return: the leaf in native order, 0 if there is none.
 */
u64 nhv_tree_find(struct nhv_tree *tree, struct nhv_tra at,
		  unsigned int *shift);

/**
 * nhv_tree_table_present() - is the lowest table for an address there, so that
 * a base page can be mapped without a stock
 * @tree: the tree; caller holds mmu_lock
 * @at: address
 */
bool nhv_tree_table_present(const struct nhv_tree *tree, struct nhv_tra at);

/**
 * nhv_tree_unmap() - take out every leaf that overlaps a range
 * @tree: the tree; caller holds mmu_lock
 * @from: first address
 * @size: in bytes
 * @batch: gets what must be invalidated before a frame is reused
 *
 * A large leaf that only overlaps goes as a whole. Empty table pages stay.
 * Time is bounded by the tables present, not by @size.
 *
 * Return: the number of leaves taken out.
 */
unsigned long nhv_tree_unmap(struct nhv_tree *tree, struct nhv_tra from,
			     u64 size, struct nhv_batch *batch);

/**
 * nhv_tree_clear() - take out everything, tables too, a piece at a time
 * @tree: the tree; caller holds mmu_lock, and nothing is mapped from the first
 *	call to the last
 * @next: where to go on; 0 at first
 * @batch: gets the tables, and "all"
 *
 * A piece is what at most 512 of the lowest tables map. Return: false when there
 * was nothing left.
 */
bool nhv_tree_clear(struct nhv_tree *tree, u64 *next, struct nhv_batch *batch);

/**
 * nhv_tree_clear_bits() - take bits (write, C; or R) off leaves in a range
 * @tree: the tree; caller holds mmu_lock
 * @from: first address
 * @size: in bytes
 * @bits: NHV_PTE_WRITE, NHV_PTE_C, NHV_PTE_R in any combination
 * @batch: gets what must be invalidated; NULL when the caller does not care
 *	(aging)
 *
 * Leaves larger than a base page are changed as a whole.
 *
 * Return: the number of leaves that had one of @bits.
 */
unsigned long nhv_tree_clear_bits(struct nhv_tree *tree, struct nhv_tra from,
				  u64 size, u64 bits, struct nhv_batch *batch);

/**
 * nhv_tree_test_bits() - has any leaf in a range one of these bits
 * @tree: the tree; caller holds mmu_lock
 * @from: first address
 * @size: in bytes
 * @bits: as above
 */
bool nhv_tree_test_bits(const struct nhv_tree *tree, struct nhv_tra from,
			u64 size, u64 bits);

/**
 * struct nhv_tree_run - neighbouring leaves that differ in their place alone
 * @from: first address
 * @size: in bytes, of all of them
 * @to: what the first is mapped to
 * @shift: size of each
 * @bits: NHV_PTE_READ|WRITE|EXEC|R|C|ATT of each
 */
struct nhv_tree_run {
	struct nhv_tra from;
	u64 size;
	struct nhv_l1ra to;
	unsigned int shift;
	u64 bits;
};

/**
 * nhv_tree_run() - the first leaf at or behind an address, and those that go on
 * from there
 * @tree: the tree; caller holds mmu_lock
 * @from: where to start
 * @run: gets it
 *
 * Takes some hundreds of leaves together at most: a longer run comes in pieces.
 *
 * Return: false if there are no more leaves.
 */
bool nhv_tree_run(const struct nhv_tree *tree, struct nhv_tra from,
		  struct nhv_tree_run *run);

/* ---- batch.c ------------------------------------------------------------ */

/**
 * nhv_batch_init() - start a batch on the stack
 * @batch: the batch
 * @lpid: of the tree it is for
 */
void nhv_batch_init(struct nhv_batch *batch, u32 lpid);

/**
 * nhv_batch_page() - add a translation
 * @batch: the batch
 * @at: address, aligned to @shift
 * @shift: size of the leaf that was there
 */
void nhv_batch_page(struct nhv_batch *batch, struct nhv_tra at,
		    unsigned int shift);

/**
 * nhv_batch_table() - add a table page that was unlinked and must be freed
 * after the invalidation (tree.c)
 * @batch: the batch
 * @table: the table page
 * @level: which level's, 0 is the lowest
 */
void nhv_batch_table(struct nhv_batch *batch, void *table, unsigned int level);

/** nhv_batch_free_tables() - free them; they have been invalidated (tree.c) */
void nhv_batch_free_tables(struct nhv_batch *batch);

/** nhv_batch_empty() - nothing to send and nothing to free */
static inline bool nhv_batch_empty(const struct nhv_batch *batch)
{
	return !batch->nr && !batch->all && !batch->tables;
}

/**
 * nhv_batch_send() - invalidate, then free the tables; the batch is empty after
 * @batch: the batch
 * @vm: whose vCPUs may hold the translations (struct nhv_vm is opaque here)
 *
 * No lock is held; does not sleep, so MMU notifiers may call it. On return no
 * CPU uses any translation named in the batch.
 */
void nhv_batch_send(struct nhv_batch *batch, struct nhv_vm *vm);

/*
 * ---- rmap.c: which shadow leaves use a page of L2; pure -----------------------
 *
 * Once a VM nests, each shadow leaf stands on a leaf of the VM's own tree: the
 * same frame, at most its size and its permission. Whoever takes from the VM's
 * tree, takes from the shadow trees in the same hold of mmu_lock, and sends
 * what has to be forgotten there before it sends its own batch.
 */

#define NHV_RMAP_LEVELS		3

struct nhv_rmap;

/**
 * struct nhv_rmap_tree - the side of a shadow tree that the reverse map sees
 * @vm: the VM whose memory it maps
 * @tree: the tree
 * @nodes: a record for each leaf, by size; grows without mmu_lock
 * @near: the node of base pages that was used last, by mmu_lock
 * @batch: what is taken and not sent yet
 * @pending: on the VM's list while there is something in @batch
 * @trees: on the VM's list of all
 */
struct nhv_rmap_tree {
	struct nhv_vm *vm;
	struct nhv_tree *tree;
	struct xarray nodes[NHV_RMAP_LEVELS];
	struct nhv_rmap_node *near;
	struct nhv_batch batch;
	struct list_head pending;
	struct list_head trees;
};

/**
 * struct nhv_rmap_leaf - a leaf to put into a shadow tree
 * @side: of which tree
 * @at: address in the tree's space, aligned to @shift
 * @page: L2 real address that is mapped there, aligned to @shift
 * @to: L1 real address of it
 * @shift: PAGE_SHIFT, 21 or 30
 * @bits: NHV_PTE_READ|WRITE|EXEC|R|C|ATT
 */
struct nhv_rmap_leaf {
	struct nhv_rmap_tree *side;
	struct nhv_tra at;
	struct nhv_l2ra page;
	struct nhv_l1ra to;
	unsigned int shift;
	u64 bits;
};

/**
 * nhv_rmap_tree_init() - a shadow tree is to be known to the reverse map, which
 * begins to exist with the first
 * @side: zeroed
 * @vm: the VM whose memory it maps
 * @tree: an empty tree
 *
 * May sleep. Return: 0 or -ENOMEM.
 */
int nhv_rmap_tree_init(struct nhv_rmap_tree *side, struct nhv_vm *vm,
		       struct nhv_tree *tree);

/**
 * nhv_rmap_tree_release() - empty a tree and forget about it
 * @side: nothing else is done to it any more; may sleep
 */
void nhv_rmap_tree_release(struct nhv_rmap_tree *side);

/**
 * nhv_rmap_release() - of a VM that goes and has no shadow trees any more
 * @vm: the VM
 */
void nhv_rmap_release(struct nhv_vm *vm);

/**
 * nhv_rmap_prepare_leaf() - prepare: a place for the record of a leaf
 * @side: of the tree; no other thread is here for the same tree; may sleep
 * @at: address in the tree's space
 * @shift: size of the leaf
 *
 * Return: 0; -ENOMEM; -EINVAL for a size or address there is none of.
 */
int nhv_rmap_prepare_leaf(struct nhv_rmap_tree *side, struct nhv_tra at,
			  unsigned int shift);

/**
 * nhv_rmap_prepare_page() - prepare: a place for the list of an L2 page
 * @vm: the VM, which has a shadow tree; may sleep
 * @page: L2 real address; in a slot, or a guest could have any number of them
 * @shift: size of the leaf
 *
 * Return: as nhv_rmap_prepare_leaf().
 */
int nhv_rmap_prepare_page(struct nhv_vm *vm, struct nhv_l2ra page,
			  unsigned int shift);

/**
 * nhv_rmap_has_page() - is nhv_rmap_prepare_page() done
 * @vm: as there
 * @page: as there
 * @shift: as there
 */
bool nhv_rmap_has_page(struct nhv_vm *vm, struct nhv_l2ra page,
		       unsigned int shift);

/**
 * nhv_rmap_map() - commit: install a leaf in a shadow tree
 * @leaf: the VM's mmu_lock is held, and a leaf of its own tree allows all this
 * @stock: tables to take from; NULL to map only where the tables are there
 *
 * As nhv_tree_map(); what had to give way waits for nhv_rmap_send().
 *
 * Return: false if something was not prepared.
 */
bool nhv_rmap_map(const struct nhv_rmap_leaf *leaf, struct nhv_stock *stock);

/**
 * nhv_rmap_drop() - take out the leaves of a shadow tree that overlap a range
 * @side: of the tree; mmu_lock is held
 * @from: first address in the tree's space
 * @size: in bytes
 *
 * What goes waits for nhv_rmap_send(). Return: the number of leaves.
 */
unsigned long nhv_rmap_drop(struct nhv_rmap_tree *side, struct nhv_tra from,
			    u64 size);

/**
 * nhv_rmap_drop_all() - make a shadow tree as it was at first, tables freed and
 * all invalidated
 * @side: of the tree; no lock of the VM's memory is held, and nothing is mapped
 *	in this tree at the same time; may sleep
 */
void nhv_rmap_drop_all(struct nhv_rmap_tree *side);

/**
 * nhv_rmap_tables() - table pages in all shadow trees of a VM
 * @vm: the VM, which has a shadow tree
 */
unsigned long nhv_rmap_tables(struct nhv_vm *vm);

/*
 * A guest may map one page of L2 at very many places, so what is done in one hold
 * of mmu_lock has a limit.
 */

/**
 * nhv_rmap_unmap() - take out the shadow leaves on a range of L2
 * @vm: the VM; its mmu_lock is held
 * @from: first L2 real address
 * @size: in bytes
 *
 * Return: false if there are more: give mmu_lock to others and call again.
 */
bool nhv_rmap_unmap(struct nhv_vm *vm, struct nhv_l2ra from, u64 size);

/**
 * nhv_rmap_clear_bits() - take bits off them
 * @vm: the VM; its mmu_lock is held
 * @from: first L2 real address
 * @size: in bytes
 * @bits: as nhv_tree_clear_bits()
 * @nr: the number of leaves that had one of @bits is added
 *
 * Return: false if there are too many; if it is not for a guess, as aging is,
 * nhv_rmap_unmap() has to follow.
 */
bool nhv_rmap_clear_bits(struct nhv_vm *vm, struct nhv_l2ra from, u64 size,
			 u64 bits, unsigned long *nr);

/**
 * nhv_rmap_test_bits() - has any of them one of these bits
 * @vm: the VM; its mmu_lock is held
 * @from: first L2 real address
 * @size: in bytes
 * @bits: as nhv_tree_test_bits()
 *
 * Return: also true if there are too many to look at.
 */
bool nhv_rmap_test_bits(struct nhv_vm *vm, struct nhv_l2ra from, u64 size,
			u64 bits);

/**
 * nhv_rmap_send() - invalidate what the above took
 * @vm: the VM; no lock held; does not sleep
 *
 * On return no CPU uses it, whoever took it.
 */
void nhv_rmap_send(struct nhv_vm *vm);

/* ---- change.c: what a change of L2's memory does to all trees; pure ------------ */

/**
 * struct nhv_change - one kind of change to what is mapped
 * @vm: the VM
 * @bits: NHV_PTE_* to take off leaves; 0: leaves go
 * @may_sleep: between pieces of a range
 * @batch: of the VM's own tree; NULL when nobody has to forget (aging)
 * @unsent: counted in vm->unsent
 * @nr: leaves that were changed
 */
struct nhv_change {
	struct nhv_vm *vm;
	u64 bits;
	bool may_sleep;
	struct nhv_batch *batch;
	bool unsent;
	unsigned long nr;
};

/**
 * nhv_change_range() - change a range of L2 real addresses
 * @change: what; takes mmu_lock, several times for a long range
 * @from: first address
 * @size: in bytes
 */
void nhv_change_range(struct nhv_change *change, struct nhv_l2ra from, u64 size);

/**
 * nhv_change_send() - invalidate what was taken
 * @change: what; no lock held; does not sleep
 *
 * On return no CPU uses any of it, nor what another thread has taken there.
 */
void nhv_change_send(struct nhv_change *change);

/**
 * nhv_unsent_begin() - a batch is to be sent after mmu_lock is dropped
 * @vm: the VM; mmu_lock is held
 * @batch: the batch
 *
 * Return: true if there is anything in it; nhv_unsent_end() follows then.
 */
bool nhv_unsent_begin(struct nhv_vm *vm, const struct nhv_batch *batch);

/**
 * nhv_unsent_end() - it has been sent
 * @vm: the VM; takes mmu_lock
 */
void nhv_unsent_end(struct nhv_vm *vm);

/* ---- host.c: the one file that looks pages up and registers notifiers ---- */

/**
 * struct nhv_host_page - what backs a host virtual address at this moment
 */
struct nhv_host_page {
	struct nhv_l1ra ra;	/* of the page-size-aligned frame at the address */
	unsigned int shift;	/* size of the host's mapping around it */
	bool writable;		/* mapped writable and already dirty */
	bool uncached;
};

/**
 * nhv_host_look() - read the host's page table
 * @vm: the VM; caller is on a thread of its mm and holds mmu_lock
 * @hva: host virtual address
 * @page: gets the answer
 *
 * Return: true if present and readable.
 */
bool nhv_host_look(struct nhv_vm *vm, struct nhv_hva hva,
		   struct nhv_host_page *page);

/**
 * nhv_host_look_run() - read the host's page table for neighbouring base pages
 * @vm: as above
 * @hva: first page
 * @nr: how many; all within the same 2 MiB
 * @page: gets the answers, @shift 0 for a page that is not there
 *
 * A large page around them is told as its parts.
 *
 * Return: false if there are no pages at all, with nothing in @page.
 */
bool nhv_host_look_run(struct nhv_vm *vm, struct nhv_hva hva, unsigned int nr,
		       struct nhv_host_page *page);

/**
 * nhv_host_fault_in() - have pages faulted in by the host's memory management
 * @vm: the VM; current->mm is its mm
 * @hva: first page
 * @nr: number of pages, 1 or more; only the first must succeed. The others are
 *	taken while they are absent, of the same VMA and to be had without
 *	waiting
 * @write: for writing
 *
 * May sleep. Nothing is pinned.
 *
 * Return: 0, -EFAULT, -ENOMEM or -EINTR (fatal signal pending).
 */
int nhv_host_fault_in(struct nhv_vm *vm, struct nhv_hva hva, unsigned int nr,
		      bool write);

/**
 * nhv_host_reach() - where this kernel has L2 real memory that the guest may use
 * @vm: the VM; caller holds mmu_lock, and the memory stays while it does
 * @ra: L2 real address
 * @size: in bytes from there
 * @bits: NHV_PTE_* that its leaf must have; those of a store for writing
 *
 * What the guest could load or store now, this kernel can by the same right: the
 * host is told of both by the leaf.
 *
 * Return: NULL if it is not mapped so, by one leaf, or is not memory.
 */
void *nhv_host_reach(struct nhv_vm *vm, struct nhv_l2ra ra, size_t size,
		     u64 bits);

/* What a leaf has through which the guest loads, and stores. */
#define NHV_LEAF_LOADS	(NHV_PTE_READ | NHV_PTE_R)
#define NHV_LEAF_STORES	(NHV_LEAF_LOADS | NHV_PTE_WRITE | NHV_PTE_C)

/**
 * struct nhv_view - a look by nhv_host_reach() that is remembered
 * @ra: L2 real address that it was for
 * @bits: and what its leaf had to have
 * @losses: of the VM's tree then: the look is good until that changes
 * @at: its answer
 *
 * All zero is none. By mmu_lock; always of the same size.
 */
struct nhv_view {
	u64 ra;
	u64 bits;
	unsigned long losses;
	void *at;
};

/**
 * nhv_host_drop_translations() - make the CPUs of a VM forget theirs
 * @vm: the VM
 *
 * For a level below that keeps no translations by our names: a CPU inside the
 * guest has a TLB of its own, which only an invalidation of ours reaches. Does
 * not sleep; interrupts are enabled.
 */
void nhv_host_drop_translations(struct nhv_vm *vm);

/** nhv_host_count_batch() - a batch was sent: the VM's counters */
void nhv_host_count_batch(struct nhv_vm *vm, const struct nhv_batch *batch);

/**
 * nhv_mmu_init() - tree, notifier and lock of a new VM
 * @vm: vm->mm, vm->lpid are set
 *
 * Return: 0 or a negative errno, with nothing left then.
 */
int nhv_mmu_init(struct nhv_vm *vm);

/**
 * nhv_mmu_release() - unregister the notifier and drop all translations
 * @vm: no vCPU runs any more
 *
 * The partition table entry of the LPID has been cleared before.
 */
void nhv_mmu_release(struct nhv_vm *vm);

/**
 * nhv_mmu_unmap_range() - tear down L2 real addresses and wait until it is done
 * @vm: the VM; no spinning lock held
 * @from: first address
 * @size: in bytes
 */
void nhv_mmu_unmap_range(struct nhv_vm *vm, struct nhv_l2ra from, u64 size);

/**
 * nhv_mmu_unmap_all() - tear down all of a VM's memory
 * @vm: the VM; no spinning lock held; may sleep
 */
void nhv_mmu_unmap_all(struct nhv_vm *vm);

/**
 * nhv_mmu_protect_dirty() - take write permission off pages named in a bitmap
 * @vm: the VM; no spinning lock held
 * @slot: the slot
 * @bitmap: a bit a host page of the slot
 */
void nhv_mmu_protect_dirty(struct nhv_vm *vm, const struct nhv_slot *slot,
			   const unsigned long *bitmap);

/* ---- fault.c ------------------------------------------------------------- */

/** enum nhv_fault_verdict - what a partition-scoped fault came to */
enum nhv_fault_verdict {
	NHV_FAULT_RESUME,	/* mapped, or will be next time: enter again */
	NHV_FAULT_MMIO,		/* no memory there: emulate the access */
	NHV_FAULT_REFUSE,	/* the guest gets a storage interrupt */
	NHV_FAULT_MEMORY,	/* the VMM's memory cannot be had: -EFAULT etc */
};

/**
 * struct nhv_fault - a partition-scoped fault of L2
 * @ra: faulting L2 real address, low bits included when known
 * @status: DSISR-like bits (NHV_DSISR_*)
 * @store: by a store
 * @fetch: by an instruction fetch
 * @error: for NHV_FAULT_MEMORY, the errno (negative)
 * @refuse: for NHV_FAULT_REFUSE, the DSISR bits to give the guest
 */
struct nhv_fault {
	struct nhv_l2ra ra;
	u64 status;
	bool store;
	bool fetch;
	int error;
	u64 refuse;
};

/* A run of faults: so many pages are faulted in at once, and looked at in one piece. */
#define NHV_PIECE	32U

/**
 * struct nhv_fault_run - faults in sequence
 * @next: page frame number that would continue the run
 * @length: how many faults in sequence; 0 for one that stands alone
 */
struct nhv_fault_run {
	u64 next;
	unsigned int length;
};

/**
 * struct nhv_fault_runs - a vCPU's memory of its last faults, for fault-around
 * @run: two of them
 * @last: the one that the last fault belongs to
 */
struct nhv_fault_runs {
	struct nhv_fault_run run[2];
	unsigned int last;
};

/**
 * nhv_run_of() - the run that a fault belongs to
 * @runs: the vCPU's
 * @frame: page frame number of the fault
 *
 * Return: the run, one longer, or of length 0 if the fault stands alone. Whoever
 * maps pages says in its @next where it goes on.
 */
struct nhv_fault_run *nhv_run_of(struct nhv_fault_runs *runs, u64 frame);

/**
 * nhv_run_pages() - how many pages a fault has faulted in, if it continues a run
 * @frame: page frame number of the fault
 * @left: pages from it on that can be had at once
 * @most: limit; 0 is none but the page itself
 *
 * From the second fault in a row on, what follows is wanted too: up to a multiple
 * of NHV_PIECE in the guest's real addresses. A level below with shadow trees looks
 * at windows that are aligned there, and one of them should be full or empty.
 *
 * Return: at least 1.
 */
unsigned int nhv_run_pages(u64 frame, u64 left, unsigned int most);

/**
 * nhv_mmu_fault() - resolve a partition-scoped fault
 * @vm: the VM; the caller is a vCPU thread, in SRCU read side of the slots,
 *	may sleep
 * @runs: the vCPU's fault history
 * @fault: in and out
 */
enum nhv_fault_verdict nhv_mmu_fault(struct nhv_vm *vm,
				     struct nhv_fault_runs *runs,
				     struct nhv_fault *fault);

#endif

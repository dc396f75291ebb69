// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's own translation, Power ISA 3.1 Book III 6.7.10-12: quadrant and
 * PID select a process table entry, that names a radix tree of any legal shape.
 * The level below is not asked: QEMU has no H_COPY_TOFROM_GUEST for API v1.
 */
#include <nhv/base.h>
#include <nhv/core.h>
#include <abi/exits.h>
#include <abi/partition.h>

#define EA_QUADRANT(ea)		((ea) >> 62)
#define QUADRANT_PROCESS	0
#define QUADRANT_KERNEL		3
#define QUADRANT_BITS		2

/* With relocation off the top four bits of an address are ignored (6.7.3). */
#define REAL_MODE_MASK		0x0fffffffffffffffULL

/* RTS counts from a tree of 2^31 bytes (6.7.6.2). */
#define RTS_BIAS		31

/* The smallest table has 2^5 entries (6.7.10.3), which bounds the walk. */
#define INDEX_BITS_MIN		5

#define PROCESS_ENTRY_SIZE	16
#define TABLE_ENTRY_SIZE	8
#define PAGE_BITS		NHV_SHIFT_4K

/* The part of a tree still to walk. */
struct nhv_walk_at {
	u64 table;		/* L2 real */
	unsigned int index_bits; /* it has 2^index_bits entries */
	unsigned int left;	/* address bits not translated yet */
};

int nhv_walk_read_l2(void *vm, u64 at, __be64 *entry)
{
	return nhv_guest_read(vm, nhv_l2ra(at), entry, sizeof(*entry));
}

static int nhv_walk_read(const struct nhv_walk *walk, u64 at, u64 *value)
{
	__be64 raw;

	if (walk->read(walk->space, at, &raw))
		return -EFAULT;
	*value = be64_to_cpu(raw);
	return 0;
}

/*
 * Quadrants 1 and 2 are for a hypervisor; from a guest they are a segment
 * interrupt, so the processor has not made such an access.
 */
static int nhv_walk_process(const struct nhv_walk *walk, u64 ea, u64 *entry)
{
	u64 base = walk->process_table & NHV_PATE1_PRTB;
	u64 prts = walk->process_table & NHV_PATE1_PRTS;
	u64 offset;

	if (EA_QUADRANT(ea) == QUADRANT_PROCESS)
		offset = (u64)walk->pid * PROCESS_ENTRY_SIZE;
	else if (EA_QUADRANT(ea) == QUADRANT_KERNEL)
		offset = 0;
	else
		return -EFAULT;
	if (!walk->process_table || prts > NHV_PRTS_MAX ||
	    offset >> (PAGE_BITS + prts))
		return -EFAULT;
	/* The base is aligned to the size, which the processor takes for granted. */
	base &= ~0ULL << (PAGE_BITS + prts);
	return nhv_walk_read(walk, base + offset, entry);
}

/*
 * Take the root apart. RTS has 5 bits, so a tree has at most 62 bits and the
 * quadrant is never part of it; the bits between them must be 0.
 */
static int nhv_walk_root(u64 entry, u64 ea, struct nhv_walk_at *at)
{
	unsigned int rts = (entry & NHV_RTS_HIGH) >> 58 |
			   (entry & NHV_RTS_LOW) >> 5;

	at->left = rts + RTS_BIAS;
	at->table = entry & NHV_RPDB;
	at->index_bits = entry & NHV_RPDS;
	if (ea << QUADRANT_BITS >> QUADRANT_BITS >> at->left)
		return -EFAULT;
	return 0;
}

static int nhv_walk_allowed(const struct nhv_walk *walk, u64 pte)
{
	u64 any = walk->data ? NHV_PTE_READ | NHV_PTE_WRITE : NHV_PTE_EXEC;

	if (!(pte & any) || (walk->store && !(pte & NHV_PTE_WRITE)))
		return -EFAULT;
	if ((pte & NHV_PTE_PRIV) && (walk->msr & NHV_MSR_PR))
		return -EFAULT;
	return 0;
}

/* One level: the entry, and where the next one is. */
static int nhv_walk_level(const struct nhv_walk *walk, u64 ea,
			  struct nhv_walk_at *at, u64 *entry)
{
	u64 index;
	int rc;

	if (at->index_bits < INDEX_BITS_MIN ||
	    at->left < PAGE_BITS + at->index_bits)
		return -EFAULT;
	at->left -= at->index_bits;
	index = ea >> at->left & (BIT_ULL(at->index_bits) - 1);
	rc = nhv_walk_read(walk, at->table + index * TABLE_ENTRY_SIZE, entry);
	if (rc)
		return rc;
	if (!(*entry & NHV_PTE_VALID))
		return -EFAULT;
	at->table = *entry & NHV_PDE_NLB;
	at->index_bits = *entry & NHV_PDE_NLS;
	return 0;
}

int nhv_walk(const struct nhv_walk *walk, u64 ea, u64 *ra)
{
	struct nhv_walk_at at;
	u64 entry, offset;
	int rc;

	if (!(walk->msr & NHV_MSR_SF))
		ea = (u32)ea;
	if (!(walk->msr & (walk->data ? NHV_MSR_DR : NHV_MSR_IR))) {
		*ra = ea & REAL_MODE_MASK;
		return 0;
	}

	rc = nhv_walk_process(walk, ea, &entry);
	if (!rc)
		rc = nhv_walk_root(entry, ea, &at);
	if (rc)
		return rc;
	/* Ends: each turn takes INDEX_BITS_MIN of at most 62 bits, or fails. */
	do {
		rc = nhv_walk_level(walk, ea, &at, &entry);
		if (rc)
			return rc;
	} while (!(entry & NHV_PTE_LEAF));

	offset = ea & (BIT_ULL(at.left) - 1);
	*ra = (entry & NHV_PTE_RPN & ~(BIT_ULL(at.left) - 1)) | offset;
	return nhv_walk_allowed(walk, entry);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of a guest's guest: which faults its hypervisor gets and what
 * they say, what an invalidation must reach, and what the host does to the
 * memory below.  be=1: hypercalls are made big-endian.  Needs --extra.
 */
#include "hv.h"

#define LPID		9
#define BASE		0x40000000UL	/* of L3: where test pages are mapped */
#define PAGES		64
#define NOWHERE		0x0000700000000000UL
#define SLOT_LOG	1		/* KVM_MEM_LOG_DIRTY_PAGES */
#define SLOT_READONLY	2
#define AP_4K		0
#define AP_64K		5
#define AP_2M		1
#define AP_1G		2

static struct l3_guest guest;
static struct l3 vcpu;
static u64 *area;	/* PAGES of ours */

static u64 value(u64 n)
{
	return 0xa0a0a0a000000000UL + n;
}

static u64 page(u64 n)
{
	return (u64)area + n * 4096;
}

static u64 leaf(u64 real, u64 bits)
{
	return TREE_VALID | TREE_LEAF | real | bits;
}

/* A new guest; page n of area holds value(n), none is mapped. */
static bool ready(void)
{
	if (!hv_ready())
		return false;
	check(!hv(H_SET_PARTITION_TABLE, hv_table_value()));
	if (!area)
		area = hv_memory(PAGES * 4096, 2 << 20);
	for (unsigned int n = 0; n < PAGES; n++)
		*(volatile u64 *)page(n) = value(n);
	if (!hv_guest_make(&guest, LPID))
		return false;
	l3_init(&vcpu, &guest, 0);
	return true;
}

/* In the MSR the bit of a store is that of VMX. */
static u64 causes(long vector)
{
	if (vector == 0xe20)
		return vcpu.regs.msr & CAUSES & ~CAUSE_STORE;
	return vcpu.state.hdsisr & CAUSES;
}

static void faults(long is, long vector, u64 cause, u64 real)
{
	check(is == vector, ": %lx", is);
	check(causes(vector) == cause, ": %lx: %lx, not %lx", real, causes(vector), cause);
	check((vcpu.state.asdr & 0x0ffffffffffff000UL) == (real & ~0xfffUL), ": asdr %lx, not %lx",
	      vcpu.state.asdr, real);
	if (vector == 0xe00)
		check(vcpu.state.hdar == real, ": hdar %lx, not %lx", vcpu.state.hdar, real);
}

static void loads(u64 real, u64 expect)
{
	check(l3_go(&vcpu, L3_PROGRAM(load), real, ~0UL) == 0xc00 && vcpu.regs.gpr[4] == expect,
	      ": at %lx is %lx, not %lx", real, vcpu.regs.gpr[4], expect);
}

static void stores(u64 real, u64 what)
{
	check(l3_go(&vcpu, L3_PROGRAM(store), real, what) == 0xc00, ": %lx", real);
}

static void nothing_there(void)
{
	if (!ready())
		return;
	faults(l3_go(&vcpu, L3_PROGRAM(load), BASE + 8, 0), 0xe00, CAUSE_NO_ENTRY, BASE + 8);
	faults(l3_go(&vcpu, L3_PROGRAM(store), BASE + 16, 0), 0xe00, CAUSE_NO_ENTRY | CAUSE_STORE,
	       BASE + 16);
	faults(l3_go(&vcpu, L3_PROGRAM(jump), BASE, 0), 0xe20, CAUSE_NO_ENTRY, BASE);
	check(vcpu.regs.nip == BASE, ": %lx", vcpu.regs.nip);
	/* Mapped, and entered again where it was: nothing to be told. */
	faults(l3_go(&vcpu, L3_PROGRAM(load), BASE, 0), 0xe00, CAUSE_NO_ENTRY, BASE);
	l3_set_leaf(&guest, BASE, 12, leaf(page(0), LEAF_ALL));
	check(l3_run(&vcpu) == 0xc00 && vcpu.regs.gpr[4] == value(0), ": %lx", vcpu.regs.gpr[4]);
}

static void permissions(void)
{
	static const struct {
		u64 bits;
		u64 load, store, jump;	/* cause; 0: works */
	} t[] = {
		{ 0, CAUSE_PROTECTION, CAUSE_PROTECTION, CAUSE_NO_EXEC },
		{ LEAF_R, 0, CAUSE_PROTECTION, CAUSE_NO_EXEC },
		{ LEAF_R | LEAF_W, 0, 0, CAUSE_NO_EXEC },
		{ LEAF_R | LEAF_X, 0, CAUSE_PROTECTION, 0 },
		{ LEAF_R | LEAF_W | LEAF_X, 0, 0, 0 },
	};

	if (!ready())
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(t); i++) {
		u64 at = BASE + i * 4096;
		long r;

		*(volatile u32 *)page(i) = 0x4e800020;	/* blr */
		asm volatile("dcbst 0,%0; sync; icbi 0,%0; sync; isync" : : "r"(page(i)));
		l3_set_leaf(&guest, at, 12, leaf(page(i), t[i].bits | LEAF_REF | LEAF_CHG));
		r = l3_go(&vcpu, L3_PROGRAM(load), at, 0);
		if (t[i].load)
			faults(r, 0xe00, t[i].load, at);
		else
			check(r == 0xc00, ": load %u: %lx", i, r);
		r = l3_go(&vcpu, L3_PROGRAM(store), at + 8, 0x77);
		if (t[i].store)
			faults(r, 0xe00, t[i].store | CAUSE_STORE, at + 8);
		else
			check(r == 0xc00 && *(volatile u64 *)(page(i) + 8) == 0x77);
		r = l3_go(&vcpu, L3_PROGRAM(jump), at, 0);
		if (t[i].jump)
			faults(r, 0xe20, t[i].jump, at);
		else
			check(r == 0xc00, ": jump %u: %lx", i, r);
	}
}

/* R and C are the hypervisor's to set, in its own tree; then L3 goes on. */
static void reference_change(void)
{
	u64 at = BASE;

	if (!ready())
		return;
	l3_set_leaf(&guest, at, 12, leaf(page(0), LEAF_R | LEAF_W | LEAF_X));
	faults(l3_go(&vcpu, L3_PROGRAM(load), at, 0), 0xe00, CAUSE_SET_RC, at);
	l3_set_leaf(&guest, at, 12, leaf(page(0), LEAF_ALL & ~LEAF_CHG));
	check(l3_run(&vcpu) == 0xc00 && vcpu.regs.gpr[4] == value(0));
	faults(l3_go(&vcpu, L3_PROGRAM(store), at, 5), 0xe00, CAUSE_SET_RC | CAUSE_STORE, at);
	check(*(volatile u64 *)page(0) == value(0));
	l3_set_leaf(&guest, at, 12, leaf(page(0), LEAF_ALL));
	check(l3_run(&vcpu) == 0xc00);
	check(*(volatile u64 *)page(0) == 5);
}

/* The same for what is executed; on QEMU kvm-hv enters it again for ever. */
static void reference_by_fetch(void)
{
	if (!ready())
		return;
	*(volatile u32 *)page(1) = 0x4e800020;	/* blr */
	l3_set_leaf(&guest, BASE, 12, leaf(page(1), LEAF_R | LEAF_W | LEAF_X));
	faults(l3_go(&vcpu, L3_PROGRAM(jump), BASE, 0), 0xe20, CAUSE_SET_RC, BASE);
	l3_set_leaf(&guest, BASE, 12, leaf(page(1), LEAF_ALL));
	check(l3_run(&vcpu) == 0xc00);
}

/* Trees that no processor takes, and tables that are not in memory. */
static void bad_trees(void)
{
	u64 *table = hv_memory(4096, 4096), root;
	long r;

	if (!ready())
		return;
	/* a lower level of an impossible width */
	*tree_entry(guest.root, BASE, 39) = 0;
	*tree_entry(guest.root, BASE, 39) = __builtin_bswap64(TREE_VALID | (u64)table | 4);
	hv_flush_lpid(LPID, 2);
	r = l3_go(&vcpu, L3_PROGRAM(call), 0, 0);
	check(r == 0xe20 && causes(r) & CAUSE_BAD_CONFIG, ": %lx %lx", r, causes(r));
	if (!ready())
		return;
	/* a table outside memory, then a leaf that is not aligned to its size */
	*tree_entry(guest.root, BASE, 30) = __builtin_bswap64(TREE_VALID | NOWHERE | 9);
	r = l3_go(&vcpu, L3_PROGRAM(load), BASE, 0);
	check(r == 0xe00 && causes(r) & CAUSE_TABLE, ": %lx %lx", r, causes(r));
	check((vcpu.state.asdr & 0x0ffffffffffff000UL) == NOWHERE, ": %lx", vcpu.state.asdr);
	*tree_entry(guest.root, BASE, 30) = 0;
	hv_flush_lpid(LPID, 2);
	l3_set_leaf(&guest, BASE, 21, leaf(page(1), LEAF_ALL));
	r = l3_go(&vcpu, L3_PROGRAM(load), BASE, 0);
	check(r == 0xe00 && causes(r) & CAUSE_BAD_CONFIG, ": %lx %lx", r, causes(r));
	/* roots */
	for (unsigned int i = 0; i < 3; i++) {
		static const u64 change[] = { 1UL << 61, 1, 1UL << 5 };

		root = hv_root_value(guest.root) ^ change[i];
		hv_set_entry(LPID, root, 1UL << 63);
		check(!hv_flush_lpid(LPID, 2));
		r = l3_go(&vcpu, L3_PROGRAM(call), 0, 0);
		check(r == 0xe20 && causes(r) & CAUSE_BAD_CONFIG, ": root %lx: %lx %lx", root, r,
		      causes(r));
	}
	hv_set_entry(LPID, hv_root_value((u64 *)NOWHERE), 1UL << 63);
	check(!hv_flush_lpid(LPID, 2));
	r = l3_go(&vcpu, L3_PROGRAM(call), 0, 0);
	check(r == 0xe20 && causes(r) & CAUSE_TABLE, ": %lx %lx", r, causes(r));
}

/* A leaf that points to where a device of ours is: its host emulates it. */
static void device(void)
{
	u64 out[9];

	if (!ready())
		return;
	check(!ask(ASK_DEVICE_FILL, 1));
	l3_set_leaf(&guest, BASE, 12, leaf(DEVICE_BASE, LEAF_ALL));
	stores(BASE + 0x10, 0x1122334455667788UL);
	check(!ask2(out, ASK_DEVICE_READ, 0x10));
	check(out[0] == 0x1122334455667788UL, ": %lx", out[0]);
	loads(BASE + 0x10, 0x1122334455667788UL);
}

/* Leaves of each size; 64K ones are in tables of 32 entries. */
static void sizes(void)
{
	u64 *big = hv_memory(4 << 20, 2 << 20), *table = hv_memory(4096, 4096);

	if (!ready())
		return;
	for (u64 at = 0; at < 4 << 20; at += 4096)
		big[at / 8] = value(at);
	l3_set_leaf(&guest, BASE, 21, leaf((u64)big, LEAF_ALL));
	l3_set_leaf(&guest, BASE + (2 << 20), 21, leaf((u64)big + (2 << 20), LEAF_ALL));
	for (u64 at = 0; at < 4 << 20; at += 4096 * 37)
		loads(BASE + at, value(at));
	*tree_entry(guest.root, 2 * BASE, 21) = __builtin_bswap64(TREE_VALID | (u64)table | 5);
	for (unsigned int n = 0; n < 32; n++)
		table[n] = __builtin_bswap64(leaf((u64)big + n * 65536, LEAF_ALL));
	for (u64 at = 0; at < 2 << 20; at += 4096 * 13)
		loads(2 * BASE + at, value(at));
	/* All of our memory from its start, by one leaf. */
	if (memory_size(0) == 1UL << 30) {
		l3_set_leaf(&guest, 4 * BASE, 30, leaf(0, LEAF_ALL));
		loads(4 * BASE + (u64)big, value(0));
	}
}

/* Another page there, and an invalidation: only it counts from then on. */
static void change(u64 at, u64 n)
{
	l3_set_leaf(&guest, at, 12, leaf(page(n), LEAF_ALL));
}

static void invalidation(void)
{
	u64 *other = hv_memory(2 << 20, 2 << 20);

	if (!ready())
		return;
	for (unsigned int way = 0; way < 6; way++) {
		change(BASE, 1);
		check(!hv_flush_lpid(LPID, 0));
		loads(BASE, value(1));
		change(BASE, 2);
		switch (way) {
		case 0: check(!hv_flush_page(LPID, BASE, AP_4K)); break;
		case 1: check(!hv_flush_page(LPID, BASE, AP_64K)); break;
		case 2: check(!hv_flush_page(LPID, BASE, AP_2M)); break;
		case 3: check(!hv_flush_page(LPID, BASE, AP_1G)); break;
		case 4: check(!hv_flush_lpid(LPID, 2)); break;
		case 5: check(!hv(H_TLB_INVALIDATE, TLBIE(0, 0, 1), 0, IS_ALL)); break;
		}
		loads(BASE, value(2));
		/* and what is taken away is gone */
		l3_set_leaf(&guest, BASE, 12, 0);
		check(!hv_flush_page(LPID, BASE, AP_4K));
		faults(l3_go(&vcpu, L3_PROGRAM(load), BASE, 0), 0xe00, CAUSE_NO_ENTRY, BASE);
	}
	/* One of 2M, invalidated by its size, wherever in it the address is. */
	*other = 0x5555;
	l3_set_leaf(&guest, 2 * BASE, 21, leaf((u64)area & ~((2UL << 20) - 1), LEAF_ALL));
	loads(2 * BASE + ((u64)area & ((2 << 20) - 1)), value(0));
	l3_set_leaf(&guest, 2 * BASE, 21, leaf((u64)other, LEAF_ALL));
	check(!hv_flush_page(LPID, 2 * BASE, AP_2M));
	loads(2 * BASE, 0x5555);
}

/* The same by the instruction, where the processor gives that to its host. */
static void instruction(void)
{
	if (!ready())
		return;
	change(BASE, 1);
	check(!hv_flush_lpid(LPID, 0));
	loads(BASE, value(1));
	change(BASE, 2);
	catch_traps(true);
	asm volatile(".machine push; .machine power9; ptesync; tlbie %0,%1,0,0,1;"
		     "eieio; tlbsync; ptesync; .machine pop"
		     : : "r"(BASE), "r"((u64)LPID) : "memory");
	if (caught()) {
		catch_traps(false);
		skip("tlbie of a partition is our own program interrupt here");
		return;
	}
	catch_traps(false);
	loads(BASE, value(2));
}

static void less_permission(void)
{
	if (!ready())
		return;
	change(BASE, 1);
	stores(BASE, 1);
	l3_set_leaf(&guest, BASE, 12, leaf(page(1), LEAF_ALL & ~LEAF_W));
	check(!hv_flush_page(LPID, BASE, AP_4K));
	faults(l3_go(&vcpu, L3_PROGRAM(store), BASE, 2), 0xe00, CAUSE_PROTECTION | CAUSE_STORE,
	       BASE);
	loads(BASE, 1);
	/* More of it needs no invalidation. */
	l3_set_leaf(&guest, BASE, 12, leaf(page(1), LEAF_ALL));
	check(l3_go(&vcpu, L3_PROGRAM(store), BASE, 3) == 0xc00);
	loads(BASE, 3);
	/* C taken away: the next store must say so again. */
	l3_set_leaf(&guest, BASE, 12, leaf(page(1), LEAF_ALL & ~LEAF_CHG));
	check(!hv_flush_page(LPID, BASE, AP_4K));
	faults(l3_go(&vcpu, L3_PROGRAM(store), BASE, 4), 0xe00, CAUSE_SET_RC | CAUSE_STORE, BASE);
	check(*(volatile u64 *)page(1) == 3);
}

/* A range, pages of one or of all sizes; and a partition-table entry. */
static void ranges(void)
{
	struct l3_guest other;

	if (!ready())
		return;
	if (hv(H_RPT_INVALIDATE, LPID, 1, 0xf, ~0UL, 0, ~0UL) == H_FUNCTION) {
		skip("no H_RPT_INVALIDATE");
		return;
	}
	for (unsigned int pages = 1; pages <= 40; pages += 13) {
		for (unsigned int n = 0; n < pages; n++)
			change(BASE + n * 4096, n);
		check(!hv_flush_lpid(LPID, 0));
		for (unsigned int n = 0; n < pages; n++)
			loads(BASE + n * 4096, value(n));
		for (unsigned int n = 0; n < pages; n++)
			change(BASE + n * 4096, n + 1);
		check(!hv(H_RPT_INVALIDATE, LPID, 1, 3, 1, BASE, BASE + pages * 4096));
		for (unsigned int n = 0; n < pages; n++)
			loads(BASE + n * 4096, value(n + 1));
	}
	other = guest;
	other.root = hv_memory(8UL << TREE_ROOT_BITS, 8UL << TREE_ROOT_BITS);
	check(tree_map(other.root, 0, (u64)l3_image, 0x10000, 12, LEAF_ALL));
	check(tree_map(other.root, BASE, page(9), 4096, 12, LEAF_ALL));
	hv_set_entry(LPID, hv_root_value(other.root), 1UL << 63);
	check(!hv(H_RPT_INVALIDATE, LPID, 1, 0xf, ~0UL, 0, ~0UL));
	loads(BASE, value(9));
}

/* Another tree for the same number, and none. */
static void other_entry(void)
{
	struct l3_guest second;
	long r;

	if (!ready())
		return;
	change(BASE, 1);
	loads(BASE, value(1));
	second = guest;
	if (!hv_guest_make(&second, LPID))
		return;
	r = l3_go(&vcpu, L3_PROGRAM(load), BASE, 0);
	faults(r, 0xe00, CAUSE_NO_ENTRY, BASE);
	hv_guest_end(&second);
	r = l3_go(&vcpu, L3_PROGRAM(load), BASE, 0);
	check(r != 0xc00, ": %lx", r);
	/* The first tree again. */
	hv_set_entry(LPID, hv_root_value(guest.root), 1UL << 63);
	check(!hv_flush_lpid(LPID, 2));
	loads(BASE, value(1));
}

/* Guests do not see each other's memory; the same addresses in both. */
static void two_guests(void)
{
	struct l3_guest other;
	struct l3 second;

	if (!ready() || !hv_guest_make(&other, LPID + 1))
		return;
	change(BASE, 1);
	l3_set_leaf(&other, BASE, 12, leaf(page(2), LEAF_ALL));
	l3_init(&second, &other, 0);
	for (unsigned int i = 0; i < 4; i++) {
		loads(BASE, value(1));
		check(l3_go(&second, L3_PROGRAM(load), BASE, 0) == 0xc00);
		check(second.regs.gpr[4] == value(2), ": %lx", second.regs.gpr[4]);
	}
	/* Taking from one leaves the other. */
	hv_guest_end(&other);
	loads(BASE, value(1));
	check(l3_go(&second, L3_PROGRAM(load), BASE, 0) != 0xc00);
}

/* The second slot, mapped for L3 page by page. */
static u64 extra(void)
{
	u64 size = memory_size(EXTRA_BASE);

	if (!size)
		skip("needs --extra");
	return size;
}

static u64 own(u64 at)
{
	return *(volatile u64 *)(EXTRA_BASE + at);
}

static bool map_extra(u64 size, unsigned int shift)
{
	for (u64 at = 0; at < size; at += 1UL << shift)
		*(volatile u64 *)(EXTRA_BASE + at) = value(at);
	return check(tree_map(guest.root, BASE, EXTRA_BASE, size, shift, LEAF_ALL));
}

/* What the host takes away is gone for L3 too; what it brings back is there. */
static void taken_away(void)
{
	if (!ready() || !extra() || !map_extra(1 << 20, 12))
		return;
	for (u64 at = 0; at < 1 << 20; at += 4096)
		loads(BASE + at, value(at));
	if (arg("keeps", 0))
		return;
	check(!ask(ASK_DONTNEED, EXTRA_BASE, 1 << 19));
	for (u64 at = 0; at < 1 << 20; at += 4096)
		loads(BASE + at, at < 1 << 19 ? 0 : value(at));
	stores(BASE, 0x99);
	check(own(0) == 0x99, ": %lx", own(0));
}

static void slot_gone(void)
{
	if (!ready() || !extra() || !map_extra(1 << 20, 12))
		return;
	loads(BASE + 4096, value(4096));
	check(!ask(ASK_SLOT_DELETE, 1));
	/* The VMM answers with all ones, and loses stores. */
	loads(BASE + 4096, ~0UL);
	stores(BASE + 4096, 1);
	check(!ask(ASK_SLOT_ADD, 1, 0));
	loads(BASE + 4096, value(4096));
	loads(BASE + 8192, value(8192));
}

/* A store of L3 into memory that its hypervisor may only read is L3's fault. */
static void read_only(void)
{
	if (!ready() || !extra() || !map_extra(1 << 20, 12))
		return;
	check(!ask(ASK_SLOT_DELETE, 1));
	if (ask(ASK_SLOT_ADD, 1, SLOT_READONLY)) {
		check(!ask(ASK_SLOT_ADD, 1, 0));
		skip("no read-only slots");
		return;
	}
	loads(BASE, value(0));
	check(l3_go(&vcpu, L3_PROGRAM(store), BASE, 1) == 0xc00);
	check(vcpu.regs.gpr[3] == 0x300, ": %lx", vcpu.regs.gpr[3]);
	check(vcpu.regs.gpr[6] == BASE, ": DAR %lx", vcpu.regs.gpr[6]);
	check(vcpu.regs.gpr[7] & CAUSE_STORE, ": DSISR %lx", vcpu.regs.gpr[7]);
	check(!ask(ASK_SLOT_DELETE, 1) && !ask(ASK_SLOT_ADD, 1, 0));
	loads(BASE, value(0));
}

static u64 dirty_pages(void)
{
	u64 out[9];

	check(!ask2(out, ASK_DIRTY_PAGES, 1));
	return out[0];
}

/* A store of L3 is in the log of the memory that it went to. */
static void dirty_log(void)
{
	u64 size = 1 << 20, page_size = arg("page", 4096), out[9];

	if (!ready() || !extra() || !map_extra(size, 12))
		return;
	stores(BASE, 1);
	check(!ask(ASK_SLOT_ADD, 1, SLOT_LOG));
	dirty_pages();
	for (u64 at = 0; at < size; at += 4096)
		loads(BASE + at, at ? value(at) : 1);
	for (unsigned int round = 0; round < 3; round++) {
		stores(BASE + size / 2 + 64, round);
		check(!ask2(out, ASK_DIRTY_FIRST, 1));
		check(out[0] <= size / 2 / page_size && out[1] >= size / 2 / page_size &&
		      out[1] != ~0UL, ": round %u: %lx to %lx", round, out[0], out[1]);
		check(!dirty_pages());
	}
	l3_init(&vcpu, &guest, 0);
	vcpu.regs.gpr[5] = page_size;
	check(l3_go(&vcpu, L3_PROGRAM(touch), BASE, size / page_size) == 0xc00);
	check(dirty_pages() == size / page_size);
	check(!ask(ASK_SLOT_ADD, 1, 0));
}

/* What L2 has mapped already, L3 touches for the first time. */
static void mapped_already(void)
{
	u64 size = extra(), before, out[9];
	long r;

	if (!size || !ready() || !map_extra(size, 12))
		return;
	r = ask2(out, ASK_EXITS);
	before = out[0];
	vcpu.regs.gpr[5] = 4096;
	check(l3_go(&vcpu, L3_PROGRAM(touch), BASE, size / 4096) == 0xc00);
	for (u64 at = 0; at < size && !failed(); at += 4096)
		check(own(at) == BASE + at, ": %lx: %lx", at, own(at));
	if (!r && !ask2(out, ASK_EXITS))
		print("# exits: %lu pages already mapped, %lu exits\n", size / 4096,
		      out[0] - before);
}

/* nest-exits.sh runs the first one alone. */
TESTS(
	{ "first touch of what is mapped", mapped_already },
	{ "nothing there", nothing_there },
	{ "permissions", permissions },
	{ "reference and change", reference_change },
	{ "trees that are none", bad_trees },
	{ "sizes of pages", sizes },
	{ "H_TLB_INVALIDATE", invalidation },
	{ "tlbie", instruction },
	{ "less permission, and more", less_permission },
	{ "H_RPT_INVALIDATE", ranges },
	{ "another tree", other_entry },
	{ "two guests", two_guests },
	{ "memory taken away", taken_away },
	{ "memory slot removed", slot_gone },
	{ "memory that is read-only below", read_only },
	{ "dirty log", dirty_log },
	{ "a device of the hypervisor", device },
	{ "reference by a fetch", reference_by_fetch },
);

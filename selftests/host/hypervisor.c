// SPDX-License-Identifier: GPL-2.0-only
/* What is around src/nested, as hypervisor.h says. */
#include <stdarg.h>
#include <stdlib.h>

#include <nhv/base.h>
#include <nhv/level.h>
#include <abi/exits.h>
#include <abi/numbers.h>
#include "hypervisor.h"
#include "ktap.h"

struct hypervisor t;

/* ---- the kernel -------------------------------------------------------------- */

static bool may_allocate(void)
{
	if (!t.fail_after)
		return false;
	if (t.fail_after > 0)
		t.fail_after--;
	return true;
}

void *kzalloc(size_t size, gfp_t flags)
{
	CHECK(flags & GFP_ACCOUNT, "not accounted");
	if (!may_allocate())
		return NULL;
	t.objects++;
	return calloc(1, size);
}

void *kcalloc(size_t nr, size_t size, gfp_t flags)
{
	return kzalloc(nr * size, flags);
}

void *kmalloc(size_t size, gfp_t flags)
{
	return kzalloc(size, flags);
}

void kfree(const void *object)
{
	t.objects -= !!object;
	free((void *)object);
}

void host_stored(void)
{
}

void (*meanwhile)(void);

void host_unlocked(spinlock_t *lock)
{
	void (*act)(void) = meanwhile;

	(void)lock;
	meanwhile = NULL;
	if (act)
		act();
}

void host_lock_misused(const char *what)
{
	CHECK(0, "a lock is %s", what);
}

u64 mftb(void)
{
	return t.now;
}

/* Whatever is asked of another room and can fail does so at its turn. */
static bool fails(void)
{
	return t.fail_ask >= 0 && !t.fail_ask--;
}

/* ---- the rooms around ---------------------------------------------------------- */

static bool reachable(u64 at, size_t size)
{
	return at < MEMORY && size <= MEMORY - at &&
	       !(t.hole && at <= t.hole && at + size > t.hole);
}

int nhv_guest_read(struct nhv_vm *vm, struct nhv_l2ra ra, void *to, size_t size)
{
	CHECK(vm == &t.vm, "the VM");
	CHECK(!t.vm.nesting.lock.held, "guest memory under a spinning lock");
	if (fails() || !reachable(ra.addr, size))
		return -EFAULT;
	memcpy(to, t.memory + ra.addr, size);
	while (size--)
		t.read[ra.addr + size]++;
	return 0;
}

int nhv_guest_write(struct nhv_vm *vm, struct nhv_l2ra ra, const void *from,
		    size_t size)
{
	CHECK(vm == &t.vm, "the VM");
	CHECK(!t.vm.nesting.lock.held, "guest memory under a spinning lock");
	if (fails() || !reachable(ra.addr, size))
		return -EFAULT;
	memcpy(t.memory + ra.addr, from, size);
	return 0;
}

void *nhv_host_reach(struct nhv_vm *vm, struct nhv_l2ra ra, size_t size, u64 bits)
{
	CHECK(vm == &t.vm && vm->mmu_lock.held, "its lock");
	if (!reachable(ra.addr, size) || (t.leaf & bits) != bits)
		return NULL;
	while (size--)
		t.read[ra.addr + size]++;
	return t.memory + ra.addr;
}

int nhv_level_nested_init(struct nhv_nested *nested)
{
	CHECK(!t.vm.nesting.lock.held, "a hypercall under a spinning lock");
	if (fails() || t.full)
		return -ENOSPC;
	nested->lpid = 100 + t.lpids++;
	return 0;
}

void nhv_level_nested_release(struct nhv_nested *nested)
{
	CHECK(nested->lpid >= 100, "no LPID");
	t.lpids--;
}

void nhv_level_nested_set_table(struct nhv_nested *nested)
{
	CHECK(nested->tree.root, "a tree for %u", nested->lpid);
	t.tables_set++;
	t.process_table = nested->pate[1];
}

void nhv_level_nested_clear(struct nhv_nested *nested)
{
	t.last_lpid = nested->lpid;
	t.cleared++;
}

/* Of a level that carries all: what they do is src/level's, see test_v2. */
struct nhv_level nhv_level = { .carries_all = true };

int nhv_level_dive_ready(struct nhv_vcpu *vcpu, struct nhv_nested *nested)
{
	CHECK(!vcpu->nested.guest && nested->refs, "L2 runs, and L3 is there");
	return t.unready;
}

void nhv_level_dive(struct nhv_vcpu *vcpu)
{
	CHECK(vcpu->nested.guest && vcpu->gs == vcpu->nested.gs, "L3 is in");
}

long nhv_level_dive_out(struct nhv_vcpu *vcpu)
{
	CHECK(vcpu->nested.guest, "L3 is still in");
	return t.lost;
}

bool nhv_level_same_turn(const struct nhv_vcpu *vcpu, u64 lpcr)
{
	CHECK(vcpu == &t.vcpu && lpcr, "an LPCR");
	return !t.other_turn;
}

void nhv_level_switched(struct nhv_vcpu *vcpu, u64 deadline)
{
	CHECK(vcpu == &t.vcpu && !t.vm.mmu_lock.held, "no lock");
	t.switched++;
	t.until = deadline;
}

void nhv_level_fetch(struct nhv_vcpu *vcpu, enum nhv_state what)
{
	CHECK(vcpu == &t.vcpu && what < NHV_NR_STATES, "a set of registers");
}

int nhv_level_vcpu_nest(struct nhv_vcpu *vcpu)
{
	if (fails() || !may_allocate())
		return -ENOMEM;
	vcpu->nested.gs = &t.nested_gs;
	vcpu->nested.regs = &t.nested_regs;
	return 0;
}

int nhv_shadow_init(struct nhv_nested *nested)
{
	if (fails() || !may_allocate())
		return -ENOMEM;
	t.trees++;
	nested->tree.root = (void *)t.memory;
	return 0;
}

void nhv_shadow_release(struct nhv_nested *nested)
{
	CHECK(nested->tree.root, "released twice");
	t.trees--;
}

void nhv_shadow_refill(struct nhv_nested *nested, struct nhv_fault_runs *runs,
		       struct nhv_l3ra at)
{
	CHECK(!nested->lock.held && runs, "no lock");
	t.refills++;
	t.from = at;
}

void nhv_shadow_unmap_range(struct nhv_nested *nested, struct nhv_l3ra from,
			    u64 size)
{
	CHECK(nested->lock.held, "its lock");
	t.ranges++;
	t.from = from;
	t.size = size;
}

void nhv_shadow_unmap_all(struct nhv_nested *nested)
{
	CHECK(nested->lock.held, "its lock");
	t.unmapped_all++;
}

void nhv_batch_init(struct nhv_batch *batch, u32 lpid)
{
	memset(batch, 0, sizeof(*batch));
	batch->lpid = lpid;
}

void nhv_batch_send(struct nhv_batch *batch, struct nhv_vm *vm)
{
	CHECK(vm == &t.vm && batch->all && batch->walk_cache, "all of it");
	t.batches++;
	t.last_lpid = batch->lpid;
}

bool nhv_vm_hcall_enabled(const struct nhv_vm *vm, unsigned int row)
{
	CHECK(vm == &t.vm && (row == NHV_ROW_RPT_INVALIDATE ||
			      row == NHV_ROW_ENTER_NESTED), "the call");
	return row == NHV_ROW_ENTER_NESTED || t.rpt;
}

/* ---- the guest hypervisor -------------------------------------------------------- */

void set_entry(u32 lpid, u64 tree, u64 process_table)
{
	const struct nhv_pate pate = {
		cpu_to_be64(tree), cpu_to_be64(process_table),
	};

	memcpy(t.memory + TABLE + 16 * lpid, &pate, sizeof(pate));
}

#define LEAF	(NHV_PTE_VALID | NHV_PTE_LEAF | NHV_PTE_R | NHV_PTE_C)

static void put(u32 at, u64 value)
{
	__be64 raw = cpu_to_be64(value);

	memcpy(t.memory + at, &raw, sizeof(raw));
}

void l2_leaf(unsigned int page, u64 rights)
{
	put(LEVEL_4K + 8 * page, rights ? LEAF | rights |
	    (MEMORY_L3 + page * 0x1000U) : 0);
}

void l3_leaf(unsigned int page, u64 rights)
{
	put(MEMORY_L3 + THEIR_TABLE + 8 * page,
	    rights ? LEAF | rights | (THEIR_PAGES + page * 0x1000U) : 0);
}

void build_l3(void)
{
	unsigned int i;

	set_entry(1, TREE, NHV_PATE1_GR | PROCESSES);
	put(ROOT, NHV_PTE_VALID | LEVEL_1G | 9);
	put(LEVEL_1G, NHV_PTE_VALID | LEVEL_2M | 9);
	put(LEVEL_2M, NHV_PTE_VALID | LEVEL_4K | 9);
	for (i = 0; i < PAGES_L3; i++)
		l2_leaf(i, RWX);
	/* RTS 0: a tree of 2^31 bytes. */
	put(MEMORY_L3 + PROCESSES, THEIR_ROOT | 10);
	put(MEMORY_L3 + PROCESSES + 16 * PID, THEIR_ROOT | 10);
	put(MEMORY_L3 + THEIR_ROOT, NHV_PTE_VALID | THEIR_TABLE | 9);
	for (i = 0; i < 8; i++)
		l3_leaf(i, RWX);
}

/* What it passes, in the byte order that its MSR says. */
void pass(u64 version, u32 lpid, u64 msr)
{
	bool swap = !(t.regs.msr & NHV_MSR_LE);
	struct nhv_hv_guest_state gs = {
		.version = version, .lpid = lpid, .vcpu_token = 3,
		.lpcr = NHV_LPCR_MER, .hfscr = NHV_HFSCR_FP | NHV_HFSCR_PM,
		.tb_offset = 0x1000000, .hdec_expiry = ~0ULL, .srr0 = 0x1234, .purr = 50, .vtb = 60, .dawr1 = 0x77,
	};
	struct nhv_pt_regs regs = {
		.gpr = { [0] = 0x100, [31] = 0x131 }, .nip = 0x4000, .msr = msr,
		.result = 0x9999,
	};

	if (swap) {
		nhv_serve_swap_state(&gs);
		nhv_serve_swap_regs(&regs);
	}
	memcpy(t.memory + STATE, &gs, sizeof(gs));
	memcpy(t.memory + REGS, &regs, sizeof(regs));
}

void start(void)
{
	memset(&t, 0, sizeof(t));
	t.fail_after = -1;
	t.fail_ask = -1;
	t.vcpu.vm = &t.vm;
	t.vcpu.gs = &t.gs;
	t.vcpu.regs = &t.regs;
	t.vcpu.lpcr = NHV_LPCR_HR | NHV_LPCR_GTSE;
	t.vcpu.hfscr = NHV_HFSCR_FP | NHV_HFSCR_TAR;
	t.vcpu.tb_offset = 1000;
	t.regs.msr = OWN_MSR;
	t.now = 5000;
	nhv_nesting_init(&t.vm);
	t.vm.nesting.enabled = true;
	nhv_nested_limits.guests = 64;
	nhv_nested_limits.copy = 65536;
	nhv_nested_set_ptcr(&t.vm, PTCR);
	set_entry(1, TREE, NHV_PATE1_GR | 0x5000 | 4);
}

void end(void)
{
	CHECK(!t.vcpu.nested.guest, "still inside");
	CHECK(!t.vm.nesting.lock.held && !t.vm.mmu_lock.held, "a lock is held");
	nhv_nesting_release(&t.vm);
	CHECK_EQ(t.objects, 0, "objects left");
	CHECK_EQ(t.lpids, 0, "LPIDs left");
	CHECK_EQ(t.trees, 0, "trees left");
}

long enter(void)
{
	return nhv_nested_enter(&t.vcpu, STATE, REGS);
}

long call(long (*handler)(struct nhv_vcpu *vcpu), unsigned int nr, ...)
{
	va_list args;
	unsigned int i;

	va_start(args, nr);
	for (i = 0; i < nr; i++)
		t.vcpu.regs->gpr[4 + i] = va_arg(args, u64);
	va_end(args);
	return handler(&t.vcpu);
}

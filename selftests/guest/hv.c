// SPDX-License-Identifier: GPL-2.0-only
/* A payload as a hypervisor: partition table, trees, entries. */
#include "hv.h"

#define HR		(1UL << 63)
#define ROOT_SIZE	(8UL << TREE_ROOT_BITS)
#define MSR_ISF		(MSR_SF | MSR_ME | MSR_LE)
#define LPCR_ILE	0x02000000UL
#define LPCR_LD		0x00020000UL
#define NEVER		0x7fffffffffffffUL
#define SPURIOUS_MAX	100000

_Static_assert(sizeof(struct hv_state) == 0xf8, "the ABI's size");
_Static_assert(sizeof(struct hv_regs) == 0x180, "the longest in use");

static u64 table[8192] __attribute__((aligned(1 << 16)));
u64 *const hv_partition_table = table;

static u64 be(u64 v)
{
	return __builtin_bswap64(v);
}

static bool big_endian(void)
{
	static int order;	/* 0: not known yet */

	if (!order)
		order = arg("be", 0) ? 2 : 1;
	return order == 2;
}

static const u64 kept[] = {	/* what watched_hcall gives the registers */
	0x110e, 0x110f, 0x1110, 0x1111, 0x1112, 0x1113, 0x1114, 0x1115, 0x1116,
	0x1117, 0x1118, 0x1119, 0x111a, 0x111b, 0x12345678, 0x12345678, 0xe, 0x110f,
};

/* CR, CTR and XER follow the general registers; volatile=1: they may be lost. */
static bool may_change(unsigned int i)
{
	static int lost;	/* 0: not known yet */

	if (!lost)
		lost = arg("volatile", 0) ? 2 : 1;
	return lost == 2 && i >= 14 && i <= 16;
}

/* A hypercall returns r3, and keeps all that PAPR says it keeps. */
long hv_call(u64 nr, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
	u64 args[10] = { nr, a, b, c, d, e, f }, out[ARRAY_SIZE(kept)];

	watched_hcall(args, out, big_endian());
	/* Some of it is volatile in PAPR; a hypervisor of this ABI keeps it. */
	for (unsigned int i = 0; i < ARRAY_SIZE(kept); i++)
		check(out[i] == kept[i] || may_change(i), ": call %lx, register %u is %lx", nr, i, out[i]);
	return args[0];
}

bool hv_ready(void)
{
	static int answer;	/* 0: not asked yet */

	if (!answer)
		answer = hv(H_SET_PARTITION_TABLE, hv_table_value()) == H_FUNCTION ? 1 : 2;
	if (answer == 1)
		skip("no hypervisors here");
	return answer == 2;
}

u64 hv_table_value(void)
{
	return (u64)table | PARTITION_SIZE_FIELD;
}

void hv_set_entry(u32 lpid, u64 dword0, u64 dword1)
{
	table[2 * lpid + 1] = be(dword1);
	table[2 * lpid] = be(dword0);
	sync();
}

u64 hv_root_value(const u64 *root)
{
	return HR | TREE_RTS_52 | (u64)root | TREE_ROOT_BITS;
}

void *hv_memory(u64 size, u64 align)
{
	static u64 next;
	u64 at;

	if (!next)
		next = (u64)image_end;
	at = (next + align - 1) & ~(align - 1);
	next = at + size;
	/* The device tree and RTAS are at the end of memory. */
	if (next > memory_size(0) - 0x40000) {
		print("# the payload needs more memory\n");
		quit(98);
	}
	memset((void *)at, 0, size);
	return (void *)at;
}

/* What was there of an earlier guest of that number is gone. */
bool hv_guest_make(struct l3_guest *g, u32 lpid)
{
	g->lpid = lpid;
	g->root = hv_memory(ROOT_SIZE, ROOT_SIZE);
	if (!tree_map(g->root, 0, (u64)l3_image, 0x10000, 12, LEAF_ALL))
		return check(!"tables");
	hv_set_entry(lpid, hv_root_value(g->root), HR);
	return check(!hv_flush_lpid(lpid, 2));
}

void hv_guest_end(struct l3_guest *g)
{
	hv_set_entry(g->lpid, 0, 0);
	check(!hv_flush_lpid(g->lpid, 2));
}

void l3_init(struct l3 *v, const struct l3_guest *g, u64 program)
{
	memset(v, 0, sizeof(*v));
	v->state.version = 2;
	v->state.lpid = g->lpid;
	v->state.token = this_cpu()->index;
	v->state.lpcr = LPCR_ILE | LPCR_LD;
	v->state.hfscr = 0xaf;	/* all but TM and what only a host has */
	v->state.amor = ~0UL;
	v->state.hdec_expiry = ~0UL;
	v->state.ppr = 0x0008000000000000UL;
	v->regs.msr = MSR_ISF | MSR_FP | MSR_VEC | MSR_VSX;
	v->regs.nip = program;
}

static void to_wire(u64 *to, const void *from, size_t size)
{
	const u64 *words = from;

	for (size_t i = 0; i < size / 8; i++)
		to[i] = big_endian() ? be(words[i]) : words[i];
}

static void from_wire(void *to, const u64 *from, size_t size)
{
	u64 *words = to;

	for (size_t i = 0; i < size / 8; i++)
		words[i] = big_endian() ? be(from[i]) : from[i];
}

/* lpid and token are two words of their own in the second doubleword. */
static u64 turned(u64 word)
{
	return big_endian() ? word << 32 | word >> 32 : word;
}

static void put_ids(struct l3 *v)
{
	u64 ids = (u64)v->state.token << 32 | v->state.lpid;

	v->wire_state[1] = turned(big_endian() ? be(ids) : ids);
}

/* Enters with buffers at any address; what is in ours goes out and comes back. */
long l3_enter_raw(struct l3 *v, u64 state, u64 regs)
{
	u32 lpid = v->state.lpid, token = v->state.token;
	long r;

	to_wire(v->wire_state, &v->state, sizeof(v->state));
	to_wire(v->wire_regs, &v->regs, sizeof(v->regs));
	put_ids(v);
	r = hv(H_ENTER_NESTED, state, regs);
	from_wire(&v->state, v->wire_state, sizeof(v->state));
	from_wire(&v->regs, v->wire_regs, sizeof(v->regs));
	v->state.lpid = lpid;
	v->state.token = token;
	return r;
}

long l3_enter(struct l3 *v)
{
	return l3_enter_raw(v, (u64)v->wire_state, (u64)v->wire_regs);
}

/* Entered again until it ends for a reason of its own. */
long l3_run(struct l3 *v)
{
	long r;

	mtspr(SPR_DEC, NEVER);
	for (unsigned int n = 0; n < SPURIOUS_MAX; n++) {
		r = l3_enter(v);
		/* the host's own reasons: nothing, external, its timer, doorbells */
		if (r && r != 0x500 && r != 0xea0 && r != 0xe80 && r != 0x980)
			break;
		v->spurious++;
	}
	mtspr(SPR_DEC, NEVER);
	return r;
}

long l3_go(struct l3 *v, u64 program, u64 r3, u64 r4)
{
	v->regs.nip = program;
	v->regs.msr = MSR_ISF | MSR_FP | MSR_VEC | MSR_VSX;
	v->regs.gpr[3] = r3;
	v->regs.gpr[4] = r4;
	return l3_run(v);
}

u64 l3_get_leaf(struct l3_guest *g, u64 real, unsigned int shift)
{
	u64 *e = tree_entry(g->root, real, shift);

	return e ? be(*e) : 0;
}

void l3_set_leaf(struct l3_guest *g, u64 real, unsigned int shift, u64 value)
{
	u64 *e = tree_entry(g->root, real, shift);

	if (check(e))
		*(volatile u64 *)e = be(value);
	asm volatile("ptesync" : : : "memory");
}

long hv_flush_page(u32 lpid, u64 real, unsigned int ap)
{
	return hv(H_TLB_INVALIDATE, TLBIE(0, 0, 1), lpid, real | AP(ap) | IS_PAGE);
}

long hv_flush_lpid(u32 lpid, unsigned int ric)
{
	return hv(H_TLB_INVALIDATE, TLBIE(ric, 0, 1), lpid, IS_LPID);
}

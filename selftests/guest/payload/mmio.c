// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every load and store on the test device, which behaves as RAM: the same
 * instruction runs on the device and on RAM with the same bytes, and all
 * registers and bytes must be alike afterwards.  In both byte orders, with
 * translation off and on.
 */
#include "guest.h"
#include "insn.h"

struct insn {
	u32 flags, size;
	const char *name;
	const u32 *code;
};

struct insn_regs {
	u64 gpr[4];
	u64 vs1[2], vs34[2];
};

extern const struct insn insns[];
extern char run_insn_back[];
void run_insn(struct insn_regs *r, const void *code, u64 msr);

#define OFFSET	0x100	/* in the device and in the RAM behind it */

static u8 memory[512] __attribute__((aligned(256)));
static u32 code[16] __attribute__((aligned(64)));

static u64 pattern(u64 n)
{
	n = (n + 1) * 0x9e3779b97f4a7c15UL;
	return (n ^ n >> 31) * 0xbf58476d1ce4e5b9UL;
}

/* The instruction, and rfid with SRR0 and SRR1 set to come back. */
static void make_code(const struct insn *i, bool big)
{
	static const u32 before[] = {
		0x7f9a03a6,	/* mtsrr0 r28 */
		0x7fbb03a6,	/* mtsrr1 r29 */
	};
	int n = 0;

	code[n++] = before[0];
	code[n++] = before[1];
	code[n++] = i->code[0];
	if (i->flags & INSN_P10)
		code[n++] = i->code[1];
	code[n++] = 0x4c000024;	/* rfid */
	while (big && n--)
		code[n] = __builtin_bswap32(code[n]);
	asm volatile("dcbst 0,%0; sync; icbi 0,%0; sync; isync" : : "r"(code) : "memory");
}

static void set_regs(struct insn_regs *r, const struct insn *i, u64 base)
{
	r->gpr[0] = base;
	r->gpr[1] = 16;
	r->gpr[2] = pattern(i->size * 77 + i->flags);
	r->gpr[3] = 0;
	r->vs1[0] = 0x3ff8000000000000UL;
	r->vs1[1] = 0x4005bf0a8b145769UL;
	r->vs34[0] = 0x400921fb54442d18UL;
	r->vs34[1] = 0x3ff0000000000000UL;
}

/* The device's bytes from the outside, where no load instruction is involved. */
static u64 device_word(u64 offset)
{
	u64 out[9];

	check(!ask2(out, ASK_DEVICE_READ, offset));
	return out[0];
}

static void copy_device(void)
{
	for (u64 at = 0; at < 64; at += 8)
		*(u64 *)(memory + at) = device_word(OFFSET + at);
}

static bool same_bytes(void)
{
	for (u64 at = 0; at < 64; at += 8)
		if (device_word(OFFSET + at) != *(u64 *)(memory + at))
			return false;
	return true;
}

static bool same_regs(const struct insn *i, const struct insn_regs *a, const struct insn_regs *b)
{
	bool scalar = i->flags & INSN_SCALAR;

	return a->gpr[0] - DEVICE_BASE - OFFSET == b->gpr[0] - (u64)memory &&
	       a->gpr[1] == b->gpr[1] && a->gpr[2] == b->gpr[2] &&
	       (scalar || a->vs1[0] == b->vs1[0]) && a->vs1[1] == b->vs1[1] &&
	       (scalar || a->vs34[0] == b->vs34[0]) && a->vs34[1] == b->vs34[1];
}

static void complain(const struct insn *i, const char *what, struct insn_regs *d,
		     struct insn_regs *m)
{
	fail("mmio", 0, "%s: %s differs", i->name, what);
	print("# device: r4 %lx r6 %lx vs1 %lx %lx vs34 %lx %lx\n", d->gpr[0] - DEVICE_BASE,
	      d->gpr[2], d->vs1[0], d->vs1[1], d->vs34[0], d->vs34[1]);
	print("# memory: r4 %lx r6 %lx vs1 %lx %lx vs34 %lx %lx\n",
	      m->gpr[0] - (u64)memory + OFFSET, m->gpr[2], m->vs1[0], m->vs1[1],
	      m->vs34[0], m->vs34[1]);
}

static void one(const struct insn *i, bool big, u64 msr)
{
	bool excepted;
	struct insn_regs device, ram;
	u64 out[9];

	check(!ask(ASK_DEVICE_FILL, i->size + i->flags * 3));
	copy_device();
	make_code(i, big);
	set_regs(&ram, i, (u64)memory);
	run_insn(&ram, code, msr);
	set_regs(&device, i, DEVICE_BASE + OFFSET);
	ask2(out, ASK_DEVICE_LOG);
	catch_traps(true);
	run_insn(&device, code, msr);
	excepted = caught();
	if (excepted)
		fail("mmio", 0, "%s: exception %lx", i->name, this_cpu()->caught.vector);
	catch_traps(false);
	ask2(out, ASK_DEVICE_LOG);
	if (excepted)
		return;
	if (!same_regs(i, &device, &ram))
		complain(i, "a register", &device, &ram);
	if (!same_bytes())
		complain(i, "memory", &device, &ram);
	check(out[1] == i->size, ": %s moved %lu bytes", i->name, out[1]);
	check(out[2] == (i->size > 8 ? out[2] : i->size), ": %s in pieces of %lu", i->name, out[2]);
}

static bool have(const struct insn *i)
{
	u64 pvr = mfspr(287) >> 16;

	return !(i->flags & INSN_P10) || pvr == 0x80 || pvr == 0x82;
}

static void forms(bool big, bool translated, u32 whole)
{
	u64 msr = MSR_SF | MSR_ME | MSR_FP | MSR_VEC | MSR_VSX, first = arg("insn", 0), n = 0;

	if (!big)
		msr |= MSR_LE;
	if (translated) {
		if (!check(mmu_on()))
			return;
		msr |= MSR_IR | MSR_DR;
	}
	for (const struct insn *i = insns; i->size; i++, n++) {
		if (!have(i) || (i->flags & INSN_WHOLE) != whole || (first && n + 1 != first))
			continue;
		if (first)
			print("# %s\n", i->name);
		one(i, big, msr);
	}
	mmu_off();
	print("# %lu instructions\n", n);
}

static void little_real(void) { forms(false, false, 0); }
static void big_real(void) { forms(true, false, 0); }
static void little_translated(void) { forms(false, true, 0); }
static void big_translated(void) { forms(true, true, 0); }

/* whole=0: not for a hypervisor that tries these for ever */
static void whole_vectors(void)
{
	if (!arg("whole", 1)) {
		skip("not asked for");
		return;
	}
	for (int how = 0; how < 4; how++)
		forms(how & 1, how & 2, INSN_WHOLE);
}

/*
 * What makes no sense on a device: an exception or any result will do, but
 * the guest goes on.
 */
static void senseless(void)
{
	u64 r, addr = DEVICE_BASE + OFFSET;

	if (!arg("whole", 1)) {
		skip("not asked for");
		return;
	}
	catch_traps(true);
	asm volatile("lwarx %0,0,%1" : "=r"(r) : "r"(addr));
	asm volatile("ldarx %0,0,%1; stdcx. %0,0,%1" : "=&r"(r) : "r"(addr) : "cr0");
	asm volatile("dcbz 0,%0" : : "r"(addr));
	asm volatile("dcbt 0,%0; dcbst 0,%0; icbi 0,%0" : : "r"(addr));
	asm volatile("lq 28,0(%0)" : : "b"(addr) : "r28", "r29");
	asm volatile("stq 28,0(%0)" : : "b"(addr));
	asm volatile("ld %0,0(%1)" : "=r"(r) : "b"(DEVICE_BASE + 0xffc));
	asm volatile("std %0,0(%1)" : : "r"(r), "b"(DEVICE_BASE + 0xffc));
	catch_traps(false);
	*(volatile u32 *)addr = 0x1234;
	check(*(volatile u32 *)addr == 0x1234);
}

static u64 events(void)
{
	u64 out[9];

	check(!ask2(out, ASK_EVENT_COUNT));
	return out[0];
}

#define AT(n)	(DEVICE_BASE + 0x1000 + (n))
#define MATCH	1

static void ioeventfd(void)
{
	u64 out[9];

	events();
	ask2(out, ASK_DEVICE_LOG);
	check(!ask(ASK_EVENT_ADD, AT(0), 2, 0x1234, MATCH));
	check(!ask(ASK_EVENT_ADD, AT(8), 4, 0, 0));
	check(!ask(ASK_EVENT_ADD, AT(16), 0, 0, 0));
	check(!ask(ASK_EVENT_ADD, AT(24), 1, 0, 0));
	check(!ask(ASK_EVENT_ADD, AT(32), 8, 7, MATCH));
	*(volatile u16 *)AT(0) = 0x1234;
	check(events() == 1);
	*(volatile u16 *)AT(0) = 0x1235;	/* other data: to user space */
	*(volatile u32 *)AT(0) = 0x1234;	/* another length */
	check(events() == 0);
	*(volatile u32 *)AT(8) = 99;
	check(events() == 1);
	*(volatile u16 *)AT(8) = 99;
	check(events() == 0);
	*(volatile u8 *)AT(16) = 1;		/* any length, any data */
	*(volatile u16 *)AT(16) = 1;
	*(volatile u32 *)AT(16) = 1;
	*(volatile u64 *)AT(16) = 1;
	check(events() == 4);
	*(volatile u8 *)AT(24) = 5;
	check(events() == 1);
	*(volatile u64 *)AT(32) = 7;
	check(events() == 1);
	*(volatile u64 *)AT(32) = 8;
	check(events() == 0);
	(void)*(volatile u32 *)AT(8);		/* a load is none */
	check(events() == 0);
	ask2(out, ASK_DEVICE_LOG);
	check(out[0] == 5, ": %lu accesses came to user space", out[0]);
	check(!ask(ASK_EVENT_DEL, AT(8), 4, 0, 0));
	*(volatile u32 *)AT(8) = 99;
	check(events() == 0);
	check(!ask(ASK_EVENT_DEL, AT(0), 2, 0x1234, MATCH));
	check(!ask(ASK_EVENT_DEL, AT(16), 0, 0, 0));
	check(!ask(ASK_EVENT_DEL, AT(24), 1, 0, 0));
	check(!ask(ASK_EVENT_DEL, AT(32), 8, 7, MATCH));
}

/*
 * H_LOGICAL_CI_LOAD and _STORE, by which firmware reaches devices: the bytes
 * are a big-endian number, whatever the caller is.
 */
static void logical_ci(void)
{
	static const u64 sizes[] = { 1, 2, 4, 8 };
	u64 out[9];

	check(!ask(ASK_DEVICE_FILL, 4711));
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		u64 size = sizes[i], offset = 0x200 + i * 64, v = pattern(i), is;
		unsigned int shift = 64 - 8 * size;

		check(!hcall9(out, H_LOGICAL_CI_LOAD, size, DEVICE_BASE + offset, 0, 0, 0, 0));
		is = __builtin_bswap64(device_word(offset)) >> shift;
		check(out[0] == is, ": %lx, not %lx", out[0], is);
		check(!hcall(H_LOGICAL_CI_STORE, size, DEVICE_BASE + offset, v));
		is = __builtin_bswap64(device_word(offset)) >> shift;
		check(is == v << shift >> shift, ": %lx", is);
	}
	/* In memory. */
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		u64 size = sizes[i], v = pattern(i), is;
		unsigned int shift = 64 - 8 * size;

		check(!hcall(H_LOGICAL_CI_STORE, size, (u64)memory, v));
		is = __builtin_bswap64(*(volatile u64 *)memory) >> shift;
		check(is == v << shift >> shift, ": %lx", is);
		check(!hcall9(out, H_LOGICAL_CI_LOAD, size, (u64)memory, 0, 0, 0, 0));
		check(out[0] == is, ": %lx, not %lx", out[0], is);
	}
	check(hcall(H_LOGICAL_CI_LOAD, 3, DEVICE_BASE));
	check(hcall(H_LOGICAL_CI_STORE, 16, DEVICE_BASE));
}

TESTS(
	{ "little-endian, real", little_real },
	{ "little-endian, translated", little_translated },
	{ "big-endian, real", big_real },
	{ "big-endian, translated", big_translated },
	{ "vectors as a whole", whole_vectors },
	{ "senseless accesses", senseless },
	{ "ioeventfd", ioeventfd },
	{ "H_LOGICAL_CI_LOAD and STORE", logical_ci },
);

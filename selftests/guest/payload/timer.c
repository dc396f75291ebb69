// SPDX-License-Identifier: GPL-2.0-only
/* Decrementer, cede, prod, confer, the external line, the timebase. */
#include "guest.h"

#define FAR	0x7fffffffffffffUL	/* no decrementer interrupt in this life */

/* So many interrupts of all may be for a value that the handler had replaced. */
#define LATE_MAX	2

static volatile u64 ticks, irqs, tick_tb, late, late_in_all;

/*
 * There is no exception any more while DEC is positive (ISA 3.1 Book III 7.5.11). QEMU
 * on a busy machine may raise one nevertheless, after the one that was due.
 */
static void on_dec(struct frame *f)
{
	if (ticks && !(mfspr(22) >> 55 & 1)) {
		late++;
		late_in_all++;
	}
	ticks++;
	tick_tb = mftb();
	mtspr(22, FAR);
}

/* The line is a level: it must be low before EE can be set again. */
static void on_irq(struct frame *f)
{
	irqs++;
	ask(ASK_IRQ, this_cpu()->index, 0);
}

static void begin(void)
{
	on_trap(0x900, on_dec);
	on_trap(0x500, on_irq);
	ee_off();
	mtspr(22, FAR);
	ee_on();
	ee_off();
	ticks = irqs = late = 0;
	/* No prod of an earlier test is left. */
	hcall(H_PROD, this_cpu()->index);
	hcall(H_CEDE);
	ee_off();
}

static u64 ms(u64 n)
{
	return n * tb_hz() / 1000;
}

/* Waits with EE on for a count to move; false after that many ticks. */
static bool wait(volatile u64 *count, u64 limit)
{
	u64 start = mftb();

	ee_on();
	while (!*count && mftb() - start < limit)
		;
	ee_off();
	return *count;
}

static bool once(void)
{
	return ticks - late == 1 && late_in_all <= LATE_MAX;
}

static void one_dec(u64 dec, u64 least)
{
	u64 start;

	begin();
	start = mftb();
	mtspr(22, dec);
	if (check(wait(&ticks, ms(2000)), ": dec %lx", dec)) {
		if (late)
			print("# dec %lx: %lu late interrupts\n", dec, late);
		check(once(), ": %lu, %lu late", ticks, late);
		check(tick_tb - start >= least, ": after %lu", tick_tb - start);
	}
}

static void dec_fires(void)
{
	one_dec(0, 0);
	one_dec(1, 1);
	one_dec(1000, 1000);
	one_dec(ms(1), ms(1));
	one_dec(ms(20), ms(20));
	one_dec(-1UL, 0);
	one_dec(1UL << 55, 0);		/* negative in 56 bits */
}

static void dec_waits_for_ee(void)
{
	begin();
	mtspr(22, 10);
	for (int i = 0; i < 100; i++)
		hcall(H_PROD, this_cpu()->index);
	check(!ticks);
	check(wait(&ticks, ms(500)));
	check(ticks == 1);
}

/* A decrementer taken back before EE leaves nothing behind. */
static void dec_withdrawn(void)
{
	begin();
	mtspr(22, -5UL);
	hcall(H_PROD, this_cpu()->index);
	hcall(H_TEST_NONE);
	mtspr(22, FAR);
	check(!wait(&ticks, ms(50)));
}

static void dec_large(void)
{
	u64 first, dec;

	begin();
	mtspr(22, 0x80000000UL);	/* negative only in 32 bits */
	first = mfspr(22);
	check(!wait(&ticks, ms(20)));
	dec = mfspr(22);
	check(first <= 0x80000000UL && first > 0x80000000UL - ms(100), ": %lx", first);
	check(dec < first && dec > 0x80000000UL - ms(2000), ": %lx", dec);
	mtspr(22, FAR);
	hcall(H_TEST_NONE);
	dec = mfspr(22);
	check(dec < FAR && dec > FAR - ms(1000), ": %lx", dec);
}

/*
 * dec + tb is constant while nobody sets dec.  Each exit may add what lies
 * between reading one and writing the other, but never what the exit took.
 */
static void dec_keeps_time(void)
{
	u64 start, sum;
	long moved, elapsed;

	begin();
	mtspr(22, ms(1000000));
	hcall(H_TEST_NONE);
	start = mftb();
	sum = mfspr(22) + mftb();
	for (u64 i = 0; i < 1000; i++) {
		hcall(H_PROD, this_cpu()->index);
		hcall(H_TEST_NONE);
	}
	moved = mfspr(22) + mftb() - sum;
	elapsed = mftb() - start;
	print("# dec moved by %ld of %ld ticks in 2000 exits\n", moved, elapsed);
	check(moved < elapsed / 4 && -moved < elapsed / 4);
}

static void timebase(void)
{
	u64 last = mftb(), now, largest = 0;

	for (int i = 0; i < 5000; i++) {
		if (i % 4 == 1)
			hcall(H_PROD, this_cpu()->index);
		else if (i % 4 == 3)
			hcall(H_TEST_NONE);
		now = mftb();
		if (!check(now >= last, ": %lx after %lx", now, last))
			break;
		if (now - last > largest)
			largest = now - last;
		last = now;
	}
	check(largest < ms(5000));
}

#define ID_TB_OFFSET	0x103000000000009cUL

static void tb_offset(void)
{
	const u64 step = 1UL << 40;
	u64 offset = get_one_reg(ID_TB_OFFSET), before = mftb(), after;

	begin();
	check(!set_one_reg(ID_TB_OFFSET, offset + step));
	after = mftb();
	check(after - before >= step && after - before < step + ms(5000),
	      ": %lx", after - before);
	check(get_one_reg(ID_TB_OFFSET) == offset + step);
	check(!set_one_reg(ID_TB_OFFSET, offset + 1));
	check(get_one_reg(ID_TB_OFFSET) == ((offset + (1UL << 24)) & ~0xffffffUL));
	check(!set_one_reg(ID_TB_OFFSET, offset));
	mtspr(22, ms(5));
	check(wait(&ticks, ms(2000)));
}

static void cede_until_dec(void)
{
	u64 start;

	begin();
	start = mftb();
	mtspr(22, ms(10));
	check(hcall(H_CEDE) == H_SUCCESS);
	check(mfmsr() & MSR_EE);
	check(mftb() - start >= ms(10));
	check(wait(&ticks, ms(500)));
	check(ticks == 1 && tick_tb - start >= ms(10));
	check(tick_tb - start < ms(3000), ": %lu ms", (tick_tb - start) * 1000 / tb_hz());
}

/* A prod that comes first is remembered, once. */
static void prod_then_cede(void)
{
	u64 start;

	begin();
	mtspr(22, ms(3000));
	start = mftb();
	check(hcall(H_PROD, this_cpu()->index) == H_SUCCESS);
	check(hcall(H_PROD, this_cpu()->index) == H_SUCCESS);
	check(hcall(H_CEDE) == H_SUCCESS);
	ee_off();
	check(mftb() - start < ms(2000));
	check(!ticks);
	mtspr(22, ms(20));
	start = mftb();
	check(hcall(H_CEDE) == H_SUCCESS);
	ee_off();
	check(mftb() - start >= ms(20));
}

static void prod_nobody(void)
{
	check(hcall(H_PROD, 0x7fff) == H_PARAMETER, ": %ld", hcall(H_PROD, 0x7fff));
	check(hcall(H_CONFER, 0x7fff, 0) == H_PARAMETER);
	check(hcall(H_CONFER, -1UL, 0) == H_SUCCESS);
}

static void cede_until_irq(void)
{
	begin();
	check(!ask(ASK_IRQ_LATER, this_cpu()->index, 20000));
	check(hcall(H_CEDE) == H_SUCCESS);
	check(wait(&irqs, ms(500)));
	check(irqs == 1 && !ticks);
}

static void irq_while_running(void)
{
	begin();
	check(!ask(ASK_IRQ_LATER, this_cpu()->index, 20000));
	check(wait(&irqs, ms(5000)));
	check(irqs == 1);
}

/*
 * n=: one after the other, each while this loop runs: see irqs.c of the VMM.
 * limit=: of all, in ms.
 */
static void irqs_while_running(void)
{
	static volatile struct {
		u64 turns, taken;
	} told;
	u64 start, n = arg("n", 20), limit = ms(arg("limit", 60000));

	begin();
	told.turns = told.taken = 0;
	if (!check(!ask(ASK_IRQ_TRAIN, this_cpu()->index, (u64)&told, n)))
		return;
	start = mftb();
	ee_on();
	while (irqs < n && mftb() - start < limit) {
		told.turns++;
		told.taken = irqs;
		relax();
	}
	ee_off();
	check(irqs == n, ": %lu of %lu", irqs, n);
}

/* Pending while EE is off; a guest then sets EE without any exit of its own. */
static void irq_waits_for_ee(void)
{
	u64 start, limit = ms(5000);

	begin();
	check(!ask(ASK_IRQ_LATER, this_cpu()->index, 10000));
	for (start = mftb(); mftb() - start < ms(100);)
		;
	check(!irqs);
	start = mftb();
	check(wait(&irqs, limit));
	check(irqs == 1);
	print("# taken %lu us after EE\n", (mftb() - start) * 1000000 / tb_hz());
}

static void irq_withdrawn(void)
{
	begin();
	check(!ask(ASK_IRQ, this_cpu()->index, 1));
	hcall(H_PROD, this_cpu()->index);
	check(!ask(ASK_IRQ, this_cpu()->index, 0));
	check(!wait(&irqs, ms(100)));
}

/* A level that stays comes again after each return from its handler. */
static volatile u64 level_count;

static void on_level(struct frame *f)
{
	if (++level_count == 3)
		ask(ASK_IRQ, this_cpu()->index, 0);
}

static void irq_is_level(void)
{
	volatile u64 never = 0;

	begin();
	on_trap(0x500, on_level);
	level_count = 0;
	check(!ask(ASK_IRQ, this_cpu()->index, 1));
	wait(&never, ms(300));
	check(level_count == 3, ": %lu", level_count);
	ask(ASK_IRQ, this_cpu()->index, 0);
}

static void dec_and_irq(void)
{
	begin();
	check(!ask(ASK_IRQ, this_cpu()->index, 1));
	mtspr(22, 0);
	hcall(H_PROD, this_cpu()->index);
	check(wait(&irqs, ms(2000)));
	check(wait(&ticks, ms(2000)));
	check(irqs == 1 && ticks == 1);
}

TESTS(
	{ "decrementer fires when it should", dec_fires },
	{ "decrementer waits for EE", dec_waits_for_ee },
	{ "decrementer withdrawn", dec_withdrawn },
	{ "large decrementer", dec_large },
	{ "decrementer keeps time over exits", dec_keeps_time },
	{ "timebase never goes back", timebase },
	{ "timebase offset", tb_offset },
	{ "cede until the decrementer", cede_until_dec },
	{ "prod before cede", prod_then_cede },
	{ "prod and confer of nobody", prod_nobody },
	{ "cede until an interrupt", cede_until_irq },
	{ "interrupt while running", irq_while_running },
	{ "interrupt waits for EE", irq_waits_for_ee },
	{ "interrupt withdrawn", irq_withdrawn },
	{ "interrupt is a level", irq_is_level },
	{ "decrementer and interrupt together", dec_and_irq },
	{ "interrupts while running", irqs_while_running },
);

// SPDX-License-Identifier: GPL-2.0-only
/* Several processors: start, locks, prod and cede, interrupts, stop. */
#include "guest.h"

static volatile u64 lock, counter, running[MAX_CPUS], ipis[MAX_CPUS], go, rounds;
static bool all_cede;
static unsigned int cpus;

static void spin_lock(void)
{
	u64 got;

	asm volatile("1: ldarx %0,0,%1; cmpdi %0,0; bne- 1b; stdcx. %1,0,%1; bne- 1b; isync"
		     : "=&r"(got) : "r"(&lock) : "cr0", "memory");
}

static void spin_unlock(void)
{
	asm volatile("lwsync" : : : "memory");
	lock = 0;
}

static u64 ms(u64 n)
{
	return n * tb_hz() / 1000;
}

static bool until(volatile u64 *word, u64 value, u64 limit)
{
	u64 start = mftb();

	while (*word < value && mftb() - start < limit)
		;
	return *word >= value;
}

/* Each gets a function to run and says when it is through. */
static void (*volatile work)(u64 me);

static void secondary(u64 me)
{
	mtspr(22, 0x7fffffffffffffUL);
	running[me] = 1;
	sync();
	work(me);
	sync();
	running[me] = 2;
	stop_cpu();
	for (;;)
		;
}

static bool start_all(void (*fn)(u64))
{
	cpus = cpu_count();
	if (cpus > MAX_CPUS)
		cpus = MAX_CPUS;
	if (cpus < 2) {
		skip("one processor");
		return false;
	}
	work = fn;
	go = 0;
	for (unsigned int i = 1; i < cpus; i++) {
		running[i] = 0;
		if (!check(!start_cpu(i, secondary, i)))
			return false;
	}
	for (unsigned int i = 1; i < cpus; i++)
		if (!check(until(&running[i], 1, ms(20000)), ": cpu %u", i))
			return false;
	return true;
}

/* All are through, and have stopped, so that they can be started again. */
static void join_all(void)
{
	for (unsigned int i = 1; i < cpus; i++) {
		u32 values[2] = { i };
		u64 start = mftb();

		check(until(&running[i], 2, ms(120000)), ": cpu %u", i);
		do {
			values[0] = i;
			rtas(fdt_u32("rtas", "query-cpu-stopped-state", 0), 1, 2, values);
		} while (values[0] && mftb() - start < ms(10000));
		check(!values[0], ": cpu %u state %u", i, values[0]);
	}
}

static void nothing(u64 me)
{
}

static void start_stop(void)
{
	for (int i = 0; i < 20 && !failed(); i++) {
		if (!start_all(nothing))
			return;
		join_all();
	}
}

static void count(u64 me)
{
	for (u64 i = 0; i < rounds; i++) {
		spin_lock();
		counter++;
		spin_unlock();
		if (i % 64 == me)
			hcall(H_CONFER, -1UL, 0);
		if (i % 128 == me)
			hcall(H_TEST_NONE);
	}
}

static void locks(void)
{
	rounds = arg("rounds", 100000);
	counter = 0;
	if (!start_all(count))
		return;
	count(0);
	join_all();
	check(counter == rounds * cpus, ": %lu", counter);
}

/* Two pass a ball: each cedes until it is prodded. */
static volatile u64 ball;

static void play(u64 me)
{
	u64 other = !me;

	if (me > 1)
		return;
	while (ball < rounds) {
		if (ball % 2 == me) {
			ball++;
			sync();
			hcall(H_PROD, other);
		} else {
			hcall(H_CEDE);
			ee_off();
		}
	}
	hcall(H_PROD, other);
}

static void prod_cede(void)
{
	u64 start = mftb();

	ball = 0;
	rounds = arg("prods", 2000);
	mtspr(22, 0x7fffffffffffffUL);
	if (!start_all(play))
		return;
	play(0);
	join_all();
	check(ball >= rounds);
	print("# %lu prods in %lu ms\n", ball, (mftb() - start) * 1000 / tb_hz());
}

static void on_ipi(struct frame *f)
{
	u64 out[9], me = this_cpu()->index;

	check(!hcall9(out, H_XIRR, 0, 0, 0, 0, 0, 0));
	if ((out[0] & 0xffffff) == 2) {
		hcall(H_IPI, me, 0xff);
		ipis[me]++;
	}
	hcall(H_EOI, out[0]);
}

/* Every other one waits in H_CEDE, and with cede=1 all; else it spins with EE on. */
static void wait_ipis(u64 n)
{
	u64 me = this_cpu()->index, start = mftb(), use_cede = all_cede || me & 1;

	while (ipis[me] < n && mftb() - start < ms(60000)) {
		if (use_cede) {
			ee_off();
			if (ipis[me] < n)
				hcall(H_CEDE);
		}
		ee_on();
	}
	ee_off();
}

static void ring(u64 me)
{
	hcall(H_CPPR, 0xff);
	ipis[me] = 0;
	running[me] = 1;
	until(&go, 1, ms(60000));
	for (u64 i = 1; i <= rounds; i++) {
		wait_ipis(i);
		hcall(H_IPI, (me + 1) % cpus, 4);
	}
}

/* round_ms=: how long a round may take, which is not limited without */
static void ipi_ring(void)
{
	u64 start, took;

	on_trap(0x500, on_ipi);
	rounds = arg("ipis", 200);
	all_cede = arg("cede", 0);
	mtspr(22, 0x7fffffffffffffUL);
	hcall(H_CPPR, 0xff);
	ipis[0] = 0;
	if (!start_all(ring))
		return;
	start = mftb();
	go = 1;
	for (u64 i = 1; i <= rounds && !failed(); i++) {
		hcall(H_IPI, 1, 4);
		wait_ipis(i);
		check(ipis[0] == i, ": %lu of %lu", ipis[0], i);
	}
	join_all();
	took = (mftb() - start) * 1000 / tb_hz();
	print("# %lu rounds of %u in %lu ms\n", rounds, cpus, took);
	check(took <= rounds * arg("round_ms", took), ": %lu ms", took);
	hcall(H_CPPR, 0);
}

/*
 * No processor's timebase is behind what another has already read. An L0 may
 * set the upper 40 bits alone (ISA 3.1 Book III, TBU40), and one that is held up
 * meanwhile is wrong by as much as they count: its mistake, not ours.
 */
#define TBU40_STEP	(1UL << 24)
#define TBU40_SLACK	4096

static bool tbu40(u64 difference)
{
	u64 rest = (difference + TBU40_SLACK) % TBU40_STEP;

	return difference > TBU40_STEP / 2 && rest <= 2 * TBU40_SLACK;
}

static volatile u64 shared_tb, behind, most;

static void watch_tb(u64 me)
{
	for (u64 i = 0; i < rounds; i++) {
		u64 now;

		spin_lock();
		now = mftb();
		if (now < shared_tb) {
			behind++;
			if (shared_tb - now > most)
				most = shared_tb - now;
		}
		shared_tb = now;
		spin_unlock();
		if (i % 256 == 0)
			hcall(H_PROD, me);
	}
}

static void same_time(void)
{
	rounds = arg("rounds", 100000);
	shared_tb = behind = most = 0;
	if (!start_all(watch_tb))
		return;
	watch_tb(0);
	join_all();
	if (tbu40(most))
		skip("L0's timebase jumped by a multiple of 2^24");
	else
		check(!behind, ": %lu times, by %lu at most", behind, most);
}

TESTS(
	{ "start and stop", start_stop },
	{ "a lock and a counter", locks },
	{ "prod and cede", prod_cede },
	{ "inter-processor interrupts", ipi_ring },
	{ "one timebase", same_time },
);

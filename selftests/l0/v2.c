// SPDX-License-Identifier: GPL-2.0-only
/*
 * A level below that is no other machine: linked into nhv.ko in place of
 * hcall/call/v2.c, it answers API v2 by itself, and gets nothing wrong. Its guest
 * makes the same exit over and over, then the next one, and what nhv does between
 * two of them is counted: hypercalls, and ticks, which are instructions where L0
 * counts those. Read as the module's parameter fake_exits.
 */
#include <linux/moduleparam.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <asm/hvcall.h>
#include <asm/page.h>
#include <asm/time.h>

#include <abi/elements.h>
#include <abi/exits.h>
#include <abi/numbers.h>
#include <nhv/call.h>
#include <nhv/state_buffer.h>

/* The first guest is the one by which nhv learns what its L0 is like. */
#define FAKE_LEARNT	1

#define FAKE_WARM_UP	32
#define FAKE_TURNS	1600
#define FAKE_FAULTS	192

/* L1's own timer falls into some of so many: the median counts. */
#define FAKE_PIECES	16

/* Faults are this far apart, so that none is at a neighbour of the one before. */
#define FAKE_FAULT_BASE	0x1000000ULL
#define FAKE_FAULT_STEP	0x40000ULL

#define FAKE_DSISR_NOHPTE	0x40000000ULL

/*
 * struct fake_exit - one kind
 * @name: for whoever reads it
 * @turns: how many are counted
 * @vector: of it
 * @gpr: r3 and those after it, of a hypercall
 * @varies: which of them is another each time; 0 for none
 * @ticks: that nhv took, with the instructions that make the hypercall, for each
 *	of so many pieces of @turns
 * @runs: calls of each kind
 * @gets:
 * @sets:
 */
static struct fake_exit {
	const char *name;
	unsigned int turns;
	unsigned long vector;
	u64 gpr[5];
	unsigned int varies;
	u64 ticks[FAKE_PIECES];
	unsigned int runs, gets, sets;
} fake_exits[] = {
	{ "timer", FAKE_TURNS, NHV_VEC_HDEC },
	{ "page_fault", FAKE_FAULTS, NHV_VEC_H_DATA_STORAGE },
	{ "H_PROD", FAKE_TURNS, NHV_VEC_SYSCALL, { NHV_H_PROD, 0 } },
	{ "H_SET_MODE", FAKE_TURNS, NHV_VEC_SYSCALL,
	  { NHV_H_SET_MODE, 0, NHV_SET_MODE_DAWR0, 0, 0 } },
	{ "H_SET_MODE_on", FAKE_TURNS, NHV_VEC_SYSCALL,
	  { NHV_H_SET_MODE, 0, NHV_SET_MODE_DAWR0, 0, 1 }, 3 },
};

static u64 fake_value[NHV_NR_DENSE][2];
static u8 *fake_input, *fake_output;
static u32 fake_input_size, fake_output_size;
static u64 fake_guests;
static unsigned int fake_kind, fake_turn;
static u64 fake_left_at;

/* ---- what is counted -------------------------------------------------------- */

/* Return: what the next call is counted for, if it is. */
static struct fake_exit *fake_counted(void)
{
	if (fake_guests <= FAKE_LEARNT || fake_kind >= ARRAY_SIZE(fake_exits) ||
	    fake_turn <= FAKE_WARM_UP)
		return NULL;
	return &fake_exits[fake_kind];
}

static u64 *fake_piece(struct fake_exit *exit)
{
	unsigned int turn = fake_turn - FAKE_WARM_UP - 1;

	return &exit->ticks[turn / (exit->turns / FAKE_PIECES) % FAKE_PIECES];
}

/* Here L0 begins: after the instructions by which it is called, which are run. */
static struct fake_exit *fake_arrive(unsigned long number)
{
	struct fake_exit *exit = fake_counted();
	unsigned long out[PLPAR_HCALL_BUFSIZE];

	plpar_hcall(number, out, 0UL, 0UL, 0UL);
	if (exit)
		*fake_piece(exit) += mftb() - fake_left_at;
	return exit;
}

static long fake_leave(long rc)
{
	fake_left_at = mftb();
	return rc;
}

static int fake_compare(const void *a, const void *b)
{
	const u64 *first = a, *second = b;

	return *first < *second ? -1 : *first > *second;
}

/* Of all turns, had each piece taken what the one in the middle has. */
static u64 fake_ticks(const struct fake_exit *exit)
{
	u64 ticks[FAKE_PIECES];

	memcpy(ticks, exit->ticks, sizeof(ticks));
	sort(ticks, FAKE_PIECES, sizeof(*ticks), fake_compare, NULL);
	return ticks[FAKE_PIECES / 2] * FAKE_PIECES;
}

static int fake_show(char *text, const struct kernel_param *unused)
{
	const struct fake_exit *exit = fake_exits;
	int used = 0;

	for (; exit < fake_exits + ARRAY_SIZE(fake_exits); exit++)
		used += scnprintf(text + used, PAGE_SIZE - used,
				  "%s turns %u runs %u gets %u sets %u ticks %llu\n",
				  exit->name, exit->turns, exit->runs,
				  exit->gets, exit->sets, fake_ticks(exit));
	return used;
}

static const struct kernel_param_ops fake_ops = { .get = fake_show };
module_param_cb(fake_exits, &fake_ops, NULL, 0444);
MODULE_PARM_DESC(fake_exits, "what nhv did for each exit of the guest");

/* ---- state ------------------------------------------------------------------ */

static void fake_take(const struct nhv_gsb_at *at)
{
	int n = nhv_element_dense(at->id);
	u64 where, size;

	if (n >= 0 && nhv_gsb_pair(at, &fake_value[n][0], &fake_value[n][1]))
		nhv_gsb_number(at, &fake_value[n][0]);
	if (nhv_gsb_pair(at, &where, &size))
		return;
	if (at->id == NHV_GS_RUN_INPUT) {
		fake_input = __va(where);
		fake_input_size = size;
	} else if (at->id == NHV_GS_RUN_OUTPUT) {
		fake_output = __va(where);
		fake_output_size = size;
	}
}

static void fake_give(const struct nhv_gsb_at *at)
{
	int n = nhv_element_dense(at->id);
	u8 *to = (u8 *)at->value;
	u64 value = n >= 0 ? fake_value[n][0] : 0;

	/* What it counts: something that a test knows again. */
	if (at->id >= NHV_GS_HEAP_INUSE && at->id <= NHV_GS_PGTABLE_RECLAIMED)
		value = 1000 + at->id - NHV_GS_HEAP_INUSE;
	if (at->bytes == sizeof(u32))
		nhv_gsb_set_word(to, value);
	else if (at->bytes >= sizeof(u64))
		nhv_gsb_set_dword(to, value);
	if (n >= 0 && at->bytes == 2 * sizeof(u64))
		nhv_gsb_set_dword(to + sizeof(u64), fake_value[n][1]);
}

static void fake_each(const void *data, u32 size,
		      void (*what)(const struct nhv_gsb_at *at))
{
	struct nhv_gsb_at at;

	nhv_gsb_first(&at, data, size);
	while (nhv_gsb_next(&at) > 0)
		what(&at);
}

static long fake_state(struct nhv_l1ra buffer, u64 bytes, u64 *where,
		       void (*what)(const struct nhv_gsb_at *at))
{
	*where = 0;
	fake_each(__va(buffer.addr), bytes, what);
	return fake_leave(0);
}

long nhv_call_get_state(u64 flags, u64 guest, u64 vcpu, struct nhv_l1ra buffer,
			u64 bytes, u64 *where)
{
	struct fake_exit *exit = fake_arrive(NHV_H_GUEST_GET_STATE);

	if (exit)
		exit->gets++;
	return fake_state(buffer, bytes, where, fake_give);
}

long nhv_call_set_state(u64 flags, u64 guest, u64 vcpu, struct nhv_l1ra buffer,
			u64 bytes, u64 *where)
{
	struct fake_exit *exit = fake_arrive(NHV_H_GUEST_SET_STATE);

	if (exit)
		exit->sets++;
	return fake_state(buffer, bytes, where, fake_take);
}

/* ---- runs ------------------------------------------------------------------- */

static void fake_say(struct nhv_gsb *gsb, u16 id, u64 value)
{
	unsigned int n = NHV_DENSE(id);

	fake_value[n][0] = value;
	nhv_gsb_put(gsb, id, nhv_element_bytes(n), value);
}

static void fake_say_hcall(struct nhv_gsb *gsb, const struct fake_exit *exit)
{
	unsigned int i;
	u64 value;

	for (i = 0; i < 10; i++) {
		value = i < ARRAY_SIZE(exit->gpr) ? exit->gpr[i] : 0;
		if (exit->varies && exit->varies == i)
			value = 8 * fake_turn;
		fake_say(gsb, NHV_GS_GPR + 3 + i, value);
	}
}

static void fake_say_fault(struct nhv_gsb *gsb)
{
	u64 ra = FAKE_FAULT_BASE + fake_turn * FAKE_FAULT_STEP;

	fake_say(gsb, NHV_GS_HDAR, ra);
	fake_say(gsb, NHV_GS_HDSISR, FAKE_DSISR_NOHPTE);
	fake_say(gsb, NHV_GS_ASDR, ra);
	fake_say(gsb, NHV_GS_NIA, fake_value[NHV_DENSE(NHV_GS_NIA)][0]);
	fake_say(gsb, NHV_GS_MSR, fake_value[NHV_DENSE(NHV_GS_MSR)][0]);
}

static void fake_next(const struct fake_exit *exit)
{
	if (++fake_turn <= FAKE_WARM_UP + exit->turns)
		return;
	fake_turn = 0;
	fake_kind++;
}

/* After the last kind the guest cannot be entered any more. */
static long fake_run(u64 *vector)
{
	const struct fake_exit *exit = &fake_exits[fake_kind];
	struct nhv_gsb gsb;

	if (fake_kind >= ARRAY_SIZE(fake_exits))
		return NHV_H_STATE;
	nhv_gsb_start(&gsb, fake_output, fake_output_size);
	*vector = exit->vector;
	if (*vector == NHV_VEC_SYSCALL)
		fake_say_hcall(&gsb, exit);
	else if (*vector == NHV_VEC_H_DATA_STORAGE)
		fake_say_fault(&gsb);
	fake_next(exit);
	return 0;
}

long nhv_call_run_vcpu(u64 guest, u64 vcpu, u64 *vector)
{
	struct fake_exit *exit = fake_arrive(NHV_H_GUEST_RUN_VCPU);
	long rc = 0;

	if (exit)
		exit->runs++;
	*vector = NHV_VEC_HDEC;
	if (!fake_input || !fake_output)
		return fake_leave(NHV_H_STATE);
	fake_each(fake_input, fake_input_size, fake_take);
	if (fake_guests > FAKE_LEARNT)
		rc = fake_run(vector);
	return fake_leave(rc);
}

/* ---- guests ----------------------------------------------------------------- */

long nhv_call_get_capabilities(u64 *caps)
{
	*caps = NHV_GUEST_CAP_P9 | NHV_GUEST_CAP_P10;
	return 0;
}

long nhv_call_set_capabilities(u64 caps)
{
	return 0;
}

long nhv_call_guest_create(u64 *token, u64 *guest)
{
	memset(fake_value, 0, sizeof(fake_value));
	*guest = ++fake_guests;
	return 0;
}

/* Of several, the others do not run any more either. */
long nhv_call_guest_delete(u64 guest)
{
	fake_input = NULL;
	fake_output = NULL;
	return 0;
}

long nhv_call_guest_delete_all(void)
{
	return 0;
}

long nhv_call_create_vcpu(u64 guest, u64 vcpu)
{
	return 0;
}

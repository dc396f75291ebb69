// SPDX-License-Identifier: GPL-2.0-only
/*
 * API v2: the state of a vCPU.
 *
 * The store of a vCPU's registers is the one that API v1 has. Which of them are
 * current, and which only the level below knows, is a bitmap: an exit brings a
 * few, more are fetched when somebody needs them, and an entry sends those that
 * have changed since.
 */
#include <linux/bitmap.h>
#include <asm/cputable.h>
#include <asm/page.h>
#include <asm/processor.h>
#include <asm/time.h>

#include <abi/numbers.h>
#include <nhv/call.h>
#include <nhv/reg_home.h>
#include <nhv/turn.h>
#include <nhv/vm.h>

#include "back_end.h"
#include "v2.h"

/* ---- where each register is ------------------------------------------------- */

#define NHV_PLACE(id, home, member) \
	{ id, NHV_HOME_##home, NHV_OFF_##home(member) },

/*
 * struct nhv_v2_row - an element's register in the vCPU, a doubleword
 * @home: the structure
 * @offset: in the structure
 *
 * Not here: GPRs and VSRs, and what is asked for at each entry (HDEC_EXPIRY,
 * LPCR, AMOR, DPDES). A row of regs.def without an element has id 0.
 */
static const struct nhv_v2_row {
	u16 id;
	u8 home;
	u16 offset;
} nhv_v2_rows[] = {
#define NHV_REG_ASK(id, member)
#define NHV_REG_GS(id, member)		NHV_PLACE(id, GS, member)
#define NHV_REG_REGS(id, member)	NHV_PLACE(id, REGS, member)
#define NHV_REG_THREAD(id, member)	NHV_PLACE(id, THREAD, member)
#define NHV_REG_ENTRY(id, member)	NHV_PLACE(id, ENTRY, member)
#define NHV_REG_ENTRY_TIDR(id, member)	NHV_PLACE(id, ENTRY_TIDR, member)
#define NHV_REG_ENTRY_DEXCR(id, member)	NHV_PLACE(id, ENTRY_DEXCR, member)
#define NHV_REG_CTRL(id, member)	NHV_PLACE(id, CTRL, member)
#define NHV_REG_FAULT(id, member)	NHV_PLACE(id, FAULT, member)
#define NHV_REG_PMU(id, member)		NHV_PLACE(id, PMU, member)
#define NHV_REG_PMU_31(id, member)	NHV_PLACE(id, PMU_31, member)
#define NHV_REG_PMU_CTL(id, member)	NHV_PLACE(id, PMU_CTL, member)
#define NHV_REG_KEPT(id, member)	NHV_PLACE(id, KEPT, member)
#define NHV_REG(name, bytes, home, member, one_reg, gsid) \
	NHV_REG_##home(gsid, member)
#include <nhv/regs.def>
#undef NHV_REG
	NHV_PLACE(NHV_GS_DEC_EXPIRY, VCPU, dec_expires)
	NHV_PLACE(NHV_GS_CIABR, GS, ciabr)
	NHV_PLACE(NHV_GS_DAWRX0, GS, dawrx0)
	NHV_PLACE(NHV_GS_DAWRX1, GS, dawrx1)
	NHV_PLACE(NHV_GS_FPSCR, VCPU, fp.fpscr)
	/* Of a VSCR in storage only the last word, our first, is not 0. */
	NHV_PLACE(NHV_GS_VSCR, VCPU, vr.vscr.u[0])
	NHV_PLACE(NHV_GS_HFSCR, GS, hfscr)
	NHV_PLACE(NHV_GS_HDAR, GS, hdar)
	NHV_PLACE(NHV_GS_HDSISR, GS, hdsisr)
	NHV_PLACE(NHV_GS_HEIR, GS, heir)
	NHV_PLACE(NHV_GS_ASDR, GS, asdr)
};

/* Registers that a processor before ISA 3.1 has not got. */
static const u16 nhv_v2_isa_31[] = {
	NHV_GS_DAWR1, NHV_GS_DAWRX1, NHV_GS_MMCR + 3, NHV_GS_SIER + 1,
	NHV_GS_SIER + 2, NHV_GS_DEXCR, NHV_GS_HASHKEYR, NHV_GS_HASHPKEYR,
};

/*
 * enum nhv_v2_kind - how an element is moved
 * @NHV_V2_NONE: it is no register of ours
 * @NHV_V2_NUMBER: as it is
 * @NHV_V2_PAIR: a VSR
 * @NHV_V2_ODD: see nhv_v2_take() and nhv_v2_give()
 */
enum nhv_v2_kind {
	NHV_V2_NONE,
	NHV_V2_NUMBER,
	NHV_V2_PAIR,
	NHV_V2_ODD,
};

/*
 * struct nhv_v2_form - an element, by its dense number
 * @id: its id
 * @bytes: its size
 * @kind: enum nhv_v2_kind
 * @head: id and size as they lie in a buffer
 * @run: the same of doublewords moved as they are; else what is no element
 */
static struct nhv_v2_form {
	u16 id;
	u8 bytes;
	u8 kind;
	__be32 head;
	__be32 run;
} nhv_v2_forms[NHV_NR_DENSE + 1];

static const u16 nhv_v2_odd[] = {
	NHV_GS_MSR, NHV_GS_DEC_EXPIRY, NHV_GS_HFSCR,
};

static void nhv_v2_form_set(struct nhv_v2_form *form, enum nhv_v2_kind kind)
{
	form->kind = kind;
	form->head = cpu_to_be32((u32)form->id << 16 | form->bytes);
	form->run = cpu_to_be32(~0U);
	if (kind == NHV_V2_NUMBER && form->bytes == sizeof(u64))
		form->run = form->head;
}

static void nhv_v2_forms_init(void)
{
	const struct nhv_v2_row *row = nhv_v2_rows;
	unsigned int n;

	for (n = 0; n < NHV_NR_DENSE; n++) {
		nhv_v2_forms[n].id = nhv_element_id(n);
		nhv_v2_forms[n].bytes = nhv_element_bytes(n);
	}
	for (; row < nhv_v2_rows + ARRAY_SIZE(nhv_v2_rows); row++) {
		if (row->id)
			nhv_v2_forms[NHV_DENSE(row->id)].kind = NHV_V2_NUMBER;
	}
	for (n = 0; n < NHV_GS_COUNT_GPR; n++)
		nhv_v2_forms[NHV_DENSE(NHV_GS_GPR) + n].kind = NHV_V2_NUMBER;
	for (n = 0; n < NHV_GS_COUNT_VSR; n++)
		nhv_v2_forms[NHV_DENSE(NHV_GS_VSR) + n].kind = NHV_V2_PAIR;
	for (n = 0; n < ARRAY_SIZE(nhv_v2_odd); n++)
		nhv_v2_forms[NHV_DENSE(nhv_v2_odd[n])].kind = NHV_V2_ODD;
	for (n = 0; n < ARRAY_SIZE(nhv_v2_isa_31); n++)
		if (!cpu_has_feature(CPU_FTR_ARCH_31))
			nhv_v2_forms[NHV_DENSE(nhv_v2_isa_31[n])].kind =
				NHV_V2_NONE;
	for (n = 0; n < ARRAY_SIZE(nhv_v2_forms); n++)
		nhv_v2_form_set(&nhv_v2_forms[n], nhv_v2_forms[n].kind);
}

void nhv_v2_state_at(struct nhv_vcpu *vcpu, struct nhv_v2_vcpu *v2)
{
	const struct nhv_v2_row *row = nhv_v2_rows;
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(v2->reg); n++)
		v2->reg[n].at = &v2->nowhere;
	for (; row < nhv_v2_rows + ARRAY_SIZE(nhv_v2_rows); row++)
		if (row->id)
			v2->reg[NHV_DENSE(row->id)].at =
				nhv_reg_at(vcpu, row->home, row->offset);
	for (n = 0; n < NHV_GS_COUNT_GPR; n++)
		v2->reg[NHV_DENSE(NHV_GS_GPR) + n].at = &vcpu->regs->gpr[n];
	/* Dword 0 of a VSR is the FPR, or the left half of a VR. */
	for (n = 0; n < NHV_GS_COUNT_VSR; n++)
		v2->reg[NHV_DENSE(NHV_GS_VSR) + n].at = n < 32 ?
			vcpu->fp.fpr[n] : (u64 *)&vcpu->vr.vr[n - 32];
}

/* ---- sets -------------------------------------------------------------------- */

static const struct nhv_v2_member {
	u8 state;
	u16 id;
	u16 count;
} nhv_v2_members[] = {
	{ NHV_STATE_PC,		NHV_GS_NIA,		2 },	/* and MSR */
	{ NHV_STATE_PC,		NHV_GS_DEC_EXPIRY,	1 },
	{ NHV_STATE_MSR,	NHV_GS_MSR,		1 },
	{ NHV_STATE_SRR,	NHV_GS_SRR0,		2 },
	{ NHV_STATE_DSI,	NHV_GS_DAR,		1 },
	{ NHV_STATE_DSI,	NHV_GS_DSISR,		1 },
	{ NHV_STATE_CIABR,	NHV_GS_CIABR,		1 },
	{ NHV_STATE_DAWR0,	NHV_GS_DAWR0,		1 },
	{ NHV_STATE_DAWR0,	NHV_GS_DAWRX0,		1 },
	{ NHV_STATE_DAWR1,	NHV_GS_DAWR1,		1 },
	{ NHV_STATE_DAWR1,	NHV_GS_DAWRX1,		1 },
	{ NHV_STATE_DATA_FAULT,	NHV_GS_NIA,		2 },
	{ NHV_STATE_DATA_FAULT,	NHV_GS_HDAR,		2 },	/* and HDSISR */
	{ NHV_STATE_DATA_FAULT,	NHV_GS_ASDR,		1 },
	{ NHV_STATE_INST_FAULT,	NHV_GS_NIA,		2 },
	{ NHV_STATE_INST_FAULT,	NHV_GS_ASDR,		1 },
	{ NHV_STATE_INSN,	NHV_GS_NIA,		2 },
	{ NHV_STATE_INSN,	NHV_GS_DEC_EXPIRY,	1 },
	{ NHV_STATE_INSN,	NHV_GS_GPR,		NHV_GS_COUNT_GPR },
	{ NHV_STATE_INSN,	NHV_GS_PIDR,		1 },
	{ NHV_STATE_FP,		NHV_GS_FPSCR,		1 },
	{ NHV_STATE_FP,		NHV_GS_VSCR,		1 },
	{ NHV_STATE_FP,		NHV_GS_VSR,		NHV_GS_COUNT_VSR },
	{ NHV_STATE_LEND,	NHV_GS_PURR,		3 },	/* SPURR, IC */
	{ NHV_STATE_LEND,	NHV_GS_VTB,		1 },
};

static DECLARE_BITMAP(nhv_v2_states[NHV_NR_STATES], NHV_NR_DENSE);

/* Those of NHV_STATE_ALL, by how they are moved. */
static DECLARE_BITMAP(nhv_v2_numbers, NHV_NR_DENSE);
static DECLARE_BITMAP(nhv_v2_pairs, NHV_NR_DENSE);

/* for_each_set_bit() of a whole set costs ten times as much */
#define NHV_V2_WORDS	BITS_TO_LONGS(NHV_NR_DENSE)
#define for_each_reg(n, left, w, expr) \
	for ((w) = 0; (w) < NHV_V2_WORDS; (w)++) \
		for ((left) = (expr); \
		     (left) && ((n) = (w) * BITS_PER_LONG + __ffs(left), true); \
		     (left) &= (left) - 1)

/* hv_guest_state and pt_regs are what API v1 carries. */
static void nhv_v2_live_init(void)
{
	const struct nhv_v2_row *row = nhv_v2_rows;

	for (; row < nhv_v2_rows + ARRAY_SIZE(nhv_v2_rows); row++)
		if (row->id && row->home != NHV_HOME_GS &&
		    row->home != NHV_HOME_REGS)
			__set_bit(NHV_DENSE(row->id),
				  nhv_v2_states[NHV_STATE_LIVE]);
	bitmap_or(nhv_v2_states[NHV_STATE_LIVE], nhv_v2_states[NHV_STATE_LIVE],
		  nhv_v2_states[NHV_STATE_FP], NHV_NR_DENSE);
	bitmap_or(nhv_v2_states[NHV_STATE_LEND], nhv_v2_states[NHV_STATE_LEND],
		  nhv_v2_states[NHV_STATE_LIVE], NHV_NR_DENSE);
}

void nhv_v2_state_init(void)
{
	const struct nhv_v2_member *m = nhv_v2_members;
	unsigned int n, state;

	nhv_v2_forms_init();
	for (; m < nhv_v2_members + ARRAY_SIZE(nhv_v2_members); m++)
		bitmap_set(nhv_v2_states[m->state], NHV_DENSE(m->id), m->count);
	nhv_v2_live_init();
	/* Fault registers are of no use to anybody later, and read-only. */
	for (n = 0; n < NHV_DENSE_READ; n++)
		if (nhv_v2_forms[n].kind && n != NHV_DENSE(NHV_GS_HFSCR))
			__set_bit(n, nhv_v2_states[NHV_STATE_ALL]);
	for (n = 0; n < NHV_DENSE_READ; n++)
		for (state = 0; state < NHV_STATE_ALL; state++)
			if (!test_bit(n, nhv_v2_states[NHV_STATE_ALL]))
				__clear_bit(n, nhv_v2_states[state]);
	bitmap_set(nhv_v2_pairs, NHV_DENSE(NHV_GS_VSR), NHV_GS_COUNT_VSR);
	bitmap_andnot(nhv_v2_numbers, nhv_v2_states[NHV_STATE_ALL],
		      nhv_v2_pairs, NHV_NR_DENSE);
}

bool nhv_v2_state_takes(u16 id)
{
	return nhv_v2_forms[NHV_DENSE(id)].kind != NHV_V2_NONE;
}

void nhv_v2_state_drop(u16 id)
{
	unsigned int state;

	nhv_v2_form_set(&nhv_v2_forms[NHV_DENSE(id)], NHV_V2_NONE);
	for (state = 0; state < NHV_NR_STATES; state++)
		__clear_bit(NHV_DENSE(id), nhv_v2_states[state]);
	__clear_bit(NHV_DENSE(id), nhv_v2_numbers);
}

/* Those of NHV_STATE_PC, in the order of nhv_v2_vcpu.pc_get. */
static const u16 nhv_v2_pc[] = {
	NHV_GS_NIA, NHV_GS_MSR, NHV_GS_DEC_EXPIRY,
};

void nhv_v2_state_new(struct nhv_v2_vcpu *v2)
{
	struct nhv_gsb gsb;
	unsigned int n;

	nhv_gsb_start(&gsb, v2->dec_get, sizeof(v2->dec_get));
	nhv_gsb_put(&gsb, NHV_GS_DEC_EXPIRY, NHV_GS_BYTES_DEC_EXPIRY, 0);
	nhv_gsb_start(&gsb, v2->msr_get, sizeof(v2->msr_get));
	nhv_gsb_put(&gsb, NHV_GS_MSR, NHV_GS_BYTES_MSR, 0);
	nhv_gsb_start(&gsb, v2->pc_get, sizeof(v2->pc_get));
	for (n = 0; n < ARRAY_SIZE(nhv_v2_pc); n++)
		nhv_gsb_put(&gsb, nhv_v2_pc[n], sizeof(u64), 0);
	bitmap_copy(v2->valid, nhv_v2_states[NHV_STATE_ALL], NHV_NR_DENSE);
	bitmap_copy(v2->dirty, nhv_v2_states[NHV_STATE_ALL], NHV_NR_DENSE);
}

/* In the first word. */
#define NHV_V2_GPRS	(BIT(NHV_GS_COUNT_GPR) - 1)

static_assert(!NHV_DENSE(NHV_GS_GPR) && NHV_GS_COUNT_GPR < BITS_PER_LONG &&
	      NHV_DENSE_16 >= BITS_PER_LONG);

/* In it, too: of nhv_v2_odd[], those that are sent. */

#define NHV_V2_MSR	NHV_DENSE(NHV_GS_MSR)
#define NHV_V2_DEC	NHV_DENSE(NHV_GS_DEC_EXPIRY)
#define NHV_V2_ODD_ONES	(BIT(NHV_V2_MSR) | BIT(NHV_V2_DEC))

/* bitmap_or() is a call. */
static __always_inline void nhv_v2_add(unsigned long *set, enum nhv_state what)
{
	unsigned int w;

	for (w = 0; w < NHV_V2_WORDS; w++)
		set[w] |= nhv_v2_states[what][w];
}

void nhv_v2_have(struct nhv_v2_vcpu *v2, enum nhv_state what)
{
	nhv_v2_add(v2->valid, what);
}

void nhv_level_claim(struct nhv_vcpu *vcpu, enum nhv_state what)
{
	nhv_v2_add(vcpu->v2->valid, what);
	nhv_v2_add(vcpu->v2->dirty, what);
}

/* ---- values that are not moved as they are ------------------------------------- */

/* MSR bits that are not the guest's: its hypervisor's, and secure state. */
#define NHV_V2_MSR_NOT		(NHV_MSR_HV | NHV_MSR_S | NHV_MSR_ME)

/*
 * The quirk mirrors_dec. What was left of the decrementer is the time of the
 * exit minus the value; our time of the exit is a little later than its, and so
 * would the result be by twice that, a little more at each exit. If what we sent
 * last lies within that error and is still to come, the guest has not written its
 * DEC; or it has, for a time so little later that it may as well come early.
 *
 * The error is microseconds, and milliseconds where L0 loses its processor in
 * between. It is less than the run, and may not be more than a guest puts up with
 * if it comes early for that.
 */
#define NHV_V2_EXIT_SLACK_US	4000

static u64 nhv_v2_mirrored_dec(const struct nhv_vcpu *vcpu, u64 value)
{
	const struct nhv_v2_vcpu *v2 = vcpu->v2;
	u64 slack = 2 * min_t(u64, v2->exit_tb - v2->sent_tb,
			      NHV_V2_EXIT_SLACK_US * tb_ticks_per_usec);
	s64 left = v2->exit_tb - value;
	u64 expires;

	if (!(vcpu->lpcr & NHV_LPCR_LD))
		left = (s32)left;
	expires = v2->exit_tb + left;
	if ((s64)(v2->dec_sent - v2->exit_tb) > 0 &&
	    expires - v2->dec_sent <= slack)
		return v2->dec_sent;
	return expires;
}

/* Return: the guest's register is current. Mostly @n is a constant. */
static __always_inline bool nhv_v2_take(struct nhv_vcpu *vcpu, unsigned int n, u64 value)
{
	switch (n) {
	case NHV_DENSE(NHV_GS_HFSCR):
		/* What is asked for is not what was: this says why it was left. */
		vcpu->gs->hfscr = value;
		return false;
	case NHV_DENSE(NHV_GS_MSR):
		vcpu->cause = value & NHV_SRR1_STATUS;
		value = (value & ~NHV_SRR1_STATUS) | NHV_MSR_ME;
		break;
	case NHV_DENSE(NHV_GS_DEC_EXPIRY):
		if (nhv_v2_quirks.mirrors_dec)
			value = nhv_v2_mirrored_dec(vcpu, value);
		break;
	}
	*vcpu->v2->reg[n].at = value;
	vcpu->v2->reg[n].value = value;
	return true;
}

static __always_inline u64 nhv_v2_give(struct nhv_vcpu *vcpu, unsigned int n)
{
	u64 value = *vcpu->v2->reg[n].at, now;

	switch (n) {
	case NHV_DENSE(NHV_GS_MSR):
		return value & ~NHV_V2_MSR_NOT;
	case NHV_DENSE(NHV_GS_DEC_EXPIRY):
		/* Long expired is expired, and not a wrapped value. */
		now = mftb();
		value = now + nhv_guest_dec(vcpu, now);
		vcpu->v2->dec_sent = value;
		vcpu->v2->sent_tb = now;
		break;
	}
	return value;
}

/* ---- buffers --------------------------------------------------------------------- */

/* Each register goes in once at most, beside what nhv_v2_request() puts there. */
static_assert(sizeof(struct nhv_gsb_header) + 5 * NHV_GSB_DWORD +
	      NHV_BLOCK_8 * NHV_GSB_DWORD +
	      NHV_BLOCK_4 * (sizeof(struct nhv_gsb_element) + sizeof(u32)) +
	      NHV_BLOCK_16 * (sizeof(struct nhv_gsb_element) + 2 * sizeof(u64))
	      <= NHV_V2_BUFFER);

/* Return: where the next element goes. */
static __always_inline u8 *nhv_v2_encode_odd(struct nhv_vcpu *vcpu, u8 *at,
					     unsigned int n)
{
	return nhv_gsb_append(at, nhv_v2_forms[n].head, sizeof(u64),
			      nhv_v2_give(vcpu, n));
}

/* GPRs lie side by side. */
static noinline unsigned long nhv_v2_changed_gprs(const struct nhv_v2_vcpu *v2,
						  unsigned long which)
{
	unsigned int first = which ? __ffs(which) : 0;
	const struct nhv_v2_reg *reg = &v2->reg[first];
	unsigned long changed = 0, bit = BIT(first);
	const u64 *gpr = reg->at;

	for (; bit <= which; bit <<= 1, gpr++, reg++)
		if (*gpr != reg->value)
			changed |= bit;
	return changed & which;
}

/* A hypercall brings its operands, and mostly nothing but GPR3 is answered. */
#define NHV_V2_OPERAND		3
#define NHV_V2_NR_OPERANDS	10
#define NHV_V2_OPERANDS		((BIT(NHV_V2_NR_OPERANDS) - 1) << NHV_V2_OPERAND)

static __always_inline unsigned long
nhv_v2_changed_operands(const struct nhv_v2_vcpu *v2)
{
	const struct nhv_v2_reg *reg = &v2->reg[NHV_V2_OPERAND];
	const u64 *gpr = reg->at;
	unsigned int i;
	u64 others = 0;

#pragma GCC unroll 9
	for (i = 1; i < NHV_V2_NR_OPERANDS; i++)
		others |= gpr[i] ^ reg[i].value;
	if (others)
		return nhv_v2_changed_gprs(v2, NHV_V2_OPERANDS);
	return *gpr == reg->value ? 0 : BIT(NHV_V2_OPERAND);
}

/* Return: a word of those to send. */
static __always_inline unsigned long nhv_v2_changed(const struct nhv_v2_vcpu *v2,
						    unsigned int w)
{
	const struct nhv_v2_reg *reg, *first = &v2->reg[w * BITS_PER_LONG];
	unsigned long left = v2->valid[w] & nhv_v2_numbers[w];
	unsigned long changed = v2->dirty[w] & left, gprs;

	left &= ~changed;
	if (!w) {
		gprs = left & NHV_V2_GPRS;
		left &= ~NHV_V2_GPRS;
		changed |= gprs == NHV_V2_OPERANDS ?
			   nhv_v2_changed_operands(v2) :
			   nhv_v2_changed_gprs(v2, gprs);
	}
	for (; left; left &= left - 1) {
		reg = first + __ffs(left);
		if (*reg->at != reg->value)
			changed |= left & -left;
	}
	return changed;
}

/* Those of a word. Return: where the next element goes. */
static __always_inline u8 *nhv_v2_encode_word(const struct nhv_v2_vcpu *v2,
					      u8 *at, unsigned long left,
					      unsigned int w, u32 *count)
{
	const struct nhv_v2_form *form;
	unsigned long n;

	for (; left; left &= left - 1, ++*count) {
		n = w * BITS_PER_LONG + __ffs(left);
		form = &nhv_v2_forms[n];
		at = nhv_gsb_append(at, form->head, form->bytes,
				    *v2->reg[n].at);
	}
	return at;
}

static noinline void nhv_v2_encode_pairs(struct nhv_v2_vcpu *v2, u8 *at,
					 u32 count)
{
	struct nhv_gsb gsb;
	unsigned int n, w;
	unsigned long left;
	u64 *vsr, *value;

	nhv_gsb_start(&gsb, v2->input, NHV_V2_BUFFER);
	nhv_gsb_appended(&gsb, at, count);
	for_each_reg(n, left, w, v2->valid[w] & nhv_v2_pairs[w]) {
		vsr = v2->reg[n].at;
		value = v2->vsr[n - NHV_DENSE_16];
		if (vsr[0] != value[0] || vsr[1] != value[1] ||
		    test_bit(n, v2->dirty))
			nhv_gsb_put_pair(&gsb, nhv_v2_forms[n].id,
					 vsr[TS_FPROFFSET],
					 vsr[TS_VSRLOWOFFSET]);
	}
}

/* What is not in the first word. */
static noinline void nhv_v2_encode_rest(struct nhv_v2_vcpu *v2, u8 *at,
					u32 count)
{
	unsigned long pairs = 0;
	unsigned int w;

#pragma GCC unroll 2
	for (w = 1; w < NHV_V2_WORDS; w++) {
		pairs |= v2->valid[w] & nhv_v2_pairs[w];
		at = nhv_v2_encode_word(v2, at, nhv_v2_changed(v2, w), w,
					&count);
	}
	if (pairs)
		nhv_v2_encode_pairs(v2, at, count);
	else
		nhv_gsb_set_word(v2->input, count);
}

static __always_inline bool nhv_v2_has_rest(const struct nhv_v2_vcpu *v2)
{
	unsigned long any = 0;
	unsigned int w;

	for (w = 1; w < NHV_V2_WORDS; w++)
		any |= v2->valid[w];
	return any;
}

void nhv_v2_encode(struct nhv_vcpu *vcpu, u8 *at, u32 count)
{
	struct nhv_v2_vcpu *v2 = vcpu->v2;
	unsigned long changed = nhv_v2_changed(v2, 0);
	unsigned long odd = changed & NHV_V2_ODD_ONES;

	at = nhv_v2_encode_word(v2, at, changed & ~odd, 0, &count);
	if (odd & BIT(NHV_V2_MSR)) {
		at = nhv_v2_encode_odd(vcpu, at, NHV_V2_MSR);
		count++;
	}
	if (odd & BIT(NHV_V2_DEC)) {
		at = nhv_v2_encode_odd(vcpu, at, NHV_V2_DEC);
		count++;
	}
	if (nhv_v2_has_rest(v2))
		nhv_v2_encode_rest(v2, at, count);
	else
		nhv_gsb_set_word(v2->input, count);
}

static void nhv_v2_take_number(struct nhv_v2_reg *reg, u64 value)
{
	reg->value = value;
	*reg->at = value;
}

/* bitmap_set() is a call. */
static __always_inline void nhv_v2_set_valid(struct nhv_v2_vcpu *v2,
					     unsigned int n, unsigned int count)
{
	unsigned int bit = n % BITS_PER_LONG;

	if (bit + count < BITS_PER_LONG)
		v2->valid[n / BITS_PER_LONG] |= (BIT(count) - 1) << bit;
	else
		bitmap_set(v2->valid, n, count);
}

/*
 * Mostly elements come in the order of their ids. From @n on: those doublewords of
 * which each has the next.
 */
static __always_inline void nhv_v2_take_run(struct nhv_v2_vcpu *v2,
					    struct nhv_gsb_at *at,
					    unsigned int n)
{
	const struct nhv_v2_form *form = &nhv_v2_forms[n];
	struct nhv_v2_reg *reg = &v2->reg[n];
	u32 room = nhv_gsb_dwords(at);
	const u8 *next = at->next;

	if (!room || !nhv_gsb_is(next, form->run))
		return;
	for (; room && nhv_gsb_is(next, form->run); room--, form++) {
		nhv_v2_take_number(reg++, nhv_gsb_dword(next + 4));
		next += NHV_GSB_DWORD;
	}
	nhv_v2_set_valid(v2, n, reg - &v2->reg[n]);
	nhv_gsb_skip(at, next, reg - &v2->reg[n]);
}

static void nhv_v2_take_pair(struct nhv_v2_vcpu *v2, unsigned int n, u64 first,
			     u64 second)
{
	u64 *value = v2->vsr[n - NHV_DENSE_16];
	u64 *vsr = v2->reg[n].at;

	vsr[TS_FPROFFSET] = first;
	vsr[TS_VSRLOWOFFSET] = second;
	value[0] = vsr[0];
	value[1] = vsr[1];
}

static noinline long nhv_v2_decode_any(struct nhv_vcpu *vcpu,
				       struct nhv_gsb_at at)
{
	struct nhv_v2_vcpu *v2 = vcpu->v2;
	u64 value, second;
	int more, n, kind;

	while ((more = nhv_gsb_next(&at)) > 0) {
		n = nhv_element_dense(at.id);
		kind = n < 0 ? NHV_V2_NONE : nhv_v2_forms[n].kind;
		if (kind == NHV_V2_NONE)
			continue;
		if (kind == NHV_V2_PAIR ? nhv_gsb_pair(&at, &value, &second) :
					  nhv_gsb_number(&at, &value))
			return NHV_H_INVALID_ELEMENT_SIZE;
		if (kind == NHV_V2_NUMBER)
			nhv_v2_take_number(&v2->reg[n], value);
		else if (kind == NHV_V2_PAIR)
			nhv_v2_take_pair(v2, n, value, second);
		else if (!nhv_v2_take(vcpu, n, value))
			continue;
		__set_bit(n, v2->valid);
		nhv_v2_take_run(v2, &at, n + 1);
	}
	return more ? NHV_H_INVALID_ELEMENT_SIZE : 0;
}

/* Are the elements at @next just those, in their order? */
static __always_inline bool nhv_v2_is_operands(const u8 *next)
{
	unsigned int i;

#pragma GCC unroll 10
	for (i = 0; i < NHV_V2_NR_OPERANDS; i++)
		if (!nhv_gsb_is(next + i * NHV_GSB_DWORD,
				NHV_V2_HEAD(NHV_GS_GPR + NHV_V2_OPERAND + i)))
			return false;
	return true;
}

/* Mostly an exit is a hypercall, and brings its operands first. */
static __always_inline void nhv_v2_take_operands(struct nhv_v2_vcpu *v2,
						 struct nhv_gsb_at *at)
{
	struct nhv_v2_reg *reg = &v2->reg[NHV_V2_OPERAND];
	const u8 *next = at->next;
	u64 *gpr = reg->at;
	unsigned int i;

	if (at->count < NHV_V2_NR_OPERANDS ||
	    at->left < NHV_V2_NR_OPERANDS * NHV_GSB_DWORD ||
	    !nhv_v2_is_operands(next))
		return;
#pragma GCC unroll 10
	for (i = 0; i < NHV_V2_NR_OPERANDS; i++, next += NHV_GSB_DWORD) {
		gpr[i] = nhv_gsb_dword(next + sizeof(struct nhv_gsb_element));
		reg[i].value = gpr[i];
	}
	v2->valid[0] |= NHV_V2_OPERANDS;
	nhv_gsb_skip(at, next, NHV_V2_NR_OPERANDS);
}

long nhv_v2_decode(struct nhv_vcpu *vcpu, const void *data, u32 size)
{
	struct nhv_gsb_at at;

	nhv_gsb_first(&at, data, size);
	nhv_v2_take_operands(vcpu->v2, &at);
	return at.count ? nhv_v2_decode_any(vcpu, at) : 0;
}

/* ---- fetching ----------------------------------------------------------------------- */

static __always_inline long nhv_v2_get_once(struct nhv_vcpu *vcpu,
					    void *buffer, u32 size)
{
	struct nhv_v2_vcpu *v2 = vcpu->v2;

	vcpu->stats.calls_below++;
	return nhv_call_get_state(0, v2->guest->id, v2->index,
				  nhv_l1ra(__pa(buffer)), size, &v2->answer);
}

static noinline long nhv_v2_get_again(struct nhv_vcpu *vcpu, void *buffer,
				      u32 size, long rc)
{
	unsigned int turn = 0;

	while (nhv_v2_later(rc, &turn))
		rc = nhv_v2_get_once(vcpu, buffer, size);
	if (rc)
		vcpu->v2->refused = nhv_v2_refusal(rc);
	return rc;
}

static __always_inline long nhv_v2_get(struct nhv_vcpu *vcpu, void *buffer,
				       u32 size)
{
	long rc = nhv_v2_get_once(vcpu, buffer, size);

	return rc ? nhv_v2_get_again(vcpu, buffer, size, rc) : 0;
}

/* One register: the buffer is as it was the last time. */
static __always_inline void nhv_v2_read_one(struct nhv_vcpu *vcpu,
					    unsigned int n, u8 *buffer)
{
	const u8 *value = buffer + NHV_V2_ONE_GET - sizeof(u64);

	if (nhv_v2_get(vcpu, buffer, NHV_V2_ONE_GET))
		return;
	nhv_v2_take(vcpu, n, nhv_gsb_dword(value));
	vcpu->v2->valid[0] |= BIT(n);
}

static noinline void nhv_v2_read_msr(struct nhv_vcpu *vcpu)
{
	nhv_v2_read_one(vcpu, NHV_V2_MSR, vcpu->v2->msr_get);
}

void nhv_v2_read_dec(struct nhv_vcpu *vcpu)
{
	nhv_v2_read_one(vcpu, NHV_V2_DEC, vcpu->v2->dec_get);
}

/* What most hypercalls need. */
static noinline void nhv_v2_read_pc(struct nhv_vcpu *vcpu)
{
	struct nhv_v2_vcpu *v2 = vcpu->v2;
	const u8 *value = v2->pc_get + 8;

	if (nhv_v2_get(vcpu, v2->pc_get, NHV_V2_PC_GET))
		return;
	/* As in nhv_v2_pc. */
	nhv_v2_take(vcpu, NHV_DENSE(NHV_GS_NIA), nhv_gsb_dword(value));
	value += NHV_GSB_DWORD;
	nhv_v2_take(vcpu, NHV_DENSE(NHV_GS_MSR), nhv_gsb_dword(value));
	value += NHV_GSB_DWORD;
	nhv_v2_take(vcpu, NHV_DENSE(NHV_GS_DEC_EXPIRY), nhv_gsb_dword(value));
	v2->valid[0] |= nhv_v2_states[NHV_STATE_PC][0];
}

static noinline void nhv_v2_fetch_any(struct nhv_vcpu *vcpu,
				      enum nhv_state what)
{
	struct nhv_v2_vcpu *v2 = vcpu->v2;
	unsigned long left;
	struct nhv_gsb gsb;
	unsigned int n, w;
	long rc;

	nhv_gsb_start(&gsb, v2->state, NHV_V2_BUFFER);
	for_each_reg(n, left, w, nhv_v2_states[what][w] & ~v2->valid[w])
		nhv_gsb_room(&gsb, nhv_v2_forms[n].id, nhv_v2_forms[n].bytes);
	if (!gsb.count || nhv_v2_get(vcpu, v2->state, gsb.used))
		return;
	rc = nhv_v2_decode(vcpu, v2->state, gsb.used);
	if (rc)
		v2->refused = rc;
}

void nhv_level_fetch(struct nhv_vcpu *vcpu, enum nhv_state what)
{
	/* These are in the first word. */
	if (vcpu->v2->valid[0] & nhv_v2_states[NHV_STATE_PC][0])
		nhv_v2_fetch_any(vcpu, what);
	else if (what == NHV_STATE_MSR && !nhv_v2_quirks.mirrors_dec)
		nhv_v2_read_msr(vcpu);
	else if (what == NHV_STATE_PC || what == NHV_STATE_MSR)
		/* With what the next entry would have to ask for. */
		nhv_v2_read_pc(vcpu);
	else
		nhv_v2_fetch_any(vcpu, what);
}

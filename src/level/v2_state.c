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
#include <nhv/vm.h>

#include "back_end.h"
#include "v2.h"

/* ---- where each register is ------------------------------------------------- */

/*
 * struct nhv_v2_place - an element's register in the vCPU
 * @home: the structure
 * @word: it has 4 bytes there, else 8
 * @offset: in the structure
 */
struct nhv_v2_place {
	u8 home;
	bool word;
	u16 offset;
};

#define NHV_PLACE(id, home, member) \
	{ id, { NHV_HOME_##home, false, NHV_OFF_##home(member) } },
#define NHV_PLACE_WORD(id, home, member) \
	{ id, { NHV_HOME_##home, true, NHV_OFF_##home(member) } },

/*
 * Not here: GPRs and VSRs, and what is asked for at each entry (HDEC_EXPIRY,
 * LPCR, HFSCR, AMOR, DPDES). A row of regs.def without an element has id 0.
 */
static const struct nhv_v2_row {
	u16 id;
	struct nhv_v2_place place;
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
	NHV_PLACE_WORD(NHV_GS_VSCR, VCPU, vr.vscr.u[0])
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

/* By dense number; without a home: no register of ours. */
static struct nhv_v2_place nhv_v2_places[NHV_NR_DENSE];

static void nhv_v2_places_init(void)
{
	static const u16 gpr = NHV_OFF_REGS(gpr);
	const struct nhv_v2_row *row = nhv_v2_rows;
	unsigned int n;

	for (; row < nhv_v2_rows + ARRAY_SIZE(nhv_v2_rows); row++)
		if (row->id)
			nhv_v2_places[NHV_DENSE(row->id)] = row->place;
	for (n = 0; n < NHV_GS_COUNT_GPR; n++)
		nhv_v2_places[NHV_DENSE(NHV_GS_GPR) + n] =
			(struct nhv_v2_place){ .home = NHV_HOME_REGS,
					       .offset = gpr + n * sizeof(u64) };
	for (n = 0; n < ARRAY_SIZE(nhv_v2_isa_31); n++)
		if (!cpu_has_feature(CPU_FTR_ARCH_31))
			nhv_v2_places[NHV_DENSE(nhv_v2_isa_31[n])].home =
				NHV_HOME_NONE;
}

static bool nhv_v2_is_vsr(unsigned int n)
{
	return n >= NHV_DENSE_16 && n < NHV_DENSE_READ;
}

/* Dword 0 of a VSR is the FPR, or the left half of a VR. */
static u64 *nhv_v2_vsr(struct nhv_vcpu *vcpu, unsigned int n)
{
	n -= NHV_DENSE_16;
	return n < 32 ? vcpu->fp.fpr[n] : (u64 *)&vcpu->vr.vr[n - 32];
}

static u64 nhv_v2_read(struct nhv_vcpu *vcpu, unsigned int n)
{
	const struct nhv_v2_place *place = &nhv_v2_places[n];
	void *at = nhv_reg_at(vcpu, place->home, place->offset);

	return place->word ? *(u32 *)at : *(u64 *)at;
}

static void nhv_v2_write(struct nhv_vcpu *vcpu, unsigned int n, u64 value)
{
	const struct nhv_v2_place *place = &nhv_v2_places[n];
	void *at = nhv_reg_at(vcpu, place->home, place->offset);

	if (place->word)
		*(u32 *)at = value;
	else
		*(u64 *)at = value;
}

/* ---- sets -------------------------------------------------------------------- */

static const struct nhv_v2_member {
	u8 state;
	u16 id;
	u16 count;
} nhv_v2_members[] = {
	{ NHV_STATE_PC,		NHV_GS_NIA,		2 },	/* and MSR */
	{ NHV_STATE_PC,		NHV_GS_DEC_EXPIRY,	1 },
	{ NHV_STATE_SRR,	NHV_GS_SRR0,		2 },
	{ NHV_STATE_DSI,	NHV_GS_DAR,		1 },
	{ NHV_STATE_DSI,	NHV_GS_DSISR,		1 },
	{ NHV_STATE_DEBUG,	NHV_GS_DAWR0,		3 },	/* DAWR1, CIABR */
	{ NHV_STATE_DEBUG,	NHV_GS_DAWRX0,		2 },
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
};

static DECLARE_BITMAP(nhv_v2_states[NHV_NR_STATES], NHV_NR_DENSE);

void nhv_v2_state_init(void)
{
	const struct nhv_v2_member *m = nhv_v2_members;
	unsigned int n, state;

	nhv_v2_places_init();
	for (; m < nhv_v2_members + ARRAY_SIZE(nhv_v2_members); m++)
		bitmap_set(nhv_v2_states[m->state], NHV_DENSE(m->id), m->count);
	/* Fault registers are of no use to anybody later, and read-only. */
	for (n = 0; n < NHV_DENSE_READ; n++)
		if (nhv_v2_places[n].home || nhv_v2_is_vsr(n))
			__set_bit(n, nhv_v2_states[NHV_STATE_ALL]);
	for (n = 0; n < NHV_DENSE_READ; n++)
		for (state = 0; state < NHV_STATE_ALL; state++)
			if (!test_bit(n, nhv_v2_states[NHV_STATE_ALL]))
				__clear_bit(n, nhv_v2_states[state]);
}

void nhv_v2_state_new(struct nhv_v2_vcpu *v2)
{
	bitmap_copy(v2->valid, nhv_v2_states[NHV_STATE_ALL], NHV_NR_DENSE);
	bitmap_copy(v2->dirty, nhv_v2_states[NHV_STATE_ALL], NHV_NR_DENSE);
}

void nhv_v2_forget(struct nhv_vcpu *vcpu)
{
	bitmap_zero(vcpu->v2->valid, NHV_NR_DENSE);
	bitmap_zero(vcpu->v2->dirty, NHV_NR_DENSE);
}

void nhv_level_claim(struct nhv_vcpu *vcpu, enum nhv_state what)
{
	struct nhv_v2_vcpu *v2 = vcpu->v2;

	bitmap_or(v2->valid, v2->valid, nhv_v2_states[what], NHV_NR_DENSE);
	bitmap_or(v2->dirty, v2->dirty, nhv_v2_states[what], NHV_NR_DENSE);
}

/* ---- values that are not moved as they are ------------------------------------- */

/* MSR bits that are not the guest's: its hypervisor's, and secure state. */
#define NHV_V2_MSR_NOT		(NHV_MSR_HV | NHV_MSR_S | NHV_MSR_ME)

/*
 * The quirk mirrors_dec. What was left of the decrementer is the time of the
 * exit minus the value; our time of the exit is a little later than its, and so
 * would the result be, a little more at each exit. If what we sent last lies
 * within that error and is still to come, the guest has not written its DEC; or
 * it has, for a time so little later that it may as well come early. The error is
 * microseconds, and much more where L0 loses its processor in between.
 */
#define NHV_V2_EXIT_SLACK_US	500

static u64 nhv_v2_mirrored_dec(const struct nhv_vcpu *vcpu, u64 value)
{
	const struct nhv_v2_vcpu *v2 = vcpu->v2;
	u64 slack = 2 * NHV_V2_EXIT_SLACK_US * tb_ticks_per_usec;
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

static void nhv_v2_take(struct nhv_vcpu *vcpu, unsigned int n, u64 value)
{
	switch (n) {
	case NHV_DENSE(NHV_GS_MSR):
		vcpu->cause = value & NHV_SRR1_STATUS;
		value = (value & ~NHV_SRR1_STATUS) | NHV_MSR_ME;
		break;
	case NHV_DENSE(NHV_GS_DEC_EXPIRY):
		if (nhv_v2_quirks.mirrors_dec)
			value = nhv_v2_mirrored_dec(vcpu, value);
		break;
	}
	nhv_v2_write(vcpu, n, value);
	vcpu->v2->value[n] = value;
}

static u64 nhv_v2_give(struct nhv_vcpu *vcpu, unsigned int n)
{
	u64 value = nhv_v2_read(vcpu, n), now;

	switch (n) {
	case NHV_DENSE(NHV_GS_MSR):
		return value & ~NHV_V2_MSR_NOT;
	case NHV_DENSE(NHV_GS_DEC_EXPIRY):
		/* Long expired is expired, and not a wrapped value. */
		now = mftb();
		value = now + nhv_guest_dec(vcpu, now);
		vcpu->v2->dec_sent = value;
		break;
	}
	return value;
}

/* ---- buffers --------------------------------------------------------------------- */

static void nhv_v2_encode_vsr(struct nhv_vcpu *vcpu, struct nhv_gsb *gsb,
			      unsigned int n)
{
	const u64 *vsr = nhv_v2_vsr(vcpu, n);
	const u64 *value = vcpu->v2->vsr[n - NHV_DENSE_16];

	if (test_bit(n, vcpu->v2->dirty) || vsr[0] != value[0] ||
	    vsr[1] != value[1])
		nhv_gsb_put_pair(gsb, nhv_element_id(n), vsr[TS_FPROFFSET],
				 vsr[TS_VSRLOWOFFSET]);
}

void nhv_v2_encode(struct nhv_vcpu *vcpu, struct nhv_gsb *gsb)
{
	struct nhv_v2_vcpu *v2 = vcpu->v2;
	unsigned int n;

	for_each_set_bit(n, v2->valid, NHV_DENSE_READ) {
		if (nhv_v2_is_vsr(n))
			nhv_v2_encode_vsr(vcpu, gsb, n);
		else if (test_bit(n, v2->dirty) ||
			 nhv_v2_read(vcpu, n) != v2->value[n])
			nhv_gsb_put(gsb, nhv_element_id(n),
				    nhv_element_bytes(n), nhv_v2_give(vcpu, n));
	}
}

static long nhv_v2_decode_one(struct nhv_vcpu *vcpu,
			      const struct nhv_gsb_at *at)
{
	int n = nhv_element_dense(at->id);
	u64 first, second, *vsr;

	if (at->id == NHV_GS_HFSCR)
		return nhv_gsb_number(at, &vcpu->gs->hfscr);
	if (n < 0 || (!nhv_v2_places[n].home && !nhv_v2_is_vsr(n)))
		return 0;
	if (!nhv_v2_is_vsr(n)) {
		if (nhv_gsb_number(at, &first))
			return -EINVAL;
		nhv_v2_take(vcpu, n, first);
	} else {
		if (nhv_gsb_pair(at, &first, &second))
			return -EINVAL;
		vsr = nhv_v2_vsr(vcpu, n);
		vsr[TS_FPROFFSET] = first;
		vsr[TS_VSRLOWOFFSET] = second;
		memcpy(vcpu->v2->vsr[n - NHV_DENSE_16], vsr, 2 * sizeof(u64));
	}
	__set_bit(n, vcpu->v2->valid);
	__clear_bit(n, vcpu->v2->dirty);
	return 0;
}

long nhv_v2_decode(struct nhv_vcpu *vcpu, const void *data, u32 size)
{
	struct nhv_gsb_at at;
	int more;

	nhv_gsb_first(&at, data, size);
	while ((more = nhv_gsb_next(&at)) > 0)
		if (nhv_v2_decode_one(vcpu, &at))
			return NHV_H_INVALID_ELEMENT_SIZE;
	return more ? NHV_H_INVALID_ELEMENT_SIZE : 0;
}

/* ---- fetching ----------------------------------------------------------------------- */

void nhv_level_fetch(struct nhv_vcpu *vcpu, enum nhv_state what)
{
	struct nhv_v2_vcpu *v2 = vcpu->v2;
	DECLARE_BITMAP(missing, NHV_NR_DENSE);
	unsigned int n, turn = 0;
	struct nhv_gsb gsb;
	u64 where;
	long rc;

	if (!bitmap_andnot(missing, nhv_v2_states[what], v2->valid,
			   NHV_NR_DENSE))
		return;
	nhv_gsb_start(&gsb, v2->state, NHV_V2_BUFFER);
	for_each_set_bit(n, missing, NHV_NR_DENSE)
		nhv_gsb_room(&gsb, nhv_element_id(n), nhv_element_bytes(n));
	do {
		vcpu->stats.calls_below++;
		rc = nhv_call_get_state(0, vcpu->vm->lpid, vcpu->index,
					nhv_l1ra(__pa(v2->state)), gsb.used,
					&where);
	} while (nhv_v2_later(rc, &turn));
	if (!rc)
		rc = nhv_v2_decode(vcpu, v2->state, gsb.used);
	if (rc)
		v2->refused = nhv_v2_refusal(rc);
}

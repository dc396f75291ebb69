/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * src/level: a turn in the guest. Inline, because every exit that user space or L1
 * has to see takes all of it: calls would cost as much again as what they do.
 *
 * nhv_level_begin(), then nhv_level_enter() any number of times, then
 * nhv_level_end(). What is here besides is API v1's part of that; API v2 has a
 * buffer to fill and to take apart, and is called.
 */
#ifndef NHV_TURN_H
#define NHV_TURN_H

#include <asm/page.h>
#include <asm/reg.h>
#include <asm/time.h>

#include <abi/exits.h>
#include <abi/numbers.h>
#include <nhv/call.h>
#include <nhv/level.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>

/**
 * nhv_read_dec() - the decrementer of this processor
 * @large: it is as wide as the processor makes it, else 32 bits: as LPCR[LD] of
 *	whoever reads it says
 */
static __always_inline s64 nhv_read_dec(bool large)
{
	u64 dec = mfspr(SPRN_DEC);

	return large ? (s64)dec : (s32)dec;
}

/**
 * nhv_guest_dec() - what a guest's decrementer is to be
 * @vcpu: dec_expires is current
 * @now: timebase of L1
 */
static __always_inline s64 nhv_guest_dec(const struct nhv_vcpu *vcpu, u64 now)
{
	s64 left = vcpu->dec_expires - now;

	/* Expired is expired: far past, the low word would look positive. */
	if (left < S32_MIN)
		return S32_MIN;
	if (!(vcpu->lpcr & NHV_LPCR_LD) && left > S32_MAX)
		return S32_MAX;
	return left;
}

/* ---- how late a run may end: turn.c ---------------------------------------------- */

/* In ticks; written by any CPU, and no harm if one value of two is lost. */
extern u64 nhv_late;

/** nhv_level_was_late() - a run has ended @late ticks after its deadline */
void nhv_level_was_late(u64 late);

/**
 * nhv_level_note_late() - a run of a guest has ended: was it late
 * @vcpu: its deadline is that of the run
 * @now: timebase of L1
 */
static __always_inline void nhv_level_note_late(const struct nhv_vcpu *vcpu,
						u64 now)
{
	s64 late = now - vcpu->deadline;

	if (unlikely(late > 0))
		nhv_level_was_late(late);
}

/*
 * An L0 like QEMU makes the time left out of the deadline when it gets round to
 * it, and a time that is over by then never ends. What it may lose before that,
 * waiting for a lock or a processor of its own, shows in how late it ends runs:
 * a run is given the least time, and what the latest of late have been over it.
 * For the rest see src/vcpu/overdue.c.
 */
static __always_inline u64 nhv_safe_deadline(u64 deadline, u64 now)
{
	u64 least = now + nhv_level.least_run + READ_ONCE(nhv_late);

	if (nhv_level.keeps_translations || (s64)(deadline - least) >= 0)
		return deadline;
	return least;
}

/* ---- API v1 ------------------------------------------------------------------------ */

/*
 * What the level below leaves alone is stored once a turn: which guest it is that is
 * entered.
 */
static __always_inline void nhv_v1_name(struct nhv_vcpu *vcpu)
{
	const struct nhv_nested *nested = vcpu->nested.guest;
	struct nhv_hv_guest_state *gs = vcpu->gs;

	gs->version = NHV_GUEST_STATE_V2;
	gs->amor = ~0ULL;
	if (unlikely(nested)) {
		gs->lpid = nested->lpid;
		/* Known by L2's token for it: it may leave a vCPU of L2. */
		gs->vcpu_token = vcpu->nested.given.vcpu_token;
		gs->tb_offset = vcpu->tb_offset + vcpu->nested.tb_offset;
	} else {
		gs->lpid = vcpu->vm->lpid;
		gs->vcpu_token = vcpu->index;
		gs->tb_offset = vcpu->tb_offset;
	}
}

static __always_inline long nhv_v1_ask(struct nhv_vcpu *vcpu, u64 now,
				       u64 deadline)
{
	nhv_v1_name(vcpu);
	vcpu->gs->hdec_expiry = deadline;

	/* Last in, first out: a machine check could clobber these. */
	mtspr(SPRN_DEC, nhv_guest_dec(vcpu, now));
	mtspr(SPRN_DAR, vcpu->live.dar);
	mtspr(SPRN_DSISR, vcpu->live.dsisr);
	return 0;
}

/* The level below gives these back filtered or changed, so every entry asks anew. */
static __always_inline void nhv_v1_ask_again(struct nhv_vcpu *vcpu,
					     struct nhv_hv_guest_state *gs)
{
	unsigned long *doorbell = nhv_vcpu_doorbell(vcpu);

	gs->lpcr = vcpu->turn.lpcr;
	gs->pcr = vcpu->pcr;
	gs->hfscr = vcpu->hfscr;
	gs->heir = NHV_HEIR_CANARY;
	gs->dpdes = READ_ONCE(*doorbell) ? xchg(doorbell, 0) : 0;
}

static __always_inline void nhv_v1_result(struct nhv_vcpu *vcpu,
					  const struct nhv_hv_guest_state *gs,
					  struct nhv_pt_regs *regs)
{
	u64 msr = regs->msr;

	/* A sibling may have rung meanwhile: add, do not store. */
	if (unlikely(gs->dpdes))
		WRITE_ONCE(*nhv_vcpu_doorbell(vcpu), 1);
	vcpu->cause = msr & NHV_SRR1_STATUS;
	regs->msr = msr & ~NHV_SRR1_STATUS;
}

static __always_inline long nhv_v1_enter(struct nhv_vcpu *vcpu)
{
	struct nhv_hv_guest_state *gs = vcpu->gs;
	struct nhv_pt_regs *regs = vcpu->regs;
	long trap;

	nhv_v1_ask_again(vcpu, gs);
	trap = nhv_call_enter_nested(nhv_l1ra(__pa(gs)), nhv_l1ra(__pa(regs)));
	nhv_v1_result(vcpu, gs, regs);
	return trap;
}

static __always_inline void nhv_v1_end(struct nhv_vcpu *vcpu)
{
	s64 dec;
	u64 now;

	vcpu->live.dar = mfspr(SPRN_DAR);
	vcpu->live.dsisr = mfspr(SPRN_DSISR);
	dec = nhv_read_dec(vcpu->lpcr & NHV_LPCR_LD);
	now = mftb();
	nhv_level_note_late(vcpu, now);
	vcpu->dec_expires = dec + now;
	mtspr(SPRN_DEC, vcpu->turn.host_expires - now);
}

/* ---- API v2: v2.c ------------------------------------------------------------------- */

long nhv_v2_ask(struct nhv_vcpu *vcpu, u64 now, u64 deadline);
long nhv_v2_enter(struct nhv_vcpu *vcpu);
void nhv_v2_end(struct nhv_vcpu *vcpu);

/* ---- either ------------------------------------------------------------------------- */

/**
 * nhv_level_begin() - the first step of a turn in the guest: what a turn asks of
 * the level below, and the guest's decrementer, DAR and DSISR
 * @vcpu: loaded; interrupts hard-disabled, nothing pending
 * @lpcr: vcpu->lpcr, with MER if an interrupt waits
 * @deadline: timebase value at which to come back at the latest
 *
 * Return: 0, and nhv_level_end() has to follow; or what the turn came to without
 * one: NHV_VEC_HDEC after the deadline, NHV_H_NOT_AVAILABLE after
 * nhv_level_shutdown().
 */
static __always_inline long nhv_level_begin(struct nhv_vcpu *vcpu, u64 lpcr,
					    u64 deadline)
{
	u64 now = mftb();
	u64 host = now + nhv_read_dec(nhv_level.wide_dec);

	vcpu->turn.host_expires = host;
	if (unlikely(nhv_level_is_down()))
		return NHV_H_NOT_AVAILABLE;
	/* Our own timer ends the guest's turn, whose end no other timer tells. */
	if ((s64)(host - deadline) < 0)
		deadline = host;
	if (unlikely((s64)(deadline - now) <= 0)) {
		/*
		 * If it is our timer: QEMU may be late to raise one that is over,
		 * but raises one that is written so at once.
		 */
		mtspr(SPRN_DEC, host - now);
		return NHV_VEC_HDEC;
	}
	vcpu->turn.end = deadline;
	vcpu->turn.lpcr = lpcr;
	deadline = nhv_safe_deadline(deadline, now);
	WRITE_ONCE(vcpu->deadline, deadline);
	return nhv_level.carries_all ? nhv_v2_ask(vcpu, now, deadline) :
				       nhv_v1_ask(vcpu, now, deadline);
}

/**
 * nhv_level_enter() - run the guest until it exits
 * @vcpu: between nhv_level_begin() and nhv_level_end(), any number of times
 *
 * Takes the interrupt status bits of the returned msr apart into vcpu->cause.
 *
 * Return: as nhv_call_enter_nested().
 */
static __always_inline long nhv_level_enter(struct nhv_vcpu *vcpu)
{
	vcpu->stats.calls_below++;
	return nhv_level.carries_all ? nhv_v2_enter(vcpu) : nhv_v1_enter(vcpu);
}

/**
 * nhv_level_again() - may the guest be entered once more in this turn
 * @vcpu: as above, after an exit
 *
 * Return: false if the turn's deadline has come.
 */
static __always_inline bool nhv_level_again(struct nhv_vcpu *vcpu)
{
	u64 now = mftb(), deadline;

	if ((s64)(vcpu->turn.end - now) <= 0)
		return false;
	deadline = nhv_safe_deadline(vcpu->turn.end, now);
	WRITE_ONCE(vcpu->deadline, deadline);
	vcpu->gs->hdec_expiry = deadline;
	return true;
}

/**
 * nhv_level_end() - the last step of a turn: L1's decrementer is its own again
 * @vcpu: as above
 */
static __always_inline void nhv_level_end(struct nhv_vcpu *vcpu)
{
	if (nhv_level.carries_all)
		nhv_v2_end(vcpu);
	else
		nhv_v1_end(vcpu);
}

#endif

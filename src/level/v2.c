// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entering a guest by H_GUEST_RUN_VCPU (API v2).
 *
 * The run buffers were registered once. What goes in is what changed since the
 * last exit, and what an exit does not bring is left where it is until somebody
 * asks: a timer or a page fault costs this one hypercall.
 */
#include <asm/reg.h>
#include <asm/time.h>

#include <abi/numbers.h>
#include <nhv/call.h>
#include <nhv/observe.h>
#include <nhv/turn.h>
#include <nhv/vm.h>

#include "back_end.h"
#include "v2.h"

struct nhv_v2_quirks nhv_v2_quirks;

/* What of LPCR is L1's to say; the rest is the level below's. */
#define NHV_V2_LPCR	(NHV_LPCR_DPFD | NHV_LPCR_ILE | NHV_LPCR_AIL | \
			 NHV_LPCR_LD | NHV_LPCR_MER | NHV_LPCR_GTSE)

/* Vectors are below this; src/vcpu uses numbers from here on for itself. */
#define NHV_V2_VECTOR_MAX	0x10000

long nhv_v2_ask(struct nhv_vcpu *vcpu, u64 now, u64 deadline)
{
	/* Its guest is being changed: round the loop until that is over. */
	if (READ_ONCE(vcpu->v2->guest->changing))
		return NHV_VEC_HDEC;
	vcpu->gs->hdec_expiry = deadline;
	return 0;
}

/* An element of 8 bytes at @at. Return: where the next one goes. */
static __always_inline u8 *nhv_v2_say(u8 *at, u16 id, u64 value)
{
	return nhv_gsb_append(at, NHV_V2_HEAD(id), sizeof(u64), value);
}

/* What is no register of the guest, and then those. */
static __always_inline void nhv_v2_request(struct nhv_vcpu *vcpu, u64 lpcr,
					   unsigned long doorbell)
{
	struct nhv_v2_vcpu *v2 = vcpu->v2;
	u8 *at = v2->input + sizeof(struct nhv_gsb_header);
	u32 count = 1;

	at = nhv_v2_say(at, NHV_GS_HDEC_EXPIRY, vcpu->gs->hdec_expiry);
	if (lpcr != v2->lpcr) {
		at = nhv_v2_say(at, NHV_GS_LPCR, lpcr);
		count++;
	}
	if (vcpu->hfscr != v2->hfscr) {
		at = nhv_v2_say(at, NHV_GS_HFSCR, vcpu->hfscr);
		at = nhv_v2_say(at, NHV_GS_AMOR, ~0ULL);
		count += 2;
	}
	if (doorbell) {
		at = nhv_v2_say(at, NHV_GS_DPDES, 1);
		count++;
	}
	nhv_v2_encode(vcpu, at, count);
}

/* It has taken all of the input. */
static __always_inline void nhv_v2_taken(struct nhv_vcpu *vcpu, u64 lpcr)
{
	struct nhv_v2_vcpu *v2 = vcpu->v2;

	v2->lpcr = lpcr;
	v2->hfscr = vcpu->hfscr;
	nhv_v2_forget(v2);
	vcpu->cause = 0;
	vcpu->gs->heir = NHV_HEIR_CANARY;
}

static __always_inline long nhv_v2_result(struct nhv_vcpu *vcpu)
{
	struct nhv_v2_vcpu *v2 = vcpu->v2;
	u64 vector = v2->answer;
	long rc;

	rc = nhv_v2_decode(vcpu, v2->output, v2->output_size);
	if (rc)
		return rc;
	return vector < NHV_V2_VECTOR_MAX ? (long)vector : NHV_H_HARDWARE;
}

/*
 * Where the guest has its VPA. A level below may have no use for that, so what it
 * answers is nobody's business; and a guest of the guest has none.
 */
static void nhv_v2_tell_vpa(struct nhv_vcpu *vcpu, u64 vpa)
{
	struct nhv_v2_vcpu *v2 = vcpu->v2;
	struct nhv_gsb gsb;
	u64 where;
	long rc = 0;

	if (!nhv_v2_quirks.no_vpa && !vcpu->nested.guest) {
		nhv_gsb_start(&gsb, v2->state, NHV_V2_BUFFER);
		nhv_gsb_put(&gsb, NHV_GS_VPA, NHV_GS_BYTES_VPA, vpa);
		vcpu->stats.calls_below++;
		rc = nhv_call_set_state(0, v2->guest->id, v2->index,
					nhv_l1ra(__pa(v2->state)), gsb.used,
					&where);
	}
	/* Busy: with the next entry. */
	if (!nhv_call_busy(rc))
		v2->vpa = vpa;
}

long nhv_v2_enter(struct nhv_vcpu *vcpu)
{
	unsigned long *rung = nhv_vcpu_doorbell(vcpu), doorbell;
	struct nhv_v2_vcpu *v2 = vcpu->v2;
	u64 vpa = READ_ONCE(vcpu->vpa.ra), lpcr;
	long rc;

	if (vpa != v2->vpa)
		nhv_v2_tell_vpa(vcpu, vpa);
	/* Or the entry would load the mirrored value; see the quirk. */
	if (nhv_v2_quirks.mirrors_dec) {
		if (!test_bit(NHV_DENSE(NHV_GS_DEC_EXPIRY), v2->valid))
			nhv_v2_read_dec(vcpu);
		__set_bit(NHV_DENSE(NHV_GS_DEC_EXPIRY), v2->dirty);
	}
	if (v2->refused || v2->guest->refused)
		return v2->refused ?: v2->guest->refused;

	doorbell = READ_ONCE(*rung) ? xchg(rung, 0) : 0;
	lpcr = vcpu->turn.lpcr & NHV_V2_LPCR;
	nhv_v2_request(vcpu, lpcr, doorbell);

	rc = nhv_call_run_vcpu(v2->guest->id, v2->index, &v2->answer);
	v2->exit_tb = mftb();
	if (!rc) {
		nhv_v2_taken(vcpu, lpcr);
		return nhv_v2_result(vcpu);
	}
	if (doorbell)
		WRITE_ONCE(*rung, 1);
	/* Nothing happened; with interrupts on in between it is tried again. */
	if (nhv_call_busy(rc)) {
		nhv_count_refusal(rc);
		return 0;
	}
	return nhv_v2_refusal(rc);
}

/*
 * Not every level below gives our decrementer back as it was: QEMU loads it with
 * a mirrored value too. What is right here is right everywhere.
 */
void nhv_v2_end(struct nhv_vcpu *vcpu)
{
	u64 now = mftb();

	nhv_level_note_late(vcpu, now);
	mtspr(SPRN_DEC, vcpu->turn.host_expires - now);
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv_guest_state and pt_regs as a guest hypervisor passes them to
 * H_ENTER_NESTED: byte order, what is refused, what is taken out, what goes back.
 *
 * The rule for each field: a guest may give to its own guest what it may have
 * itself, and no more.
 */
#include <abi/exits.h>
#include <abi/numbers.h>
#include <nhv/serve.h>

bool nhv_serve_swaps(u64 msr)
{
	static const u16 one = 1;
	bool we_are_little = *(const u8 *)&one;

	return !(msr & NHV_MSR_LE) == we_are_little;
}

size_t nhv_serve_state_size(u64 version)
{
	switch (version) {
	case NHV_GUEST_STATE_V1:
		return offsetof(struct nhv_hv_guest_state, dawr1);
	case NHV_GUEST_STATE_V2:
		return sizeof(struct nhv_hv_guest_state);
	}
	return 0;
}

static void nhv_serve_swap_words(u64 *words, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes / sizeof(*words); i++)
		words[i] = swab64(words[i]);
}

/* All are doublewords but LPID and token, which share one. */
void nhv_serve_swap_state(struct nhv_hv_guest_state *gs)
{
	u32 lpid = swab32(gs->lpid);
	u32 token = swab32(gs->vcpu_token);

	nhv_serve_swap_words((u64 *)gs, sizeof(*gs));
	gs->lpid = lpid;
	gs->vcpu_token = token;
}

void nhv_serve_swap_regs(struct nhv_pt_regs *regs)
{
	nhv_serve_swap_words((u64 *)regs, sizeof(*regs));
}

long nhv_serve_check(const struct nhv_hv_guest_state *gs, u64 msr,
		     u64 caller_msr)
{
	if (!nhv_serve_state_size(gs->version))
		return NHV_H_PARAMETER;
	if (!gs->lpid)
		return NHV_H_PARAMETER;
	if (gs->vcpu_token >= NHV_SERVE_TOKENS)
		return NHV_H_PARAMETER;
	/* Nobody switches a checkpoint, so no guest of ours has transactions. */
	if ((msr | caller_msr) & NHV_MSR_TS)
		return NHV_H_BAD_MODE;
	return NHV_H_SUCCESS;
}

/* What a guest hypervisor decides about the LPCR of its guests. */
#define NHV_SERVE_LPCR	(NHV_LPCR_DPFD | NHV_LPCR_ILE | NHV_LPCR_AIL | \
			 NHV_LPCR_LD | NHV_LPCR_MER)

static u64 nhv_serve_lpcr(u64 asked, u64 own)
{
	/* AIL 1 is reserved, 2 is not for radix. */
	if ((asked & NHV_LPCR_AIL) != NHV_LPCR_AIL_3)
		asked &= ~NHV_LPCR_AIL;
	return (own & ~NHV_SERVE_LPCR) | (asked & NHV_SERVE_LPCR);
}

/* A breakpoint in a hypervisor's own code is not for a guest to set. */
static u64 nhv_serve_ciabr(u64 ciabr)
{
	if ((ciabr & NHV_CIABR_PRIV) == NHV_CIABR_PRIV_HYPER)
		ciabr &= ~NHV_CIABR_PRIV;
	return ciabr;
}

void nhv_serve_sanitise(struct nhv_hv_guest_state *gs,
			const struct nhv_serve_own *own)
{
	gs->lpcr = nhv_serve_lpcr(gs->lpcr, own->lpcr);
	/* A bit of PCR takes something away. */
	gs->pcr |= own->pcr;
	gs->hfscr &= own->hfscr & ~NHV_HFSCR_CAUSE_MASK;
	gs->dpdes = !!gs->dpdes;
	gs->dawrx0 &= ~NHV_DAWRX_HYP;
	gs->dawrx1 &= ~NHV_DAWRX_HYP;
	gs->ciabr = nhv_serve_ciabr(gs->ciabr);
}

u64 nhv_serve_msr(u64 msr)
{
	msr &= ~(NHV_MSR_HV | NHV_MSR_S | NHV_MSR_TS | NHV_MSR_TM |
		 NHV_SRR1_STATUS);
	return msr | NHV_MSR_ME;
}

/* The registers that name a fault, where the vector says that there is one. */
static void nhv_serve_fault(struct nhv_hv_guest_state *given,
			    const struct nhv_hv_guest_state *gs,
			    unsigned int vector)
{
	switch (vector) {
	case NHV_VEC_H_DATA_STORAGE:
		given->hdar = gs->hdar;
		given->hdsisr = gs->hdsisr;
		given->asdr = gs->asdr;
		break;
	case NHV_VEC_H_INST_STORAGE:
		given->asdr = gs->asdr;
		break;
	case NHV_VEC_H_EMUL_ASSIST:
		/* A level below that does not tell it leaves what was there. */
		if (gs->heir != NHV_HEIR_CANARY)
			given->heir = gs->heir;
		break;
	case NHV_VEC_H_FAC_UNAVAIL:
		given->hfscr &= ~NHV_HFSCR_CAUSE_MASK;
		given->hfscr |= gs->hfscr & NHV_HFSCR_CAUSE_MASK;
		break;
	}
}

void nhv_serve_result(struct nhv_hv_guest_state *given,
		      const struct nhv_hv_guest_state *gs, unsigned int vector)
{
	given->dpdes = gs->dpdes;
	given->purr = gs->purr;
	given->spurr = gs->spurr;
	given->ic = gs->ic;
	given->vtb = gs->vtb;
	given->srr0 = gs->srr0;
	given->srr1 = gs->srr1;
	memcpy(given->sprg, gs->sprg, sizeof(given->sprg));
	given->pidr = gs->pidr;
	given->cfar = gs->cfar;
	given->ppr = gs->ppr;
	nhv_serve_fault(given, gs, vector);
}

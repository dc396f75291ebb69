// SPDX-License-Identifier: GPL-2.0-only
/*
 * From L2 to L3 and back. Both are the same vCPU: what changes is the block of
 * registers it points at, the LPID, and what it asks of the level below. Registers
 * that the API does not carry stay where they are, by its own rule: what is in
 * them when L2 makes the call is L3's.
 */
#include <abi/exits.h>
#include <abi/numbers.h>
#include <nhv/core.h>
#include <nhv/level.h>
#include <nhv/nested.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>

#include "enter.h"

/* ---- what L2 passes ------------------------------------------------------------- */

/*
 * Read once: the version first, as it says how much there is, and then what is
 * behind it.
 */
static long nhv_nested_read_state(struct nhv_vcpu *vcpu)
{
	struct nhv_nested_vcpu *n = &vcpu->nested;
	size_t first = sizeof(n->given.version);
	u64 version;

	memset(&n->given, 0, sizeof(n->given));
	if (nhv_guest_read(vcpu->vm, n->gs_at, &n->given, first))
		return NHV_H_PARAMETER;
	version = n->swap ? swab64(n->given.version) : n->given.version;
	n->size = nhv_serve_state_size(version);
	if (!n->size)
		return NHV_H_PARAMETER;
	if (nhv_guest_read(vcpu->vm, nhv_l2ra(n->gs_at.addr + first),
			   (u8 *)&n->given + first, n->size - first))
		return NHV_H_PARAMETER;
	if (n->swap)
		nhv_serve_swap_state(&n->given);
	return NHV_H_SUCCESS;
}

static long nhv_nested_read(struct nhv_vcpu *vcpu)
{
	struct nhv_nested_vcpu *n = &vcpu->nested;
	long rc = nhv_nested_read_state(vcpu);

	if (rc)
		return rc;
	if (nhv_guest_read(vcpu->vm, n->regs_at, n->regs, sizeof(*n->regs)))
		return NHV_H_PARAMETER;
	if (n->swap)
		nhv_serve_swap_regs(n->regs);
	return nhv_serve_check(&n->given, n->regs->msr, vcpu->regs->msr);
}

/* What was found may be on its way out, and the LPID in use again: look twice. */
#define NHV_CHOOSE_TRIES	2

static long nhv_nested_choose(struct nhv_vcpu *vcpu, u64 ptcr,
			      struct nhv_nested **nested)
{
	u32 lpid = vcpu->nested.given.lpid;
	unsigned int tries;
	u64 at;
	int err;

	if (!nhv_serve_pate_at(ptcr, lpid, &at))
		return NHV_H_PARAMETER;
	for (tries = 0; tries < NHV_CHOOSE_TRIES; tries++) {
		err = nhv_nested_get(vcpu->vm, lpid, nested);
		if (err)
			return err == -ENOMEM ? NHV_H_NO_MEM :
						NHV_H_NOT_ENOUGH_RESOURCES;
		if (nhv_nested_load(*nested))
			return NHV_H_SUCCESS;
		nhv_nested_put(*nested);
	}
	return NHV_H_PARAMETER;
}

/* ---- in --------------------------------------------------------------------------- */

/* hdec_expiry is in L2's timebase; all ones, or what never comes, is no limit. */
static u64 nhv_nested_deadline(const struct nhv_vcpu *vcpu)
{
	u64 expiry = vcpu->nested.given.hdec_expiry;

	if (expiry >= NHV_NO_DEADLINE)
		return NHV_NO_DEADLINE;
	return expiry - vcpu->tb_offset;
}

void nhv_nested_switch(struct nhv_vcpu *vcpu, struct nhv_nested *nested)
{
	struct nhv_nested_vcpu *n = &vcpu->nested;
	const struct nhv_serve_own own = {
		.lpcr = vcpu->lpcr,
		.pcr = vcpu->pcr,
		.hfscr = vcpu->hfscr,
	};

	nhv_copy_words(n->gs, &n->given, sizeof(n->given));
	nhv_serve_sanitise(n->gs, &own);
	n->regs->msr = nhv_serve_msr(n->regs->msr);
	n->deadline = nhv_nested_deadline(vcpu);
	n->tb_offset = n->given.tb_offset;
	n->doorbell = n->gs->dpdes;
	n->refused = 0;

	n->own.gs = vcpu->gs;
	n->own.regs = vcpu->regs;
	n->own.lpcr = vcpu->lpcr;
	n->own.pcr = vcpu->pcr;
	n->own.hfscr = vcpu->hfscr;
	vcpu->gs = n->gs;
	vcpu->regs = n->regs;
	vcpu->lpcr = n->gs->lpcr;
	vcpu->pcr = n->gs->pcr;
	vcpu->hfscr = n->gs->hfscr;
	n->guest = nested;
	nhv_level_nested_in(vcpu);
}

/* Return: PAPR's, with a reference to *nested if it is success. */
static long nhv_nested_prepare(struct nhv_vcpu *vcpu, u64 ptcr,
			       struct nhv_nested **nested)
{
	long rc = nhv_nested_read(vcpu);

	if (!rc)
		rc = nhv_nested_choose(vcpu, ptcr, nested);
	if (rc)
		return rc;
	if (!nhv_level_nested_ready(vcpu, *nested))
		return NHV_H_SUCCESS;
	nhv_nested_put(*nested);
	return NHV_H_NO_MEM;
}

long nhv_nested_enter(struct nhv_vcpu *vcpu, u64 gs_at, u64 regs_at)
{
	struct nhv_nested_vcpu *n = &vcpu->nested;
	u64 ptcr = READ_ONCE(vcpu->vm->nesting.ptcr);
	struct nhv_nested *nested;
	long rc;

	nhv_nested_forget(vcpu, false);
	if (!ptcr)
		return NHV_H_NOT_AVAILABLE;
	if (nhv_level_vcpu_nest(vcpu))
		return NHV_H_NO_MEM;
	n->gs_at = nhv_l2ra(gs_at);
	n->regs_at = nhv_l2ra(regs_at);
	n->swap = nhv_serve_swaps(vcpu->regs->msr);
	rc = nhv_nested_prepare(vcpu, ptcr, &nested);
	if (rc)
		return rc;

	nhv_nested_switch(vcpu, nested);
	if (n->refill)
		nhv_shadow_refill(nested, &n->fault_runs, n->refill_at);
	n->refill = false;
	vcpu->stats.nested_entries++;
	return NHV_H_SUCCESS;
}

/* ---- and out ------------------------------------------------------------------------ */

/* What L3 used up of L2's time is L2's too. */
static void nhv_nested_account(struct nhv_nested_vcpu *n)
{
	n->own.gs->purr += n->gs->purr - n->given.purr;
	n->own.gs->spurr += n->gs->spurr - n->given.spurr;
	n->own.gs->ic += n->gs->ic - n->given.ic;
	n->own.gs->vtb += n->gs->vtb - n->given.vtb;
}

static int nhv_nested_write(struct nhv_vcpu *vcpu)
{
	struct nhv_nested_vcpu *n = &vcpu->nested;

	if (n->swap) {
		nhv_serve_swap_state(&n->given);
		nhv_serve_swap_regs(n->regs);
	}
	if (nhv_guest_write(vcpu->vm, n->gs_at, &n->given, n->size))
		return -EFAULT;
	return nhv_guest_write(vcpu->vm, n->regs_at, n->regs, sizeof(*n->regs));
}

struct nhv_nested *nhv_nested_switch_back(struct nhv_vcpu *vcpu)
{
	struct nhv_nested_vcpu *n = &vcpu->nested;
	struct nhv_nested *nested = n->guest;

	vcpu->gs = n->own.gs;
	vcpu->regs = n->own.regs;
	vcpu->lpcr = n->own.lpcr;
	vcpu->pcr = n->own.pcr;
	vcpu->hfscr = n->own.hfscr;
	n->tb_offset = 0;
	n->guest = NULL;
	return nested;
}

void nhv_nested_result(struct nhv_vcpu *vcpu, struct nhv_hv_guest_state *result,
		       unsigned int vector)
{
	struct nhv_nested_vcpu *n = &vcpu->nested;

	nhv_nested_account(n);
	n->gs->dpdes = xchg(&n->doorbell, 0);
	nhv_serve_result(result, n->gs, vector);
}

void nhv_nested_leave(struct nhv_vcpu *vcpu, long result)
{
	struct nhv_nested_vcpu *n = &vcpu->nested;
	long lost = nhv_level_nested_out(vcpu);

	if (lost)
		result = lost;
	if (result >= 0 && result != NHV_H_NOT_AVAILABLE) {
		nhv_nested_result(vcpu, &n->given, result);
		/* L3 did run, and what it did is lost. */
		if (nhv_nested_write(vcpu))
			result = NHV_H_AUTHORITY;
	} else {
		nhv_nested_account(n);
	}
	nhv_nested_put(nhv_nested_switch_back(vcpu));
	vcpu->regs->gpr[3] = result;
	vcpu->stats.nested_exits++;
}

void nhv_nested_set_gpr(struct nhv_vcpu *vcpu, unsigned int reg, u64 value)
{
	struct nhv_nested_vcpu *n = &vcpu->nested;
	u64 at = n->regs_at.addr + reg * sizeof(value);

	if (n->swap)
		value = swab64(value);
	/* Where L2 has taken the memory away, it has no use for the value. */
	nhv_guest_write(vcpu->vm, nhv_l2ra(at), &value, sizeof(value));
}

/* A doorbell has no vector towards a hypervisor: L2 takes it once it has EE. */
void nhv_nested_interrupt(struct nhv_vcpu *vcpu)
{
	nhv_nested_leave(vcpu, READ_ONCE(vcpu->irq_pending) ?
			 NHV_VEC_EXTERNAL : 0);
}

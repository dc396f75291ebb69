/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hcall/call: the caller's side of the boundary to the level below.
 */
#ifndef NHV_CALL_H
#define NHV_CALL_H

#include <asm/hvcall.h>

#include <abi/numbers.h>
#include <nhv/base.h>

/** nhv_call_busy() - does a return code say "later" */
bool nhv_call_busy(long rc);

/**
 * nhv_call_set_partition_table() - H_SET_PARTITION_TABLE
 * @ptcr: base (L1 real) | PATS, 0 for none
 *
 * Return: the hypercall's return code.
 */
long nhv_call_set_partition_table(u64 ptcr);

/**
 * nhv_call_enter_nested() - H_ENTER_NESTED
 * @gs: L1 real address of hv_guest_state
 * @regs: L1 real address of pt_regs
 *
 * Interrupts are hard-disabled. The guest's live registers are in the CPU
 * before and after.
 *
 * Return: below 0 or H_NOT_AVAILABLE: an error; 0: nothing happened; else the
 * interrupt vector that ended the guest's run.
 */
static __always_inline long nhv_call_enter_nested(struct nhv_l1ra gs,
						  struct nhv_l1ra regs)
{
	return plpar_hcall_norets(NHV_H_ENTER_NESTED, gs.addr, regs.addr);
}

/**
 * nhv_call_yield() - H_CONFER to whoever there is
 *
 * Gives the level below control in a state in which it can put in an interrupt.
 * Interrupts are on.
 */
void nhv_call_yield(void);

/**
 * nhv_call_has_copy() - does the level below know H_COPY_TOFROM_GUEST
 *
 * Asked with an operand that is always refused, so nothing is copied.
 */
bool nhv_call_has_copy(void);

/**
 * nhv_call_tlb_invalidate() - H_TLB_INVALIDATE, partition scope, radix
 * @ric: NHV_TLBIE_RIC_*
 * @lpid: whose translations
 * @rb: IS, AP and EPN
 *
 * Does not sleep; retries while the level below is busy.
 *
 * Return: the hypercall's return code.
 */
long nhv_call_tlb_invalidate(unsigned int ric, u32 lpid, unsigned long rb);

/**
 * nhv_call_rpt_invalidate() - H_RPT_INVALIDATE for a nested guest
 * @lpid: whose translations
 * @type: NHV_RPTI_TYPE_TLB, _PWC, _PAT without NESTED, which is added
 * @pages: NHV_RPTI_PAGE_*
 * @start: first L2 real address
 * @end: one past the last, ~0 with @start 0 for all
 *
 * Does not sleep; retries while busy.
 *
 * Return: the hypercall's return code.
 */
long nhv_call_rpt_invalidate(u32 lpid, u64 type, u64 pages, u64 start, u64 end);

/**
 * nhv_call_forget_page() - invalidate one partition-scoped translation
 * @rpt: by H_RPT_INVALIDATE, else by H_TLB_INVALIDATE
 * @lpid: whose
 * @addr: real address in the space of the LPID, aligned to @shift
 * @shift: size of the page
 *
 * Return: the hypercall's return code, H_PARAMETER for an unknown size.
 */
long nhv_call_forget_page(bool rpt, u32 lpid, u64 addr, unsigned int shift);

/**
 * nhv_call_forget_lpid() - invalidate all of an LPID
 * @rpt: as above
 * @lpid: whose
 * @ric: NHV_TLBIE_RIC_TLB, _PWC (walk caches), or _ALL, which also makes the
 *	level below read the partition table entry again
 *
 * Return: the hypercall's return code.
 */
long nhv_call_forget_lpid(bool rpt, u32 lpid, unsigned int ric);

/* ---- API v2 (v2.c) ---------------------------------------------------------- */

/**
 * nhv_call_get_capabilities() - H_GUEST_GET_CAPABILITIES
 * @caps: gets NHV_GUEST_CAP_*
 *
 * Return: the hypercall's return code; NHV_H_FUNCTION where there is no API v2.
 */
long nhv_call_get_capabilities(u64 *caps);

/** nhv_call_set_capabilities() - H_GUEST_SET_CAPABILITIES; NHV_H_STATE: was set */
long nhv_call_set_capabilities(u64 caps);

/**
 * nhv_call_guest_create() - one step of H_GUEST_CREATE
 * @token: ~0 first; what a busy answer put there next
 * @guest: gets the id on success
 *
 * Return: the hypercall's return code.
 */
long nhv_call_guest_create(u64 *token, u64 *guest);

/** nhv_call_guest_delete() - one step of H_GUEST_DELETE, of one guest */
long nhv_call_guest_delete(u64 guest);

/**
 * nhv_call_guest_delete_all() - one step of H_GUEST_DELETE, of all guests
 *
 * QEMU frees its table of guests and goes on using it: nothing may be created
 * after.
 */
long nhv_call_guest_delete_all(void);

/** nhv_call_create_vcpu() - one step of H_GUEST_CREATE_VCPU; @vcpu is dense */
long nhv_call_create_vcpu(u64 guest, u64 vcpu);

/**
 * nhv_call_get_state() - one step of H_GUEST_GET_STATE
 * @flags: NHV_GS_FLAG_*
 * @guest: its id, 0 for what is host-wide
 * @vcpu: exists; QEMU looks at it in guest-wide calls too, and aborts
 * @buffer: L1 real address of a guest state buffer, ids and sizes filled in
 * @bytes: its size, 4 bytes to 1 MiB
 * @where: gets what an invalid-element answer says of the place
 *
 * Return: the hypercall's return code.
 */
long nhv_call_get_state(u64 flags, u64 guest, u64 vcpu, struct nhv_l1ra buffer,
			u64 bytes, u64 *where);

/** nhv_call_set_state() - one step of H_GUEST_SET_STATE; as above */
long nhv_call_set_state(u64 flags, u64 guest, u64 vcpu, struct nhv_l1ra buffer,
			u64 bytes, u64 *where);

/**
 * nhv_call_run_vcpu() - H_GUEST_RUN_VCPU
 * @guest: its id
 * @vcpu: its number; the run buffers are registered
 * @vector: gets the interrupt vector that ended the run, or of an invalid
 *	element the byte offset in the input buffer
 *
 * Interrupts are hard-disabled. Neither traced nor counted: it is an exit.
 *
 * Return: the hypercall's return code.
 */
long nhv_call_run_vcpu(u64 guest, u64 vcpu, u64 *vector);

#endif

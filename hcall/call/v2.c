// SPDX-License-Identifier: GPL-2.0-only
/*
 * The caller's side of the nested API v2. One hypercall each; whoever may sleep
 * waits for busy answers.
 */
#include <asm/hvcall.h>

#include <abi/elements.h>
#include <abi/numbers.h>
#include <nhv/call.h>

#include "told.h"

/* Return: the hypercall's return code; @first gets its first output. */
static __always_inline long nhv_call_out(unsigned long number,
					 const unsigned long arg[6], u64 *first)
{
	unsigned long out[PLPAR_HCALL_BUFSIZE];
	/* It fills all of out, whatever the answer. */
	long rc = plpar_hcall(number, out, arg[0], arg[1], arg[2], arg[3],
			      arg[4], arg[5]);

	*first = out[0];
	return nhv_call_told(number, arg, rc);
}

static long nhv_call_plain(unsigned long number, const unsigned long arg[6])
{
	u64 unused;

	return nhv_call_out(number, arg, &unused);
}

long nhv_call_get_capabilities(u64 *caps)
{
	const unsigned long arg[6] = {};
	long rc = nhv_call_out(NHV_H_GUEST_GET_CAPABILITIES, arg, caps);

	if (rc)
		*caps = 0;
	return rc;
}

long nhv_call_set_capabilities(u64 caps)
{
	const unsigned long arg[6] = { 0, caps };

	return nhv_call_plain(NHV_H_GUEST_SET_CAPABILITIES, arg);
}

long nhv_call_guest_create(u64 *token, u64 *guest)
{
	const unsigned long arg[6] = { 0, *token };
	u64 out;
	long rc = nhv_call_out(NHV_H_GUEST_CREATE, arg, &out);

	if (!rc)
		*guest = out;
	else if (nhv_call_busy(rc))
		*token = out;
	return rc;
}

long nhv_call_guest_delete(u64 guest)
{
	const unsigned long arg[6] = { 0, guest };

	return nhv_call_plain(NHV_H_GUEST_DELETE, arg);
}

long nhv_call_guest_delete_all(void)
{
	const unsigned long arg[6] = { NHV_GUEST_DELETE_ALL };

	return nhv_call_plain(NHV_H_GUEST_DELETE, arg);
}

long nhv_call_create_vcpu(u64 guest, u64 vcpu)
{
	const unsigned long arg[6] = { 0, guest, vcpu };

	return nhv_call_plain(NHV_H_GUEST_CREATE_VCPU, arg);
}

static noinline long nhv_call_state_told(unsigned long number, u64 flags,
					 u64 guest, u64 vcpu, u64 buffer,
					 u64 bytes, u64 *where)
{
	const unsigned long arg[6] = { flags, guest, vcpu, buffer, bytes };

	return nhv_call_out(number, arg, where);
}

/* Some exits make one of these, and nothing is kept for a trace that is off. */
static __always_inline long nhv_call_state(unsigned long number, u64 flags,
					   u64 guest, u64 vcpu, u64 buffer,
					   u64 bytes, u64 *where)
{
	unsigned long out[PLPAR_HCALL_BUFSIZE];
	long rc;

	if (trace_nhv_call_enabled())
		return nhv_call_state_told(number, flags, guest, vcpu, buffer,
					   bytes, where);
	rc = plpar_hcall(number, out, (unsigned long)flags,
			 (unsigned long)guest, (unsigned long)vcpu,
			 (unsigned long)buffer, (unsigned long)bytes);
	*where = out[0];
	if (rc)
		nhv_count_refusal(rc);
	return rc;
}

long nhv_call_get_state(u64 flags, u64 guest, u64 vcpu, struct nhv_l1ra buffer,
			u64 bytes, u64 *where)
{
	return nhv_call_state(NHV_H_GUEST_GET_STATE, flags, guest, vcpu,
			      buffer.addr, bytes, where);
}

long nhv_call_set_state(u64 flags, u64 guest, u64 vcpu, struct nhv_l1ra buffer,
			u64 bytes, u64 *where)
{
	return nhv_call_state(NHV_H_GUEST_SET_STATE, flags, guest, vcpu,
			      buffer.addr, bytes, where);
}

long nhv_call_run_vcpu(u64 guest, u64 vcpu, u64 *vector)
{
	unsigned long out[PLPAR_HCALL_BUFSIZE];
	long rc = plpar_hcall(NHV_H_GUEST_RUN_VCPU, out, 0UL,
			      (unsigned long)guest, (unsigned long)vcpu);

	*vector = out[0];
	return rc;
}

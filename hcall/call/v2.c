// SPDX-License-Identifier: GPL-2.0-only
/*
 * The caller's side of the nested API v2. One hypercall each; whoever may sleep
 * waits for busy answers.
 */
#include <asm/hvcall.h>

#include <abi/elements.h>
#include <abi/numbers.h>
#include <nhv/call.h>

long nhv_call_get_capabilities(u64 *caps)
{
	unsigned long out[PLPAR_HCALL_BUFSIZE] = {};
	long rc = plpar_hcall(NHV_H_GUEST_GET_CAPABILITIES, out, 0UL);

	*caps = rc ? 0 : out[0];
	return rc;
}

long nhv_call_set_capabilities(u64 caps)
{
	return plpar_hcall_norets(NHV_H_GUEST_SET_CAPABILITIES, 0UL,
				  (unsigned long)caps);
}

long nhv_call_guest_create(u64 *token, u64 *guest)
{
	unsigned long out[PLPAR_HCALL_BUFSIZE] = {};
	long rc = plpar_hcall(NHV_H_GUEST_CREATE, out, 0UL,
			      (unsigned long)*token);

	if (!rc)
		*guest = out[0];
	else if (nhv_call_busy(rc))
		*token = out[0];
	return rc;
}

long nhv_call_guest_delete(u64 guest)
{
	return plpar_hcall_norets(NHV_H_GUEST_DELETE, 0UL,
				  (unsigned long)guest);
}

long nhv_call_create_vcpu(u64 guest, u64 vcpu)
{
	return plpar_hcall_norets(NHV_H_GUEST_CREATE_VCPU, 0UL,
				  (unsigned long)guest, (unsigned long)vcpu);
}

static long nhv_call_state(unsigned long number, u64 flags, u64 guest, u64 vcpu,
			   struct nhv_l1ra buffer, u64 bytes, u64 *where)
{
	unsigned long out[PLPAR_HCALL_BUFSIZE] = {};
	long rc = plpar_hcall(number, out, (unsigned long)flags,
			      (unsigned long)guest, (unsigned long)vcpu,
			      (unsigned long)buffer.addr, (unsigned long)bytes);

	*where = out[0];
	return rc;
}

long nhv_call_get_state(u64 flags, u64 guest, u64 vcpu, struct nhv_l1ra buffer,
			u64 bytes, u64 *where)
{
	return nhv_call_state(NHV_H_GUEST_GET_STATE, flags, guest, vcpu, buffer,
			      bytes, where);
}

long nhv_call_set_state(u64 flags, u64 guest, u64 vcpu, struct nhv_l1ra buffer,
			u64 bytes, u64 *where)
{
	return nhv_call_state(NHV_H_GUEST_SET_STATE, flags, guest, vcpu, buffer,
			      bytes, where);
}

long nhv_call_run_vcpu(u64 guest, u64 vcpu, u64 *vector)
{
	unsigned long out[PLPAR_HCALL_BUFSIZE] = {};
	long rc = plpar_hcall(NHV_H_GUEST_RUN_VCPU, out, 0UL,
			      (unsigned long)guest, (unsigned long)vcpu);

	*vector = out[0];
	return rc;
}

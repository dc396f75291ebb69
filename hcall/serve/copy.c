// SPDX-License-Identifier: GPL-2.0-only
/*
 * H_COPY_TOFROM_GUEST: what is refused before any memory is looked at.
 */
#include <abi/numbers.h>
#include <nhv/serve.h>

/* The caller leaves the quadrant out; so no address has these bits. */
#define NHV_COPY_EA_NEVER	(0xfffULL << 52)

long nhv_serve_copy_check(const struct nhv_serve_copy *copy, u64 max)
{
	/* One of the two says which way it goes. */
	if (!copy->to == !copy->from)
		return NHV_H_PARAMETER;
	if (copy->ea & NHV_COPY_EA_NEVER)
		return NHV_H_PARAMETER;
	if (copy->pid > ~0U || copy->n > max)
		return NHV_H_PARAMETER;
	return NHV_H_SUCCESS;
}

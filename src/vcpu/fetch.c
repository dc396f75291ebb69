// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU's view of its own address space: translate as it would, fetch the
 * instruction it is at.
 */
#include <nhv/base.h>
#include <nhv/core.h>
#include <nhv/level.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>
#include "decode.h"

/* A prefixed instruction does not cross a 64-byte boundary (Book I 1.6.3). */
#define PREFIX_BOUNDARY		64

int nhv_vcpu_translate(struct nhv_vcpu *vcpu, u64 ea, bool data,
		       struct nhv_l2ra *ra)
{
	struct nhv_walk walk = {
		.process_table = READ_ONCE(vcpu->vm->process_table),
		.data = data,
		.read = nhv_walk_read_l2,
		.space = vcpu->vm,
	};

	nhv_level_need(vcpu, NHV_STATE_INSN);
	walk.pid = vcpu->gs->pidr;
	walk.msr = vcpu->regs->msr;
	if (vcpu->nested.guest)
		return nhv_nested_translate(vcpu->nested.guest, &walk, ea, ra);
	return nhv_walk(&walk, ea, &ra->addr);
}

static u32 nhv_word(const u8 *bytes, bool little)
{
	__le32 le;
	__be32 be;

	if (little) {
		memcpy(&le, bytes, sizeof(le));
		return le32_to_cpu(le);
	}
	memcpy(&be, bytes, sizeof(be));
	return be32_to_cpu(be);
}

int nhv_vcpu_fetch(struct nhv_vcpu *vcpu, u32 *insn, u32 *prefix)
{
	struct nhv_l2ra ra;
	u8 bytes[8];
	bool little;
	size_t size;
	u64 nip;
	int rc;

	nhv_level_need(vcpu, NHV_STATE_INSN);
	little = vcpu->regs->msr & NHV_MSR_LE;
	nip = vcpu->regs->nip & ~3ULL;
	rc = nhv_vcpu_translate(vcpu, nip, false, &ra);
	if (rc)
		return rc;
	/* Both words at once where both can be one instruction. */
	size = (nip + 4) % PREFIX_BOUNDARY ? 8 : 4;
	if (nhv_guest_read(vcpu->vm, ra, bytes, size))
		return -EFAULT;

	*prefix = 0;
	*insn = nhv_word(bytes, little);
	if (size == 8 && nhv_insn_is_prefix(*insn)) {
		*prefix = *insn;
		*insn = nhv_word(bytes + 4, little);
	}
	return 0;
}

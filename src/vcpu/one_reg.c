// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET_ONE_REG and KVM_SET_ONE_REG, and the registers whose access does
 * more than move a value.
 */
#include <linux/nospec.h>
#include <linux/uaccess.h>
#include <asm/cputable.h>
#include <asm/reg.h>

#include <nhv/compat.h>
#include <nhv/level.h>
#include <nhv/papr.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>

#include "regs.h"

/* The word of a vector in memory that holds VSCR: the last in register order. */
#define NHV_VSCR_WORD		0

/* The guest's timebase moves in these steps (TBU40 writes the upper 40 bits). */
#define NHV_TB_STEP		(1ULL << 24)

/* What a debugger may plant: an illegal instruction, the same on every KVM. */
#define NHV_DEBUG_INST		0x00dddd00

union nhv_reg_value {
	u64 u64;
	u64 pair[2];
	vector128 vector;
	u8 bytes[16];
};

/* ---- vector registers: ranges of ids -------------------------------------- */

static void *nhv_vector_at(struct nhv_vcpu *vcpu, u64 id)
{
	unsigned int n = array_index_nospec(id & 31, 32);

	switch (id & ~31ULL) {
	case KVM_REG_PPC_FPR0:
		return &vcpu->fp.fpr[n][TS_FPROFFSET];
	case KVM_REG_PPC_VR0:
		return &vcpu->vr.vr[n];
	case KVM_REG_PPC_VSR0:
		return &vcpu->fp.fpr[n];
	}
	switch (id) {
	case KVM_REG_PPC_FPSCR:
		return &vcpu->fp.fpscr;
	case KVM_REG_PPC_VSCR:
		return &vcpu->vr.vscr.u[NHV_VSCR_WORD];
	}
	return NULL;
}

/* ---- registers with an effect ---------------------------------------------- */

static int nhv_get_lpcr(struct nhv_vcpu *vcpu, union nhv_reg_value *value)
{
	value->u64 = vcpu->lpcr;
	return 0;
}

static int nhv_change_lpcr(struct nhv_vcpu *vcpu, u64 lpcr, u64 may)
{
	may &= NHV_LPCR_DPFD | NHV_LPCR_ILE | NHV_LPCR_AIL | NHV_LPCR_LD;
	/* Radix has no address translation mode but off and 3. */
	if ((lpcr & NHV_LPCR_AIL) != NHV_LPCR_AIL_3)
		lpcr &= ~NHV_LPCR_AIL;
	vcpu->lpcr = (vcpu->lpcr & ~may) | (lpcr & may);
	return 0;
}

static int nhv_set_lpcr(struct nhv_vcpu *vcpu, const union nhv_reg_value *value)
{
	return nhv_change_lpcr(vcpu, value->u64, ~0U);
}

static int nhv_set_lpcr_64(struct nhv_vcpu *vcpu,
			   const union nhv_reg_value *value)
{
	return nhv_change_lpcr(vcpu, value->u64, ~0ULL);
}

static int nhv_get_tb_offset(struct nhv_vcpu *vcpu, union nhv_reg_value *value)
{
	value->u64 = vcpu->tb_offset;
	return 0;
}

/*
 * One timebase a virtual core: its threads get the offset too. API v2 has one
 * a guest.
 */
static int nhv_set_tb_offset(struct nhv_vcpu *vcpu,
			     const union nhv_reg_value *value)
{
	u64 offset = ALIGN(value->u64, NHV_TB_STEP);
	u32 first = vcpu->id & ~(vcpu->vm->smt - 1);
	struct nhv_vcpu *sibling;
	u32 id;

	for (id = first; id < first + vcpu->vm->smt; id++) {
		sibling = nhv_vm_vcpu(vcpu->vm, id);
		if (sibling)
			WRITE_ONCE(sibling->tb_offset, offset);
	}
	WRITE_ONCE(vcpu->tb_offset, offset);
	return nhv_level_set_tb_offset(vcpu, offset);
}

static int nhv_get_dec_expiry(struct nhv_vcpu *vcpu, union nhv_reg_value *value)
{
	value->u64 = vcpu->dec_expires + vcpu->tb_offset;
	return 0;
}

static int nhv_set_dec_expiry(struct nhv_vcpu *vcpu,
			      const union nhv_reg_value *value)
{
	vcpu->dec_expires = value->u64 - vcpu->tb_offset;
	return 0;
}

static int nhv_get_dpdes(struct nhv_vcpu *vcpu, union nhv_reg_value *value)
{
	value->u64 = vcpu->doorbell;
	return 0;
}

static int nhv_set_dpdes(struct nhv_vcpu *vcpu, const union nhv_reg_value *value)
{
	WRITE_ONCE(vcpu->doorbell, value->u64 & 1);
	return 0;
}

static int nhv_get_online(struct nhv_vcpu *vcpu, union nhv_reg_value *value)
{
	value->u64 = vcpu->online;
	return 0;
}

static int nhv_set_online(struct nhv_vcpu *vcpu, const union nhv_reg_value *value)
{
	vcpu->online = value->u64;
	return 0;
}

/* Interrupt vectors of a guest start at real address 0, and nowhere else. */
static int nhv_get_hior(struct nhv_vcpu *vcpu, union nhv_reg_value *value)
{
	value->u64 = 0;
	return 0;
}

static int nhv_set_hior(struct nhv_vcpu *vcpu, const union nhv_reg_value *value)
{
	return value->u64 ? -EINVAL : 0;
}

static int nhv_get_debug_inst(struct nhv_vcpu *vcpu, union nhv_reg_value *value)
{
	value->u64 = NHV_DEBUG_INST;
	return 0;
}

/* Architecture levels a radix guest can have: logical PVR, PCR bit of the level. */
static const struct nhv_compat_level {
	u32 pvr;
	u64 pcr;
} nhv_compat_levels[] = {
	{ 0x0f000005,	PCR_ARCH_300 },
	{ 0x0f000006,	PCR_ARCH_300 << 1 },
	{ 0x0f000007,	PCR_ARCH_300 << 1 },
};

static u64 nhv_host_pcr_level(void)
{
	return cpu_has_feature(CPU_FTR_ARCH_31) ? PCR_ARCH_300 << 1 :
						  PCR_ARCH_300;
}

static int nhv_get_arch_compat(struct nhv_vcpu *vcpu, union nhv_reg_value *value)
{
	value->u64 = vcpu->arch_compat;
	return 0;
}

/*
 * PCR has a bit for each level above which to disable; those between the
 * guest's level and ours are set (ISA 3.1 Book III 2.5).
 */
static int nhv_set_arch_compat(struct nhv_vcpu *vcpu,
			       const union nhv_reg_value *value)
{
	u64 host = nhv_host_pcr_level(), pcr = host;
	u32 pvr = value->u64;
	unsigned int i;
	int err;

	for (i = 0; pvr && i < ARRAY_SIZE(nhv_compat_levels); i++)
		if (nhv_compat_levels[i].pvr == pvr)
			break;
	if (i == ARRAY_SIZE(nhv_compat_levels))
		return -EINVAL;
	if (pvr)
		pcr = nhv_compat_levels[i].pcr;
	if (pcr > host)
		return -EINVAL;
	err = nhv_level_set_compat(vcpu, pvr);
	if (err)
		return err;
	vcpu->arch_compat = pvr;
	vcpu->pcr = (host - pcr) | PCR_MASK;
	return 0;
}

/* A watchpoint in the hypervisor's own code is not for a guest to set. */
static int nhv_set_dawrx0(struct nhv_vcpu *vcpu, const union nhv_reg_value *value)
{
	vcpu->gs->dawrx0 = value->u64 & ~NHV_DAWRX_HYP;
	return 0;
}

static int nhv_get_dawrx0(struct nhv_vcpu *vcpu, union nhv_reg_value *value)
{
	value->u64 = vcpu->gs->dawrx0;
	return 0;
}

static int nhv_set_dawrx1(struct nhv_vcpu *vcpu, const union nhv_reg_value *value)
{
	vcpu->gs->dawrx1 = value->u64 & ~NHV_DAWRX_HYP;
	return 0;
}

static int nhv_get_dawrx1(struct nhv_vcpu *vcpu, union nhv_reg_value *value)
{
	value->u64 = vcpu->gs->dawrx1;
	return 0;
}

static int nhv_set_ciabr(struct nhv_vcpu *vcpu, const union nhv_reg_value *value)
{
	vcpu->gs->ciabr = value->u64;
	if ((vcpu->gs->ciabr & NHV_CIABR_PRIV) == NHV_CIABR_PRIV_HYPER)
		vcpu->gs->ciabr &= ~NHV_CIABR_PRIV;
	return 0;
}

static int nhv_get_ciabr(struct nhv_vcpu *vcpu, union nhv_reg_value *value)
{
	value->u64 = vcpu->gs->ciabr;
	return 0;
}

static int nhv_get_vpa(struct nhv_vcpu *vcpu, union nhv_reg_value *value)
{
	value->u64 = vcpu->vpa.ra;
	return 0;
}

static int nhv_set_vpa(struct nhv_vcpu *vcpu, const union nhv_reg_value *value)
{
	return nhv_vpa_set(vcpu, KVM_REG_PPC_VPA_ADDR, value->u64, 0);
}

static int nhv_get_slb_shadow(struct nhv_vcpu *vcpu, union nhv_reg_value *value)
{
	value->pair[0] = vcpu->slb_shadow.ra;
	value->pair[1] = vcpu->slb_shadow.len;
	return 0;
}

static int nhv_set_slb_shadow(struct nhv_vcpu *vcpu,
			      const union nhv_reg_value *value)
{
	return nhv_vpa_set(vcpu, KVM_REG_PPC_VPA_SLB, value->pair[0],
			   value->pair[1]);
}

static int nhv_get_dtl(struct nhv_vcpu *vcpu, union nhv_reg_value *value)
{
	value->pair[0] = vcpu->dtl.ra;
	value->pair[1] = vcpu->dtl.len;
	return 0;
}

static int nhv_set_dtl(struct nhv_vcpu *vcpu, const union nhv_reg_value *value)
{
	return nhv_vpa_set(vcpu, KVM_REG_PPC_VPA_DTL, value->pair[0],
			   value->pair[1]);
}

/* The partition table of a guest hypervisor: one a VM. */
static int nhv_get_ptcr(struct nhv_vcpu *vcpu, union nhv_reg_value *value)
{
	value->u64 = READ_ONCE(vcpu->vm->nesting.ptcr);
	return 0;
}

static int nhv_set_ptcr(struct nhv_vcpu *vcpu, const union nhv_reg_value *value)
{
	if (!nhv_serve_ptcr_ok(value->u64))
		return -EINVAL;
	WRITE_ONCE(vcpu->vm->nesting.ptcr, value->u64);
	return 0;
}

static const struct nhv_effect_reg {
	u64 id;
	int (*get)(struct nhv_vcpu *vcpu, union nhv_reg_value *value);
	int (*set)(struct nhv_vcpu *vcpu, const union nhv_reg_value *value);
} nhv_effect_regs[] = {
	{ KVM_REG_PPC_HIOR,		nhv_get_hior,		nhv_set_hior },
	{ KVM_REG_PPC_LPCR,		nhv_get_lpcr,		nhv_set_lpcr },
	{ KVM_REG_PPC_LPCR_64,		nhv_get_lpcr,		nhv_set_lpcr_64 },
	{ KVM_REG_PPC_TB_OFFSET,	nhv_get_tb_offset,	nhv_set_tb_offset },
	{ KVM_REG_PPC_DEC_EXPIRY,	nhv_get_dec_expiry,	nhv_set_dec_expiry },
	{ KVM_REG_PPC_DPDES,		nhv_get_dpdes,		nhv_set_dpdes },
	{ KVM_REG_PPC_ONLINE,		nhv_get_online,		nhv_set_online },
	{ KVM_REG_PPC_DEBUG_INST,	nhv_get_debug_inst,	NULL },
	{ KVM_REG_PPC_ARCH_COMPAT,	nhv_get_arch_compat,	nhv_set_arch_compat },
	{ KVM_REG_PPC_DAWRX,		nhv_get_dawrx0,		nhv_set_dawrx0 },
	{ KVM_REG_PPC_DAWRX1,		nhv_get_dawrx1,		nhv_set_dawrx1 },
	{ KVM_REG_PPC_CIABR,		nhv_get_ciabr,		nhv_set_ciabr },
	{ KVM_REG_PPC_PTCR,		nhv_get_ptcr,		nhv_set_ptcr },
	{ KVM_REG_PPC_VPA_ADDR,		nhv_get_vpa,		nhv_set_vpa },
	{ KVM_REG_PPC_VPA_SLB,		nhv_get_slb_shadow,	nhv_set_slb_shadow },
	{ KVM_REG_PPC_VPA_DTL,		nhv_get_dtl,		nhv_set_dtl },
};

static const struct nhv_effect_reg *nhv_effect_reg(u64 id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nhv_effect_regs); i++)
		if (nhv_effect_regs[i].id == id)
			return &nhv_effect_regs[i];
	return NULL;
}

static int nhv_effect_get(struct nhv_vcpu *vcpu, u64 id,
			  union nhv_reg_value *value)
{
	const struct nhv_effect_reg *effect = nhv_effect_reg(id);

	return effect ? effect->get(vcpu, value) : -EINVAL;
}

static int nhv_effect_set(struct nhv_vcpu *vcpu, u64 id,
			  const union nhv_reg_value *value)
{
	const struct nhv_effect_reg *effect = nhv_effect_reg(id);

	return effect && effect->set ? effect->set(vcpu, value) : -EINVAL;
}

/* ---- the ioctls -------------------------------------------------------------- */

static bool nhv_one_reg_id_ok(u64 id)
{
	unsigned int bytes = nhv_reg_bytes(id);

	return (id & KVM_REG_ARCH_MASK) == KVM_REG_PPC &&
	       (bytes == 4 || bytes == 8 || bytes == 16) &&
	       !(id & ~(KVM_REG_ARCH_MASK | KVM_REG_SIZE_MASK | 0xffffULL));
}

/* Most are words of either size; what checks an object costs as much as the rest. */
static int nhv_value_put(const union nhv_reg_value *value, u64 addr,
			 unsigned int bytes)
{
	void __user *user = (void __user *)addr;

	switch (bytes) {
	case 4:
		return put_user((u32)value->u64, (u32 __user *)user);
	case 8:
		return put_user(value->u64, (u64 __user *)user);
	}
	return copy_to_user(user, value->bytes, bytes) ? -EFAULT : 0;
}

static int nhv_value_get(union nhv_reg_value *value, u64 addr,
			 unsigned int bytes)
{
	const void __user *user = (const void __user *)addr;
	u32 word;

	switch (bytes) {
	case 4:
		if (get_user(word, (const u32 __user *)user))
			return -EFAULT;
		value->u64 = word;
		return 0;
	case 8:
		return get_user(value->u64, (const u64 __user *)user);
	}
	return copy_from_user(value->bytes, user, bytes) ? -EFAULT : 0;
}

int nhv_vcpu_get_one_reg(struct nhv_vcpu *vcpu, const struct kvm_one_reg *reg)
{
	union nhv_reg_value value = {};
	unsigned int bytes;
	void *vector;
	int err = 0;

	if (!nhv_one_reg_id_ok(reg->id))
		return -EINVAL;
	nhv_level_need(vcpu, NHV_STATE_ALL);
	bytes = nhv_reg_bytes(reg->id);
	vector = nhv_vector_at(vcpu, reg->id);
	if (vector)
		memcpy(value.bytes, vector, bytes);
	else if (nhv_reg_get(vcpu, reg->id, &value.u64))
		err = nhv_effect_get(vcpu, reg->id, &value);
	return err ? err : nhv_value_put(&value, reg->addr, bytes);
}

int nhv_vcpu_set_one_reg(struct nhv_vcpu *vcpu, const struct kvm_one_reg *reg)
{
	union nhv_reg_value value = {};
	unsigned int bytes;
	void *vector;

	if (!nhv_one_reg_id_ok(reg->id))
		return -EINVAL;
	nhv_level_need(vcpu, NHV_STATE_ALL);
	bytes = nhv_reg_bytes(reg->id);
	if (nhv_value_get(&value, reg->addr, bytes))
		return -EFAULT;
	vector = nhv_vector_at(vcpu, reg->id);
	if (vector) {
		memcpy(vector, value.bytes, bytes);
		return 0;
	}
	if (!nhv_reg_set(vcpu, reg->id, value.u64))
		return 0;
	return nhv_effect_set(vcpu, reg->id, &value);
}

// SPDX-License-Identifier: GPL-2.0-only
/* Hypercalls that the kernel leaves to user space. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <endian.h>

#include "vmm.h"
#include "papr.h"

typedef uint64_t hcall_fn(struct vcpu *v, uint64_t nr, uint64_t *args);

/* r4 terminal, r5 length, r6 and r7 the text, first byte highest. */
static uint64_t put_term_char(struct vcpu *v, uint64_t nr, uint64_t *args)
{
	uint64_t text[2] = { htobe64(args[2]), htobe64(args[3]) };

	if (args[1] > sizeof(text))
		return H_PARAMETER;
	console_put(v->m, (char *)text, args[1]);
	return H_SUCCESS;
}

static uint64_t get_term_char(struct vcpu *v, uint64_t nr, uint64_t *args)
{
	uint64_t text[2] = { 0, 0 };

	args[0] = console_get((char *)text, sizeof(text));
	args[1] = be64toh(text[0]);
	args[2] = be64toh(text[1]);
	return H_SUCCESS;
}

/*
 * The address translation mode is one for the partition.  The other vCPUs
 * are still stopped when Linux asks; those take it at their start.
 */
static uint64_t set_mode(struct vcpu *v, uint64_t nr, uint64_t *args)
{
	uint64_t flags = args[0], lpcr;

	if (args[1] == SET_MODE_LE)
		return flags == 1 ? H_SUCCESS : H_PARAMETER;
	if (args[1] != SET_MODE_ADDR_TRANS)
		return H_P2;
	if (flags != 0 && flags != 3)
		return H_PARAMETER;
	v->m->ail = flags << LPCR_AIL_SHIFT;
	lpcr = get_reg64(v, KVM_REG_PPC_LPCR_64) & ~LPCR_AIL;
	set_reg64(v, KVM_REG_PPC_LPCR_64, lpcr | v->m->ail);
	return H_SUCCESS;
}

/*
 * r4 flags, r5 table, r6 page size of a hash table, r7 size of the table. Whether
 * there can be a hash table is for the kernel to say.
 */
static uint64_t register_proc_tbl(struct vcpu *v, uint64_t nr, uint64_t *args)
{
	const uint64_t new_table = 0x18, radix = 0x4, gtse = 0x1;
	struct kvm_ppc_mmuv3_cfg cfg = { 0 };

	if ((args[0] & 0x18) == 0x10) {	/* deregister */
		cfg.flags = KVM_PPC_MMUV3_RADIX | KVM_PPC_MMUV3_GTSE;
	} else {
		if ((args[0] & ~(radix | gtse)) != new_table)
			return H_PARAMETER;
		if (args[1] & 0xfff || args[1] >> 60)
			return H_P2;
		if (args[3] > 24)
			return H_P4;
		cfg.process_table = args[1] | args[3];
		if (args[0] & radix)
			cfg.flags |= KVM_PPC_MMUV3_RADIX;
	}
	if (args[0] & gtse)
		cfg.flags |= KVM_PPC_MMUV3_GTSE;
	if (cfg.flags & KVM_PPC_MMUV3_RADIX)
		cfg.process_table |= 1UL << 63;
	if (!ioctl(v->m->vm, KVM_PPC_CONFIGURE_V3_MMU, &cfg))
		return H_SUCCESS;
	return errno == EINVAL ? H_PARAMETER : H_HARDWARE;
}

static uint64_t cpu_characteristics(struct vcpu *v, uint64_t nr, uint64_t *args)
{
	struct kvm_ppc_cpu_char c;

	if (ioctl(v->m->vm, KVM_PPC_GET_CPU_CHAR, &c))
		return H_FUNCTION;
	args[0] = c.character & c.character_mask;
	args[1] = c.behaviour & c.behaviour_mask;
	return H_SUCCESS;
}

static void *ci_bytes(struct vcpu *v, uint64_t *args)
{
	uint64_t size = args[0];

	if (size != 1 && size != 2 && size != 4 && size != 8)
		return NULL;
	return device_at(args[1], size) ?: at(v->m, args[1], size);
}

/* r4 size, r5 address, r6 value: the bytes are a big-endian number. */
static uint64_t logical_ci_load(struct vcpu *v, uint64_t nr, uint64_t *args)
{
	void *from = ci_bytes(v, args);
	uint64_t value = 0;

	if (!from)
		return H_PARAMETER;
	memcpy((char *)&value + 8 - args[0], from, args[0]);
	args[0] = be64toh(value);
	return H_SUCCESS;
}

static uint64_t logical_ci_store(struct vcpu *v, uint64_t nr, uint64_t *args)
{
	uint64_t value = htobe64(args[2]);
	void *to = ci_bytes(v, args);

	if (!to)
		return H_PARAMETER;
	memcpy(to, (char *)&value + 8 - args[0], args[0]);
	return H_SUCCESS;
}

static uint64_t rtas(struct vcpu *v, uint64_t nr, uint64_t *args)
{
	return rtas_call(v, args[0]);
}

static uint64_t test_exit(struct vcpu *v, uint64_t nr, uint64_t *args)
{
	machine_end(v->m, args[0] & 0xff);
	return H_SUCCESS;
}

static uint64_t test_print(struct vcpu *v, uint64_t nr, uint64_t *args)
{
	char *text = at(v->m, args[0], args[1]);

	if (!text)
		return H_PARAMETER;
	console_put(v->m, text, args[1]);
	return H_SUCCESS;
}

static uint64_t test_ask(struct vcpu *v, uint64_t nr, uint64_t *args)
{
	return ask(v, args);
}

static const struct {
	uint64_t nr;
	hcall_fn *answer;
} hcalls[] = {
	{ H_PUT_TERM_CHAR,		put_term_char },
	{ H_GET_TERM_CHAR,		get_term_char },
	{ H_XIRR,			xics_hcall },
	{ H_CPPR,			xics_hcall },
	{ H_EOI,			xics_hcall },
	{ H_IPI,			xics_hcall },
	{ H_IPOLL,			xics_hcall },
	{ H_SET_MODE,			set_mode },
	{ H_REGISTER_PROC_TBL,		register_proc_tbl },
	{ H_GET_CPU_CHARACTERISTICS,	cpu_characteristics },
	{ H_LOGICAL_CI_LOAD,		logical_ci_load },
	{ H_LOGICAL_CI_STORE,		logical_ci_store },
	{ H_RTAS,			rtas },
	{ H_TEST_EXIT,			test_exit },
	{ H_TEST_PRINT,			test_print },
	{ H_TEST_ASK,			test_ask },
};

void papr_hcall(struct vcpu *v)
{
	uint64_t nr = v->run->papr_hcall.nr;
	uint64_t *args = (uint64_t *)v->run->papr_hcall.args;

	v->hcalls++;
	for (size_t i = 0; i < ARRAY_SIZE(hcalls); i++) {
		if (hcalls[i].nr == nr) {
			v->run->papr_hcall.ret = hcalls[i].answer(v, nr, args);
			return;
		}
	}
	if (v->m->o->verbose && nr != H_TEST_NONE)
		fprintf(stderr, "nhv-vmm: vcpu %u: hypercall %#lx unknown\n",
			v->index, (long)nr);
	v->run->papr_hcall.ret = H_FUNCTION;
}

// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "level.h"
#include <abi/exits.h>
#include <abi/numbers.h>
#include <nhv/call.h>
#include <nhv/level.h>
#include <nhv/state_buffer.h>
#include "fake_v2.h"

#define FAKE_GUEST	7
#define FAKE_OUT_MIN	0x80
#define FAKE_CALL_TICKS	100	/* between its time of an exit and ours */

struct fake fake;
struct nhv_level nhv_level;
u64 tb_ticks_per_usec = 512;
u64 decrementer_max = S32_MAX;

static void fake_wrong(const char *what)
{
	printf("# the level below: %s\n", what);
	fflush(stdout);
	abort();
}

void fake_reset(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.fail = -1;
	fake.also = -1;
	fake.heir_bytes = 4;
	fake.late = FAKE_CALL_TICKS;
	fake.g = &fake.guest[0];
	fake.now = 1ULL << 40;
	fake.dec = 1000000;
}

/* ---- the kernel --------------------------------------------------------------- */

void host_stored(void)
{
}

u64 host_pa(const void *pointer)
{
	return (u64)pointer;
}

void *host_va(u64 real)
{
	return (void *)real;
}

u64 mftb(void)
{
	return ++fake.now;
}

u64 host_mfspr(unsigned int spr)
{
	return fake.dec;
}

void host_mtspr(unsigned int spr, u64 value)
{
	fake.dec = value;
}

bool firmware_has_feature(unsigned long feature)
{
	return fake.rpt;
}

bool cpu_has_feature(unsigned long feature)
{
	return true;
}

void msleep(unsigned int ms)
{
	fake.slept_ms += ms;
}

void *kzalloc(size_t size, gfp_t flags)
{
	fake.memory++;
	return calloc(1, size);
}

void kfree(const void *object)
{
	fake.memory -= !!object;
	free((void *)object);
}

unsigned long __get_free_pages(gfp_t flags, unsigned int order)
{
	return (unsigned long)kzalloc(PAGE_SIZE << order, flags);
}

void free_pages(unsigned long address, unsigned int order)
{
	kfree((void *)address);
}

void *host_xa_next(struct xarray *xa, unsigned long *index, unsigned long last)
{
	return *index < xa->nr ? xa->slot[*index].entry : NULL;
}

/* Dense is all that is needed here. */
void *xa_load(struct xarray *xa, unsigned long index)
{
	return host_xa_next(xa, &index, index);
}

int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t flags)
{
	if (index != xa->nr)
		fake_wrong("vCPUs come one by one");
	xa->slot = realloc(xa->slot, (xa->nr + 1) * sizeof(*xa->slot));
	xa->slot[xa->nr].index = index;
	xa->slot[xa->nr++].entry = entry;
	return 0;
}

void xa_destroy(struct xarray *xa)
{
	free(xa->slot);
	xa_init(xa);
}

/* ---- rooms beside ------------------------------------------------------------- */

void nhv_count_refusal(long rc)
{
	fake.refusals++;
}

u64 nhv_tree_pate0(const struct nhv_tree *tree)
{
	return 0x8000000000123000ULL;
}

void nhv_vcpu_kick(struct nhv_vcpu *vcpu)
{
	fake_wrong("nobody is in the guest");
}


bool nhv_call_busy(long rc)
{
	return rc == NHV_H_BUSY ||
	       (rc >= NHV_H_LONG_BUSY_FIRST && rc <= NHV_H_LONG_BUSY_LAST);
}

/* ---- its state ------------------------------------------------------------------ */

static bool fake_fails(enum fake_call call, long *rc)
{
	unsigned int before = fake.calls[call]++;

	fake.now += FAKE_CALL_TICKS;
	*rc = fake.rc;
	return (fake.fail == (int)call || fake.also == (int)call) && before >= fake.after &&
	       before < fake.after + fake.times;
}

static long fake_wide(struct nhv_gsb_at *at, bool set)
{
	u8 *value = (u8 *)at->value;

	if (!set) {
		if (at->id != NHV_GS_RUN_OUTPUT_MIN_SIZE || at->bytes != 8)
			return NHV_H_INVALID_ELEMENT_ID;
		memset(value, 0, 8);
		value[7] = FAKE_OUT_MIN;
		return 0;
	}
	if (at->id < NHV_GS_LOGICAL_PVR || at->id > NHV_GS_PROCESS_TABLE)
		return NHV_H_INVALID_ELEMENT_ID;
	fake.wide[at->id]++;
	if (nhv_gsb_number(at, &fake.wide_value[at->id]))
		memcpy(&fake.wide_value[at->id], at->value, 8);
	return 0;
}

static void fake_write_value(u8 *to, unsigned int bytes, const u64 *value)
{
	__be64 dword[2] = { cpu_to_be64(value[0]), cpu_to_be64(value[1]) };
	__be32 word = cpu_to_be32(value[0]);

	if (bytes == 4)
		memcpy(to, &word, 4);
	else
		memcpy(to, dword, bytes);
}

static long fake_host(struct nhv_gsb_at *at)
{
	u8 *value = (u8 *)at->value;

	if (at->id < NHV_GS_HEAP_INUSE || at->id > NHV_GS_PGTABLE_RECLAIMED ||
	    at->bytes != 8)
		return NHV_H_INVALID_ELEMENT_ID;
	value[7] = at->id - NHV_GS_HEAP_INUSE + 1;
	return 0;
}

static bool fake_lacks(u16 id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fake.lacks); i++)
		if (fake.lacks[i] == id)
			return id;
	return false;
}

static long fake_vcpu(struct nhv_gsb_at *at, bool set)
{
	int n = nhv_element_dense(at->id);
	u64 *run = at->id == NHV_GS_RUN_INPUT ? fake.g->input :
						fake.g->output;

	if (fake_lacks(at->id))
		return fake.lacks_rc;
	if (at->id == NHV_GS_VPA) {
		fake.vpas++;
		return nhv_gsb_number(at, &fake.g->vpa) ?
			NHV_H_INVALID_ELEMENT_SIZE : 0;
	}
	if (at->id == NHV_GS_RUN_INPUT || at->id == NHV_GS_RUN_OUTPUT)
		return set && !nhv_gsb_pair(at, &run[0], &run[1]) ? 0 :
			NHV_H_INVALID_ELEMENT_SIZE;
	if (n < 0 || (set && n >= NHV_DENSE_READ))
		return NHV_H_INVALID_ELEMENT_ID;
	if (at->bytes != nhv_element_bytes(n))
		return NHV_H_INVALID_ELEMENT_SIZE;
	if (!set)
		fake_write_value((u8 *)at->value, at->bytes, fake.g->value[n]);
	else if (nhv_gsb_pair(at, &fake.g->value[n][0], &fake.g->value[n][1]))
		nhv_gsb_number(at, &fake.g->value[n][0]);
	return 0;
}

static long fake_buffer(void *data, u32 size, u64 flags, bool set)
{
	struct nhv_gsb_at at;
	long rc = 0;
	int more;

	nhv_gsb_first(&at, data, size);
	while (!rc && (more = nhv_gsb_next(&at)) > 0)
		rc = flags & NHV_GS_FLAG_HOST_WIDE ? fake_host(&at) :
		     flags & NHV_GS_FLAG_GUEST_WIDE ? fake_wide(&at, set) :
						      fake_vcpu(&at, set);
	return rc ?: more;
}

long nhv_call_forget_lpid(bool rpt, u32 lpid, unsigned int ric)
{
	long rc;

	if (fake_fails(FAKE_FORGET, &rc))
		return rc;
	return fake.rpt ? 0 : NHV_H_FUNCTION;
}

/* ---- its calls --------------------------------------------------------------------- */

long nhv_call_get_capabilities(u64 *caps)
{
	long rc;

	if (fake_fails(FAKE_GET_CAPABILITIES, &rc))
		return rc;
	*caps = NHV_GUEST_CAP_P9 | NHV_GUEST_CAP_P10 | 0x8000000000000001ULL;
	return 0;
}

long nhv_call_set_capabilities(u64 caps)
{
	long rc;

	if (fake_fails(FAKE_SET_CAPABILITIES, &rc))
		return rc;
	return caps == (NHV_GUEST_CAP_P9 | NHV_GUEST_CAP_P10) ? 0 : NHV_H_P2;
}

/* Return: it is there. */
static bool fake_guest(u64 id)
{
	if (id < FAKE_GUEST || id > FAKE_GUEST + 1)
		return false;
	fake.g = &fake.guest[id - FAKE_GUEST];
	return fake.g->there;
}

long nhv_call_guest_create(u64 *token, u64 *guest)
{
	unsigned int i;
	long rc;

	if (fake_fails(FAKE_CREATE, &rc)) {
		*token = 0x70 + fake.calls[FAKE_CREATE];
		return rc;
	}
	/* What the last busy answer gave, or all ones at first. */
	if (*token != ~0ULL && *token != 0x70 + fake.calls[FAKE_CREATE] - 1)
		return NHV_H_P2;
	for (i = 0; i < 2 && fake.guest[i].there; i++)
		;
	if (i == 2)
		return NHV_H_NOT_ENOUGH_RESOURCES;
	memset(&fake.guest[i], 0, sizeof(fake.guest[i]));
	fake.guest[i].there = true;
	fake.guests++;
	*guest = FAKE_GUEST + i;
	return 0;
}

long nhv_call_guest_delete(u64 guest)
{
	long rc;

	if (fake_fails(FAKE_DELETE, &rc))
		return rc;
	if (!fake_guest(guest))
		return NHV_H_P2;
	fake.guests--;
	fake.g->there = false;
	fake.g->vcpus = 0;
	return 0;
}

long nhv_call_guest_delete_all(void)
{
	unsigned int i;
	long rc;

	if (fake_fails(FAKE_DELETE_ALL, &rc))
		return rc;
	for (i = 0; i < 2; i++) {
		fake.guests -= fake.guest[i].there;
		fake.guest[i].there = false;
	}
	return 0;
}

long nhv_call_create_vcpu(u64 guest, u64 vcpu)
{
	long rc;

	if (fake_fails(FAKE_CREATE_VCPU, &rc))
		return rc;
	if (!fake_guest(guest))
		return NHV_H_P2;
	if (vcpu < fake.g->vcpus)
		return NHV_H_IN_USE;
	if (vcpu != fake.g->vcpus)
		fake_wrong("vCPU ids are dense");
	fake.g->vcpus++;
	memset(fake.g->value, 0, sizeof(fake.g->value));
	return 0;
}

long nhv_call_get_state(u64 flags, u64 guest, u64 vcpu, struct nhv_l1ra buffer,
			u64 bytes, u64 *where)
{
	long rc;

	*where = 0;
	if (fake_fails(FAKE_GET_STATE, &rc))
		return rc;
	if (!(flags & NHV_GS_FLAG_HOST_WIDE) &&
	    (!fake_guest(guest) || vcpu >= fake.g->vcpus))
		fake_wrong("GET of a vCPU that is not there");
	return fake_buffer((void *)buffer.addr, bytes, flags, false);
}

long nhv_call_set_state(u64 flags, u64 guest, u64 vcpu, struct nhv_l1ra buffer,
			u64 bytes, u64 *where)
{
	long rc;

	*where = 0;
	if (fake_fails(FAKE_SET_STATE, &rc))
		return rc;
	if (!fake_guest(guest))
		return NHV_H_P2;
	return fake_buffer((void *)buffer.addr, bytes, flags, true);
}

/* ---- its runs ------------------------------------------------------------------------- */

static const struct fake_exit {
	unsigned long vector;
	u16 first, count;
} fake_exits[] = {
	{ NHV_VEC_SYSCALL,		NHV_GS_GPR + 3,	10 },
	{ NHV_VEC_H_DATA_STORAGE,	NHV_GS_HDAR,	2 },
	{ NHV_VEC_H_DATA_STORAGE,	NHV_GS_ASDR,	1 },
	{ NHV_VEC_H_DATA_STORAGE,	NHV_GS_NIA,	2 },
	{ NHV_VEC_H_INST_STORAGE,	NHV_GS_HDAR,	1 },
	{ NHV_VEC_H_INST_STORAGE,	NHV_GS_ASDR,	1 },
	{ NHV_VEC_H_INST_STORAGE,	NHV_GS_NIA,	2 },
	{ NHV_VEC_H_EMUL_ASSIST,	NHV_GS_HEIR,	1 },
	{ NHV_VEC_H_EMUL_ASSIST,	NHV_GS_NIA,	2 },
	{ NHV_VEC_H_FAC_UNAVAIL,	NHV_GS_HFSCR,	1 },
	{ NHV_VEC_H_FAC_UNAVAIL,	NHV_GS_NIA,	2 },
};

static void fake_output(unsigned long vector)
{
	const struct fake_exit *exit = fake_exits;
	struct nhv_gsb gsb;
	unsigned int i, n, bytes;
	u8 *at;

	nhv_gsb_start(&gsb, (void *)fake.g->output[0], fake.g->output[1]);
	for (; exit < fake_exits + ARRAY_SIZE(fake_exits); exit++) {
		if (exit->vector != vector)
			continue;
		for (i = 0; i < exit->count; i++) {
			n = NHV_DENSE(exit->first + i);
			bytes = exit->first + i == NHV_GS_HEIR ?
				fake.heir_bytes : nhv_element_bytes(n);
			at = nhv_gsb_room(&gsb, exit->first + i, bytes);
			fake_write_value(at, bytes, fake.g->value[n]);
		}
	}
	if (fake.bad_output)
		memset((void *)fake.g->output[0], 0xff, 64);
}

long nhv_call_run_vcpu(u64 guest, u64 vcpu, u64 *vector)
{
	u64 host = fake.now + fake.dec, *dec;
	long rc;

	if (fake_fails(FAKE_RUN_VCPU, &rc)) {
		*vector = 4;
		return rc;
	}
	if (!fake_guest(guest) || vcpu >= fake.g->vcpus || !fake.g->input[1] ||
	    !fake.g->output[1])
		return NHV_H_P3;
	dec = fake.g->value[NHV_DENSE(NHV_GS_DEC_EXPIRY)];
	rc = fake_buffer((void *)fake.g->input[0], fake.g->input[1], 0, true);
	if (rc)
		return rc;
	*vector = fake.runs ? fake.runs() : NHV_VEC_H_INST_STORAGE;
	if (fake.mirrors) {
		*dec = 2 * fake.now - *dec;
		fake.dec = host - 2 * fake.dec;
	}
	fake_output(*vector);
	fake.now += fake.late;
	return 0;
}

/* The locks of include/linux: see memory.c. */
void host_lock_misused(const char *what)
{
	printf("Bail out! a lock is %s\n", what);
	abort();
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between level.c and the back ends: v1.c with lpid.c, and v2*.c.
 */
#ifndef NHV_LEVEL_BACK_END_H
#define NHV_LEVEL_BACK_END_H

#include <abi/numbers.h>
#include <nhv/level.h>
#include <nhv/vcpu.h>

/*
 * struct nhv_back_end - an API of the level below
 *
 * Members are the functions of <nhv/level.h> of the same name, but for:
 * @name: as api= takes it
 * @probe: is it there; no side effects that another back end would see.
 *	Return 0, or what was answered
 * @init: set it up and fill nhv_level. Return 0 or an errno, with a line in the
 *	log
 * @shutdown: no CPU is in a guest, and none will be; @kexec: another kernel comes
 *	after us without a reset
 */
struct nhv_back_end {
	const char *name;
	long (*probe)(void);
	int (*init)(void);
	void (*exit)(void);
	void (*shutdown)(bool kexec);
	int (*vm_init)(struct nhv_vm *vm);
	void (*vm_release)(struct nhv_vm *vm);
	void (*vm_clear)(struct nhv_vm *vm);
	void (*vm_set_table)(struct nhv_vm *vm);
	int (*nested_init)(struct nhv_nested *nested);
	void (*nested_release)(struct nhv_nested *nested);
	void (*nested_set_table)(struct nhv_nested *nested);
	void (*nested_clear)(struct nhv_nested *nested);
	int (*vcpu_init)(struct nhv_vcpu *vcpu);
	void (*vcpu_release)(struct nhv_vcpu *vcpu);
	int (*vcpu_nest)(struct nhv_vcpu *vcpu);
	int (*set_tb_offset)(struct nhv_vcpu *vcpu, u64 offset);
	int (*set_compat)(struct nhv_vcpu *vcpu, u32 pvr);
	int (*counters)(struct nhv_level_counters *counters);
};

extern const struct nhv_back_end nhv_v1;
extern const struct nhv_back_end nhv_v2;

/**
 * nhv_v1_name() - tell the level below which guest it is that is entered next
 * @vcpu: of API v1
 */
void nhv_v1_name(struct nhv_vcpu *vcpu);

/* v1.c */
long nhv_v1_ask(struct nhv_vcpu *vcpu, u64 now, u64 deadline);
long nhv_v1_enter(struct nhv_vcpu *vcpu);
void nhv_v1_end(struct nhv_vcpu *vcpu);

/* v1.c, for the table in lpid.c */
int nhv_v1_vcpu_init(struct nhv_vcpu *vcpu);
void nhv_v1_vcpu_release(struct nhv_vcpu *vcpu);
int nhv_v1_vcpu_nest(struct nhv_vcpu *vcpu);

/* level.c: the part of nhv_level_begin() that depends on the API; @deadline is safe */
long nhv_level_turn_ask(struct nhv_vcpu *vcpu, u64 now, u64 deadline);

/* turn.c */

/**
 * nhv_read_dec() - the decrementer of this processor
 * @large: it is as wide as the processor makes it, else 32 bits
 */
s64 nhv_read_dec(bool large);

/**
 * nhv_guest_dec() - what a guest's decrementer is to be
 * @vcpu: dec_expires is current
 * @now: timebase of L1
 */
static inline s64 nhv_guest_dec(const struct nhv_vcpu *vcpu, u64 now)
{
	s64 left = vcpu->dec_expires - now;

	/* Expired is expired: far past, the low word would look positive. */
	if (left < S32_MIN)
		return S32_MIN;
	if (!(vcpu->lpcr & NHV_LPCR_LD) && left > S32_MAX)
		return S32_MAX;
	return left;
}

/**
 * nhv_level_note_late() - a run of a guest has ended: was it late
 * @vcpu: its deadline is that of the run
 * @now: timebase of L1
 */
void nhv_level_note_late(const struct nhv_vcpu *vcpu, u64 now);

#endif

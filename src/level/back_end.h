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

/* v1.c, for the table in lpid.c */
int nhv_v1_vcpu_init(struct nhv_vcpu *vcpu);
void nhv_v1_vcpu_release(struct nhv_vcpu *vcpu);
int nhv_v1_vcpu_nest(struct nhv_vcpu *vcpu);

/** nhv_level_turn_init() - turn.c: fill what <nhv/turn.h> takes of nhv_level */
void nhv_level_turn_init(void);

#endif

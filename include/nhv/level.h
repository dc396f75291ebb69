/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * src/level: how a guest is entered, how its LPID is announced and
 * invalidated, by the nested API v1 or v2.
 */
#ifndef NHV_LEVEL_H
#define NHV_LEVEL_H

#include <nhv/base.h>
#include <nhv/mmu.h>

struct nhv_vm;
struct nhv_vcpu;
struct nhv_nested;

/**
 * struct nhv_level - what the level below can do, found once at load, and what else
 * a turn in the guest looks at
 * @max_lpid: highest LPID to use
 * @rpt_invalidate: H_RPT_INVALIDATE is there
 * @keeps_translations: it caches translations of our trees and drops them when
 *	told; false for an L0 that walks our tables itself (QEMU)
 * @enforces_hfscr: it traps facilities that HFSCR denies
 * @carries_all: API v2: it switches all registers, and an exit brings only those
 *	that it is about; see nhv_level_need()
 * @wide_dec: L1's own decrementer is wider than 32 bits
 * @down: nhv_level_shutdown() was called
 * @least_run: what a guest is given at least, in ticks of the timebase
 */
struct nhv_level {
	u32 max_lpid;
	bool rpt_invalidate;
	bool keeps_translations;
	bool enforces_hfscr;
	bool carries_all;
	bool wide_dec;
	bool down;
	u64 least_run;
};

extern struct nhv_level nhv_level;

/**
 * nhv_level_init() - find the API of the level below and set it up
 *
 * Return: 0; -ENXIO with one line in the log if it has none; -ENOMEM; -EINVAL
 * for an unknown api=.
 */
int nhv_level_init(void);

/**
 * nhv_level_exit() - give everything back; also at reboot and kexec
 */
void nhv_level_exit(void);

/**
 * nhv_level_shutdown() - the machine goes down: no guest is entered any more,
 * the level below forgets the partition table, or our guests
 * @kexec: another kernel starts without a reset of the machine
 *
 * May sleep. Waits until every CPU has left its guest.
 */
void nhv_level_shutdown(bool kexec);

/** nhv_level_is_down() - nhv_level_shutdown() was called */
static inline bool nhv_level_is_down(void)
{
	return READ_ONCE(nhv_level.down);
}

/* What the level below counts for this machine, where it does: API v2. */
#define NHV_LEVEL_COUNTERS(X) \
	X(heap_inuse,		"bytes it holds for our guests") \
	X(heap_max,		"most that it would") \
	X(pgtable_inuse,	"bytes of page tables it holds for them") \
	X(pgtable_max,		"most that it would") \
	X(pgtable_reclaimed,	"bytes of page tables it took back")

#define NHV_LEVEL_COUNTER(name, what) u64 name;

/** struct nhv_level_counters - in this order, which is that of their elements */
struct nhv_level_counters {
	NHV_LEVEL_COUNTERS(NHV_LEVEL_COUNTER)
};

/**
 * nhv_level_counters() - ask the level below what it counts
 * @counters: gets it
 *
 * May sleep. Return: 0; -EOPNOTSUPP where it does not say; -ENOMEM.
 */
int nhv_level_counters(struct nhv_level_counters *counters);

/** nhv_level_name() - which API it is: "v1" or "v2" */
const char *nhv_level_name(void);

/**
 * nhv_level_vm_init() - take an LPID for a new VM: sets vm->lpid
 * @vm: the VM; may sleep
 *
 * Return: 0; -ENOSPC at the limit; -ENOMEM; -EBUSY, -EIO from the level below.
 */
int nhv_level_vm_init(struct nhv_vm *vm);

/**
 * nhv_level_vm_release() - drop the entry and give the LPID back
 * @vm: no vCPU runs any more
 */
void nhv_level_vm_release(struct nhv_vm *vm);

/**
 * nhv_level_vm_clear() - clear the VM's partition table entry and flush all
 * that the level below knows of it; the tree may be freed after
 * @vm: no vCPU runs any more
 */
void nhv_level_vm_clear(struct nhv_vm *vm);

/**
 * nhv_level_vm_set_table() - (re)announce tree and process table of a VM
 * @vm: tree and process_table are set; vm->lock held; may sleep
 */
void nhv_level_vm_set_table(struct nhv_vm *vm);

/**
 * nhv_level_nested_init() - take an LPID for a guest of a guest: sets
 * nested->lpid
 * @nested: the guest; its VM is set. May sleep
 *
 * Return: 0; -ENOSPC at the limit; -ENOMEM; -EBUSY, -EIO from the level below.
 */
int nhv_level_nested_init(struct nhv_nested *nested);

/**
 * nhv_level_nested_release() - give it back
 * @nested: no vCPU runs in it any more
 */
void nhv_level_nested_release(struct nhv_nested *nested);

/**
 * nhv_level_nested_set_table() - (re)announce tree and process table of a guest
 * of a guest
 * @nested: the guest: its tree, and dword 1 of its partition table entry
 *
 * May sleep; one at a time for each guest.
 */
void nhv_level_nested_set_table(struct nhv_nested *nested);

/**
 * nhv_level_nested_clear() - clear its partition table entry and flush all that
 * the level below knows of it; the tree may be freed after
 * @nested: no vCPU runs in it any more
 */
void nhv_level_nested_clear(struct nhv_nested *nested);

/**
 * nhv_level_invalidate() - have the level below forget what a batch names
 * @batch: the batch; does not sleep
 */
void nhv_level_invalidate(const struct nhv_batch *batch);

/**
 * enum nhv_state - sets of registers that belong together
 * @NHV_STATE_PC: NIA, MSR and the decrementer; vcpu->cause comes with MSR
 * @NHV_STATE_MSR: MSR alone of these
 * @NHV_STATE_SRR: SRR0, SRR1
 * @NHV_STATE_DSI: DAR, DSISR
 * @NHV_STATE_CIABR: CIABR
 * @NHV_STATE_DAWR0: DAWR0, DAWRX0
 * @NHV_STATE_DAWR1: DAWR1, DAWRX1
 * @NHV_STATE_DATA_FAULT: what a partition-scoped data fault is about
 * @NHV_STATE_INST_FAULT: and one of a fetch
 * @NHV_STATE_INSN: what fetching and emulating an instruction needs: those of
 *	NHV_STATE_PC, the GPRs, PIDR
 * @NHV_STATE_FP: FP, VMX and VSX
 * @NHV_STATE_LIVE: those that a switch between L2 and L3 leaves as they are,
 *	which are those that API v1 does not carry
 * @NHV_STATE_LEND: those, and what L3 uses up of L2's time
 * @NHV_STATE_ALL: all that user space can see
 * @NHV_NR_STATES: their number
 */
enum nhv_state {
	NHV_STATE_PC,
	NHV_STATE_MSR,
	NHV_STATE_SRR,
	NHV_STATE_DSI,
	NHV_STATE_CIABR,
	NHV_STATE_DAWR0,
	NHV_STATE_DAWR1,
	NHV_STATE_DATA_FAULT,
	NHV_STATE_INST_FAULT,
	NHV_STATE_INSN,
	NHV_STATE_FP,
	NHV_STATE_LIVE,
	NHV_STATE_LEND,
	NHV_STATE_ALL,
	NHV_NR_STATES
};

/** nhv_level_fetch() - nhv_level_need() of a level that carries all */
void nhv_level_fetch(struct nhv_vcpu *vcpu, enum nhv_state what);

/** nhv_level_claim() - nhv_level_own() of a level that carries all */
void nhv_level_claim(struct nhv_vcpu *vcpu, enum nhv_state what);

/**
 * nhv_level_need() - have registers of the guest in the vCPU before they are
 * read, or only some of them are written
 * @vcpu: not in the guest; mutex held, or on its own thread
 * @what: which
 *
 * They stay until the guest is entered again. If interrupts are on it may sleep.
 * When the level below refuses, the next entry comes back with its answer.
 */
static inline void nhv_level_need(struct nhv_vcpu *vcpu, enum nhv_state what)
{
	if (nhv_level.carries_all)
		nhv_level_fetch(vcpu, what);
}

/**
 * nhv_level_own() - registers are about to be written without being read
 * @vcpu: as above
 * @what: which; the caller writes each of them
 */
static inline void nhv_level_own(struct nhv_vcpu *vcpu, enum nhv_state what)
{
	if (nhv_level.carries_all)
		nhv_level_claim(vcpu, what);
}

/* Of a level that carries all: the functions without the "dive" below. */
int nhv_level_dive_ready(struct nhv_vcpu *vcpu, struct nhv_nested *nested);
void nhv_level_dive(struct nhv_vcpu *vcpu);
long nhv_level_dive_out(struct nhv_vcpu *vcpu);

/**
 * nhv_level_nested_ready() - have what a vCPU needs to run a guest of its guest,
 * and the registers of L2 that are L3's too
 * @vcpu: runs L2; nhv_level_vcpu_nest() was called
 * @nested: with a reference. May sleep
 *
 * Return: 0; -ENOMEM; -EINVAL, -ENOSPC, -EBUSY, -EIO from the level below.
 */
static inline int nhv_level_nested_ready(struct nhv_vcpu *vcpu,
					 struct nhv_nested *nested)
{
	return nhv_level.carries_all ? nhv_level_dive_ready(vcpu, nested) : 0;
}

/**
 * nhv_level_nested_in() - the vCPU runs L3 from now on
 * @vcpu: nested.guest is what nhv_level_nested_ready() was called for; its
 *	registers and all that is asked for are those of L3. May sleep
 */
static inline void nhv_level_nested_in(struct nhv_vcpu *vcpu)
{
	if (nhv_level.carries_all)
		nhv_level_dive(vcpu);
}

/**
 * nhv_level_nested_out() - it runs L2 from now on; all registers of L3 are in
 * the vCPU
 * @vcpu: still as above
 *
 * Return: 0, or what the level below answered when it should have given them.
 */
static inline long nhv_level_nested_out(struct nhv_vcpu *vcpu)
{
	return nhv_level.carries_all ? nhv_level_dive_out(vcpu) : 0;
}

/**
 * nhv_level_set_tb_offset() - the offset of a vCPU's timebase has changed
 * @vcpu: mutex held; not in the guest
 * @offset: to L1's timebase
 *
 * Where there is one for all vCPUs of a guest, they all have it after. May sleep.
 *
 * Return: 0; -EINVAL, -ENOSPC, -EBUSY, -EIO: the level below refuses, and what
 * was holds.
 */
int nhv_level_set_tb_offset(struct nhv_vcpu *vcpu, u64 offset);

/**
 * nhv_level_set_compat() - the architecture level of a vCPU is to change
 * @vcpu: mutex held; not in the guest
 * @pvr: logical PVR, 0: that of L1
 *
 * Return: as above.
 */
int nhv_level_set_compat(struct nhv_vcpu *vcpu, u32 pvr);

/**
 * nhv_level_same_turn() - can the vCPU go from L2 to L3, or back, within a turn
 * @vcpu: in a turn: see <nhv/turn.h>
 * @lpcr: of what it is to run
 *
 * The registers that are not in the vCPU stay where they are, the decrementer too.
 */
bool nhv_level_same_turn(const struct nhv_vcpu *vcpu, u64 lpcr);

/**
 * nhv_level_switched() - it has done so; nhv_level_again() follows
 * @vcpu: as above; its registers and all that is asked for are those of what it
 *	runs now
 * @deadline: as for nhv_level_begin()
 */
void nhv_level_switched(struct nhv_vcpu *vcpu, u64 deadline);

/**
 * nhv_level_vcpu_init() - memory the back end needs for a vCPU
 * @vcpu: vm and index are set; sets vcpu->gs, vcpu->regs. May sleep.
 *
 * Return: 0; -ENOMEM; -EINVAL, -ENOSPC, -EBUSY, -EIO from the level below.
 */
int nhv_level_vcpu_init(struct nhv_vcpu *vcpu);

/**
 * nhv_level_vcpu_release() - free it
 * @vcpu: the vCPU
 */
void nhv_level_vcpu_release(struct nhv_vcpu *vcpu);

/**
 * nhv_level_vcpu_nest() - memory for the registers of a guest of the guest
 * @vcpu: sets vcpu->nested.gs, vcpu->nested.regs if they are not yet;
 *	nhv_level_vcpu_release() frees it
 *
 * Return: 0; -ENOMEM; -EOPNOTSUPP where there is no such thing.
 */
int nhv_level_vcpu_nest(struct nhv_vcpu *vcpu);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * API v2: between entering (v2.c), the life of guests (v2_guest.c), the state of
 * vCPUs (v2_state.c) and guests of guests (v2_nested.c).
 */
#ifndef NHV_LEVEL_V2_H
#define NHV_LEVEL_V2_H

#include <linux/bitmap.h>
#include <linux/mutex.h>

#include <abi/elements.h>
#include <abi/numbers.h>
#include <nhv/state_buffer.h>
#include <nhv/vcpu.h>

/* Of each buffer: all elements of a vCPU need 3 KiB. */
#define NHV_V2_BUFFER		4096

/* Id and size of a doubleword as they lie in a buffer. */
#define NHV_V2_HEAD(id)		cpu_to_be32((u32)(id) << 16 | sizeof(u64))

/* Header and doublewords: one of them; NIA, MSR and the decrementer. */
#define NHV_V2_ONE_GET		16
#define NHV_V2_PC_GET		40

/* Logical PVRs: architecture levels that a radix guest can have. */
#define NHV_V2_PVR_300		0x0f000005
#define NHV_V2_PVR_31		0x0f000006

/* What API v2 allows, and QEMU insists on. */
#define NHV_V2_RUN_BUFFER_MIN	0x80
#define NHV_V2_RUN_BUFFER_MAX	0x4000

/**
 * struct nhv_v2_quirks - what this level below gets wrong
 *
 * Each is worked around in one place, and set by what is seen, in
 * nhv_v2_learn().
 * @mirrors_dec: it gives DEC_EXPIRY_TB as the time of the exit minus what was
 *	left of the decrementer, and loads just that at an entry that does not
 *	say otherwise, so that it has to be read after and written before each
 * @two_table_sizes: process tables of 4 KiB and of 16 MiB are all it takes
 * @no_vpa: it is not interested in where a vCPU has its VPA
 *
 * Registers that it does not take are left out by nhv_v2_state_drop().
 */
struct nhv_v2_quirks {
	bool mirrors_dec;
	bool two_table_sizes;
	bool no_vpa;
};

extern struct nhv_v2_quirks nhv_v2_quirks;

/**
 * struct nhv_v2_guest - what holds for all vCPUs of a guest, or of a guest of one
 * @vm: whose it is
 * @id: of the guest
 * @lock: one change at a time; taken after vcpu.mutex
 * @created: vCPUs there are below: ids are dense
 * @changing: no vCPU enters
 * @pvr: logical PVR, never 0
 * @tb_offset: to L1's timebase
 * @root: of its tree, as a partition table entry has it; 0 as long as it has none
 * @process_table: dword 1 of the entry
 * @refused: the level below did not take the last change: what it answered
 * @buffer: for guest-wide calls
 * @vcpu: of a guest of a guest, by the index of the vCPU of L2 that runs them:
 *	struct nhv_v2_vcpu
 * @vcpus: in that
 * @link: on the list of all guests
 */
struct nhv_v2_guest {
	struct nhv_vm *vm;
	u64 id;
	struct mutex lock;
	u32 created;
	bool changing;
	u32 pvr;
	u64 tb_offset;
	u64 root;
	u64 process_table;
	long refused;
	void *buffer;
	struct xarray vcpu;
	u32 vcpus;
	struct list_head link;
};

/**
 * struct nhv_v2_reg - a register
 * @at: where it is
 * @value: what the level below has, if it is valid
 */
struct nhv_v2_reg {
	u64 *at;
	u64 value;
};

/**
 * struct nhv_v2_vcpu - which registers of the store are current
 * @guest: whose vCPU it is below
 * @index: which of them
 * @valid: those in the store are the guest's; all others are only below
 * @dirty: send them, whatever their value
 * @reg: each of them
 * @nowhere: nhv_v2_reg.at of what is no register of ours
 * @vsr: nhv_v2_reg.value of VSRs
 * @lpcr: what it was sent last
 * @hfscr: the same
 * @dec_sent: the same, of the decrementer's expiry
 * @sent_tb: when that was
 * @vpa: L2 real address of the VPA it was told of, 0 for none
 * @exit_tb: when the last exit was
 * @answer: beside a return code: the vector of a run; of no use for others
 * @dec_get: buffer of nhv_v2_read_dec()
 * @msr_get: one for NHV_STATE_MSR
 * @pc_get: one for NHV_STATE_PC
 * @refused: what it answered when it should have given or taken state
 * @input: run buffers, and one for GET and SET
 */
struct nhv_v2_vcpu {
	struct nhv_v2_guest *guest;
	u32 index;
	DECLARE_BITMAP(valid, NHV_NR_DENSE);
	DECLARE_BITMAP(dirty, NHV_NR_DENSE);
	struct nhv_v2_reg reg[NHV_NR_DENSE + 1];
	u64 nowhere;
	u64 vsr[NHV_BLOCK_16][2];
	u64 lpcr;
	u64 hfscr;
	u64 dec_sent;
	u64 sent_tb;
	u64 vpa;
	u64 exit_tb;
	u64 answer;
	u8 dec_get[NHV_V2_ONE_GET];
	u8 msr_get[NHV_V2_ONE_GET];
	u8 pc_get[NHV_V2_PC_GET];
	long refused;
	void *input;
	void *output;
	void *state;
	u32 output_size;
};

/* The header of the block that v2_guest.c allocates for a vCPU's registers. */
struct nhv_v2_block {
	struct nhv_hv_guest_state gs;
	struct nhv_pt_regs regs;
};

/**
 * nhv_v2_refusal() - an answer that is no success as the end of a vCPU
 * @rc: the answer
 *
 * Return: it, if it cannot be taken for a vector.
 */
static inline long nhv_v2_refusal(long rc)
{
	return rc <= 0 || rc == NHV_H_NOT_AVAILABLE ? rc : NHV_H_HARDWARE;
}

/* v2_guest.c */

/**
 * nhv_v2_later() - is an answer a busy one; if so, wait before the next try
 * @rc: the answer
 * @turn: how many there were, starts at 0
 *
 * Sleeps if interrupts are on.
 *
 * Return: false when @rc is final, or for the last of a bounded number.
 */
bool nhv_v2_later(long rc, unsigned int *turn);

/* For v2_nested.c */

/**
 * nhv_v2_guest_new() - a guest in the level below
 * @vm: whose
 * @made: gets it
 *
 * Return: 0; -ENOMEM; what nhv_v2_errno() makes of the level below's answer.
 */
int nhv_v2_guest_new(struct nhv_vm *vm, struct nhv_v2_guest **made);

/** nhv_v2_guest_remove() - there it is no more; nothing if it was done before */
void nhv_v2_guest_remove(struct nhv_v2_guest *guest);

/** nhv_v2_guest_free() - and here; its vCPUs were */
void nhv_v2_guest_free(struct nhv_v2_guest *guest);

/**
 * nhv_v2_guest_vcpu() - a vCPU of it in the level below, and all that is said of
 * the guest is said again
 * @guest: its lock is held
 * @index: dense
 * @new: gets it
 *
 * Return: PAPR's.
 */
long nhv_v2_guest_vcpu(struct nhv_v2_guest *guest, u32 index,
		       struct nhv_v2_vcpu **new);

/**
 * nhv_v2_tell() - tell the level below what holds for a guest
 * @guest: its lock is held
 *
 * None of its vCPUs is in the guest meanwhile. Return: PAPR's.
 */
long nhv_v2_tell(struct nhv_v2_guest *guest);

/** nhv_v2_errno() - PAPR's as an errno: -ENOMEM, -EINVAL, -ENOSPC, -EBUSY, -EIO */
int nhv_v2_errno(long rc);

/* For v2_learn.c, which has a guest without a VM. Those returning long: PAPR's. */
long nhv_v2_create(u64 *id);
void nhv_v2_delete(u64 id);
long nhv_v2_vcpu_new(u64 guest, u32 index, u32 *created,
		     struct nhv_v2_vcpu **new);
void nhv_v2_vcpu_free(struct nhv_v2_vcpu *v2);
void nhv_v2_put_partition_table(struct nhv_gsb *gsb, u64 root);

/* v2_nested.c */
int nhv_v2_vcpu_nest(struct nhv_vcpu *vcpu);
int nhv_v2_nested_init(struct nhv_nested *nested);
void nhv_v2_nested_release(struct nhv_nested *nested);
void nhv_v2_nested_set_table(struct nhv_nested *nested);
void nhv_v2_nested_clear(struct nhv_nested *nested);

/* v2_learn.c */

/**
 * nhv_v2_learn() - fill nhv_v2_quirks, drop registers that are not taken
 *
 * May sleep. Return: 0; -ENOMEM; -ENXIO with a line in the log.
 */
int nhv_v2_learn(void);

/* v2_state.c */

/** nhv_v2_state_init() - the sets of registers; once */
void nhv_v2_state_init(void);

/** nhv_v2_state_takes() - is a register, by its id, one that is sent and fetched */
bool nhv_v2_state_takes(u16 id);

/** nhv_v2_state_drop() - from now on it is not; while there is no guest */
void nhv_v2_state_drop(u16 id);

/** nhv_v2_state_new() - a vCPU in reset state: all of it is to be sent */
void nhv_v2_state_new(struct nhv_v2_vcpu *v2);

/**
 * nhv_v2_state_at() - its registers are those of a vCPU
 * @vcpu: gs and regs are what they will be while @v2 is its
 * @v2: the one
 */
void nhv_v2_state_at(struct nhv_vcpu *vcpu, struct nhv_v2_vcpu *v2);

/** nhv_v2_have() - registers in the store are the guest's, sent if they differ */
void nhv_v2_have(struct nhv_v2_vcpu *v2, enum nhv_state what);

/**
 * nhv_v2_encode() - registers that the level below has not got, into the input buffer
 * @vcpu: about to be entered
 * @at: behind what is in it
 * @count: elements that are
 */
void nhv_v2_encode(struct nhv_vcpu *vcpu, u8 *at, u32 count);

/**
 * nhv_v2_decode() - registers from a buffer become current
 * @vcpu: not in the guest
 * @data: the buffer
 * @size: its size
 *
 * Return: 0, or NHV_H_INVALID_ELEMENT_SIZE: the buffer is not well formed.
 */
long nhv_v2_decode(struct nhv_vcpu *vcpu, const void *data, u32 size);

/**
 * nhv_v2_read_dec() - fetch the decrementer into the vCPU
 * @vcpu: as for nhv_level_fetch(); it is not valid
 *
 * For the quirk mirrors_dec, once an exit: so this GET is written only once.
 */
void nhv_v2_read_dec(struct nhv_vcpu *vcpu);

/** nhv_v2_forget() - the guest runs: no register is current any more */
static inline void nhv_v2_forget(struct nhv_v2_vcpu *v2)
{
	bitmap_zero(v2->valid, NHV_NR_DENSE);
	bitmap_zero(v2->dirty, NHV_NR_DENSE);
}

#endif

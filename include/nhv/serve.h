/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hcall/serve: the handler's side of the boundary. What a guest that is a
 * hypervisor passes is decoded, checked and made harmless here; nothing here
 * touches memory or knows what a VM is.
 *
 * "Return: a code" is a PAPR return code for the guest, NHV_H_SUCCESS when all is
 * well.
 */
#ifndef NHV_SERVE_H
#define NHV_SERVE_H

#include <nhv/base.h>
#include <abi/guest_state.h>
#include <abi/partition.h>

/* ---- state.c: the two structures of H_ENTER_NESTED --------------------------- */

/**
 * nhv_serve_swaps() - is a caller's byte order not ours
 * @msr: of the caller
 */
bool nhv_serve_swaps(u64 msr);

/**
 * nhv_serve_state_size() - how long is an hv_guest_state
 * @version: its first doubleword, native byte order
 *
 * Return: bytes; 0 for a version we do not know.
 */
size_t nhv_serve_state_size(u64 version);

/**
 * nhv_serve_swap_state() - turn an hv_guest_state between the byte orders
 * @gs: all of the newest version; what the caller's version lacks is 0
 */
void nhv_serve_swap_state(struct nhv_hv_guest_state *gs);

/**
 * nhv_serve_swap_regs() - turn pt_regs between the byte orders
 * @regs: all of it
 */
void nhv_serve_swap_regs(struct nhv_pt_regs *regs);

/**
 * struct nhv_serve_own - what the calling guest itself may have: the border of
 * what it may give to a guest of its own
 * @lpcr: its LPCR
 * @pcr: its PCR
 * @hfscr: its HFSCR
 */
struct nhv_serve_own {
	u64 lpcr;
	u64 pcr;
	u64 hfscr;
};

/*
 * vcpu_token of hv_guest_state is below this. It names a vCPU of L3 on all levels
 * down to the bare one, which keeps by it where the vCPU ran last, in a table of
 * its NR_CPUS: 2048 on the common distributions.
 */
#define NHV_SERVE_TOKENS	2048U

/**
 * nhv_serve_check() - may a guest be entered with this state
 * @gs: as the caller gave it, native byte order
 * @msr: of the guest to be entered, from pt_regs
 * @caller_msr: of the caller
 *
 * Return: a code; NHV_H_PARAMETER for version, LPID or token, NHV_H_BAD_MODE for
 * what transactional memory forbids.
 */
long nhv_serve_check(const struct nhv_hv_guest_state *gs, u64 msr,
		     u64 caller_msr);

/**
 * nhv_serve_sanitise() - take out of a state what its guest may not have
 * @gs: native byte order; LPCR, PCR, HFSCR, DAWRX, CIABR, DPDES change
 * @own: of the caller
 */
void nhv_serve_sanitise(struct nhv_hv_guest_state *gs,
			const struct nhv_serve_own *own);

/**
 * nhv_serve_msr() - the MSR a nested guest is run with
 * @msr: as the caller gave it
 */
u64 nhv_serve_msr(u64 msr);

/**
 * nhv_serve_result() - what the caller gets back of a state
 * @given: as it gave it; changed into what it gets
 * @gs: as it is after the run
 * @vector: that ended the run; the fault registers are valid with some only
 */
void nhv_serve_result(struct nhv_hv_guest_state *given,
		      const struct nhv_hv_guest_state *gs, unsigned int vector);

/* ---- table.c: the partition table --------------------------------------------- */

/**
 * nhv_serve_ptcr_ok() - can this be H_SET_PARTITION_TABLE's argument
 * @ptcr: base | PATS; 0 is "none", and fine
 */
bool nhv_serve_ptcr_ok(u64 ptcr);

/**
 * nhv_serve_pate_at() - where the entry of an LPID is
 * @ptcr: one that is fine and not 0
 * @lpid: any value
 * @at: gets the address in the caller's real space
 *
 * Return: false if the table has no such entry, or the LPID is 0.
 */
bool nhv_serve_pate_at(u64 ptcr, u64 lpid, u64 *at);

/**
 * nhv_serve_pate() - decode a partition table entry
 * @pate: as it is in memory
 * @dword: gets both, native byte order, of the second only what it may hold; both
 *	0 when there is no guest or not one that can be run: the geometry of its
 *	tree is left to whoever walks it
 */
void nhv_serve_pate(const struct nhv_pate *pate, u64 dword[2]);

/* ---- flush.c: invalidations ------------------------------------------------------ */

/** enum nhv_serve_what - how much of a guest is to be forgotten */
enum nhv_serve_what {
	NHV_SERVE_NOTHING,	/* what we do not cache */
	NHV_SERVE_RANGE,	/* translations of a range */
	NHV_SERVE_ALL,		/* all translations */
	NHV_SERVE_ENTRY,	/* that, and its partition table entry is read again */
};

/**
 * struct nhv_serve_flush - an invalidation, whichever call it came by
 * @what: how much
 * @every: of all guests of the caller
 * @lpid: of this one
 * @from: first address in its real space
 * @size: in bytes
 */
struct nhv_serve_flush {
	enum nhv_serve_what what;
	bool every;
	u32 lpid;
	struct nhv_l3ra from;
	u64 size;
};

/**
 * nhv_serve_tlbie() - decode H_TLB_INVALIDATE
 * @image: of the instruction: RIC, PRS, R
 * @rs: LPID
 * @rb: IS, AP, EPN
 * @flush: gets what it means
 *
 * Return: a code, NHV_H_PARAMETER for what the ISA does not allow.
 */
long nhv_serve_tlbie(u64 image, u64 rs, u64 rb, struct nhv_serve_flush *flush);

/**
 * nhv_serve_tlbie_insn() - is an instruction a tlbie, and which
 * @insn: the word
 * @rs: gets the number of the register with LPID and PID
 * @rb: gets that of the other one
 */
bool nhv_serve_tlbie_insn(u32 insn, unsigned int *rs, unsigned int *rb);

/**
 * struct nhv_serve_rpt - H_RPT_INVALIDATE's arguments
 */
struct nhv_serve_rpt {
	u64 id;
	u64 target;
	u64 type;
	u64 pages;
	u64 start;
	u64 end;
};

/**
 * nhv_serve_rpt_check() - what is refused whatever the type
 * @rpt: the arguments
 *
 * Return: a code.
 */
long nhv_serve_rpt_check(const struct nhv_serve_rpt *rpt);

/**
 * nhv_serve_rpt_nested() - decode one with NHV_RPTI_TYPE_NESTED
 * @rpt: checked
 * @flush: gets what it means
 *
 * Return: a code.
 */
long nhv_serve_rpt_nested(const struct nhv_serve_rpt *rpt,
			  struct nhv_serve_flush *flush);

/* ---- copy.c: H_COPY_TOFROM_GUEST -------------------------------------------------- */

/**
 * struct nhv_serve_copy - H_COPY_TOFROM_GUEST's arguments
 */
struct nhv_serve_copy {
	u64 lpid;
	u64 pid;
	u64 ea;
	u64 to;
	u64 from;
	u64 n;
};

/**
 * nhv_serve_copy_check() - what is refused without a look at any memory
 * @copy: the arguments
 * @max: the most that one call may copy, in bytes
 *
 * Return: a code.
 */
long nhv_serve_copy_check(const struct nhv_serve_copy *copy, u64 max);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * src/nested: guests of guests. Their objects (guest.c), what a served hypercall
 * does to them (serve.c), entry and reflection (enter.c, exit.c), shadow trees
 * (shadow*.c).
 *
 * L2 is our guest, here a hypervisor; L3 is a guest of it. All of this serves an
 * L2 over whatever level back end there is, and so at any depth: "L2" may be
 * what somebody else calls L5.
 */
#ifndef NHV_NESTED_H
#define NHV_NESTED_H

#include <linux/mutex.h>

#include <nhv/base.h>
#include <nhv/core.h>
#include <nhv/mmu.h>
#include <nhv/serve.h>
#include <abi/guest_state.h>

struct nhv_vm;
struct nhv_vcpu;
struct nhv_shadow_fault;

/* LPIDs that a guest hypervisor may use are below this: PATS 4, 4096 entries. */
#define NHV_NESTED_IDS		4096

/**
 * struct nhv_nested - a guest of a guest: one for each (VM, LPID of L2's choice)
 * @vm: the guest hypervisor
 * @id: LPID by which L2 knows it
 * @lpid: LPID by which the level below knows it
 * @v2: API v2: what the level below was told of it
 * @refs: by nesting.lock: one of the VM's map, one of each vCPU inside it and
 *	of each call that works on it
 * @gone: by @lock: no longer in the map; its tree stays empty
 * @stamp: larger is entered later; written without a lock
 * @lock: faults and served invalidations, one at a time. So a fault that has
 *	read an entry of L2's tree has put it into the shadow tree before an
 *	invalidation of it looks there
 * @pate: by @lock: L2's partition table entry as last read, native byte order,
 *	{ 0, 0 } when there is none
 * @tree: the shadow tree, by mmu_lock of @vm
 * @side: what the reverse map knows of it, as @tree
 */
struct nhv_nested {
	struct nhv_vm *vm;
	u32 id;
	u32 lpid;
	struct nhv_v2_guest *v2;
	unsigned int refs;
	bool gone;
	u64 stamp;
	struct mutex lock;
	u64 pate[2];
	struct nhv_tree tree;
	struct nhv_rmap_tree side;
};

/**
 * struct nhv_nesting - what each VM has for its guests, nearly nothing until it
 * nests
 * @enabled: KVM_CAP_PPC_NESTED_HV; read without a lock
 * @ptcr: H_SET_PARTITION_TABLE's argument, 0 for none; read without a lock
 * @lock: @guest, @nr and the reference counts
 * @guest: by LPID of L2, NULL until the first is entered
 * @nr: how many there are
 * @stamp: the last one given
 */
struct nhv_nesting {
	bool enabled;
	u64 ptcr;
	spinlock_t lock;
	struct nhv_nested **guest;
	unsigned int nr;
	u64 stamp;
};

/**
 * struct nhv_nested_vcpu - what a vCPU has to run guests of its guest
 * @guest: what it runs instead of L2, with a reference; NULL while it runs L2
 * @kept: what it ran last, with a reference, if it may run that again soon; NULL
 *	while @guest is set
 * @gs: block of registers of L3; vcpu->gs and vcpu->regs point here while
 *	@guest is set. NULL until it first nests
 * @regs: the other part of it
 * @v2: API v2: which of those are current; vcpu->v2 is this then
 * @own: of L2 while @guest is set
 * @given: hv_guest_state as L2 gave it, native byte order
 * @size: bytes of it that L2's version has
 * @swap: L2's byte order is not ours
 * @gs_at: where L2 has its hv_guest_state
 * @regs_at: where it has its pt_regs
 * @page: quick.c: where this kernel has the page that both were in last
 * @tb_offset: of L3 relative to L2, 0 while L2 runs
 * @doorbell: as vcpu->doorbell, of L3
 * @deadline: hdec_expiry in our timebase
 * @fault_runs: as vcpu->fault_runs, of L2 pages used by L3
 * @refused: entries in a row that the level below refused
 * @refill: a fault at @refill_at was given to L2, which has mapped it by now
 * @refill_at: where
 */
struct nhv_nested_vcpu {
	struct nhv_nested *guest;
	struct nhv_nested *kept;
	struct nhv_hv_guest_state *gs;
	struct nhv_pt_regs *regs;
	struct nhv_v2_vcpu *v2;
	struct {
		struct nhv_hv_guest_state *gs;
		struct nhv_pt_regs *regs;
		struct nhv_v2_vcpu *v2;
		u64 lpcr;
		u64 pcr;
		u64 hfscr;
	} own;
	struct nhv_hv_guest_state given;
	size_t size;
	bool swap;
	struct nhv_l2ra gs_at;
	struct nhv_l2ra regs_at;
	struct nhv_view page;
	s64 tb_offset;
	unsigned long doorbell;
	u64 deadline;
	struct nhv_fault_runs fault_runs;
	unsigned int refused;
	bool refill;
	struct nhv_l3ra refill_at;
};

/**
 * struct nhv_nested_limits - what one VM may have; module parameters
 * @guests: guests of it at a time, 0: none
 * @tables: table pages of all its shadow trees together
 * @copy: bytes that one H_COPY_TOFROM_GUEST moves
 */
struct nhv_nested_limits {
	unsigned int guests;
	unsigned int tables;
	unsigned int copy;
};

extern struct nhv_nested_limits nhv_nested_limits;

/* ---- guest.c: the guests of a VM ------------------------------------------ */

/** nhv_nesting_init() - of a new VM; nothing is allocated */
void nhv_nesting_init(struct nhv_vm *vm);

/**
 * nhv_nesting_release() - end all guests of a VM that goes
 * @vm: no vCPU runs any more; before nhv_mmu_release()
 */
void nhv_nesting_release(struct nhv_vm *vm);

/**
 * nhv_nested_find() - a guest of a guest by its LPID
 * @vm: the guest hypervisor
 * @id: LPID of its choice, any value
 *
 * Return: with a reference, or NULL.
 */
struct nhv_nested *nhv_nested_find(struct nhv_vm *vm, u64 id);

/**
 * nhv_nested_get() - the same, and it is made if there is none
 * @vm: the guest hypervisor; may sleep
 * @id: LPID of its choice, below NHV_NESTED_IDS
 * @nested: gets it, with a reference
 *
 * Return: 0; -ENOSPC at nhv_nested_limits.guests or when the level below has no
 * LPID left; -ENOMEM.
 */
int nhv_nested_get(struct nhv_vm *vm, u32 id, struct nhv_nested **nested);

/**
 * nhv_nested_next() - one after the other
 * @vm: the guest hypervisor
 * @id: where to look first; gets the one after what was found
 *
 * Return: with a reference, NULL when there are no more.
 */
struct nhv_nested *nhv_nested_next(struct nhv_vm *vm, u32 *id);

/**
 * nhv_nested_remove() - take it out of the VM's map
 * @nested: its lock is held, and the caller has a reference
 *
 * The next entry by the same LPID makes another one.
 */
void nhv_nested_remove(struct nhv_nested *nested);

/**
 * nhv_nested_oldest() - the one that was entered longest ago, of those whose
 * shadow tree has tables
 * @vm: the guest hypervisor
 * @but: not this one, may be NULL
 * @before: only one with a smaller stamp than this
 *
 * Return: with a reference, or NULL.
 */
struct nhv_nested *nhv_nested_oldest(struct nhv_vm *vm,
				     const struct nhv_nested *but, u64 before);

/**
 * nhv_nested_put() - give a reference back; the last one frees it
 * @nested: no lock held; may sleep
 */
void nhv_nested_put(struct nhv_nested *nested);

/* ---- serve.c: what served hypercalls do ---------------------------------------- */

/*
 * The calls are made in the SRCU read side of the slots, with nesting enabled.
 * "Return: a code" is a PAPR return code.
 */

/**
 * nhv_nested_set_ptcr() - H_SET_PARTITION_TABLE
 * @vm: the guest hypervisor
 * @ptcr: base | PATS, 0 for none
 *
 * Return: a code.
 */
long nhv_nested_set_ptcr(struct nhv_vm *vm, u64 ptcr);

/**
 * nhv_nested_load() - see that the partition table entry is known
 * @nested: no lock held
 *
 * Return: false if L2 has none for it; it is removed from the map then.
 */
bool nhv_nested_load(struct nhv_nested *nested);

/**
 * nhv_nested_flush() - forget what L2 says
 * @vm: the guest hypervisor
 * @flush: what
 *
 * On return no CPU uses it.
 */
void nhv_nested_flush(struct nhv_vm *vm, const struct nhv_serve_flush *flush);

/**
 * nhv_nested_forget_process() - H_RPT_INVALIDATE of process scope: all of an LPID,
 * as the level below offers nothing finer
 * @vm: the guest hypervisor
 * @lpid: below: of the VM, or of a guest of it
 */
void nhv_nested_forget_process(struct nhv_vm *vm, u32 lpid);

/**
 * nhv_nested_tlbie_insn() - a tlbie that L2 executed itself
 * @vcpu: runs L2, on its own thread
 * @insn: the instruction
 *
 * Return: true if it was one, and was done: NIA is advanced.
 */
bool nhv_nested_tlbie_insn(struct nhv_vcpu *vcpu, u32 insn);

/* ---- copy.c: L3's own translation ------------------------------------------------ */

/**
 * nhv_nested_translate() - from an effective address of L3 to L2 real memory
 * @nested: no lock held; the caller is in the SRCU read side of the slots; may
 *	sleep
 * @walk: @pid, @msr, @data, @store are set
 * @ea: effective address
 * @ra: gets the L2 real address
 *
 * Both tables are walked, those of L3 and L2's tree for it.
 *
 * Return: 0; -EFAULT when one of them does not map it for that access.
 */
int nhv_nested_translate(struct nhv_nested *nested, struct nhv_walk *walk,
			 u64 ea, struct nhv_l2ra *ra);

/**
 * nhv_nested_copy() - H_COPY_TOFROM_GUEST
 * @vm: the guest hypervisor; may sleep
 * @copy: checked
 *
 * Return: a code.
 */
long nhv_nested_copy(struct nhv_vm *vm, const struct nhv_serve_copy *copy);

/* ---- enter.c: in and out --------------------------------------------------------- */

/**
 * nhv_nested_enter() - H_ENTER_NESTED: from now on the vCPU runs L3
 * @vcpu: runs L2, on its own thread; in the SRCU read side of the slots
 * @gs_at: where L2 has hv_guest_state
 * @regs_at: where it has pt_regs
 *
 * Nothing runs here: the vCPU's registers are L3's after, and the run loop enters
 * it. GPR3 of L2 is set when it ends.
 *
 * Return: a code; NHV_H_SUCCESS when the vCPU runs L3.
 */
long nhv_nested_enter(struct nhv_vcpu *vcpu, u64 gs_at, u64 regs_at);

/**
 * nhv_nested_leave() - the vCPU runs L2 again, its H_ENTER_NESTED returns
 * @vcpu: runs L3, on its own thread; may sleep
 * @result: GPR3: the vector, 0 for "nothing happened", or an error without
 *	anything else
 */
void nhv_nested_leave(struct nhv_vcpu *vcpu, long result);

/**
 * nhv_nested_set_gpr() - a load of L3 that user space answered
 * @vcpu: runs L2 again, and did run L3 last
 * @reg: number of the register
 * @value: for it
 *
 * It is put where L2 will take it from when it enters L3 again.
 */
void nhv_nested_set_gpr(struct nhv_vcpu *vcpu, unsigned int reg, u64 value);

/**
 * nhv_nested_interrupt() - leave for what nhv_nested_wanted() saw
 * @vcpu: as nhv_nested_leave()
 */
void nhv_nested_interrupt(struct nhv_vcpu *vcpu);

/* ---- quick.c: in and out within one turn of the vCPU --------------------------------- */

/**
 * nhv_nested_quick_enter() - H_ENTER_NESTED of the guest that was left last
 * @vcpu: runs L2, between nhv_level_begin() and nhv_level_end(); interrupts
 *	hard-disabled
 *
 * Return: true if the vCPU runs L3 now; false with nothing changed if it is for
 * nhv_nested_enter().
 */
bool nhv_nested_quick_enter(struct nhv_vcpu *vcpu);

/**
 * nhv_nested_quick_leave() - a hypercall of L3 is given to L2
 * @vcpu: runs L3 and ended with it; as above
 *
 * Return: true if the vCPU runs L2 now; false with nothing changed if it is for
 * nhv_nested_exit().
 */
bool nhv_nested_quick_leave(struct nhv_vcpu *vcpu);

/**
 * nhv_nested_forget() - give back the guest that the vCPU may run again soon
 * @vcpu: on its own thread, not in a turn; may sleep
 * @only_gone: if it is none of L2's guests any more
 */
void nhv_nested_forget(struct nhv_vcpu *vcpu, bool only_gone);

/* ---- exit.c: what L3 ended with ---------------------------------------------------- */

/**
 * nhv_nested_exit() - an exit of L3 is offered
 * @vcpu: runs L3, on its own thread; may sleep
 * @trap: what nhv_level_enter() returned
 *
 * Return: true if it was dealt with, for the most part by giving it to L2; false
 * if it is our own business, as one of L2 would be.
 */
bool nhv_nested_exit(struct nhv_vcpu *vcpu, long trap);

/**
 * nhv_nested_reflect_fault() - a fault is L2's to resolve
 * @vcpu: runs L3, on its own thread
 * @fault: what nhv_shadow_fault() made of it
 */
void nhv_nested_reflect_fault(struct nhv_vcpu *vcpu,
			      const struct nhv_shadow_fault *fault);

/* ---- shadow.c: shadow trees ------------------------------------------------- */

/**
 * nhv_shadow_init() - an empty shadow tree, and what the VM needs to find its
 * entries again by L2 real address
 * @nested: @vm, @lpid are set; may sleep
 *
 * Return: 0 or -ENOMEM with nothing left.
 */
int nhv_shadow_init(struct nhv_nested *nested);

/**
 * nhv_shadow_release() - free it
 * @nested: no vCPU runs it, and the level below has been told to forget its
 *	LPID; may sleep
 */
void nhv_shadow_release(struct nhv_nested *nested);

/** enum nhv_shadow_verdict - what a partition-scoped fault of L3 came to */
enum nhv_shadow_verdict {
	NHV_SHADOW_RESUME,	/* ours, and done: enter L3 again */
	NHV_SHADOW_REFLECT,	/* L2's: give it the fault, with @status */
	NHV_SHADOW_MMIO,	/* L2 maps it to an address without memory */
	NHV_SHADOW_REFUSE,	/* L3 gets a storage interrupt, with @status */
	NHV_SHADOW_MEMORY,	/* the VMM's memory cannot be had: @error */
};

/**
 * struct nhv_shadow_fault - a partition-scoped fault of L3
 * @ra: faulting L3 real address, low bits included when known
 * @status: in: DSISR-like bits (NHV_DSISR_*); out, for REFLECT: those L2 is to
 *	see, ISSTORE included; for REFUSE: those L3 is to see
 * @store: by a store
 * @fetch: by an instruction fetch
 * @table: out, for REFLECT: L2's tree could not be read at @at, which is what
 *	ASDR must say then
 * @at: out, for that and for MMIO: L2 real address
 * @error: out, for MEMORY: the errno (negative)
 */
struct nhv_shadow_fault {
	struct nhv_l3ra ra;
	u64 status;
	bool store;
	bool fetch;
	bool table;
	struct nhv_l2ra at;
	int error;
};

/**
 * nhv_shadow_fault() - resolve a partition-scoped fault of L3
 * @nested: whose; the caller has a reference and not its lock
 * @run: history of the vCPU's faults on L2 memory
 * @fault: in and out
 *
 * Walks L2's tree, maps the L2 page in the VM's own tree if it is not, and puts
 * what both allow into the shadow tree, with neighbours that L2 maps already.
 * The caller is a vCPU thread in the SRCU read side of the slots; may sleep.
 */
enum nhv_shadow_verdict nhv_shadow_fault(struct nhv_nested *nested,
					 struct nhv_fault_runs *runs,
					 struct nhv_shadow_fault *fault);

/**
 * nhv_shadow_refill() - L2 has mapped what it was given a fault for: map it here
 * before L3 faults again
 * @nested: whose
 * @run: as above
 * @at: where L3 faulted
 *
 * Does what a fault for reading would do and cannot fail. As above.
 */
void nhv_shadow_refill(struct nhv_nested *nested, struct nhv_fault_runs *runs,
		       struct nhv_l3ra at);

/**
 * struct nhv_shadow_leaf - what L2's tree says about an L3 real address
 * @ra: L2 real address that it is mapped to
 * @shift: size of the leaf
 * @bits: NHV_PTE_READ|WRITE|EXEC|R|C|ATT of the leaf
 * @entry: L2 real address of the entry that says so
 */
struct nhv_shadow_leaf {
	struct nhv_l2ra ra;
	unsigned int shift;
	u64 bits;
	struct nhv_l2ra entry;
};

/**
 * nhv_shadow_walk() - walk L2's tree for L3
 * @nested: its lock is held; the caller is in the SRCU read side of the slots;
 *	may sleep
 * @at: L3 real address
 * @leaf: gets the answer; with NHV_DSISR_PRTABLE_FAULT @ra is the L2 real address
 *	that could not be read
 *
 * Nothing is changed and no permission checked.
 *
 * Return: 0; NHV_DSISR_NOHPTE where nothing is mapped; NHV_DSISR_UNSUPP_MMU for a
 * tree of illegal shape; NHV_DSISR_PRTABLE_FAULT.
 */
u64 nhv_shadow_walk(const struct nhv_nested *nested, struct nhv_l3ra at,
		    struct nhv_shadow_leaf *leaf);

/**
 * nhv_shadow_unmap_range() - L2 invalidates a range of L3 real addresses
 * @nested: its lock is held; no spinning lock; may sleep
 * @from: first address, any value
 * @size: in bytes, any value
 *
 * On return no CPU uses anything that was mapped there.
 */
void nhv_shadow_unmap_range(struct nhv_nested *nested, struct nhv_l3ra from,
			    u64 size);

/**
 * nhv_shadow_unmap_all() - drop all of a shadow tree, table pages included
 * @nested: as above
 */
void nhv_shadow_unmap_all(struct nhv_nested *nested);

#endif

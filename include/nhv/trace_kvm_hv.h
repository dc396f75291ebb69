/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System kvm_hv: fields and texts are those that perf kvm and people's scripts
 * know from the in-tree kvm-hv, and may not change.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM kvm_hv

#if !defined(NHV_TRACE_KVM_HV_H) || defined(TRACE_HEADER_MULTI_READ)
#define NHV_TRACE_KVM_HV_H

#include <linux/sched.h>
#include <linux/tracepoint.h>
#include <abi/names.h>
#include <nhv/core.h>
#include <nhv/exits.h>
#include <nhv/trace_words.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>

NHV_TURN_EVENT(kvm_guest_enter,
	TP_PROTO(const struct nhv_vcpu *vcpu),
	TP_ARGS(vcpu),
	TP_STRUCT__entry(
		__field(int, vcpu_id)
		__field(unsigned long, pc)
		__field(unsigned long, pending_exceptions)
		__field(u8, ceded)
	),
	TP_fast_assign(
		__entry->vcpu_id = vcpu->id;
		__entry->pc = vcpu->regs->nip;
		__entry->pending_exceptions = vcpu->irq_pending;
		__entry->ceded = vcpu->ceded;
	),
	TP_printk("VCPU %d: pc=0x%lx pexcp=0x%lx ceded=%d",
		  __entry->vcpu_id, __entry->pc, __entry->pending_exceptions,
		  __entry->ceded)
);

NHV_TURN_EVENT(kvm_guest_exit,
	TP_PROTO(const struct nhv_vcpu *vcpu, long trap),
	TP_ARGS(vcpu, trap),
	TP_STRUCT__entry(
		__field(int, vcpu_id)
		__field(int, trap)
		__field(unsigned long, pc)
		__field(unsigned long, msr)
		__field(u8, ceded)
	),
	TP_fast_assign(
		__entry->vcpu_id = vcpu->id;
		__entry->trap = nhv_trace_trap(trap);
		__entry->pc = vcpu->regs->nip;
		__entry->msr = vcpu->regs->msr;
		__entry->ceded = vcpu->ceded;
	),
	TP_printk("VCPU %d: trap=%s pc=0x%lx msr=0x%lx, ceded=%d",
		  __entry->vcpu_id,
		  __print_symbolic(__entry->trap, NHV_EXITS(NHV_EXIT_SYMBOL)),
		  __entry->pc, __entry->msr, __entry->ceded)
);

NHV_TURN_EVENT(kvm_hcall_enter,
	TP_PROTO(const struct nhv_vcpu *vcpu),
	TP_ARGS(vcpu),
	TP_STRUCT__entry(
		__field(int, vcpu_id)
		__field(unsigned long, req)
		__field(unsigned long, gpr4)
		__field(unsigned long, gpr5)
		__field(unsigned long, gpr6)
		__field(unsigned long, gpr7)
	),
	TP_fast_assign(
		__entry->vcpu_id = vcpu->id;
		__entry->req = vcpu->regs->gpr[3];
		__entry->gpr4 = vcpu->regs->gpr[4];
		__entry->gpr5 = vcpu->regs->gpr[5];
		__entry->gpr6 = vcpu->regs->gpr[6];
		__entry->gpr7 = vcpu->regs->gpr[7];
	),
	TP_printk("VCPU %d: hcall=%s GPR4-7=0x%lx,0x%lx,0x%lx,0x%lx",
		  __entry->vcpu_id,
		  __print_symbolic(__entry->req, NHV_PAPR_CALLS(NHV_SYMBOL),
				   NHV_PAPR_RARE_CALLS(NHV_SYMBOL)),
		  __entry->gpr4, __entry->gpr5, __entry->gpr6, __entry->gpr7)
);

NHV_TURN_EVENT(kvm_hcall_exit,
	TP_PROTO(const struct nhv_vcpu *vcpu, enum nhv_resume ret),
	TP_ARGS(vcpu, ret),
	TP_STRUCT__entry(
		__field(int, vcpu_id)
		__field(unsigned long, ret)
		__field(unsigned long, hcall_rc)
	),
	TP_fast_assign(
		__entry->vcpu_id = vcpu->id;
		__entry->ret = ret;
		/* H_ENTER_NESTED has no return code yet. */
		__entry->hcall_rc = vcpu->nested.guest ? 0 : vcpu->regs->gpr[3];
	),
	TP_printk("VCPU %d: ret=%s hcall_rc=%s",
		  __entry->vcpu_id,
		  __print_symbolic(__entry->ret, NHV_RESUMES),
		  __print_symbolic(__entry->ret & 2 ? 9999 : __entry->hcall_rc,
				   NHV_PAPR_RETURN_CODES(NHV_SYMBOL)))
);

/*
 * A radix guest has no hash table entries: hpte is 0:0, and guest (in the exit:
 * the second word of hpte) is the L2 real address.
 */
TRACE_EVENT(kvm_page_fault_enter,
	TP_PROTO(const struct nhv_vcpu *vcpu, const struct nhv_fault *fault,
		 const struct nhv_slot *slot, unsigned long ea),
	TP_ARGS(vcpu, fault, slot, ea),
	TP_STRUCT__entry(
		__field(int, vcpu_id)
		__field(unsigned long, hpte_v)
		__field(unsigned long, hpte_r)
		__field(unsigned long, gpte_r)
		__field(unsigned long, ea)
		__field(u64, base_gfn)
		__field(u32, slot_flags)
		__field(u32, dsisr)
	),
	TP_fast_assign(
		__entry->vcpu_id = vcpu->id;
		__entry->hpte_v = 0;
		__entry->hpte_r = 0;
		__entry->gpte_r = fault->ra.addr;
		__entry->ea = ea;
		__entry->base_gfn = slot ? slot->base.addr >> PAGE_SHIFT : -1UL;
		__entry->slot_flags = slot ? slot->flags : 0;
		__entry->dsisr = fault->status;
	),
	TP_printk("VCPU %d: hpte=0x%lx:0x%lx guest=0x%lx ea=0x%lx,%x slot=0x%llx,0x%x",
		  __entry->vcpu_id, __entry->hpte_v, __entry->hpte_r,
		  __entry->gpte_r, __entry->ea, __entry->dsisr,
		  __entry->base_gfn, __entry->slot_flags)
);

TRACE_EVENT(kvm_page_fault_exit,
	TP_PROTO(const struct nhv_vcpu *vcpu, const struct nhv_fault *fault,
		 enum nhv_resume ret),
	TP_ARGS(vcpu, fault, ret),
	TP_STRUCT__entry(
		__field(int, vcpu_id)
		__field(unsigned long, hpte_v)
		__field(unsigned long, hpte_r)
		__field(long, ret)
	),
	TP_fast_assign(
		__entry->vcpu_id = vcpu->id;
		__entry->hpte_v = 0;
		__entry->hpte_r = fault->ra.addr;
		__entry->ret = ret;
	),
	TP_printk("VCPU %d: hpte=0x%lx:0x%lx ret=0x%lx",
		  __entry->vcpu_id, __entry->hpte_v, __entry->hpte_r,
		  __entry->ret)
);

/* A virtual core is a vCPU here: threads are not run together. */
TRACE_EVENT(kvmppc_run_core,
	TP_PROTO(const struct nhv_vcpu *vcpu, int where),
	TP_ARGS(vcpu, where),
	TP_STRUCT__entry(
		__field(int, n_runnable)
		__field(int, runner_vcpu)
		__field(int, where)
		__field(pid_t, tgid)
	),
	TP_fast_assign(
		__entry->n_runnable = 1;
		__entry->runner_vcpu = vcpu->id;
		__entry->where = where;
		__entry->tgid = current->tgid;
	),
	TP_printk("%s runner_vcpu==%d runnable=%d tgid=%d",
		  __entry->where ? "Exit" : "Enter", __entry->runner_vcpu,
		  __entry->n_runnable, __entry->tgid)
);

TRACE_EVENT(kvmppc_vcore_blocked,
	TP_PROTO(const struct nhv_vcpu *vcpu, int where),
	TP_ARGS(vcpu, where),
	TP_STRUCT__entry(
		__field(int, n_runnable)
		__field(int, runner_vcpu)
		__field(int, where)
		__field(pid_t, tgid)
	),
	TP_fast_assign(
		__entry->n_runnable = 1;
		__entry->runner_vcpu = vcpu->id;
		__entry->where = where;
		__entry->tgid = current->tgid;
	),
	TP_printk("%s runner_vcpu=%d runnable=%d tgid=%d",
		  __entry->where ? "Exit" : "Enter", __entry->runner_vcpu,
		  __entry->n_runnable, __entry->tgid)
);

TRACE_EVENT(kvmppc_vcore_wakeup,
	TP_PROTO(int do_sleep, u64 ns),
	TP_ARGS(do_sleep, ns),
	TP_STRUCT__entry(
		__field(u64, ns)
		__field(int, waited)
		__field(pid_t, tgid)
	),
	TP_fast_assign(
		__entry->ns = ns;
		__entry->waited = do_sleep;
		__entry->tgid = current->tgid;
	),
	TP_printk("%s time %llu ns, tgid=%d",
		  __entry->waited ? "wait" : "poll", __entry->ns, __entry->tgid)
);

TRACE_EVENT(kvmppc_run_vcpu_enter,
	TP_PROTO(const struct nhv_vcpu *vcpu),
	TP_ARGS(vcpu),
	TP_STRUCT__entry(
		__field(int, vcpu_id)
		__field(pid_t, tgid)
	),
	TP_fast_assign(
		__entry->vcpu_id = vcpu->id;
		__entry->tgid = current->tgid;
	),
	TP_printk("VCPU %d: tgid=%d", __entry->vcpu_id, __entry->tgid)
);

TRACE_EVENT(kvmppc_run_vcpu_exit,
	TP_PROTO(const struct nhv_vcpu *vcpu, int ret),
	TP_ARGS(vcpu, ret),
	TP_STRUCT__entry(
		__field(int, vcpu_id)
		__field(int, exit)
		__field(int, ret)
	),
	TP_fast_assign(
		__entry->vcpu_id = vcpu->id;
		__entry->exit = vcpu->run->exit_reason;
		__entry->ret = ret;
	),
	TP_printk("VCPU %d: exit=%d, ret=%d",
		  __entry->vcpu_id, __entry->exit, __entry->ret)
);

#endif

/* Outside of the guard, as define_trace.h reads this file again. */
#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH nhv
#define TRACE_INCLUDE_FILE trace_kvm_hv
#include <trace/define_trace.h>

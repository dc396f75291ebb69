/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System nhv: what kvm.ko has in system kvm, with its names, fields and texts,
 * the calls to the level below, and guests of guests.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM nhv

#if !defined(NHV_TRACE_NHV_H) || defined(TRACE_HEADER_MULTI_READ)
#define NHV_TRACE_NHV_H

#include <linux/errno.h>
#include <linux/kvm.h>
#include <linux/tracepoint.h>
#include <abi/names.h>
#include <nhv/exits.h>
#include <nhv/trace_words.h>
#include <nhv/vcpu.h>

#define NHV_REASON(name)	{ KVM_EXIT_##name, "KVM_EXIT_" #name }

TRACE_EVENT(kvm_userspace_exit,
	TP_PROTO(u32 reason, int err),
	TP_ARGS(reason, err),
	TP_STRUCT__entry(
		__field(u32, reason)
		__field(int, errno)
	),
	TP_fast_assign(
		__entry->reason = reason;
		__entry->errno = err;
	),
	TP_printk("reason %s (%d)",
		  __entry->errno < 0 ?
		  (__entry->errno == -4 ? "restart" : "error") :
		  __print_symbolic(__entry->reason, NHV_REASON(UNKNOWN),
				   NHV_REASON(MMIO), NHV_REASON(FAIL_ENTRY),
				   NHV_REASON(INTR), NHV_REASON(NMI),
				   NHV_REASON(INTERNAL_ERROR),
				   NHV_REASON(PAPR_HCALL)),
		  __entry->errno < 0 ? -__entry->errno : __entry->reason)
);

TRACE_EVENT(kvm_mmio,
	TP_PROTO(int type, unsigned int len, u64 gpa, const void *val),
	TP_ARGS(type, len, gpa, val),
	TP_STRUCT__entry(
		__field(u32, type)
		__field(u32, len)
		__field(u64, gpa)
		__field(u64, val)
	),
	TP_fast_assign(
		__entry->type = type;
		__entry->len = len;
		__entry->gpa = gpa;
		__entry->val = 0;
		if (type != NHV_MMIO_ASK)
			memcpy(&__entry->val, val,
			       min_t(u32, sizeof(__entry->val), len));
	),
	TP_printk("mmio %s len %u gpa 0x%llx val 0x%llx",
		  __print_symbolic(__entry->type,
				   { NHV_MMIO_ASK, "unsatisfied-read" },
				   { NHV_MMIO_READ, "read" },
				   { NHV_MMIO_WRITE, "write" }),
		  __entry->len, __entry->gpa, __entry->val)
);

TRACE_EVENT(kvm_vcpu_wakeup,
	TP_PROTO(u64 ns, bool waited, bool valid),
	TP_ARGS(ns, waited, valid),
	TP_STRUCT__entry(
		__field(u64, ns)
		__field(bool, waited)
		__field(bool, valid)
	),
	TP_fast_assign(
		__entry->ns = ns;
		__entry->waited = waited;
		__entry->valid = valid;
	),
	TP_printk("%s time %lld ns, polling %s",
		  __entry->waited ? "wait" : "poll", __entry->ns,
		  __entry->valid ? "valid" : "invalid")
);

TRACE_EVENT(kvm_halt_poll_ns,
	TP_PROTO(bool grow, unsigned int vcpu_id, unsigned int new,
		 unsigned int old),
	TP_ARGS(grow, vcpu_id, new, old),
	TP_STRUCT__entry(
		__field(bool, grow)
		__field(unsigned int, vcpu_id)
		__field(unsigned int, new)
		__field(unsigned int, old)
	),
	TP_fast_assign(
		__entry->grow = grow;
		__entry->vcpu_id = vcpu_id;
		__entry->new = new;
		__entry->old = old;
	),
	TP_printk("vcpu %u: halt_poll_ns %u (%s %u)",
		  __entry->vcpu_id, __entry->new,
		  __entry->grow ? "grow" : "shrink", __entry->old)
);

/*
 * A call to the level below. The one that enters a guest is not among them: its
 * return code is the trap of kvm_guest_exit. Nor are those that API v2 makes next
 * to it where RCU counts the processor as a guest's (nohz_full).
 */
TRACE_EVENT_CONDITION(nhv_call,
	TP_PROTO(unsigned long req, const unsigned long *arg, long rc),
	TP_ARGS(req, arg, rc),
	TP_CONDITION(rcu_is_watching()),
	TP_STRUCT__entry(
		__field(unsigned long, req)
		__field(unsigned long, arg0)
		__field(unsigned long, arg1)
		__field(unsigned long, arg2)
		__field(unsigned long, arg3)
		__field(long, rc)
	),
	TP_fast_assign(
		__entry->req = req;
		__entry->arg0 = arg[0];
		__entry->arg1 = arg[1];
		__entry->arg2 = arg[2];
		__entry->arg3 = arg[3];
		__entry->rc = rc;
	),
	TP_printk("call=%s args=0x%lx,0x%lx,0x%lx,0x%lx rc=%s",
		  __print_symbolic(__entry->req, NHV_PAPR_CALLS(NHV_SYMBOL)),
		  __entry->arg0, __entry->arg1, __entry->arg2, __entry->arg3,
		  __print_symbolic(__entry->rc,
				   NHV_PAPR_RETURN_CODES(NHV_SYMBOL)))
);

/*
 * A hypercall of a guest that is a hypervisor. H_ENTER_NESTED is told of when the
 * guest of the guest (L3) is about to run; what it returns is an exit's trap.
 */
NHV_TURN_EVENT(nhv_serve,
	TP_PROTO(const struct nhv_vcpu *vcpu, unsigned long req,
		 const unsigned long *arg, long rc),
	TP_ARGS(vcpu, req, arg, rc),
	TP_STRUCT__entry(
		__field(int, vcpu_id)
		__field(unsigned long, req)
		__field(unsigned long, arg0)
		__field(unsigned long, arg1)
		__field(unsigned long, arg2)
		__field(unsigned long, arg3)
		__field(long, rc)
	),
	TP_fast_assign(
		__entry->vcpu_id = vcpu->id;
		__entry->req = req;
		__entry->arg0 = arg[0];
		__entry->arg1 = arg[1];
		__entry->arg2 = arg[2];
		__entry->arg3 = arg[3];
		__entry->rc = rc;
	),
	TP_printk("VCPU %d: call=%s args=0x%lx,0x%lx,0x%lx,0x%lx rc=%s",
		  __entry->vcpu_id,
		  __print_symbolic(__entry->req, NHV_PAPR_CALLS(NHV_SYMBOL)),
		  __entry->arg0, __entry->arg1, __entry->arg2, __entry->arg3,
		  __print_symbolic(__entry->rc,
				   NHV_PAPR_RETURN_CODES(NHV_SYMBOL)))
);

/*
 * An exit of a guest of the guest, at L1's level 3: beside kvm_guest_exit, which
 * tells of all exits alike. @guest is the LPID by which L2 knows it.
 */
NHV_TURN_EVENT(nhv_nested_exit,
	TP_PROTO(const struct nhv_vcpu *vcpu, long trap),
	TP_ARGS(vcpu, trap),
	TP_STRUCT__entry(
		__field(int, vcpu_id)
		__field(int, level)
		__field(u32, guest)
		__field(int, trap)
		__field(unsigned long, pc)
	),
	TP_fast_assign(
		__entry->vcpu_id = vcpu->id;
		__entry->level = 3;
		__entry->guest = vcpu->nested.guest->id;
		__entry->trap = nhv_trace_trap(trap);
		__entry->pc = vcpu->regs->nip;
	),
	TP_printk("VCPU %d: level=%d guest=%u trap=%s pc=0x%lx",
		  __entry->vcpu_id, __entry->level, __entry->guest,
		  __print_symbolic(__entry->trap, NHV_EXITS(NHV_EXIT_SYMBOL)),
		  __entry->pc)
);

#endif

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH nhv
#define TRACE_INCLUDE_FILE trace_nhv
#include <trace/define_trace.h>

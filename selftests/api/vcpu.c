// SPDX-License-Identifier: GPL-2.0-only
/* The vCPU descriptor, and what descriptors have in common. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "api.h"

static long interrupt(int vcpu, uint32_t irq)
{
	struct kvm_interrupt args = { irq };

	return callp(vcpu, KVM_INTERRUPT, &args);
}

static long enable(int vcpu, uint32_t cap, uint32_t flags)
{
	struct kvm_enable_cap args = { .cap = cap, .flags = flags };

	return callp(vcpu, KVM_ENABLE_CAP, &args);
}

static void test_signal_mask(const struct machine *m)
{
	struct { struct kvm_signal_mask head; uint8_t set[8]; } mask = { 0 };

	mask.head.len = 8;
	want(0, callp(m->vcpu, KVM_SET_SIGNAL_MASK, &mask));
	mask.head.len = 4;
	want(-EINVAL, callp(m->vcpu, KVM_SET_SIGNAL_MASK, &mask));
	want(-EFAULT, callp(m->vcpu, KVM_SET_SIGNAL_MASK, (void *)8));
	want(0, callp(m->vcpu, KVM_SET_SIGNAL_MASK, NULL));
}

static void test_run(const struct machine *m)
{
	want(-EINVAL, call(m->vcpu, KVM_RUN, 1));
	want(-EINVAL, call(m->vcpu, KVM_RUN, 0));	/* PAPR not enabled */
	want(-EINVAL, enable(m->vcpu, KVM_CAP_PPC_PAPR, 1));
	want(-EINVAL, enable(m->vcpu, KVM_CAP_PPC_SMT, 0));
	want(0, enable(m->vcpu, KVM_CAP_PPC_FWNMI, 0));
	want(0, enable(m->vcpu, KVM_CAP_PPC_PAPR, 0));
	m->run->immediate_exit = 1;
	want(-EINTR, call(m->vcpu, KVM_RUN, 0));
	check(m->run->exit_reason == KVM_EXIT_INTR, "exit reason INTR: %u",
	      m->run->exit_reason);
	m->run->immediate_exit = 0;
}

static void test_registers(const struct machine *m)
{
	struct kvm_one_reg reg = { KVM_REG_PPC | KVM_REG_SIZE_U64 | 0xfff,
				   (uintptr_t)m->page };
	struct kvm_sregs sregs;
	struct kvm_regs regs;

	want(-EINVAL, callp(m->vcpu, KVM_GET_ONE_REG, &reg));
	want(-EINVAL, callp(m->vcpu, KVM_SET_ONE_REG, &reg));
	want(0, callp(m->vcpu, KVM_GET_SREGS, &sregs));
	want(0, callp(m->vcpu, KVM_SET_SREGS, &sregs));
	sregs.pvr = 0x00010000;
	want(-EINVAL, callp(m->vcpu, KVM_SET_SREGS, &sregs));
	want(0, callp(m->vcpu, KVM_GET_REGS, &regs));
	regs.pc = 0x1234;
	regs.gpr[31] = ~0ULL;
	want(0, callp(m->vcpu, KVM_SET_REGS, &regs));
	memset(&regs, 0, sizeof(regs));
	want(0, callp(m->vcpu, KVM_GET_REGS, &regs));
	check(regs.pc == 0x1234 && regs.gpr[31] == ~0ULL, "registers come back");
	want(-EFAULT, callp(m->vcpu, KVM_GET_REGS, NULL));
	want(-EFAULT, callp(m->vcpu, KVM_SET_SREGS, (void *)0xc000000000000000));
}

static sigjmp_buf after_bus;

static void on_bus(int signal)
{
	siglongjmp(after_bus, 1);
}

/* QEMU unmaps the page of a parked vCPU and maps it again later. */
static void test_mapping(struct machine *m)
{
	volatile uint8_t *twice;

	m->run->request_interrupt_window = 0x5a;
	munmap(m->run, page_size);
	m->run = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		      m->vcpu, 0);
	check(m->run != MAP_FAILED && m->run->request_interrupt_window == 0x5a,
	      "mapped again, the page is the same");

	twice = mmap(NULL, 2 * page_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		     m->vcpu, 0);
	signal(SIGBUS, on_bus);
	if (!sigsetjmp(after_bus, 1)) {
		twice[page_size] = 1;
		check(false, "there is no second page");
	} else {
		check(true, "there is no second page");
	}
	signal(SIGBUS, SIG_DFL);
	munmap((void *)twice, 2 * page_size);
}

void test_vcpu(void)
{
	struct machine m = machine_open();

	test_run(&m);
	test_registers(&m);
	test_signal_mask(&m);
	test_mapping(&m);
	want(0, interrupt(m.vcpu, KVM_INTERRUPT_SET_LEVEL));
	want(0, interrupt(m.vcpu, KVM_INTERRUPT_UNSET));
	want(-EINVAL, interrupt(m.vcpu, 5));
	want(-ENOTTY, call(m.vcpu, KVM_CREATE_VCPU, 1));
	want(-ENOTTY, call(m.vcpu, KVM_NMI, 0));
	machine_close(&m);
}

/* What a process with another address space gets. */
static void test_other_mm(const struct machine *m)
{
	uint64_t value = 0;
	struct kvm_one_reg reg = { KVM_REG_PPC_LPCR_64, (uintptr_t)&value };
	int status;
	pid_t child = fork();

	if (!child) {
		bool good = call(m->vm, KVM_CHECK_EXTENSION, 3) == -EIO &&
			    call(m->vm, KVM_CREATE_VCPU, 7) == -EIO &&
			    call(m->vcpu, KVM_RUN, 0) == -EIO &&
			    callp(m->vcpu, KVM_GET_ONE_REG, &reg) == -EIO &&
			    interrupt(m->vcpu, KVM_INTERRUPT_UNSET) == -EIO;
		_exit(!good);
	}
	waitpid(child, &status, 0);
	check(status == 0, "calls from another process: EIO");
}

/* A call that failed for want of a descriptor can be made again. */
static void test_no_descriptors(const struct machine *m)
{
	struct rlimit old, none;

	getrlimit(RLIMIT_NOFILE, &old);
	none = old;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
	want(-EMFILE, call(m->vm, KVM_CREATE_VCPU, 3));
	want(-EMFILE, call(m->system, KVM_CREATE_VM, 0));
	setrlimit(RLIMIT_NOFILE, &old);
	check(call(m->vm, KVM_CREATE_VCPU, 3) >= 0,
	      "vCPU 3 after the descriptors ran out");
}

/* The process that created the VM goes while another holds a descriptor. */
static void test_orphan(void)
{
	int pipe_fd[2];
	pid_t child;

	if (pipe(pipe_fd))
		return;
	child = fork();
	if (!child) {
		struct machine m = machine_open();

		if (!fork()) {
			/* until the creator has gone: our pipe end tells */
			sleep(1);
			bool good = call(m.vcpu, KVM_RUN, 0) == -EIO;

			close(m.vcpu);
			close(m.vm);
			if (write(pipe_fd[1], &good, 1) != 1)
				_exit(1);
		}
		_exit(0);
	}
	waitpid(child, NULL, 0);
	bool good = false;

	check(read(pipe_fd[0], &good, 1) == 1 && good,
	      "a VM outlives its creator, and goes");
	close(pipe_fd[0]);
	close(pipe_fd[1]);
}

void test_descriptors(void)
{
	struct machine m = machine_open();

	want(-EEXIST, call(m.vm, KVM_CREATE_VCPU, 0));
	want(-EINVAL, call(m.vm, KVM_CREATE_VCPU, 16384));
	want(-EINVAL, call(m.vm, KVM_CREATE_VCPU, 1UL << 32));
	check(call(m.vm, KVM_CREATE_VCPU, 16383) >= 0, "vCPU 16383");
	check(fcntl(m.vm, F_GETFD) & FD_CLOEXEC &&
	      fcntl(m.vcpu, F_GETFD) & FD_CLOEXEC, "closed on exec");
	test_other_mm(&m);
	test_no_descriptors(&m);
	close(m.vm);
	want(0, interrupt(m.vcpu, KVM_INTERRUPT_UNSET));	/* holds the VM */
	m.vm = -1;
	machine_close(&m);
	test_orphan();
}

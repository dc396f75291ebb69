/* SPDX-License-Identifier: GPL-2.0-only */
/* The small VMM: one machine, its memory slots and its vCPUs. */
#ifndef NHV_VMM_H
#define NHV_VMM_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/kvm.h>
#include <asm/kvm.h>

#include "../guest/include/ask.h"

#define MAX_CPUS	64
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Exit statuses of the VMM that are not the guest's own. */
#define STATUS_USAGE	120
#define STATUS_BROKEN	121	/* the kernel or a file refused something */
#define STATUS_ENTRY	122	/* KVM_EXIT_FAIL_ENTRY, INTERNAL_ERROR, ... */
#define STATUS_STUCK	123	/* a vCPU does not leave KVM_RUN when told to */
#define STATUS_TIMEOUT	124
#define STATUS_SKIP	4	/* what the test needs is not there */

#define MSR_SF	(1UL << 63)
#define MSR_EE	(1UL << 15)
#define MSR_ME	(1UL << 12)
#define MSR_LE	1UL
#define LPCR_ILE	0x02000000UL
#define LPCR_AIL	0x01800000UL
#define LPCR_AIL_SHIFT	23
#define LPCR_LD		0x00020000UL

#define KVM_REG_ID(size, low)	(KVM_REG_PPC | KVM_REG_SIZE_##size | (low))

struct options {
	const char *device;
	const char *payload, *kernel, *initrd;
	const char *args;		/* /chosen/bootargs */
	const char *backing;		/* of RAM */
	const char *extra_backing;	/* of the second slot */
	const char *noise;		/* what other threads do meanwhile */
	const char *bear;		/* registers that L0 may lose */
	const char *console;		/* where the guest's console goes */
	uint64_t mem, extra;
	unsigned int cpus, threads;
	unsigned int timeout, stop_after;
	unsigned int cycles;
	uint64_t seed;
	bool stats, verbose, quiet;
	bool nested;			/* KVM_CAP_PPC_NESTED_HV */
};

struct slot {
	uint64_t real, size;
	uint32_t flags;
	bool present;
	char *host;
	int memfd;	/* -1: anonymous */
	uint64_t *log;	/* what KVM_GET_DIRTY_LOG returned last */
	uint64_t log_size;
};

struct machine;

struct vcpu {
	struct machine *m;
	unsigned int index;	/* its KVM id and its number in the device tree */
	int fd;
	struct kvm_run *run;
	size_t run_size;
	pthread_t thread;
	bool created;		/* there is a thread */
	bool started;		/* started and not stopped yet; under m->lock */
	bool start;		/* a start that its thread has not seen; likewise */
	bool stop;		/* its own stop-self; only its thread looks */
	bool inside;		/* in KVM_RUN, or handling what came out of it */
	uint64_t start_pc, start_r3, start_r4;
	/* XICS presentation, under m->xics_lock */
	uint8_t cppr, mfrr;
	bool line;
	/* counted by its own thread alone */
	unsigned long exits[64], hcalls, eintr;
};

struct machine {
	struct options *o;
	int sys, vm;
	struct slot slots[2];
	struct vcpu cpu[MAX_CPUS];
	unsigned int cpus;
	uint64_t fdt, entry, base, rtas, initrd, initrd_end;

	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool done;		/* under lock; also read without it */
	bool reboot;
	bool paused;		/* no vCPU goes into KVM_RUN; under lock */
	int status;
	uint64_t ail;		/* what H_SET_MODE asked for */
	uint64_t stop_word;	/* real address, 0: none */

	pthread_mutex_t ask_lock;
	pthread_mutex_t xics_lock;
	int event;		/* eventfd of ASK_EVENT_ADD, -1: none */
};

static inline uint64_t timebase(void)
{
	uint64_t now;

	asm volatile("mfspr %0,268" : "=r"(now) : : "memory");
	return now;
}

/* kvm.c: the ioctls */
int open_device(const char *path);
int one_reg(int vcpu, bool set, uint64_t id, void *value);
uint64_t get_reg64(struct vcpu *v, uint64_t id);
void set_reg64(struct vcpu *v, uint64_t id, uint64_t value);
void kvm_interrupt(struct vcpu *v, bool level);
int enable_cap(int fd, uint32_t cap, uint64_t arg0, uint64_t arg1);
int check_cap(int fd, long cap);
void must(long ret, const char *what);
__attribute__((noreturn, format(printf, 2, 3)))
void die(int status, const char *fmt, ...);

/* sync.c */
int sync_registers(struct vcpu *v);

/* memory.c */
void slot_make(struct slot *s, uint64_t real, uint64_t size, const char *backing);
int slot_set(struct machine *m, unsigned int number, uint32_t flags, bool present);
int slot_log(struct machine *m, unsigned int number);
void *at(struct machine *m, uint64_t real, uint64_t size);

/* load.c */
void load_elf(struct machine *m, const char *path);
void load_initrd(struct machine *m, const char *path);

/* fdt.c */
void make_fdt(struct machine *m);

/* machine.c */
void machine_make(struct machine *m, struct options *o);
int machine_run(struct machine *m);
void machine_free(struct machine *m);
void machine_end(struct machine *m, int status);
void vcpu_make(struct vcpu *v, struct machine *m, unsigned int index);
void vcpu_start(struct vcpu *v, uint64_t pc, uint64_t r3, uint64_t r4);
void vcpu_kick(struct vcpu *v);
void empty_turns(struct vcpu *v, uint64_t turns);
void machine_pause(struct machine *m, struct vcpu *but);
void machine_resume(struct machine *m);
void print_where(struct machine *m);

/* papr.c, rtas.c, xics.c, console.c, device.c, ask.c, irqs.c, storm.c */
void papr_hcall(struct vcpu *v);
long rtas_call(struct vcpu *v, uint64_t real);
int rtas_tokens(void *fdt);
uint64_t xics_hcall(struct vcpu *v, uint64_t nr, uint64_t *args);
void xics_reset(struct vcpu *v);
void console_put(struct machine *m, const char *text, size_t length);
int console_get(char *text, size_t size);
void device_mmio(struct vcpu *v);
void *device_at(uint64_t real, uint64_t size);
long device_ask(uint64_t what, uint64_t *args);
long tce_ask(struct machine *m, uint64_t what, uint64_t *args);
long ask(struct vcpu *v, uint64_t *args);
long irq_train(struct vcpu *v, uint64_t real, uint64_t count);
long storm(struct vcpu *v, uint64_t rounds, uint64_t pages, uint64_t *args);
bool storm_mmio(struct vcpu *v);

/* noise.c */
void noise_start(const char *what);
int noise_end(void);
extern bool noise_self;
int run_with_registers(struct vcpu *v);

/* modes without a guest program: each returns the exit status */
int one_reg_test(struct options *o);
int api_test(struct options *o);
int fuzz_ioctl(struct options *o, unsigned int seconds);
int cycles(struct options *o);
int many(struct options *o);

#endif

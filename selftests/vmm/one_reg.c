// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every register of KVM_GET/SET_ONE_REG keeps what is stored, also while
 * another vCPU is given other values, and after the guest has run for a while
 * on an instruction that changes nothing.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmm.h"
#include "tap.h"

#define ALL	(~0UL)

enum when { KEEP, MOVES, PMU, P9, P10 };

struct reg {
	char name[16];
	uint64_t id, mask, fixed;
	enum when when;
};

#define MAX_REGS 256
static struct reg regs[MAX_REGS];
static unsigned int reg_count;

static const struct reg named[] = {
#define REG(name, low, size, mask, fixed, when) \
	{ #name, KVM_REG_ID(size, low), mask, fixed, when },
#include "one_reg.def"
};

static void add_row_of(const char *name, unsigned int low)
{
	for (unsigned int n = 0; n < 32; n++) {
		struct reg *r = &regs[reg_count++];

		snprintf(r->name, sizeof(r->name), "%s%u", name, n);
		r->id = KVM_REG_ID(U128, low + n);
		r->mask = ALL;
	}
}

static void make_table(uint32_t pvr)
{
	bool p9 = pvr >> 16 == 0x4e;

	for (size_t i = 0; i < ARRAY_SIZE(named); i++) {
		if (named[i].when == P9 && !p9)
			continue;
		if (named[i].when == P10 && p9)
			continue;
		regs[reg_count++] = named[i];
	}
	add_row_of("VR", 0x40);
	add_row_of("VSR", 0x60);
}

static uint64_t mixed(uint64_t x)
{
	x = (x + 1) * 0x9e3779b97f4a7c15UL;
	x ^= x >> 29;
	return x * 0xbf58476d1ce4e5b9UL;
}

/* What register r has in round n; two words, the second for U128 alone. */
static void pattern(const struct reg *r, unsigned int round, uint64_t *value)
{
	value[0] = (mixed(r->id ^ round * 977) & r->mask) | r->fixed;
	value[1] = mixed(r->id + round * 31337);
	if ((r->id & KVM_REG_SIZE_MASK) == KVM_REG_SIZE_U32)
		value[0] &= 0xffffffff;
	if ((r->id & KVM_REG_SIZE_MASK) != KVM_REG_SIZE_U128)
		value[1] = 0;
}

static void set_all(struct vcpu *v, unsigned int round)
{
	for (unsigned int i = 0; i < reg_count; i++) {
		uint64_t value[2];

		pattern(&regs[i], round, value);
		one_reg(v->fd, true, regs[i].id, value);
	}
}

static bool same(struct vcpu *v, const struct reg *r, unsigned int round)
{
	uint64_t is[2] = { 0, 0 }, want[2];

	pattern(r, round, want);
	if (one_reg(v->fd, false, r->id, is)) {
		remark("vcpu %u: get %s: %s", v->index, r->name, strerror(errno));
		return false;
	}
	if (is[0] == want[0] && is[1] == want[1])
		return true;
	remark("vcpu %u: %s is %lx %lx, not %lx %lx", v->index, r->name, is[0], is[1],
	       want[0], want[1]);
	return false;
}

static void round_trip(struct machine *m, const struct reg *r)
{
	bool ok = true;

	for (unsigned int round = 0; round < 4; round++) {
		uint64_t value[2];

		for (unsigned int c = 0; c < m->cpus; c++) {
			pattern(r, round * 2 + c, value);
			if (one_reg(m->cpu[c].fd, true, r->id, value)) {
				remark("set %s: %s", r->name, strerror(errno));
				ok = false;
			}
		}
		for (unsigned int c = 0; c < m->cpus; c++)
			ok &= same(&m->cpu[c], r, round * 2 + c);
	}
	tap(ok, "%s keeps its value", r->name);
}

/* All set at once, one after the other, none disturbs another. */
static void together(struct machine *m)
{
	bool ok = true;

	for (unsigned int c = 0; c < m->cpus; c++)
		set_all(&m->cpu[c], 20 + c);
	for (unsigned int c = 0; c < m->cpus; c++)
		for (unsigned int i = 0; i < reg_count; i++)
			ok &= same(&m->cpu[c], &regs[i], 20 + c);
	tap(ok, "all registers together");
}

static atomic_bool kicking;

/* Two kicks are one where the first has yet to arrive, so how many is not known. */
static void *kicker(void *arg)
{
	struct vcpu *v = arg;

	while (kicking) {
		usleep(3000);
		vcpu_kick(v);
	}
	return NULL;
}

/* The guest runs "b ." in real mode until it has been kicked three times. */
static bool run_a_while(struct vcpu *v)
{
	struct kvm_regs r = { .pc = 0x1000, .msr = MSR_SF | MSR_ME | MSR_LE };
	uint64_t dec = ALL >> 9;
	pthread_t thread;
	int eintr = 0;

	*(uint32_t *)at(v->m, 0x1000, 4) = 0x48000000;
	must(ioctl(v->fd, KVM_SET_REGS, &r), "KVM_SET_REGS");
	one_reg(v->fd, true, KVM_REG_PPC_DEC_EXPIRY, &dec);
	v->thread = pthread_self();
	kicking = true;
	must(-pthread_create(&thread, NULL, kicker, v), "pthread_create");
	while (eintr < 3) {
		if (!ioctl(v->fd, KVM_RUN, 0) || errno != EINTR)
			break;
		v->run->immediate_exit = 0;
		eintr++;
	}
	kicking = false;
	pthread_join(thread, NULL);
	v->run->immediate_exit = 0;
	must(ioctl(v->fd, KVM_GET_REGS, &r), "KVM_GET_REGS");
	if (eintr < 3 || r.pc != 0x1000)
		remark("vcpu %u: exit %u, pc %lx", v->index, v->run->exit_reason,
		       (long)r.pc);
	return eintr == 3 && r.pc == 0x1000;
}

/* What a thread finds that is made now: DSCR, and whether it may use TAR. */
static void *newborn(void *arg)
{
	uint64_t *found = arg;

	asm volatile("mtspr 815,%1; mfspr %0,3" : "=r"(*found) : "r"(0UL) : "memory");
	return NULL;
}

/*
 * clone() hands on what the thread's structure has, which after KVM_RUN must be
 * the VMM's: with the guest's FSCR the new thread would die of SIGILL.
 */
static void clone_after_run(struct vcpu *v)
{
	uint64_t fscr = get_reg64(v, KVM_REG_PPC_FSCR), found[2];
	pthread_t thread;

	newborn(&found[0]);
	set_reg64(v, KVM_REG_PPC_FSCR, 0);
	set_reg64(v, KVM_REG_PPC_DSCR, ~found[0] & 0x1ff);
	tap(run_a_while(v), "a guest without facilities runs");
	must(-pthread_create(&thread, NULL, newborn, &found[1]), "pthread_create");
	pthread_join(thread, NULL);
	tap(found[0] == found[1], "a new thread has the VMM's DSCR and FSCR");
	set_reg64(v, KVM_REG_PPC_FSCR, fscr);
}

/* --bear: registers that the level below loses while a guest runs. */
static bool borne(const struct machine *m, const struct reg *r)
{
	return m->o->bear && strstr(m->o->bear, r->name);
}

/* Both run in turn on the same thread, so values could also be mixed up. */
static void over_a_run(struct machine *m)
{
	bool ran = true, ok = true, pmu = true, vscr = true;

	for (unsigned int c = 0; c < m->cpus; c++)
		set_all(&m->cpu[c], 30 + c);
	for (unsigned int c = 0; c < m->cpus; c++)
		ran &= run_a_while(&m->cpu[c]);
	tap(ran, "the guest runs with these registers");
	for (unsigned int c = 0; c < m->cpus; c++) {
		for (unsigned int i = 0; i < reg_count; i++) {
			if (borne(m, &regs[i]))
				continue;
			if (regs[i].id == KVM_REG_PPC_VSCR)
				vscr &= same(&m->cpu[c], &regs[i], 30 + c);
			else if (regs[i].when == KEEP || regs[i].when == P9)
				ok &= same(&m->cpu[c], &regs[i], 30 + c);
			if (regs[i].when == PMU)
				pmu &= same(&m->cpu[c], &regs[i], 30 + c);
		}
	}
	tap(ok, "registers after a run");
	/* On its own: the in-tree module reads another word of the vector here. */
	tap(vscr, "VSCR after a run");
	tap(pmu, "frozen PMU registers after a run");
}

static bool set_gives(struct vcpu *v, uint64_t id, uint64_t value, uint64_t want)
{
	uint64_t is = 0;

	if (one_reg(v->fd, true, id, &value) || one_reg(v->fd, false, id, &is)) {
		remark("%lx: %s", id, strerror(errno));
		return false;
	}
	if (is != want)
		remark("%lx is %lx, not %lx", id, is, want);
	return is == want;
}

static bool refused(struct vcpu *v, uint64_t id, uint64_t value, uint64_t value2)
{
	uint64_t block[2] = { value, value2 };
	int ret = one_reg(v->fd, true, id, block);

	if (!ret)
		remark("%lx takes %lx %lx", id, value, value2);
	else if (errno != EINVAL)
		remark("%lx: %s", id, strerror(errno));
	return ret && errno == EINVAL;
}

static void lpcr(struct vcpu *v)
{
	uint64_t writable = 7UL << 52 | LPCR_ILE | LPCR_AIL | LPCR_LD;
	uint64_t was = get_reg64(v, KVM_REG_PPC_LPCR_64), other = was & ~writable;

	tap(set_gives(v, KVM_REG_PPC_LPCR_64, was | LPCR_ILE, was | LPCR_ILE) &&
	    set_gives(v, KVM_REG_PPC_LPCR_64, was & ~LPCR_ILE, was & ~LPCR_ILE) &&
	    set_gives(v, KVM_REG_PPC_LPCR_64, was | LPCR_LD, was | LPCR_LD) &&
	    set_gives(v, KVM_REG_PPC_LPCR_64, other | LPCR_AIL, other | LPCR_AIL),
	    "LPCR: ILE, LD and AIL 3 can be set");
	tap(set_gives(v, KVM_REG_PPC_LPCR_64, ~(writable | 0x200), other) &&
	    set_gives(v, KVM_REG_PPC_LPCR_64, 0, other),
	    "LPCR: the other bits stay");
	tap(set_gives(v, KVM_REG_PPC_LPCR_64, 1UL << LPCR_AIL_SHIFT, other) &&
	    set_gives(v, KVM_REG_PPC_LPCR_64, 2UL << LPCR_AIL_SHIFT, other),
	    "LPCR: AIL 1 and 2 become 0");
	set_reg64(v, KVM_REG_PPC_LPCR_64, was);
}

static void tb_offset(struct vcpu *v)
{
	const uint64_t id = KVM_REG_PPC_TB_OFFSET, step = 1UL << 24;
	uint64_t was = get_reg64(v, id);

	tap(set_gives(v, id, 5 * step, 5 * step) && set_gives(v, id, 5 * step + 1, 6 * step) &&
	    set_gives(v, id, -step, -step) && set_gives(v, id, was, was),
	    "TB_OFFSET is rounded up to 2^24");
}

static void compat(struct vcpu *v)
{
	const uint64_t id = KVM_REG_PPC_ARCH_COMPAT;

	tap(set_gives(v, id, 0x0f000005, 0x0f000005) && set_gives(v, id, 0, 0),
	    "ARCH_COMPAT takes 3.00 and none");
	tap(refused(v, id, 0x0f00ffff, 0), "ARCH_COMPAT refuses what is not known");
}

static void vpa(struct vcpu *v)
{
	uint64_t block[2] = { 0, 0 }, is[2] = { 0, 0 };
	bool ok;

	tap(refused(v, KVM_REG_PPC_VPA_SLB, 0x20000, 0x100) &&
	    refused(v, KVM_REG_PPC_VPA_DTL, 0x20000, 0x1000),
	    "VPA_SLB and VPA_DTL need VPA_ADDR first");
	tap(set_gives(v, KVM_REG_PPC_VPA_ADDR, 0x20000, 0x20000), "VPA_ADDR");
	block[0] = 0x24000;
	block[1] = 0x1000;
	ok = !one_reg(v->fd, true, KVM_REG_PPC_VPA_DTL, block) &&
	     !one_reg(v->fd, false, KVM_REG_PPC_VPA_DTL, is) && is[0] == block[0];
	tap(ok, "VPA_DTL");
	ok = !one_reg(v->fd, true, KVM_REG_PPC_VPA_SLB, block) &&
	     !one_reg(v->fd, false, KVM_REG_PPC_VPA_SLB, is) && is[0] == block[0];
	tap(ok, "VPA_SLB");
	block[0] = block[1] = 0;
	ok = !one_reg(v->fd, true, KVM_REG_PPC_VPA_SLB, block) &&
	     !one_reg(v->fd, true, KVM_REG_PPC_VPA_DTL, block) &&
	     set_gives(v, KVM_REG_PPC_VPA_ADDR, 0, 0);
	tap(ok, "VPA_*: 0 takes the registration back");
}

static void others(struct vcpu *v)
{
	uint64_t value[2] = { 1, 0 };

	tap(!one_reg(v->fd, false, KVM_REG_PPC_DEBUG_INST, value) && value[0],
	    "DEBUG_INST can be read");
	value[0] = 1;
	tap(!one_reg(v->fd, true, KVM_REG_PPC_ONLINE, value), "ONLINE can be set");
	tap(set_gives(v, KVM_REG_PPC_DEC_EXPIRY, 1UL << 50, 1UL << 50), "DEC_EXPIRY");
	tap(refused(v, KVM_REG_ID(U64, 0xfff), 0, 0), "an unknown register is refused");
	tap(refused(v, KVM_REG_ID(U64, 0x01), 8, 0), "HIOR is 0");
	tap(one_reg(v->fd, true, KVM_REG_PPC_TAR, NULL) && errno == EFAULT &&
	    one_reg(v->fd, false, KVM_REG_PPC_TAR, NULL) && errno == EFAULT,
	    "a bad pointer is EFAULT");
}

/* KVM_GET/SET_REGS has its own set. */
#define FIELD(f) { #f, offsetof(struct kvm_regs, f) }
static const struct {
	const char *name;
	size_t offset;
} fields[] = {
	FIELD(pc), FIELD(cr), FIELD(ctr), FIELD(lr), FIELD(xer), FIELD(msr), FIELD(srr0),
	FIELD(srr1), FIELD(sprg0), FIELD(sprg1), FIELD(sprg2), FIELD(sprg3),
};

static void plain_regs(struct vcpu *v)
{
	struct kvm_regs set, is;

	for (size_t i = 0; i < sizeof(set) / 8; i++)
		((uint64_t *)&set)[i] = mixed(i);
	set.msr = MSR_SF | MSR_ME | MSR_LE | MSR_EE;
	set.cr &= 0xffffffff;
	set.xer &= 0xe00c007f;
	set.pid &= 0xfffff;
	set.pc &= ~3UL;
	set_reg64(v, KVM_REG_PPC_PID, 77);
	must(ioctl(v->fd, KVM_SET_REGS, &set), "KVM_SET_REGS");
	must(ioctl(v->fd, KVM_GET_REGS, &is), "KVM_GET_REGS");
	/* QEMU's is not the radix process id: it must not get there. */
	tap(get_reg64(v, KVM_REG_PPC_PID) == 77, "KVM_SET_REGS leaves PID alone");
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		uint64_t want = *(uint64_t *)((char *)&set + fields[i].offset);
		uint64_t got = *(uint64_t *)((char *)&is + fields[i].offset);

		tap(got == want, "KVM_SET_REGS: %s", fields[i].name);
		if (got != want)
			remark("%s is %lx, not %lx", fields[i].name, got, want);
	}
	tap(!memcmp(is.gpr, set.gpr, sizeof(is.gpr)), "KVM_SET_REGS: gpr");
}

static void sregs(struct vcpu *v)
{
	struct kvm_sregs s;
	uint32_t pvr;

	must(ioctl(v->fd, KVM_GET_SREGS, &s), "KVM_GET_SREGS");
	pvr = s.pvr;
	tap(pvr >> 16, "KVM_GET_SREGS has a PVR (%x)", pvr);
	tap(!ioctl(v->fd, KVM_SET_SREGS, &s), "KVM_SET_SREGS takes it back");
	s.pvr ^= 0x10000;
	tap(ioctl(v->fd, KVM_SET_SREGS, &s) && errno == EINVAL, "and no other");
}

int one_reg_test(struct options *o)
{
	static struct machine m;
	struct kvm_sregs s;

	o->cpus = 2;
	machine_make(&m, o);
	must(ioctl(m.cpu[0].fd, KVM_GET_SREGS, &s), "KVM_GET_SREGS");
	make_table(s.pvr);
	tap_begin();
	for (unsigned int i = 0; i < reg_count; i++)
		round_trip(&m, &regs[i]);
	together(&m);
	over_a_run(&m);
	clone_after_run(&m.cpu[0]);
	lpcr(&m.cpu[0]);
	tb_offset(&m.cpu[0]);
	compat(&m.cpu[0]);
	vpa(&m.cpu[1]);
	others(&m.cpu[0]);
	plain_regs(&m.cpu[0]);
	sregs(&m.cpu[0]);
	return tap_end();
}

// SPDX-License-Identifier: GPL-2.0-only
/* What payloads ask of the VMM in the middle of a test (H_TEST_ASK). */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmm.h"

typedef long ask_fn(struct vcpu *v, uint64_t what, uint64_t *args);

/* An errno as a payload wants it. */
static long result(int ret)
{
	return ret < 0 ? -errno : ret;
}

/*
 * Another vCPU's registers wait until it leaves KVM_RUN, so a payload asks
 * for its own or for those of a vCPU that has not been started.
 */
static long ask_one_reg(struct vcpu *v, uint64_t what, uint64_t *args)
{
	void *value = at(v->m, args[1], 16);

	if (!value || args[2] >= v->m->cpus)
		return -EFAULT;
	return result(one_reg(v->m->cpu[args[2]].fd, what == ASK_ONE_REG_SET,
			      args[0], value));
}

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static int advice(uint64_t what)
{
	switch (what) {
	case ASK_POPULATE:
		return MADV_POPULATE_WRITE;
	case ASK_REMOVE:
		return MADV_REMOVE;
	}
	return MADV_DONTNEED;
}

/* Answers with the ticks of the timebase that it took. */
static long ask_madvise(struct vcpu *v, uint64_t what, uint64_t *args)
{
	void *p = at(v->m, args[0], args[1]);
	uint64_t start = timebase();

	if (!p)
		return -EFAULT;
	if (madvise(p, args[1], advice(what)))
		return -errno;
	args[0] = timebase() - start;
	return 0;
}

static long ask_sync(struct vcpu *v, uint64_t what, uint64_t *args)
{
	uint64_t start = timebase();

	if (sync_registers(v))
		return -errno;
	args[0] = timebase() - start;
	return 0;
}

static struct slot *slot_of(struct vcpu *v, uint64_t number)
{
	if (number >= ARRAY_SIZE(v->m->slots) || !v->m->slots[number].host)
		return NULL;
	return &v->m->slots[number];
}

static long ask_slot(struct vcpu *v, uint64_t what, uint64_t *args)
{
	if (!slot_of(v, args[0]))
		return -ENOENT;
	return result(slot_set(v->m, args[0], what == ASK_SLOT_ADD ? args[1] : 0,
			       what == ASK_SLOT_ADD));
}

static long ask_dirty(struct vcpu *v, uint64_t what, uint64_t *args)
{
	struct slot *s = slot_of(v, args[0]);
	uint64_t pages = 0, first = ~0UL, last = 0;

	if (!s)
		return -ENOENT;
	if (slot_log(v->m, args[0]))
		return -errno;
	for (uint64_t page = 0; page < s->size / getpagesize(); page++) {
		if (!(s->log[page / 64] >> (page % 64) & 1))
			continue;
		pages++;
		last = page;
		if (first == ~0UL)
			first = page;
	}
	args[0] = pages;
	if (what == ASK_DIRTY_FIRST) {
		args[0] = first;
		args[1] = last;
	}
	return 0;
}

static long ask_event(struct vcpu *v, uint64_t what, uint64_t *args)
{
	struct kvm_ioeventfd e = {
		.addr = args[0],
		.len = args[1],
		.datamatch = args[2],
		.flags = args[3] | (what == ASK_EVENT_DEL ? KVM_IOEVENTFD_FLAG_DEASSIGN : 0),
	};

	if (v->m->event < 0)
		v->m->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	e.fd = v->m->event;
	return result(ioctl(v->m->vm, KVM_IOEVENTFD, &e));
}

static long ask_event_count(struct vcpu *v, uint64_t what, uint64_t *args)
{
	uint64_t count = 0;

	if (v->m->event >= 0 && read(v->m->event, &count, 8) != 8)
		count = 0;
	args[0] = count;
	return 0;
}

static long ask_irq(struct vcpu *v, uint64_t what, uint64_t *args)
{
	if (args[0] >= v->m->cpus)
		return -EINVAL;
	kvm_interrupt(&v->m->cpu[args[0]], args[1]);
	return 0;
}

/* Something that a thread of its own does after a while. */
struct later {
	struct vcpu *v;
	uint64_t what, after;
};

static void *later_thread(void *arg)
{
	struct later *l = arg;

	usleep(l->after);
	if (l->what == ASK_IRQ_LATER)
		kvm_interrupt(l->v, true);
	else
		vcpu_kick(l->v);
	free(l);
	return NULL;
}

static long ask_later(struct vcpu *v, uint64_t what, uint64_t *args)
{
	struct later *l;
	pthread_t thread;

	if (args[0] >= v->m->cpus)
		return -EINVAL;
	l = malloc(sizeof(*l));
	*l = (struct later){ &v->m->cpu[args[0]], what, args[1] };
	must(-pthread_create(&thread, NULL, later_thread, l), "pthread_create");
	pthread_detach(thread);
	return 0;
}

static long ask_irq_train(struct vcpu *v, uint64_t what, uint64_t *args)
{
	if (args[0] >= v->m->cpus)
		return -EINVAL;
	return irq_train(&v->m->cpu[args[0]], args[1], args[2]);
}

static long ask_sleep(struct vcpu *v, uint64_t what, uint64_t *args)
{
	usleep(args[0]);
	return 0;
}

static long ask_device(struct vcpu *v, uint64_t what, uint64_t *args)
{
	return device_ask(what, args);
}

static long ask_tce(struct vcpu *v, uint64_t what, uint64_t *args)
{
	return tce_ask(v->m, what, args);
}

static long ask_stop_word(struct vcpu *v, uint64_t what, uint64_t *args)
{
	v->m->stop_word = args[0];
	return 0;
}

/* What a VMM does around a migration: everything out, and in again. */
static long ask_suspend(struct vcpu *v, uint64_t what, uint64_t *args)
{
	struct kvm_regs regs;
	struct kvm_sregs sregs;

	if (ioctl(v->fd, KVM_GET_REGS, &regs) || ioctl(v->fd, KVM_GET_SREGS, &sregs))
		return -errno;
	return result(ioctl(v->fd, KVM_SET_SREGS, &sregs) ?:
		      ioctl(v->fd, KVM_SET_REGS, &regs));
}

static long ask_storm(struct vcpu *v, uint64_t what, uint64_t *args)
{
	return storm(v, args[0], args[1], args);
}

/* The sum of the lines "NAME VALUE" in file. */
static long count_in(const char *path, const char *name, uint64_t *sum)
{
	FILE *file = fopen(path, "re");
	char line[128], is[64];
	unsigned long value;
	long ret = -ENOENT;

	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63s %lu", is, &value) == 2 && !strcmp(is, name)) {
			*sum += value;
			ret = 0;
		}
	}
	fclose(file);
	return ret;
}

static long ask_exits(struct vcpu *v, uint64_t what, uint64_t *args)
{
	FILE *file;

	args[0] = 0;
	if (!count_in("/sys/kernel/debug/nhv/stats", "sum_exits", &args[0]))
		return 0;
	file = fopen("/sys/kernel/debug/kvm/sum_exits", "re");
	if (!file || fscanf(file, "%lu", &args[0]) != 1)
		args[0] = ~0UL;
	if (file)
		fclose(file);
	return args[0] == ~0UL ? -ENOENT : 0;
}

static long ask_invalidations(struct vcpu *v, uint64_t what, uint64_t *args)
{
	static const char * const names[] = {
		"batch_pages", "batch_all", "batch_walk_cache",
	};
	uint64_t sum = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (count_in("/sys/kernel/debug/nhv/stats", names[i], &sum))
			return -ENOENT;
	args[0] = sum;
	return 0;
}

static long ask_empty_turns(struct vcpu *v, uint64_t what, uint64_t *args)
{
	uint64_t start = timebase();

	empty_turns(v, args[0]);
	args[0] = timebase() - start;
	return 0;
}

static const struct {
	ask_fn *answer;
	bool unlocked;	/* may take long, and touches nothing shared */
} asks[ASK_NR] = {
	[ASK_ONE_REG_GET]	= { ask_one_reg },
	[ASK_ONE_REG_SET]	= { ask_one_reg },
	[ASK_DONTNEED]		= { ask_madvise },
	[ASK_POPULATE]		= { ask_madvise },
	[ASK_REMOVE]		= { ask_madvise },
	[ASK_SYNC]		= { ask_sync },
	[ASK_SLOT_DELETE]	= { ask_slot },
	[ASK_SLOT_ADD]		= { ask_slot },
	[ASK_DIRTY_PAGES]	= { ask_dirty },
	[ASK_DIRTY_FIRST]	= { ask_dirty },
	[ASK_EVENT_ADD]		= { ask_event },
	[ASK_EVENT_DEL]		= { ask_event },
	[ASK_EVENT_COUNT]	= { ask_event_count },
	[ASK_IRQ]		= { ask_irq },
	[ASK_IRQ_LATER]		= { ask_later },
	[ASK_PROD_LATER]	= { ask_later },
	[ASK_SLEEP]		= { ask_sleep, true },
	[ASK_DEVICE_FILL]	= { ask_device },
	[ASK_DEVICE_READ]	= { ask_device },
	[ASK_DEVICE_LOG]	= { ask_device },
	[ASK_STOP_WORD]		= { ask_stop_word },
	[ASK_SUSPEND]		= { ask_suspend },
	[ASK_STORM]		= { ask_storm, true },
	[ASK_EXITS]		= { ask_exits },
	[ASK_INVALIDATIONS]	= { ask_invalidations },
	[ASK_EMPTY_TURNS]	= { ask_empty_turns },
	[ASK_TCE_MAKE]		= { ask_tce },
	[ASK_TCE_GET]		= { ask_tce },
	[ASK_TCE_SET]		= { ask_tce },
	[ASK_TCE_END]		= { ask_tce },
	[ASK_IRQ_TRAIN]		= { ask_irq_train },
};

/* args[0] says what; its arguments follow, and results take its place. */
long ask(struct vcpu *v, uint64_t *args)
{
	uint64_t what = args[0];
	long ret;

	if (what >= ASK_NR || !asks[what].answer)
		return -ENOSYS;
	memmove(args, args + 1, 8 * sizeof(*args));
	if (asks[what].unlocked)
		return asks[what].answer(v, what, args);
	pthread_mutex_lock(&v->m->ask_lock);
	ret = asks[what].answer(v, what, args);
	pthread_mutex_unlock(&v->m->ask_lock);
	return ret;
}

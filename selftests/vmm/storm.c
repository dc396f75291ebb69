// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory taken from under vCPUs that store all the time without an exit.
 *
 * A vCPU stores 1, 2, 3, ... to the same word of each page of the second slot,
 * one page after the other.  So from the value of the last store follows what
 * each page has to hold.  Meanwhile, over and over:
 *  - the dirty log is read and the pages it names are copied, as a migration
 *    does; after the last round the copy has to be the memory;
 *  - the slot is deleted: once that has returned no store may reach the memory,
 *    and none may be missing that came before the one that did not;
 *  - the host puts other memory in the place (memfd backing): no store may reach
 *    the old memory any more.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmm.h"

#define SLOT	1
#define GRANULE	4096UL

static struct {
	bool active;
	uint64_t pages;		/* that are stored to, of GRANULE each */
	uint64_t waits;		/* stores that found no slot */
	uint64_t last;		/* value of such a store, 0: none waits */
	unsigned int last_cpu;
	unsigned int bad;
} state;

static void complain(const char *what, uint64_t page, uint64_t is, uint64_t want)
{
	if (state.bad++ < 10)
		printf("# storm: %s: page %lu holds %lu, not %lu\n", what, page, is, want);
}

/* Where the vCPU stores in a page. */
static uint64_t *word_at(char *host, uint64_t page, unsigned int cpu)
{
	return (uint64_t *)(host + page * GRANULE + cpu * 64);
}

/*
 * A store or load that found no slot waits until there is one again, and is
 * then done here.
 */
bool storm_mmio(struct vcpu *v)
{
	struct machine *m = v->m;
	struct slot *s = &m->slots[SLOT];
	uint64_t real = v->run->mmio.phys_addr;
	void *p;

	if (!state.active || real < s->real || real - s->real >= s->size)
		return false;
	pthread_mutex_lock(&m->lock);
	state.waits++;
	/* A store that was under way in an earlier round says nothing of this. */
	if (v->run->mmio.is_write && !s->present) {
		memcpy(&state.last, v->run->mmio.data, 8);
		state.last_cpu = v->index;
	}
	while (!s->present && !m->done)
		pthread_cond_wait(&m->changed, &m->lock);
	p = s->host + (real - s->real);
	if (v->run->mmio.is_write)
		memcpy(p, v->run->mmio.data, v->run->mmio.len);
	else
		memcpy(v->run->mmio.data, p, v->run->mmio.len);
	pthread_mutex_unlock(&m->lock);
	return true;
}

static void copy_dirty(struct machine *m, char *shadow)
{
	struct slot *s = &m->slots[SLOT];
	uint64_t page = getpagesize();

	must(slot_log(m, SLOT), "KVM_GET_DIRTY_LOG");
	for (uint64_t p = 0; p < s->size / page; p++)
		if (s->log[p / 64] >> (p % 64) & 1)
			memcpy(shadow + p * page, s->host + p * page, page);
}

static void compare(struct machine *m, const char *what, char *shadow, char *host)
{
	for (uint64_t p = 0; p < state.pages; p++)
		for (unsigned int c = 1; c < m->cpus; c++) {
			uint64_t is = *word_at(shadow, p, c), want = *word_at(host, p, c);

			if (is != want)
				complain(what, p, is, want);
		}
}

static void live_log(struct vcpu *v, char *shadow)
{
	struct machine *m = v->m;
	struct slot *s = &m->slots[SLOT];

	must(slot_set(m, SLOT, KVM_MEM_LOG_DIRTY_PAGES, true), "dirty log on");
	memcpy(shadow, s->host, s->size);
	for (int i = 0; i < 4; i++) {
		usleep(1000);
		copy_dirty(m, shadow);
	}
	machine_pause(m, v);
	copy_dirty(m, shadow);
	compare(m, "dirty log", shadow, s->host);
	machine_resume(m);
	must(slot_set(m, SLOT, 0, true), "dirty log off");
}

/* All stores before the one that waits must be there. */
static void look_back(struct machine *m)
{
	struct slot *s = &m->slots[SLOT];
	uint64_t last = state.last;

	for (uint64_t p = 0; last > state.pages && p < state.pages; p++) {
		uint64_t is = *word_at(s->host, p, state.last_cpu);
		uint64_t want = (last - 1) - (last - 1 - p) % state.pages;

		if (is != want)
			complain("lost store", p, is, want);
	}
}

static void delete_slot(struct vcpu *v, char *shadow)
{
	struct machine *m = v->m;
	struct slot *s = &m->slots[SLOT];

	pthread_mutex_lock(&m->lock);
	state.last = 0;
	must(slot_set(m, SLOT, 0, false), "slot deleted");
	pthread_mutex_unlock(&m->lock);
	memcpy(shadow, s->host, s->size);
	usleep(3000);
	compare(m, "store after the slot was deleted", s->host, shadow);
	pthread_mutex_lock(&m->lock);
	if (state.last && m->cpus == 2)
		look_back(m);
	must(slot_set(m, SLOT, 0, true), "slot added");
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
	/* What found no slot is done by us, unseen by the dirty log: wait for it. */
	machine_pause(m, v);
	machine_resume(m);
}

/* What the guest has not stored anew is taken over from the old memory. */
static void take_over(struct machine *m, char *old)
{
	for (uint64_t p = 0; p < state.pages; p++)
		for (unsigned int c = 1; c < m->cpus; c++)
			__sync_bool_compare_and_swap(word_at(m->slots[SLOT].host, p, c), 0,
						     *word_at(old, p, c));
}

static void replace(struct vcpu *v, char *shadow)
{
	struct slot *s = &v->m->slots[SLOT];
	int fresh = memfd_create("fresh", MFD_CLOEXEC);
	char *old;

	if (s->memfd < 0)
		goto out;
	must(ftruncate(fresh, s->size), "ftruncate");
	old = mmap(NULL, s->size, PROT_READ, MAP_SHARED, s->memfd, 0);
	must(old == MAP_FAILED ? -1 : 0, "mmap");
	must(mmap(s->host, s->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fresh, 0) ==
	     MAP_FAILED ? -1 : 0, "mmap");
	memcpy(shadow, old, s->size);
	usleep(3000);
	compare(v->m, "store to memory that was replaced", old, shadow);
	take_over(v->m, old);
	munmap(old, s->size);
	close(s->memfd);
	s->memfd = fresh;
	return;
out:
	close(fresh);
}

/* Of the vCPU that asks; the others store. */
long storm(struct vcpu *v, uint64_t rounds, uint64_t pages, uint64_t *args)
{
	struct slot *s = &v->m->slots[SLOT];
	char *shadow;

	if (!s->host || pages * GRANULE > s->size)
		return -EINVAL;
	shadow = malloc(s->size);
	memset(&state, 0, sizeof(state));
	state.pages = pages;
	state.active = true;
	for (uint64_t i = 0; i < rounds && !v->m->done && !state.bad; i++) {
		live_log(v, shadow);
		delete_slot(v, shadow);
		replace(v, shadow);
	}
	free(shadow);
	args[0] = state.bad;
	args[1] = state.waits;
	return 0;
}

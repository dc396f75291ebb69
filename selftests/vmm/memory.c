// SPDX-License-Identifier: GPL-2.0-only
/* Memory slots: their backing, their life and their dirty log. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmm.h"

#ifndef MFD_HUGE_SHIFT
#define MFD_HUGE_SHIFT 26
#endif

/*
 * How the host memory of a slot is made, by the word of the option. "plain" is what
 * a VMM does that thinks of large pages, QEMU for one: where it begins they can be.
 */
static const struct backing {
	const char *name;
	bool memfd;
	unsigned int mfd_flags;
	int advice;		/* -1: none */
	unsigned int align_shift;
	unsigned int askew;	/* bytes behind what is aligned so */
} backings[] = {
	{ "small",	false,	0, MADV_NOHUGEPAGE, 16 },
	{ "thp",	false,	0, MADV_HUGEPAGE, 21 },
	{ "askew",	false,	0, MADV_HUGEPAGE, 21, 0x10000 },
	{ "plain",	false,	0, -1, 21 },
	{ "memfd",	true,	0, -1, 16 },
	{ "huge2m",	true,	MFD_HUGETLB | 21 << MFD_HUGE_SHIFT, -1, 21 },
	{ "huge1g",	true,	MFD_HUGETLB | 30 << MFD_HUGE_SHIFT, -1, 30 },
};

static const struct backing *find_backing(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(backings); i++)
		if (!strcmp(backings[i].name, name))
			return &backings[i];
	die(STATUS_USAGE, "no backing '%s' (small, thp, askew, plain, memfd, huge2m, huge1g)", name);
}

/* Reserves an aligned place first, so that large leaves can be used. */
static char *aligned_place(uint64_t size, uint64_t align, uint64_t askew)
{
	uint64_t all = size + align + askew;
	uintptr_t start;
	char *p = mmap(NULL, all, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	must(p == MAP_FAILED ? -1 : 0, "mmap of guest memory");
	start = (((uintptr_t)p + align - 1) & ~(align - 1)) + askew;
	if (start > (uintptr_t)p)
		munmap(p, start - (uintptr_t)p);
	munmap((char *)start + size, (uintptr_t)p + all - size - start);
	return (char *)start;
}

void slot_make(struct slot *s, uint64_t real, uint64_t size, const char *name)
{
	const struct backing *b = find_backing(name);
	int flags = MAP_FIXED | (b->memfd ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS);
	char *p;

	s->real = real;
	s->size = size;
	s->memfd = -1;
	if (b->memfd) {
		s->memfd = memfd_create("guest", MFD_CLOEXEC | b->mfd_flags);
		if (s->memfd < 0 || ftruncate(s->memfd, size))
			die(STATUS_SKIP, "%s backing: %s", name, strerror(errno));
	}
	s->host = aligned_place(size, 1UL << b->align_shift, b->askew);
	p = mmap(s->host, size, PROT_READ | PROT_WRITE, flags, s->memfd, 0);
	if (p == MAP_FAILED)
		die(STATUS_SKIP, "%lu bytes of %s memory: %s", (unsigned long)size,
		    name, strerror(errno));
	if (b->advice >= 0)
		madvise(p, size, b->advice);
	s->log_size = ((size / getpagesize() + 63) / 64) * 8;
	s->log = calloc(1, s->log_size);
}

int slot_set(struct machine *m, unsigned int number, uint32_t flags, bool present)
{
	struct slot *s = &m->slots[number];
	struct kvm_userspace_memory_region r = {
		.slot = number,
		.flags = flags,
		.guest_phys_addr = s->real,
		.memory_size = present ? s->size : 0,
		.userspace_addr = (uintptr_t)s->host,
	};
	int ret = ioctl(m->vm, KVM_SET_USER_MEMORY_REGION, &r);

	if (!ret) {
		s->present = present;
		s->flags = flags;
	}
	return ret;
}

/* Fetches the dirty log of the slot into s->log. */
int slot_log(struct machine *m, unsigned int number)
{
	struct kvm_dirty_log log = {
		.slot = number,
		.dirty_bitmap = m->slots[number].log,
	};

	return ioctl(m->vm, KVM_GET_DIRTY_LOG, &log);
}

/* The host address of guest real memory, NULL where there is none. */
void *at(struct machine *m, uint64_t real, uint64_t size)
{
	for (size_t i = 0; i < ARRAY_SIZE(m->slots); i++) {
		struct slot *s = &m->slots[i];

		if (s->host && real >= s->real && size <= s->size &&
		    real - s->real <= s->size - size)
			return s->host + (real - s->real);
	}
	return NULL;
}

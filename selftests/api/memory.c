// SPDX-License-Identifier: GPL-2.0-only
/* Memory slots, the dirty log, event descriptors. */
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "api.h"

#define LOG		KVM_MEM_LOG_DIRTY_PAGES

static long region(const struct machine *m, uint32_t slot, uint32_t flags,
		   uint64_t real, uint64_t size)
{
	struct kvm_userspace_memory_region r = {
		slot, flags, real, size, (uintptr_t)m->page,
	};

	return callp(m->vm, KVM_SET_USER_MEMORY_REGION, &r);
}

static long region_at(const struct machine *m, uint64_t real, uint64_t size,
		      uint64_t host)
{
	struct kvm_userspace_memory_region r = { 9, 0, real, size, host };

	return callp(m->vm, KVM_SET_USER_MEMORY_REGION, &r);
}

static long dirty(const struct machine *m, uint32_t slot, void *bitmap)
{
	struct kvm_dirty_log log = { .slot = slot, .dirty_bitmap = bitmap };

	return callp(m->vm, KVM_GET_DIRTY_LOG, &log);
}

static void test_bad_regions(const struct machine *m)
{
	const uint64_t size = page_size, host = (uintptr_t)m->page;

	want(-EINVAL, region(m, 0, 0, 0, 0));		/* nothing to delete */
	want(-EINVAL, region(m, 512, 0, 0, size));
	want(-EINVAL, region(m, 0x10000, 0, 0, size));	/* address space 1 */
	want(-EINVAL, region(m, 0, 0x80, 0, size));
	want(-EINVAL, region(m, 0, 0, 1, size));
	want(-EINVAL, region(m, 0, 0, 0, size + 1));
	want(-EINVAL, region_at(m, 0, size, host + 1));
	want(-EINVAL, region_at(m, 0, size, 0xc000000000000000));
	want(-EINVAL, region_at(m, 0, -size, host));
	want(-EINVAL, region_at(m, -size, 2 * size, host));
	want(-EINVAL, region_at(m, 1ULL << 52, size, host));
	want(-EINVAL, region_at(m, 0, 1ULL << 52, host));
	want(-EFAULT, callp(m->vm, KVM_SET_USER_MEMORY_REGION, NULL));
}

static void test_changes(const struct machine *m)
{
	const uint64_t size = 4 * page_size;

	want(0, region(m, 0, 0, 0, size));
	want(0, region(m, 0, 0, 0, size));		/* no change */
	want(-EEXIST, region(m, 1, 0, size - page_size, size));
	want(0, region(m, 1, 0, size, size));
	want(-EEXIST, region(m, 0, 0, page_size, size)); /* move onto slot 1 */
	want(-EINVAL, region(m, 0, 0, 0, 2 * size));
	want(-EINVAL, region(m, 0, KVM_MEM_READONLY, 0, size));
	want(0, region(m, 0, 0, 16 * size, size));	/* move */
	want(0, region(m, 2, 0, 0, size));
	want(0, region(m, 1, 0, size, 0));
	want(-EINVAL, region(m, 1, 0, size, 0));
	want(0, region(m, 511, KVM_MEM_READONLY, 1ULL << 40, size));
}

static void test_dirty(const struct machine *m)
{
	uint64_t bits[2] = { ~0ULL, ~0ULL };
	const uint64_t size = 4 * page_size;

	want(-ENOENT, dirty(m, 2, bits));	/* does not log */
	want(-ENOENT, dirty(m, 100, bits));
	want(-EINVAL, dirty(m, 512, bits));
	want(0, region(m, 2, LOG, 0, size));
	want(0, dirty(m, 2, bits));
	check(bits[0] == 0 && bits[1] == ~0ULL,
	      "4 pages: 8 bytes of the bitmap are written");
	want(-EFAULT, dirty(m, 2, NULL));
	want(0, region(m, 2, 0, 0, size));
	want(-ENOENT, dirty(m, 2, bits));
}

/* As many as there can be, and one more. */
static void test_all_slots(void)
{
	struct machine m = machine_open();
	uint32_t slot, made = 0;

	for (slot = 0; slot < 512; slot++)
		made += region(&m, slot, LOG, (511 - slot) * page_size,
			       page_size) == 0;
	check(made == 512, "512 slots, from the highest address down");
	want(-EEXIST, region(&m, 0, LOG, 0, page_size));
	machine_close(&m);
}

void test_slots(void)
{
	struct machine m = machine_open();

	test_bad_regions(&m);
	test_changes(&m);
	test_dirty(&m);
	machine_close(&m);
	test_all_slots();
}

static long event(int vm, int fd, uint64_t real, uint32_t len, uint32_t flags,
		  uint64_t data)
{
	struct kvm_ioeventfd args = {
		.datamatch = data, .addr = real, .len = len, .fd = fd,
		.flags = flags,
	};

	return callp(vm, KVM_IOEVENTFD, &args);
}

#define MATCH		KVM_IOEVENTFD_FLAG_DATAMATCH
#define DEASSIGN	KVM_IOEVENTFD_FLAG_DEASSIGN
#define PIO		KVM_IOEVENTFD_FLAG_PIO
#define CCW		KVM_IOEVENTFD_FLAG_VIRTIO_CCW_NOTIFY

static void test_bad_events(int vm, int fd)
{
	want(-EINVAL, event(vm, fd, 0x1000, 3, 0, 0));
	want(-EINVAL, event(vm, fd, 0x1000, 16, 0, 0));
	want(-EINVAL, event(vm, fd, 0x1000, 0, MATCH, 0));
	want(-EINVAL, event(vm, fd, 0x1000, 2, PIO, 0));
	want(-EINVAL, event(vm, fd, 0x1000, 2, CCW, 0));
	want(-EINVAL, event(vm, fd, 0x1000, 2, 0x10, 0));
	want(-EINVAL, event(vm, fd, -1ULL, 2, 0, 0));
	want(-EBADF, event(vm, -1, 0x1000, 2, 0, 0));
	want(-EINVAL, event(vm, vm, 0x1000, 2, 0, 0));	/* no eventfd */
}

static void test_event_overlap(int vm, int fd)
{
	want(0, event(vm, fd, 0x1000, 2, MATCH, 1));
	want(0, event(vm, fd, 0x1000, 2, MATCH, 2));
	want(0, event(vm, fd, 0x1000, 4, MATCH, 1));
	want(-EEXIST, event(vm, fd, 0x1000, 2, MATCH, 1));
	want(-EEXIST, event(vm, fd, 0x1000, 2, 0, 0));
	want(-EEXIST, event(vm, fd, 0x1000, 0, 0, 0));
	want(0, event(vm, fd, 0x2000, 0, 0, 0));
	want(-EEXIST, event(vm, fd, 0x2000, 8, MATCH, 1));
	want(-ENOENT, event(vm, fd, 0x1000, 2, DEASSIGN, 0));
	want(-ENOENT, event(vm, fd, 0x1000, 2, MATCH | DEASSIGN, 3));
	want(0, event(vm, fd, 0x1000, 2, MATCH | DEASSIGN, 1));
	want(0, event(vm, fd, 0x1000, 2, MATCH, 1));
	want(0, event(vm, fd, 0x2000, 0, DEASSIGN, 0));
}

static void test_many_events(int vm, int fd)
{
	unsigned int made = 0;
	long last = 0;

	while (made < 100000 && !last) {
		last = event(vm, fd, 0x100000 + 8 * made, 8, 0, 0);
		made += !last;
	}
	check(last == -ENOSPC, "there is a limit: %u, then %ld", made, last);
}

void test_events(void)
{
	struct machine m = machine_open();
	int fd = eventfd(0, EFD_CLOEXEC);

	test_bad_events(m.vm, fd);
	test_event_overlap(m.vm, fd);
	test_many_events(m.vm, fd);
	close(fd);
	machine_close(&m);
}

// SPDX-License-Identifier: GPL-2.0-only
/* A table of TCEs that the kernel keeps (KVM_CREATE_SPAPR_TCE_64), for a payload. */
#include <errno.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmm.h"

static uint64_t *table;
static uint64_t entries;
static int fd = -1;

static long make(struct machine *m, const uint64_t *args)
{
	struct kvm_create_spapr_tce_64 create = {
		.liobn = args[0],
		.page_shift = args[1],
		.offset = args[2],
		.size = args[3],
	};
	void *map;

	if (fd >= 0)
		return -EBUSY;
	fd = ioctl(m->vm, KVM_CREATE_SPAPR_TCE_64, &create);
	if (fd < 0)
		return -errno;
	entries = create.size;
	map = mmap(NULL, entries * 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	must(map == MAP_FAILED ? -1 : 0, "mmap of a TCE table");
	table = map;
	return 0;
}

static long end(void)
{
	if (fd < 0)
		return -ENOENT;
	munmap(table, entries * 8);
	close(fd);
	fd = -1;
	return 0;
}

long tce_ask(struct machine *m, uint64_t what, uint64_t *args)
{
	if (what == ASK_TCE_MAKE)
		return make(m, args);
	if (what == ASK_TCE_END)
		return end();
	if (fd < 0 || args[0] >= entries)
		return -ENOENT;
	if (what == ASK_TCE_SET)
		__atomic_store_n(&table[args[0]], args[1], __ATOMIC_SEQ_CST);
	else
		args[0] = __atomic_load_n(&table[args[0]], __ATOMIC_SEQ_CST);
	return 0;
}

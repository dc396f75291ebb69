// SPDX-License-Identifier: GPL-2.0-only
/*
 * Slab and pages of the native build. What is freed is filled with entries that
 * look valid, poisoned for the sanitizer, and handed out again first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sanitizer/asan_interface.h>

#include <nhv/base.h>
#include "memory.h"

#define ARENA_SIZE	(256UL << 20)
#define ARENA_REAL	0x123400000000ULL
#define GRANULE		256UL
#define CLASSES		9	/* 256 bytes to 64 KiB */

struct kmem_cache {
	unsigned int size;
	unsigned int objects;
};

static u8 *arena;
static size_t arena_used;
static u8 live[ARENA_SIZE / GRANULE];	/* 1: goes on, 2: object begins, 0: none */
static u32 free_list[CLASSES][1 << 16];
static unsigned int free_count[CLASSES];
static unsigned int objects;
static int fail_after = -1;

__weak void host_freed(u64 real, size_t size)
{
	(void)real;
	(void)size;
}

__weak void host_stored(void)
{
}

__weak void host_unlocked(spinlock_t *lock)
{
	(void)lock;
}

static void __noreturn fatal(const char *what, u64 value)
{
	printf("Bail out! 0x%llx: %s\n", value, what);
	exit(1);
}

void host_lock_misused(const char *what)
{
	fatal(what, 0);
}

u64 host_pa(const void *pointer)
{
	size_t offset = (const u8 *)pointer - arena;

	if (!arena || offset >= ARENA_SIZE)
		fatal("no address of a table", (uintptr_t)pointer);
	return ARENA_REAL + offset;
}

void *host_va(u64 real)
{
	if (!arena || real - ARENA_REAL >= ARENA_SIZE)
		fatal("no real address of a table", real);
	return arena + (real - ARENA_REAL);
}

bool host_live(u64 real, size_t size)
{
	size_t first = (real - ARENA_REAL) / GRANULE;
	size_t last = (real + size - 1 - ARENA_REAL) / GRANULE;
	size_t i;

	if (real < ARENA_REAL || last >= ARENA_SIZE / GRANULE || !live[first])
		return false;
	for (i = first + 1; i <= last; i++)
		if (live[i] != 1)
			return false;
	return true;
}

u64 host_read_entry(u64 real)
{
	if (!host_live(real, sizeof(__be64)))
		fatal("the level below reads a table that is free", real);
	return be64_to_cpu(*(volatile __be64 *)host_va(real));
}

unsigned int host_objects(void)
{
	return objects;
}

void host_fail_after(int nr)
{
	fail_after = nr;
}

static unsigned int class_of(size_t size)
{
	unsigned int class = 0;

	while (GRANULE << class < size)
		class++;
	return class;
}

/* Objects are aligned to their size, as slab and page allocator promise. */
static size_t carve(size_t size)
{
	size_t offset;

	if (!arena) {
		arena = aligned_alloc(1 << 16, ARENA_SIZE);
		memset(arena, 0xff, ARENA_SIZE);
		ASAN_POISON_MEMORY_REGION(arena, ARENA_SIZE);
	}
	offset = (arena_used + size - 1) & -size;
	arena_used = offset + size;
	if (arena_used > ARENA_SIZE)
		fatal("bytes used: out of memory", offset);
	return offset;
}

static void *object_new(size_t size)
{
	unsigned int class = class_of(size);
	size_t offset;

	if (!fail_after)
		return NULL;
	if (fail_after > 0)
		fail_after--;
	if (free_count[class])
		offset = free_list[class][--free_count[class]] * GRANULE;
	else
		offset = carve(GRANULE << class);
	memset(live + offset / GRANULE, 1, (size + GRANULE - 1) / GRANULE);
	live[offset / GRANULE] = 2;
	objects++;
	ASAN_UNPOISON_MEMORY_REGION(arena + offset, size);
	return memset(arena + offset, 0, size);
}

/* How many granules there are until the next object or the end of this. */
static size_t object_size(const void *object)
{
	size_t first = (host_pa(object) - ARENA_REAL) / GRANULE, i = first + 1;

	while (i < ARENA_SIZE / GRANULE && live[i] == 1)
		i++;
	return (i - first) * GRANULE;
}

static void object_free(void *object, size_t size)
{
	u64 real = host_pa(object);
	size_t offset = real - ARENA_REAL;
	unsigned int class = class_of(size);

	if (live[offset / GRANULE] != 2)
		fatal("freed, and is no object", real);
	host_freed(real, size);
	memset(live + offset / GRANULE, 0, (size + GRANULE - 1) / GRANULE);
	ASAN_UNPOISON_MEMORY_REGION(object, size);
	memset(object, 0xff, size);
	ASAN_POISON_MEMORY_REGION(object, size);
	free_list[class][free_count[class]++] = offset / GRANULE;
	objects--;
}

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
				     unsigned int align, unsigned int flags,
				     void (*ctor)(void *object))
{
	struct kmem_cache *cache = calloc(1, sizeof(*cache));

	if (!name || !(flags & SLAB_ACCOUNT) || align > size || ctor)
		fatal("size of a cache that is not as tables need it", size);
	cache->size = size;
	return cache;
}

void kmem_cache_destroy(struct kmem_cache *cache)
{
	if (cache && cache->objects)
		fatal("objects in a cache that goes", cache->objects);
	free(cache);
}

void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t flags)
{
	void *object = object_new(cache->size);

	if (!(flags & GFP_ACCOUNT))
		fatal("flags: memory for a guest is not accounted", flags);
	cache->objects += !!object;
	return object;
}

void kmem_cache_free(struct kmem_cache *cache, void *object)
{
	object_free(object, cache->size);
	cache->objects--;
}

/* Sizes are powers of two, and so is the alignment. */
void *kzalloc(size_t size, gfp_t flags)
{
	if (!(flags & GFP_ACCOUNT))
		fatal("flags: memory for a guest is not accounted", flags);
	return object_new(size);
}

void kfree(const void *object)
{
	if (object)
		object_free((void *)object, object_size(object));
}

unsigned long __get_free_pages(gfp_t flags, unsigned int order)
{
	if (!(flags & GFP_ACCOUNT) || !(flags & __GFP_ZERO))
		fatal("flags: pages for a guest not accounted or zeroed", flags);
	return (uintptr_t)object_new(PAGE_SIZE << order);
}

void free_pages(unsigned long address, unsigned int order)
{
	if (address)
		object_free((void *)address, PAGE_SIZE << order);
}

/* ---- xarrays ------------------------------------------------------------------ */

static unsigned int xa_place(const struct xarray *xa, unsigned long index)
{
	unsigned int low = 0, high = xa->nr;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (xa->slot[middle].index < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void *host_xa_next(struct xarray *xa, unsigned long *index, unsigned long last)
{
	unsigned int place = xa_place(xa, *index);

	if (place == xa->nr || xa->slot[place].index > last)
		return NULL;
	*index = xa->slot[place].index;
	return xa->slot[place].entry;
}

void *xa_load(struct xarray *xa, unsigned long index)
{
	return host_xa_next(xa, &index, index);
}

int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t flags)
{
	unsigned int place = xa_place(xa, index);

	if (xa_load(xa, index))
		return -EBUSY;
	if (!(flags & GFP_ACCOUNT))
		fatal("flags: memory for a guest is not accounted", flags);
	if (!fail_after)
		return -ENOMEM;
	if (fail_after > 0)
		fail_after--;
	xa->slot = realloc(xa->slot, (xa->nr + 1) * sizeof(*xa->slot));
	memmove(xa->slot + place + 1, xa->slot + place,
		(xa->nr - place) * sizeof(*xa->slot));
	xa->slot[place].index = index;
	xa->slot[place].entry = entry;
	xa->nr++;
	return 0;
}

void xa_destroy(struct xarray *xa)
{
	free(xa->slot);
	xa_init(xa);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/* Implemented by memory.c, which knows every object that exists. */
#ifndef HOST_LINUX_SLAB_H
#define HOST_LINUX_SLAB_H

#include <linux/types.h>

typedef unsigned int gfp_t;

#define GFP_KERNEL		0x1U
#define GFP_ACCOUNT		0x2U
#define GFP_KERNEL_ACCOUNT	(GFP_KERNEL | GFP_ACCOUNT)
#define __GFP_ZERO		0x4U
#define __GFP_NOWARN		0x8U
#define SLAB_ACCOUNT		0x1U

struct kmem_cache;

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
				     unsigned int align, unsigned int flags,
				     void (*ctor)(void *object));
void kmem_cache_destroy(struct kmem_cache *cache);
void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t flags);
void kmem_cache_free(struct kmem_cache *cache, void *object);

void *kmalloc(size_t size, gfp_t flags);
void *kzalloc(size_t size, gfp_t flags);
void *kcalloc(size_t nr, size_t size, gfp_t flags);
void kfree(const void *object);

unsigned long __get_free_pages(gfp_t flags, unsigned int order);
void free_pages(unsigned long address, unsigned int order);

#endif

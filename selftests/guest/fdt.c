// SPDX-License-Identifier: GPL-2.0-only
/* Reads the device tree: properties by path, and the test's arguments. */
#include "guest.h"

#define FDT_BEGIN_NODE	1
#define FDT_END_NODE	2
#define FDT_PROP	3
#define FDT_NOP		4

const void *the_fdt;

static u32 be32(const void *p)
{
	return __builtin_bswap32(*(const u32 *)p);
}

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static size_t length(const char *s)
{
	size_t n = 0;

	while (s[n]) {
		n++;
		barrier();
	}
	return n;
}

/* A node of the root's children or of theirs, by its own name before '@'. */
static bool is_node(const char *name, const char *wanted)
{
	while (*wanted && *name == *wanted)
		name++, wanted++;
	return !*wanted && (!*name || *name == '@');
}

/* node: a node's own name, the first of that name in the tree counts. */
const void *fdt_find(const char *node, const char *property, u32 *size)
{
	const char *base = the_fdt, *strings = base + be32(base + 12);
	const char *p = base + be32(base + 8);
	int depth = 0, inside = -1;

	for (;;) {
		u32 token = be32(p);

		p += 4;
		if (token == FDT_BEGIN_NODE) {
			depth++;
			if (inside < 0 && is_node(p, node))
				inside = depth;
			p += (length(p) + 4) & ~3UL;
		} else if (token == FDT_END_NODE) {
			if (depth-- == inside)
				return NULL;
		} else if (token == FDT_PROP) {
			u32 len = be32(p);

			if (depth == inside && same(strings + be32(p + 4), property)) {
				if (size)
					*size = len;
				return p + 8;
			}
			p += 8 + ((len + 3) & ~3U);
		} else if (token != FDT_NOP) {
			return NULL;
		}
	}
}

u32 fdt_u32(const char *node, const char *property, u32 otherwise)
{
	const void *p = fdt_find(node, property, NULL);

	return p ? be32(p) : otherwise;
}

/* The root's name is empty; all processors are alike, so the first will do. */
u64 tb_hz(void)
{
	u32 hz = fdt_u32("PowerPC,POWER9", "timebase-frequency", 0);

	return hz ?: fdt_u32("PowerPC,POWER10", "timebase-frequency", 512000000);
}

unsigned int cpu_count(void)
{
	const void *p = fdt_find("interrupt-controller", "ibm,interrupt-server-ranges", NULL);

	return p ? be32(p + 4) : 1;
}

u64 memory_size(u64 real)
{
	const u32 *reg = fdt_find(real ? "memory@100000000" : "memory@0", "reg", NULL);

	return reg ? (u64)be32(reg + 2) << 32 | be32(reg + 3) : 0;
}

static u64 number(const char *s)
{
	u64 n = 0, base = 10;

	if (s[0] == '0' && s[1] == 'x') {
		base = 16;
		s += 2;
	}
	for (;; s++) {
		u64 digit = *s >= '0' && *s <= '9' ? *s - '0' :
			    *s >= 'a' && *s <= 'f' ? *s - 'a' + 10 : 99;

		if (digit >= base)
			return n;
		n = n * base + digit;
	}
}

/* name=number in the command line */
u64 arg(const char *name, u64 otherwise)
{
	const char *s = fdt_find("chosen", "bootargs", NULL);
	size_t n = length(name);

	while (s && *s) {
		const char *a = name, *b = s;

		while (*a && *a == *b)
			a++, b++;
		if (!*a && b[0] == '=' && n)
			return number(b + 1);
		while (*s && *s != ' ')
			s++;
		while (*s == ' ')
			s++;
	}
	return otherwise;
}

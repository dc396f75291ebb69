// SPDX-License-Identifier: GPL-2.0-only
/* What the compiler calls by itself. */
#include "guest.h"

void *memset(void *to, int c, size_t n)
{
	for (char *t = to; n--; t++) {
		*t = c;
		barrier();
	}
	return to;
}

void *memcpy(void *to, const void *from, size_t n)
{
	char *t = to;

	for (const char *f = from; n--; f++, t++) {
		*t = *f;
		barrier();
	}
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *p = a, *q = b;

	for (; n--; p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

// SPDX-License-Identifier: GPL-2.0-only
/* Formatted output: %s %c %d %u %x %p, with l and a width. */
#include "guest.h"

struct out {
	char *to;
	size_t size, used;
};

static void put(struct out *o, char c)
{
	if (o->used + 1 < o->size)
		o->to[o->used] = c;
	o->used++;
}

static void put_number(struct out *o, u64 n, unsigned int base, int width, char pad)
{
	char digits[24];
	int i = 0;

	do {
		digits[i++] = "0123456789abcdef"[n % base];
		n /= base;
	} while (n);
	while (width-- > i)
		put(o, pad);
	while (i)
		put(o, digits[--i]);
}

static void put_string(struct out *o, const char *s)
{
	for (s = s ?: "(null)"; *s; s++)
		put(o, *s);
}

static void put_signed(struct out *o, long n, int width, char pad)
{
	if (n < 0)
		put(o, '-');
	put_number(o, n < 0 ? -(u64)n : (u64)n, 10, width, pad);
}

int format(char *to, size_t size, const char *fmt, va_list args)
{
	struct out o = { to, size, 0 };

	for (; *fmt; fmt++) {
		bool is_long = false;
		char pad = ' ';
		int width = 0;

		if (*fmt != '%') {
			put(&o, *fmt);
			continue;
		}
		if (fmt[1] == '#')
			fmt++;
		if (fmt[1] == '0')
			pad = '0';
		while (fmt[1] >= '0' && fmt[1] <= '9')
			width = width * 10 + *++fmt - '0';
		while (fmt[1] == 'l' || fmt[1] == 'z') {
			is_long = true;
			fmt++;
		}
		switch (*++fmt) {
		case 's':
			put_string(&o, va_arg(args, const char *));
			break;
		case 'c':
			put(&o, va_arg(args, int));
			break;
		case 'd':
			put_signed(&o, is_long ? va_arg(args, long) : va_arg(args, int),
				   width, pad);
			break;
		case 'u':
			put_number(&o, is_long ? va_arg(args, u64) : va_arg(args, u32),
				   10, width, pad);
			break;
		case 'p':
			is_long = true;
			/* fall through */
		case 'x':
			put_string(&o, "0x");
			put_number(&o, is_long ? va_arg(args, u64) : va_arg(args, u32),
				   16, width, '0');
			break;
		default:
			put(&o, *fmt);
		}
	}
	if (size)
		to[o.used < size ? o.used : size - 1] = 0;
	return o.used < size ? o.used : size - 1;
}

void print(const char *fmt, ...)
{
	char text[256];
	va_list args;
	int n;

	va_start(args, fmt);
	n = format(text, sizeof(text), fmt, args);
	va_end(args);
	hcall(H_TEST_PRINT, (u64)text, n);
}

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hcall/call: guest state buffers of API v2, big-endian and packed, written and
 * read element by element. Nothing is believed of what comes in, neither the
 * count nor a size. Inline, as each exit of a guest reads and writes a few. Pure.
 */
#ifndef NHV_STATE_BUFFER_H
#define NHV_STATE_BUFFER_H

#include <abi/elements.h>
#include <nhv/base.h>

/* Not aligned, either of them. */
static inline u64 nhv_gsb_dword(const u8 *at)
{
	__be64 dword;

	memcpy(&dword, at, sizeof(dword));
	return be64_to_cpu(dword);
}

static inline u32 nhv_gsb_word(const u8 *at)
{
	__be32 word;

	memcpy(&word, at, sizeof(word));
	return be32_to_cpu(word);
}

static inline void nhv_gsb_set_dword(u8 *at, u64 value)
{
	__be64 dword = cpu_to_be64(value);

	memcpy(at, &dword, sizeof(dword));
}

static inline void nhv_gsb_set_word(u8 *at, u32 value)
{
	__be32 word = cpu_to_be32(value);

	memcpy(at, &word, sizeof(word));
}

/**
 * struct nhv_gsb - a guest state buffer being written
 * @data: the memory
 * @size: of it
 * @used: of that
 * @count: elements in it
 * @full: one did not fit; it and those after it are not there
 */
struct nhv_gsb {
	u8 *data;
	u32 size;
	u32 used;
	u32 count;
	bool full;
};

/**
 * nhv_gsb_start() - an empty buffer
 * @gsb: the buffer
 * @data: its memory, which @gsb only borrows
 * @size: of the memory, 4 at least
 */
static inline void nhv_gsb_start(struct nhv_gsb *gsb, void *data, u32 size)
{
	gsb->data = data;
	gsb->size = size;
	gsb->used = sizeof(struct nhv_gsb_header);
	gsb->count = 0;
	gsb->full = false;
	nhv_gsb_set_word(gsb->data, 0);
}

/**
 * nhv_gsb_room() - append an element
 * @gsb: the buffer
 * @id: of the element
 * @bytes: size of its value
 *
 * Return: where the value goes, not aligned; NULL if it does not fit.
 */
static inline u8 *nhv_gsb_room(struct nhv_gsb *gsb, u16 id, u16 bytes)
{
	u32 whole = sizeof(struct nhv_gsb_element) + bytes;
	u8 *at = gsb->data + gsb->used;

	if (gsb->full || gsb->size - gsb->used < whole) {
		gsb->full = true;
		return NULL;
	}
	gsb->used += whole;
	nhv_gsb_set_word(gsb->data, ++gsb->count);
	nhv_gsb_set_word(at, (u32)id << 16 | bytes);
	return at + sizeof(struct nhv_gsb_element);
}

/**
 * nhv_gsb_put() - append an element with one number
 * @gsb: the buffer
 * @id: of the element
 * @bytes: 4 or 8
 * @value: the number
 */
static inline void nhv_gsb_put(struct nhv_gsb *gsb, u16 id, u16 bytes,
			       u64 value)
{
	u8 *at = nhv_gsb_room(gsb, id, bytes);

	if (!at)
		return;
	if (bytes == sizeof(u64))
		nhv_gsb_set_dword(at, value);
	else
		nhv_gsb_set_word(at, value & 0xffffffff);
}

/** nhv_gsb_put_pair() - append an element with two doublewords */
static inline void nhv_gsb_put_pair(struct nhv_gsb *gsb, u16 id, u64 first,
				    u64 second)
{
	u8 *at = nhv_gsb_room(gsb, id, 2 * sizeof(u64));

	if (!at)
		return;
	nhv_gsb_set_dword(at, first);
	nhv_gsb_set_dword(at + sizeof(u64), second);
}

/** nhv_gsb_end() - behind the last element, where the next one goes */
static __always_inline u8 *nhv_gsb_end(const struct nhv_gsb *gsb)
{
	return gsb->data + gsb->used;
}

/**
 * nhv_gsb_append() - an element with one number, where there is room for it
 * @at: nhv_gsb_end(), or what the one before returned
 * @head: id and size as they lie in a buffer
 * @bytes: 4 or 8
 * @value: the number
 *
 * Return: where the next one goes; nhv_gsb_appended() is told at last.
 */
static __always_inline u8 *nhv_gsb_append(u8 *at, __be32 head,
					  unsigned int bytes, u64 value)
{
	memcpy(at, &head, sizeof(head));
	at += sizeof(struct nhv_gsb_element);
	if (bytes == sizeof(u64))
		nhv_gsb_set_dword(at, value);
	else
		nhv_gsb_set_word(at, value & 0xffffffff);
	return at + bytes;
}

/** nhv_gsb_appended() - so many elements by nhv_gsb_append(), the last before @at */
static __always_inline void nhv_gsb_appended(struct nhv_gsb *gsb, const u8 *at,
					     u32 count)
{
	gsb->used = at - gsb->data;
	gsb->count += count;
	nhv_gsb_set_word(gsb->data, gsb->count);
}

/**
 * struct nhv_gsb_at - where a reader is
 * @left: bytes behind the header or element before
 * @count: elements still to come
 * @next: the next one
 * @id: of the current element
 * @bytes: size of its value
 * @value: not aligned
 */
struct nhv_gsb_at {
	u32 left;
	u32 count;
	const u8 *next;
	u16 id;
	u16 bytes;
	const u8 *value;
};

/**
 * nhv_gsb_first() - start reading a buffer
 * @at: the reader
 * @data: what the level below wrote
 * @size: of the memory
 */
static __always_inline void nhv_gsb_first(struct nhv_gsb_at *at,
					 const void *data, u32 size)
{
	bool any = size >= sizeof(struct nhv_gsb_header);

	at->count = any ? nhv_gsb_word(data) : 0;
	at->next = data + sizeof(struct nhv_gsb_header);
	at->left = size - sizeof(struct nhv_gsb_header);
}

/**
 * nhv_gsb_next() - go to the next element
 * @at: the reader
 *
 * Return: 1 with id, bytes and value set; 0 at the end; -EINVAL if the element
 * does not lie within the buffer.
 */
static __always_inline int nhv_gsb_next(struct nhv_gsb_at *at)
{
	u32 head, whole;

	if (!at->count)
		return 0;
	if (at->left < sizeof(struct nhv_gsb_element))
		return -EINVAL;
	head = nhv_gsb_word(at->next);
	whole = sizeof(struct nhv_gsb_element) + (u16)head;
	if (at->left < whole)
		return -EINVAL;
	at->id = head >> 16;
	at->bytes = head;
	at->value = at->next + sizeof(struct nhv_gsb_element);
	at->next += whole;
	at->left -= whole;
	at->count--;
	return 1;
}

/* An element of 8 bytes, with its head. */
#define NHV_GSB_DWORD	(sizeof(struct nhv_gsb_element) + sizeof(u64))

/*
 * For runs of elements of 8 bytes, at a third of the cost of nhv_gsb_next():
 * how many of them there may be, what the next one is, and after the last one go
 * on behind them.
 */

/** nhv_gsb_dwords() - so many elements of 8 bytes may still come, at most */
static __always_inline u32 nhv_gsb_dwords(const struct nhv_gsb_at *at)
{
	u32 fit = at->left / NHV_GSB_DWORD;

	return fit < at->count ? fit : at->count;
}

/** nhv_gsb_is() - is the element at @next one with this head (as in a buffer) */
static __always_inline bool nhv_gsb_is(const u8 *next, __be32 head)
{
	__be32 found;

	memcpy(&found, next, sizeof(found));
	return found == head;
}

/** nhv_gsb_skip() - all up to @next, @count of 8 bytes each, have been read */
static __always_inline void nhv_gsb_skip(struct nhv_gsb_at *at, const u8 *next,
					 u32 count)
{
	at->left -= next - at->next;
	at->next = next;
	at->count -= count;
}

/**
 * nhv_gsb_number() - the value of an element of 4 or 8 bytes
 * @at: at an element
 * @value: gets it
 *
 * Return: 0, or -EINVAL for any other size.
 */
static __always_inline int nhv_gsb_number(const struct nhv_gsb_at *at,
					  u64 *value)
{
	if (at->bytes == sizeof(u64))
		*value = nhv_gsb_dword(at->value);
	else if (at->bytes == sizeof(u32))
		*value = nhv_gsb_word(at->value);
	else
		return -EINVAL;
	return 0;
}

/** nhv_gsb_pair() - the doublewords of an element of 16 bytes; as above */
static __always_inline int nhv_gsb_pair(const struct nhv_gsb_at *at,
					u64 *first, u64 *second)
{
	if (at->bytes != 2 * sizeof(u64))
		return -EINVAL;
	*first = nhv_gsb_dword(at->value);
	*second = nhv_gsb_dword(at->value + sizeof(u64));
	return 0;
}

#endif

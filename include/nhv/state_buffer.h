/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hcall/call: guest state buffers of API v2, big-endian and packed. Pure.
 */
#ifndef NHV_STATE_BUFFER_H
#define NHV_STATE_BUFFER_H

#include <nhv/base.h>

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
void nhv_gsb_start(struct nhv_gsb *gsb, void *data, u32 size);

/**
 * nhv_gsb_room() - append an element
 * @gsb: the buffer
 * @id: of the element
 * @bytes: size of its value
 *
 * Return: where the value goes, not aligned; NULL if it does not fit.
 */
u8 *nhv_gsb_room(struct nhv_gsb *gsb, u16 id, u16 bytes);

/**
 * nhv_gsb_put() - append an element with one number
 * @gsb: the buffer
 * @id: of the element
 * @bytes: 4 or 8
 * @value: the number
 */
void nhv_gsb_put(struct nhv_gsb *gsb, u16 id, u16 bytes, u64 value);

/** nhv_gsb_put_pair() - append an element with two doublewords */
void nhv_gsb_put_pair(struct nhv_gsb *gsb, u16 id, u64 first, u64 second);

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
void nhv_gsb_first(struct nhv_gsb_at *at, const void *data, u32 size);

/**
 * nhv_gsb_next() - go to the next element
 * @at: the reader
 *
 * Return: 1 with id, bytes and value set; 0 at the end; -EINVAL if the element
 * does not lie within the buffer.
 */
int nhv_gsb_next(struct nhv_gsb_at *at);

/**
 * nhv_gsb_number() - the value of an element of 4 or 8 bytes
 * @at: at an element
 * @value: gets it
 *
 * Return: 0, or -EINVAL for any other size.
 */
int nhv_gsb_number(const struct nhv_gsb_at *at, u64 *value);

/** nhv_gsb_pair() - the doublewords of an element of 16 bytes; as above */
int nhv_gsb_pair(const struct nhv_gsb_at *at, u64 *first, u64 *second);

#endif

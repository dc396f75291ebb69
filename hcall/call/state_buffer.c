// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guest state buffers of API v2: written and read element by element. Nothing
 * is believed of what comes in, neither the count nor a size.
 */
#include <abi/elements.h>
#include <nhv/state_buffer.h>

static void nhv_put_be(u8 *to, unsigned int bytes, u64 value)
{
	__be64 dword = cpu_to_be64(value);
	__be32 word = cpu_to_be32(value);
	__be16 half = cpu_to_be16(value);

	if (bytes == sizeof(dword))
		memcpy(to, &dword, sizeof(dword));
	else if (bytes == sizeof(word))
		memcpy(to, &word, sizeof(word));
	else
		memcpy(to, &half, sizeof(half));
}

static u64 nhv_get_be(const u8 *from, unsigned int bytes)
{
	__be64 dword;
	__be32 word;
	__be16 half;

	if (bytes == sizeof(dword)) {
		memcpy(&dword, from, sizeof(dword));
		return be64_to_cpu(dword);
	}
	if (bytes == sizeof(word)) {
		memcpy(&word, from, sizeof(word));
		return be32_to_cpu(word);
	}
	memcpy(&half, from, sizeof(half));
	return be16_to_cpu(half);
}

void nhv_gsb_start(struct nhv_gsb *gsb, void *data, u32 size)
{
	gsb->data = data;
	gsb->size = size;
	gsb->used = sizeof(struct nhv_gsb_header);
	gsb->count = 0;
	gsb->full = false;
	nhv_put_be(gsb->data, sizeof(struct nhv_gsb_header), 0);
}

u8 *nhv_gsb_room(struct nhv_gsb *gsb, u16 id, u16 bytes)
{
	u32 whole = sizeof(struct nhv_gsb_element) + bytes;
	u8 *at = gsb->data + gsb->used;

	if (gsb->full || gsb->size - gsb->used < whole) {
		gsb->full = true;
		return NULL;
	}
	gsb->used += whole;
	gsb->count++;
	nhv_put_be(gsb->data, sizeof(struct nhv_gsb_header), gsb->count);
	nhv_put_be(at, sizeof(id), id);
	nhv_put_be(at + sizeof(id), sizeof(bytes), bytes);
	return at + sizeof(struct nhv_gsb_element);
}

void nhv_gsb_put(struct nhv_gsb *gsb, u16 id, u16 bytes, u64 value)
{
	u8 *at = nhv_gsb_room(gsb, id, bytes);

	if (at)
		nhv_put_be(at, bytes, value);
}

void nhv_gsb_put_pair(struct nhv_gsb *gsb, u16 id, u64 first, u64 second)
{
	u8 *at = nhv_gsb_room(gsb, id, 2 * sizeof(u64));

	if (!at)
		return;
	nhv_put_be(at, sizeof(u64), first);
	nhv_put_be(at + sizeof(u64), sizeof(u64), second);
}

void nhv_gsb_first(struct nhv_gsb_at *at, const void *data, u32 size)
{
	memset(at, 0, sizeof(*at));
	if (size < sizeof(struct nhv_gsb_header))
		return;
	at->count = nhv_get_be(data, sizeof(struct nhv_gsb_header));
	at->next = data + sizeof(struct nhv_gsb_header);
	at->left = size - sizeof(struct nhv_gsb_header);
}

int nhv_gsb_next(struct nhv_gsb_at *at)
{
	const u8 *element = at->next;
	u16 bytes;

	if (!at->count)
		return 0;
	if (at->left < sizeof(struct nhv_gsb_element))
		return -EINVAL;
	bytes = nhv_get_be(element + sizeof(at->id), sizeof(bytes));
	if (at->left - sizeof(struct nhv_gsb_element) < bytes)
		return -EINVAL;
	at->id = nhv_get_be(element, sizeof(at->id));
	at->bytes = bytes;
	at->value = element + sizeof(struct nhv_gsb_element);
	at->next = at->value + bytes;
	at->left -= sizeof(struct nhv_gsb_element) + bytes;
	at->count--;
	return 1;
}

int nhv_gsb_number(const struct nhv_gsb_at *at, u64 *value)
{
	if (at->bytes != 4 && at->bytes != 8)
		return -EINVAL;
	*value = nhv_get_be(at->value, at->bytes);
	return 0;
}

int nhv_gsb_pair(const struct nhv_gsb_at *at, u64 *first, u64 *second)
{
	if (at->bytes != 2 * sizeof(u64))
		return -EINVAL;
	*first = nhv_get_be(at->value, sizeof(u64));
	*second = nhv_get_be(at->value + sizeof(u64), sizeof(u64));
	return 0;
}

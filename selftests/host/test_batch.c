// SPDX-License-Identifier: GPL-2.0-only
/* src/mmu/batch.c: what is sent, to whom, and in which order. */
#include <nhv/base.h>
#include <nhv/level.h>
#include <nhv/mmu.h>
#include "ktap.h"

#define LPID	5

struct nhv_level nhv_level;

static struct nhv_vm *const vm = (struct nhv_vm *)0x1000;

/* What happened, in order: a letter each. */
static char events[8];
static struct nhv_batch sent;

static void event(char what)
{
	size_t length = strlen(events);

	if (length < sizeof(events) - 1)
		events[length] = what;
}

void nhv_level_invalidate(const struct nhv_batch *batch)
{
	sent = *batch;
	event('i');
}

void nhv_host_drop_translations(struct nhv_vm *whose)
{
	CHECK(whose == vm, "another VM");
	event('d');
}

void nhv_host_count_batch(struct nhv_vm *whose, const struct nhv_batch *batch)
{
	CHECK(whose == vm && batch->lpid == LPID, "another VM");
	event('c');
}

void nhv_batch_free_tables(struct nhv_batch *batch)
{
	if (batch->tables)
		event('f');
	batch->tables = NULL;
}

static void send(struct nhv_batch *batch, const char *expected)
{
	memset(events, 0, sizeof(events));
	nhv_batch_send(batch, vm);
	CHECK(!strcmp(events, expected), "%s, not %s", events, expected);
	CHECK(nhv_batch_empty(batch) && !batch->walk_cache, "not empty after");
	CHECK_EQ(batch->lpid, LPID, "LPID");
}

static void pages(struct nhv_batch *batch, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		nhv_batch_page(batch, (struct nhv_tra){ (u64)i << 21 }, 21);
}

static void test_order(void)
{
	struct nhv_batch batch;

	nhv_batch_init(&batch, LPID);
	send(&batch, "");
	nhv_level.keeps_translations = true;
	pages(&batch, 1);
	send(&batch, "ic");
	nhv_level.keeps_translations = false;
	pages(&batch, 1);
	batch.tables = &batch;
	send(&batch, "idcf");
}

static void test_ceiling(void)
{
	struct nhv_batch batch;
	unsigned int i;

	nhv_batch_init(&batch, LPID);
	pages(&batch, NHV_BATCH_PAGES);
	send(&batch, "idc");
	CHECK(!sent.all, "all of the LPID for %u pages", NHV_BATCH_PAGES);
	CHECK_EQ(sent.nr, NHV_BATCH_PAGES, "pages");
	for (i = 0; i < NHV_BATCH_PAGES; i++) {
		CHECK_EQ(sent.page[i].addr.addr, (u64)i << 21, "page");
		CHECK_EQ(sent.page[i].shift, 21, "size");
	}

	pages(&batch, NHV_BATCH_PAGES + 1);
	send(&batch, "idc");
	CHECK(sent.all, "one page more");
	pages(&batch, 10 * NHV_BATCH_PAGES);
	send(&batch, "idc");
	CHECK(sent.all && sent.nr <= NHV_BATCH_PAGES, "many pages");
}

int main(void)
{
	static const struct ktap_case cases[] = {
		{ "batch: order", test_order },
		{ "batch: ceiling", test_ceiling },
	};

	return ktap_main(cases, ARRAY_SIZE(cases));
}

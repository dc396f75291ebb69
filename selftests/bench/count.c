// SPDX-License-Identifier: GPL-2.0-only
/*
 * A QEMU plugin for an L0 with one processor: how often each translated block was
 * run, for L2 and for each kind of exit that L1 has handled (boot-profile).
 *
 *	out=PREFIX	each dump goes to PREFIX.0, PREFIX.1, ...
 *	start=ADDRESS	what was counted before it is run is forgotten
 *	end=ADDRESS	a dump when it is run
 *	KIND=ADDRESS	an exit during which L1 runs this is of KIND, 2 and more; of
 *			several kinds it is of the lowest
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qemu-plugin.h"

#define EXPORT	__attribute__((visibility("default")))
#define REAL	0x0fffffffffffffffUL	/* of an address of the linear mapping */
#define SC_1	0x44000022
#define KINDS	16
#define MOST	64

EXPORT int qemu_plugin_version = 4;

struct block {
	uint64_t addr, host;
	uint32_t insns, last;
	uint32_t marks;			/* bits of kinds; START, END */
	uint64_t runs[KINDS];		/* 0: of L2; 1: of L1, no kind */
	struct block *next, *older;
};

enum { START, END };

static struct block *table[1 << 18], *blocks, *before;
static struct block **exit_run;		/* of the exit that L1 is handling */
static size_t exit_nr, exit_room;
static unsigned int exit_kinds;
static uint64_t exits[KINDS];
static struct { uint64_t addr; unsigned int bit; } marks[MOST];
static unsigned int nr_marks, nr_dumps;
static uint64_t ram;			/* where the real address 0 is */
static const char *prefix = "count";
static int in_l2;

/* Only L1's kernel is where its address says; L2's memory is L1's somewhere. */
static int of_l1(const struct block *b)
{
	return ram && b->addr >> 60 == 0xc && b->host - ram == (b->addr & REAL);
}

static void end_exit(void)
{
	unsigned int kind = exit_kinds ? __builtin_ctz(exit_kinds) : 1;

	if (!exit_nr)
		return;
	for (size_t i = 0; i < exit_nr; i++)
		exit_run[i]->runs[kind]++;
	exits[kind]++;
	exit_nr = 0;
	exit_kinds = 0;
}

static void forget(void)
{
	for (struct block *b = blocks; b; b = b->older)
		memset(b->runs, 0, sizeof(b->runs));
	memset(exits, 0, sizeof(exits));
	exit_nr = 0;
}

static void dump(void)
{
	char name[4096];
	FILE *out;

	end_exit();
	snprintf(name, sizeof(name), "%s.%u", prefix, nr_dumps++);
	out = fopen(name, "w");
	if (!out)
		return;
	for (unsigned int k = 0; k < KINDS; k++) {
		fprintf(out, "kind %u %lu\n", k, exits[k]);
		for (struct block *b = blocks; b; b = b->older)
			if (b->runs[k])
				fprintf(out, "%lx %lu\n", b->addr, b->insns * b->runs[k]);
	}
	fclose(out);
}

static void run_in_l1(struct block *b)
{
	if (exit_nr == exit_room) {
		exit_room = exit_room ? 2 * exit_room : 1 << 16;
		exit_run = realloc(exit_run, exit_room * sizeof(*exit_run));
		if (!exit_run)
			abort();
	}
	exit_run[exit_nr++] = b;
	exit_kinds |= b->marks & ~(1U << START | 1U << END);
}

/* L1's sc 1 that goes on elsewhere was an entry. */
static void on_run(unsigned int cpu, void *data)
{
	struct block *b = data;
	int l1 = of_l1(b);

	if (b->marks & 1U << START)
		forget();
	if (b->marks & 1U << END)
		dump();
	if (l1)
		in_l2 = 0;
	if (before && before->last == SC_1 && of_l1(before) &&
	    (!l1 || b->addr != before->addr + 4 * before->insns)) {
		in_l2 = 1;
		end_exit();
	}
	if (in_l2)
		b->runs[0]++;
	else
		run_in_l1(b);
	before = b;
}

static struct block *block_at(uint64_t addr, uint64_t host, uint32_t insns)
{
	size_t slot = (addr / 4 * 31 + host / 4 + insns * 7) % (1 << 18);
	struct block *b;

	for (b = table[slot]; b; b = b->next)
		if (b->addr == addr && b->host == host && b->insns == insns)
			return b;
	b = calloc(1, sizeof(*b));
	if (!b)
		abort();
	*b = (struct block){ addr, host, insns, .next = table[slot], .older = blocks };
	for (unsigned int i = 0; i < nr_marks; i++)
		if (marks[i].addr >= addr && marks[i].addr < addr + 4 * insns)
			b->marks |= 1U << marks[i].bit;
	table[slot] = blocks = b;
	return b;
}

/* L1 is the first to come by the start. */
static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t insns = qemu_plugin_tb_n_insns(tb);
	uint64_t host = (uint64_t)qemu_plugin_insn_haddr(qemu_plugin_tb_get_insn(tb, 0));
	struct block *b = block_at(qemu_plugin_tb_vaddr(tb), host, insns);

	qemu_plugin_insn_data(qemu_plugin_tb_get_insn(tb, insns - 1), &b->last, 4);
	if (!ram && b->marks & 1U << START)
		ram = host - (b->addr & REAL);
	qemu_plugin_register_vcpu_tb_exec_cb(tb, on_run, 0, b);
}

static void option(const char *text)
{
	const char *value = strchr(text, '=');

	if (!value || nr_marks == MOST)
		return;
	value++;
	if (!strncmp(text, "out=", 4)) {
		prefix = strdup(value);
		return;
	}
	marks[nr_marks].addr = strtoull(value, NULL, 16);
	marks[nr_marks++].bit = !strncmp(text, "start=", 6) ? START :
				!strncmp(text, "end=", 4) ? END :
				strtoul(text, NULL, 10) % KINDS;
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc,
			       char **argv)
{
	for (int i = 0; i < argc; i++)
		option(argv[i]);
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	return 0;
}

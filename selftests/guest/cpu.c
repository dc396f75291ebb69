// SPDX-License-Identifier: GPL-2.0-only
/* The processors: their stacks, their exceptions, starting and stopping. */
#include "guest.h"

extern char start_cpu_here[];

/* Each has its exception frame right below, see trap_common. */
static struct {
	char frame[FRAME_SIZE + 0x400];
	struct cpu cpu;
	char pad[64];
} __attribute__((aligned(64))) areas[MAX_CPUS - 1];

static char stacks[MAX_CPUS][2][STACK_SIZE] LARGE __attribute__((aligned(64)));

/* The first is there before any C code runs. */
struct {
	char frame[FRAME_SIZE + 0x400];
	struct cpu cpu;
} boot_area __attribute__((aligned(64))) = {
	.cpu = {
		.stack = (u64)&stacks[0][0][STACK_SIZE - 128],
		.trap_stack = (u64)&stacks[0][1][STACK_SIZE - 128],
	},
};

_Static_assert(sizeof(struct frame) <= FRAME_SIZE, "asm.h");
_Static_assert(offsetof(struct cpu, index) == CPU_INDEX, "asm.h");
_Static_assert(offsetof(struct frame, vector) == FRAME_VECTOR, "asm.h");

static trap_fn *handlers[0x1600 / 0x20];

struct cpu *this_cpu(void)
{
	return (struct cpu *)mfspr(SPR_SPRG1);
}

void on_trap(u64 vector, trap_fn *fn)
{
	handlers[vector / 0x20] = fn;
}

/* From here on synchronous exceptions are noted and the instruction skipped. */
void catch_traps(bool on)
{
	struct cpu *c = this_cpu();

	c->catches = 0;
	c->catching = on;
	barrier();
}

bool caught(void)
{
	barrier();
	return this_cpu()->catches;
}

static bool synchronous(u64 vector)
{
	switch (vector) {
	case 0x100: case 0x500: case 0x900: case 0xa00: case 0xe80:
		return false;
	}
	return true;
}

static void fatal(struct frame *f)
{
	print("# cpu %lu: exception %lx at %lx msr %lx dar %lx dsisr %lx lr %lx\n",
	      this_cpu()->index, f->vector, f->nip, f->msr, f->dar, f->dsisr, f->lr);
	for (int i = 0; i < 32; i += 4)
		print("# r%d: %lx %lx %lx %lx\n", i, f->gpr[i], f->gpr[i + 1],
		      f->gpr[i + 2], f->gpr[i + 3]);
	quit(99);
}

/*
 * QEMU's timer may raise a decrementer interrupt for a value that was replaced
 * while its thread waited, one for a tick of L1 at the worst, and takes it back
 * when the decrementer is written. So some of them are to be borne, as Linux
 * does; a storm of them is not.
 */
#define SPURIOUS_MAX	100

unsigned int spurious_seen;

static bool spurious(const struct frame *f)
{
	long left = mfspr(22);

	if (f->vector != 0x900 || left <= 0)
		return false;
	mtspr(22, left);
	return __atomic_add_fetch(&spurious_seen, 1, __ATOMIC_RELAXED) <=
	       SPURIOUS_MAX;
}

void trap(struct frame *f)
{
	struct cpu *c = this_cpu();

	if (c->catching && synchronous(f->vector)) {
		c->caught = *f;
		c->catches++;
		/* A jump to nowhere goes back to the caller. */
		if (f->vector == 0x400 || f->vector == 0x480)
			f->nip = f->lr;
		else
			f->nip += 4;
	} else if (f->vector < 0x1600 && handlers[f->vector / 0x20]) {
		handlers[f->vector / 0x20](f);
	} else if (!spurious(f)) {
		fatal(f);
	}
}

int start_cpu(unsigned int index, void (*fn)(u64 arg), u64 arg)
{
	struct cpu *c = &areas[index - 1].cpu;
	u32 values[3] = { index, (u64)start_cpu_here, (u64)c };

	c->index = index;
	c->stack = (u64)&stacks[index][0][STACK_SIZE - 128];
	c->trap_stack = (u64)&stacks[index][1][STACK_SIZE - 128];
	c->entry = (u64)fn;
	c->arg = arg;
	sync();
	return rtas(fdt_u32("rtas", "start-cpu", 0), 3, 1, values);
}

void stop_cpu(void)
{
	rtas(fdt_u32("rtas", "stop-self", 0), 0, 0, NULL);
}

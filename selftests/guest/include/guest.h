/* SPDX-License-Identifier: GPL-2.0-only */
/* What a payload has: its processors, hypercalls, output, tests. */
#ifndef GUEST_H
#define GUEST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asm.h"
#include "ask.h"
#include "papr.h"

typedef uint64_t u64;
typedef uint32_t u32;
typedef uint16_t u16;
typedef uint8_t u8;

#define MAX_CPUS	16
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define stringify_(x)	#x
#define stringify(x)	stringify_(x)

#define MSR_SF	(1UL << 63)
#define MSR_VEC	(1UL << 25)
#define MSR_VSX	(1UL << 23)
#define MSR_EE	(1UL << 15)
#define MSR_PR	(1UL << 14)
#define MSR_FP	(1UL << 13)
#define MSR_ME	(1UL << 12)
#define MSR_IR	(1UL << 5)
#define MSR_DR	(1UL << 4)
#define MSR_RI	(1UL << 1)
#define MSR_LE	1UL

#define mfspr(n) ({ u64 v_; \
	asm volatile("mfspr %0," stringify(n) : "=r"(v_) : : "memory"); v_; })
#define mtspr(n, v) \
	asm volatile("mtspr " stringify(n) ",%0" : : "r"((u64)(v)) : "memory")
#define mftb() ({ u64 v_; asm volatile("mfspr %0,268" : "=r"(v_) : : "memory"); v_; })
#define mfmsr() ({ u64 v_; asm volatile("mfmsr %0" : "=r"(v_) : : "memory"); v_; })
#define mtmsrd(v) asm volatile("mtmsrd %0,0" : : "r"((u64)(v)) : "memory")
#define barrier() asm volatile("" : : : "memory")
/* Low priority and back (Book II, 3.2): QEMU lets another processor run. */
#define relax() asm volatile("or 1,1,1; or 2,2,2" : : : "memory")
#define sync() asm volatile("sync" : : : "memory")

struct frame {
	u64 gpr[32];
	u64 nip, msr, ctr, lr, xer, cr, dar, dsisr, vector;
};

/* One a processor; the offsets are in asm.h. */
struct cpu {
	u64 r12, spare, stack, trap_stack, entry, arg, index;
	struct frame caught;	/* what catch_traps() has caught last */
	u64 catches;		/* how many; 0 after catch_traps() */
	bool catching;
};

/* cpu.c */
typedef void trap_fn(struct frame *f);
struct cpu *this_cpu(void);
void on_trap(u64 vector, trap_fn *fn);
void catch_traps(bool on);
bool caught(void);
int start_cpu(unsigned int index, void (*fn)(u64 arg), u64 arg);
void stop_cpu(void);
static inline void ee_on(void) { mtmsrd(mfmsr() | MSR_EE); }
static inline void ee_off(void) { mtmsrd(mfmsr() & ~MSR_EE); }
void set_msr(u64 msr);

/* hcall.c */
void hcall_block(u64 *args);
long hcall9(u64 *out, u64 nr, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f);
#define hcall_(nr, a, b, c, d, e, f, ...) hcall9(NULL, nr, a, b, c, d, e, f)
#define hcall(...) hcall_(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
long ask_out(u64 *out, u64 what, u64 a, u64 b, u64 c, u64 d);
#define ask_(what, a, b, c, d, ...) ask_out(NULL, what, a, b, c, d)
#define ask(...) ask_(__VA_ARGS__, 0, 0, 0, 0, 0)
#define ask2_(out, what, a, b, c, d, ...) ask_out(out, what, a, b, c, d)
#define ask2(...) ask2_(__VA_ARGS__, 0, 0, 0, 0, 0)
u64 get_one_reg(u64 id);
long set_one_reg(u64 id, u64 value);
int rtas(u32 token, u32 nargs, u32 nret, u32 *values);
/*
 * Where the linker puts what begins as zeroes, the end of everything, and between
 * them LARGE things, in which nothing is atomic: see store_to_bss().
 */
extern char bss_start[], bss_end[], image_end[];
#define LARGE	__attribute__((section(".bss.large")))

/* Decrementer interrupts that came for nothing. */
extern unsigned int spurious_seen;

__attribute__((noreturn)) void quit(int status);

/* fdt.c */
extern const void *the_fdt;
const void *fdt_find(const char *path, const char *property, u32 *size);
u32 fdt_u32(const char *path, const char *property, u32 otherwise);
u64 arg(const char *name, u64 otherwise);
u64 memory_size(u64 real);
unsigned int cpu_count(void);
u64 tb_hz(void);

/* print.c */
int format(char *to, size_t size, const char *fmt, va_list args);
__attribute__((format(printf, 1, 2))) void print(const char *fmt, ...);

/* mmu.c */
bool mmu_on(void);
void mmu_off(void);
bool mmu_map(u64 ea, u64 real, u64 size, u64 bits);
bool mmu_unmap(u64 ea);
void mmu_flush(void);
#define PTE_RWX		0x18f	/* R, C, privileged, read, write, execute */
#define PTE_USER	0x187

/* mmu.c: radix trees of any kind; entries are big-endian */
#define TREE_VALID	(1UL << 63)
#define TREE_LEAF	(1UL << 62)
#define TREE_RTS_52	(2UL << 61 | 5UL << 5)	/* 52-bit tree */
#define TREE_ROOT_BITS	13
u64 *tree_table(void);
u64 *tree_entry(u64 *table, u64 ea, unsigned int shift);
bool tree_map(u64 *table, u64 ea, u64 real, u64 size, unsigned int shift, u64 bits);

/* test.c: a payload is a table of tests */
struct test {
	const char *name;
	void (*run)(void);
};
extern const struct test tests[];
extern const unsigned int test_count;
#define TESTS(...) \
	const struct test tests[] = { __VA_ARGS__ }; \
	const unsigned int test_count = ARRAY_SIZE(tests)

void fail(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void skip(const char *why);
bool failed(void);
/* true when it holds; else says so, and the test has failed */
#define check(cond, ...) ({ bool c_ = (cond); \
	c_ ? (void)0 : fail(__FILE__, __LINE__, #cond __VA_ARGS__); c_; })

/* mem.c */
void *memset(void *to, int c, size_t n);
void *memcpy(void *to, const void *from, size_t n);
int memcmp(const void *a, const void *b, size_t n);

#endif

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Emulation of accesses without memory, from the fault to the register, with
 * this file as user space, run loop and event descriptors.
 *
 * Objects: src/core/walk.o src/vcpu/decode.o image.o fetch.o mmio.o, built with
 * -Ivcpu before the other include directories; all else is below
 */
#include <stdlib.h>
#include <nhv/base.h>
#include <nhv/level.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>
#include "ktap.h"

#define NIP		0x1000ULL	/* in real mode, so it is also L2 real */
#define DEVICE		0x200080000000ULL
#define EA		0xc00000000000ULL
#define MSR		(NHV_MSR_SF | NHV_MSR_FP | NHV_MSR_VEC | NHV_MSR_VSX)

/* Instructions, RT 3 and RA 4, so that the address is GPR 4. */
#define STB		0x98640000
#define STD		0xf8640000
#define STWU_8		0x94640008
#define STWBRX		0x7c60252c	/* stwbrx 3,0,4 */
#define LHA		0xa8640000
#define LHZU_2		0xa4640002
#define LFS		0xc0640000
#define LXV3		0xf4640001
#define LXV35		0xf4640009
#define STXVW4X		0x7c602718	/* stxvw4x 3,0,4 */
#define LVX		0x7c6020ce	/* lvx 3,0,4 */
#define DCBZ		0x7c0027ec
#define PREFIX_MLS	0x06000000
#define STW		0x90640000

struct nhv_level nhv_level;

/* Only a level below that carries all is asked for registers. */
void nhv_level_fetch(struct nhv_vcpu *vcpu __maybe_unused,
		     enum nhv_state what __maybe_unused)
{
	abort();
}

static struct {
	struct nhv_vcpu vcpu;
	struct nhv_vm vm;
	struct nhv_hv_guest_state gs;
	struct nhv_pt_regs regs;
	struct kvm_run run;
	struct nhv_fault fault;
	u8 code[8];
	u64 code_at;
	bool code_gone;
	bool arch_31;
	unsigned int fetches, flushes;
	unsigned int nested_fetches, nested_loads;
	u64 nested_value;
	/* what the guest was given */
	unsigned int dsi, isi;
	u64 dar, dsisr;
	/* the one event descriptor, and the calls for it */
	u64 event_ra;
	unsigned int event_len, signals;
	u64 event_data;
} t;

bool cpu_has_feature(unsigned long feature)
{
	return feature == CPU_FTR_ARCH_31 && t.arch_31;
}

int srcu_read_lock(struct srcu_struct *srcu)
{
	return srcu->depth++;
}

void srcu_read_unlock(struct srcu_struct *srcu, int idx)
{
	srcu->depth--;
	CHECK_EQ(srcu->depth, idx, "SRCU depth");
}

int nhv_guest_read(struct nhv_vm *vm, struct nhv_l2ra ra, void *to, size_t size)
{
	t.fetches++;
	if (t.code_gone || ra.addr < t.code_at ||
	    ra.addr + size > t.code_at + 8)
		return -EFAULT;
	CHECK(vm == &t.vm, "the VM");
	memcpy(to, t.code + (ra.addr - t.code_at), size);
	return 0;
}

/* L3's tables are real mode too. */
int nhv_nested_translate(struct nhv_nested *nested, struct nhv_walk *walk,
			 u64 ea, struct nhv_l2ra *ra)
{
	CHECK(nested == t.vcpu.nested.guest && !walk->data, "a fetch of L3");
	t.nested_fetches++;
	*ra = nhv_l2ra(ea);
	return 0;
}

void nhv_nested_set_gpr(struct nhv_vcpu *vcpu, unsigned int reg, u64 value)
{
	CHECK(vcpu == &t.vcpu && reg == 3, "the vCPU, the register");
	t.nested_loads++;
	t.nested_value = value;
}

void nhv_live_flush_fp(struct nhv_vcpu *vcpu)
{
	CHECK(vcpu == &t.vcpu, "the vCPU");
	t.flushes++;
}

void nhv_vcpu_inject_dsi(struct nhv_vcpu *vcpu, u64 dar, u64 dsisr)
{
	CHECK(vcpu == &t.vcpu, "the vCPU");
	t.dsi++;
	t.dar = dar;
	t.dsisr = dsisr;
}

void nhv_vcpu_inject_isi(struct nhv_vcpu *vcpu, u64 srr1)
{
	CHECK(vcpu == &t.vcpu && srr1, "the vCPU, the cause");
	t.isi++;
}

bool nhv_ioeventfd_signal(struct nhv_vm *vm, struct nhv_l2ra ra,
			  unsigned int len, u64 data)
{
	CHECK(vm->srcu.depth, "in the read side");
	if (ra.addr != t.event_ra || len != t.event_len ||
	    (len && data != t.event_data))
		return false;
	t.signals++;
	return true;
}

static void put_word(unsigned int at, u32 word, bool little)
{
	__le32 le = cpu_to_le32(word);
	__be32 be = cpu_to_be32(word);

	memcpy(t.code + at, little ? (void *)&le : (void *)&be, 4);
}

/* A guest about to execute, at a fault of the device at @ea. */
static void setup(u32 prefix, u32 word, bool little, u64 ea, bool store)
{
	unsigned int i;

	memset(&t, 0, sizeof(t));
	t.vcpu.vm = &t.vm;
	t.vcpu.gs = &t.gs;
	t.vcpu.regs = &t.regs;
	t.vcpu.run = &t.run;
	t.regs.nip = NIP;
	t.code_at = NIP;
	t.regs.msr = MSR | (little ? NHV_MSR_LE : 0);
	for (i = 0; i < 32; i++)
		t.regs.gpr[i] = 0x1111111111111111ULL * (i % 16);
	t.regs.gpr[3] = 0x0001020304050607ULL;
	t.regs.gpr[4] = EA;
	put_word(0, prefix ? prefix : word, little);
	put_word(4, word, little);
	nhv_level.keeps_translations = true;
	t.gs.hdar = ea;
	t.fault.ra = nhv_l2ra(DEVICE | (ea & 0xfff));
	t.fault.store = store;
}

static enum nhv_step emulate(void)
{
	enum nhv_step step = nhv_mmio_emulate(&t.vcpu, &t.fault);

	CHECK_EQ(t.vm.srcu.depth, 0, "SRCU depth");
	return step;
}

static void check_exit(u64 ra, unsigned int len, bool store)
{
	CHECK_EQ(t.run.exit_reason, KVM_EXIT_MMIO, "exit reason");
	CHECK_EQ(t.run.mmio.phys_addr, ra, "phys_addr");
	CHECK_EQ(t.run.mmio.len, len, "len");
	CHECK_EQ(t.run.mmio.is_write, store, "is_write");
	CHECK(t.vcpu.mmio.pending, "pending");
}

static void check_data(const char *want, unsigned int len)
{
	CHECK(!memcmp(t.run.mmio.data, want, len), "data %02x %02x %02x %02x",
	      t.run.mmio.data[0], t.run.mmio.data[1], t.run.mmio.data[2],
	      t.run.mmio.data[3]);
}

static void check_done(u64 nip)
{
	CHECK_EQ(t.regs.nip, nip, "NIA");
	CHECK(!t.vcpu.mmio.pending, "still pending");
	CHECK(!t.dsi && !t.isi, "an interrupt");
}

/* L3 loads, user space answers when the vCPU is L2's again. */
static void test_nested(void)
{
	setup(0, LHA, true, EA, false);
	t.vcpu.nested.guest = (struct nhv_nested *)0x1000;
	CHECK_EQ(emulate(), NHV_STEP_USER, "step");
	CHECK_EQ(t.nested_fetches, 1, "fetched as L3");
	check_exit(DEVICE, 2, false);
	CHECK_EQ(t.regs.nip, NIP + 4, "NIA");
	t.vcpu.nested.guest = NULL;
	t.run.mmio.data[0] = 0xfe;
	t.run.mmio.data[1] = 0xff;
	CHECK_EQ(nhv_mmio_finish(&t.vcpu), NHV_STEP_GUEST, "step");
	CHECK_EQ(t.nested_loads, 1, "put where L2 takes it from");
	CHECK_EQ(t.nested_value, -2ULL, "value");
	CHECK_EQ(t.regs.gpr[3], 0x0001020304050607ULL, "L2's register");
}

static void test_store(void)
{
	setup(0, STD, true, EA, true);
	CHECK_EQ(emulate(), NHV_STEP_USER, "step");
	check_exit(DEVICE, 8, true);
	check_data("\7\6\5\4\3\2\1\0", 8);
	CHECK_EQ(nhv_mmio_finish(&t.vcpu), NHV_STEP_GUEST, "step");
	check_done(NIP + 4);
	CHECK_EQ(t.vcpu.stats.mmio_exits, 1, "counter");

	setup(0, STD, false, EA, true);
	CHECK_EQ(emulate(), NHV_STEP_USER, "step");
	check_data("\0\1\2\3\4\5\6\7", 8);

	setup(0, STWBRX, true, EA, true);
	CHECK_EQ(emulate(), NHV_STEP_USER, "step");
	check_exit(DEVICE, 4, true);
	check_data("\4\5\6\7\0\0\0\0", 8);
}

static void test_update(void)
{
	setup(0, STWU_8, true, EA + 8, true);
	CHECK_EQ(emulate(), NHV_STEP_USER, "step");
	check_exit(DEVICE + 8, 4, true);
	CHECK_EQ(t.regs.gpr[4], EA + 8, "base register");

	/* What user space does to len must not matter. */
	setup(0, LHZU_2, true, EA + 2, false);
	CHECK_EQ(emulate(), NHV_STEP_USER, "step");
	check_exit(DEVICE + 2, 2, false);
	memcpy(t.run.mmio.data, "\2\1\xff\xff\xff\xff\xff\xff", 8);
	t.run.mmio.len = 0xffffffff;
	CHECK_EQ(nhv_mmio_finish(&t.vcpu), NHV_STEP_GUEST, "step");
	CHECK_EQ(t.regs.gpr[3], 0x102, "loaded");
	CHECK_EQ(t.regs.gpr[4], EA + 2, "base register");
	check_done(NIP + 4);
	/* The base that lies in the instruction's own register. */
	setup(0, 0x94840008, true, EA + 8, true);	/* stwu 4,8(4) */
	CHECK_EQ(emulate(), NHV_STEP_USER, "step");
	check_data("\0\0\0\0", 4);
	CHECK_EQ(t.regs.gpr[4], EA + 8, "base register");
}

static void test_load(void)
{
	setup(0, LHA, false, EA, false);
	CHECK_EQ(emulate(), NHV_STEP_USER, "step");
	check_exit(DEVICE, 2, false);
	check_data("\0\0\0\0\0\0\0\0", 8);
	CHECK_EQ(t.regs.gpr[3], 0x0001020304050607ULL, "not yet");
	memcpy(t.run.mmio.data, "\x80\1", 2);
	CHECK_EQ(nhv_mmio_finish(&t.vcpu), NHV_STEP_GUEST, "step");
	CHECK_EQ(t.regs.gpr[3], 0xffffffffffff8001ULL, "loaded");
	CHECK_EQ(t.flushes, 0, "flushes for a GPR");
	check_done(NIP + 4);

	setup(0, LFS, true, EA, false);
	CHECK_EQ(emulate(), NHV_STEP_USER, "step");
	memcpy(t.run.mmio.data, "\0\0\xc0\xbf", 4);
	CHECK_EQ(nhv_mmio_finish(&t.vcpu), NHV_STEP_GUEST, "step");
	CHECK_EQ(t.vcpu.fp.fpr[3][TS_FPROFFSET], 0xbff8000000000000ULL, "FPR");
	CHECK(t.flushes, "FP state was not flushed");
}

/* A quadword is two accesses; the register changes at the end. */
static void check_quad(u32 word, const u64 *dw)
{
	setup(0, word, true, EA, false);
	CHECK_EQ(emulate(), NHV_STEP_USER, "step");
	check_exit(DEVICE, 8, false);
	memcpy(t.run.mmio.data, "\x0f\x0e\x0d\x0c\x0b\x0a\x09\x08", 8);
	CHECK_EQ(nhv_mmio_finish(&t.vcpu), NHV_STEP_USER, "step");
	check_exit(DEVICE + 8, 8, false);
	CHECK(!dw[0] && !dw[1], "written too early");
	memcpy(t.run.mmio.data, "\x07\x06\x05\x04\x03\x02\x01\x00", 8);
	CHECK_EQ(nhv_mmio_finish(&t.vcpu), NHV_STEP_GUEST, "step");
	CHECK_EQ(dw[TS_FPROFFSET], 0x0001020304050607ULL, "left");
	CHECK_EQ(dw[TS_VSRLOWOFFSET], 0x08090a0b0c0d0e0fULL, "right");
	check_done(NIP + 4);
	CHECK_EQ(t.vcpu.stats.mmio_exits, 2, "counter");
}

static void test_vector(void)
{
	unsigned int i;

	check_quad(LXV3, t.vcpu.fp.fpr[3]);
	check_quad(LXV35, (u64 *)&t.vcpu.vr.vr[3]);
	check_quad(LVX, (u64 *)&t.vcpu.vr.vr[3]);

	setup(0, STXVW4X, true, EA, true);
	t.vcpu.fp.fpr[3][TS_FPROFFSET] = 0x0001020304050607ULL;
	t.vcpu.fp.fpr[3][TS_VSRLOWOFFSET] = 0x08090a0b0c0d0e0fULL;
	CHECK_EQ(emulate(), NHV_STEP_USER, "step");
	for (i = 0; i < 4; i++) {
		char want[4] = { 4 * i + 3, 4 * i + 2, 4 * i + 1, 4 * i };

		check_exit(DEVICE + 4 * i, 4, true);
		check_data(want, 4);
		CHECK_EQ(nhv_mmio_finish(&t.vcpu),
			 i < 3 ? NHV_STEP_USER : NHV_STEP_GUEST, "step");
	}
	check_done(NIP + 4);
}

static void test_prefixed(void)
{
	setup(PREFIX_MLS, STW, true, EA, true);
	t.vcpu.cause = NHV_SRR1_PREFIXED;
	CHECK_EQ(emulate(), NHV_STEP_USER, "step");
	check_exit(DEVICE, 4, true);
	CHECK_EQ(nhv_mmio_finish(&t.vcpu), NHV_STEP_GUEST, "step");
	check_done(NIP + 8);
	/* The level below may not say so. */
	setup(PREFIX_MLS, STW, true, EA, true);
	CHECK_EQ(emulate(), NHV_STEP_USER, "step");
	CHECK_EQ(t.regs.nip, NIP + 8, "NIA");
	/* At the end of 64 bytes there is no room for a suffix. */
	setup(PREFIX_MLS, STW, true, EA, true);
	t.regs.nip = NIP + 60;
	t.code_at = NIP + 60;
	CHECK_EQ(emulate(), NHV_STEP_GUEST, "step");
	CHECK_EQ(t.dsi, 1, "DSI");
}

static void test_doorbell(void)
{
	setup(0, STB, true, EA, true);
	t.event_ra = DEVICE;
	t.code_gone = true;
	CHECK_EQ(emulate(), NHV_STEP_GUEST, "step");
	CHECK_EQ(t.signals, 1, "signals");
	CHECK_EQ(t.fetches, 0, "fetches");
	CHECK_EQ(t.vcpu.stats.mmio_kernel, 1, "counter");
	check_done(NIP + 4);

	/* Where only the instruction tells its length. */
	setup(PREFIX_MLS, STW, true, EA, true);
	t.event_ra = DEVICE;
	t.arch_31 = true;
	nhv_level.keeps_translations = false;
	CHECK_EQ(emulate(), NHV_STEP_GUEST, "step");
	CHECK_EQ(t.signals, 1, "signals");
	check_done(NIP + 8);

	/* Not to be known: the bell waits, lest it rings for each try. */
	t.regs.nip = NIP;
	t.code_gone = true;
	CHECK_EQ(emulate(), NHV_STEP_GUEST, "step");
	CHECK_EQ(t.signals, 1, "signals");
	check_done(NIP);

	/* And where it says so. */
	setup(PREFIX_MLS, STW, true, EA, true);
	t.event_ra = DEVICE;
	t.vcpu.cause = NHV_SRR1_PREFIXED;
	CHECK_EQ(emulate(), NHV_STEP_GUEST, "step");
	CHECK_EQ(t.fetches, 0, "fetches");
	check_done(NIP + 8);

	/* A load rings no bell. */
	setup(0, LHA, true, EA, false);
	t.event_ra = DEVICE;
	CHECK_EQ(emulate(), NHV_STEP_USER, "step");
	CHECK_EQ(t.signals, 0, "signals");
}

static void test_event(void)
{
	setup(0, STWU_8, false, EA + 8, true);
	t.event_ra = DEVICE + 8;
	t.event_len = 4;
	t.event_data = 0x07060504;	/* the bytes 4 5 6 7 read in host order */
	CHECK_EQ(emulate(), NHV_STEP_GUEST, "step");
	CHECK_EQ(t.signals, 1, "signals");
	CHECK_EQ(t.regs.gpr[4], EA + 8, "base register");
	CHECK_EQ(t.vcpu.stats.mmio_kernel, 1, "counter");
	check_done(NIP + 4);

	/* Other data, other length: user space. */
	setup(0, STWU_8, true, EA + 8, true);
	t.event_ra = DEVICE + 8;
	t.event_len = 4;
	t.event_data = 0x07060504;
	CHECK_EQ(emulate(), NHV_STEP_USER, "step");
	t.event_data = 0x04050607;
	t.event_len = 2;
	CHECK_EQ(t.signals, 0, "signals");

	/* One element of four: the other three go to user space. */
	setup(0, STXVW4X, true, EA, true);
	t.event_ra = DEVICE + 4;
	t.event_len = 4;
	CHECK_EQ(emulate(), NHV_STEP_USER, "step");
	check_exit(DEVICE, 4, true);
	CHECK_EQ(nhv_mmio_finish(&t.vcpu), NHV_STEP_USER, "step");
	check_exit(DEVICE + 8, 4, true);
	CHECK_EQ(t.signals, 1, "signals");
	CHECK_EQ(nhv_mmio_finish(&t.vcpu), NHV_STEP_USER, "step");
	check_exit(DEVICE + 12, 4, true);
	CHECK_EQ(nhv_mmio_finish(&t.vcpu), NHV_STEP_GUEST, "step");
	check_done(NIP + 4);
}

static void again(const char *why)
{
	struct nhv_pt_regs before = t.regs;

	CHECK(emulate() == NHV_STEP_GUEST, "%s: step", why);
	CHECK(!memcmp(&before, &t.regs, sizeof(before)), "%s: changed", why);
	check_done(NIP);
}

/* What cannot be the instruction that faulted is left to the guest. */
static void test_mismatch(void)
{
	setup(0, STD, true, EA, false);
	again("a store, the fault a load's");
	setup(0, LHA, true, EA, true);
	again("a load, the fault a store's");
	setup(0, STD, true, EA, true);
	t.vcpu.cause = NHV_SRR1_PREFIXED;
	again("one word, the fault a prefixed one's");
	setup(0, STD, true, EA + 8, true);
	again("another address");
	setup(0, STD, true, EA - 1, true);
	again("another address");
	setup(0, LFS, true, EA, false);
	t.regs.msr &= ~NHV_MSR_FP;
	again("FP off");
	setup(0, LXV3, true, EA, false);
	t.regs.msr &= ~NHV_MSR_VSX;
	again("VSX off");
	setup(0, LXV35, true, EA, false);
	t.regs.msr &= ~NHV_MSR_VEC;
	again("VMX off");
	setup(0, STD, true, EA, true);
	t.code_gone = true;
	again("no instruction");
}

/* Such a fault that stays the same is refused in the end. */
static void test_again(void)
{
	unsigned int i;

	setup(0, STD, true, EA, false);
	for (i = 0; i < 100 && !t.dsi; i++)
		emulate();
	CHECK(i > 8 && t.dsi == 1, "%u tries, %u DSI", i, t.dsi);
	/* Not so when it is another one each time. */
	setup(0, STD, true, EA, false);
	for (i = 0; i < 1000; i++) {
		t.code_at += 64;
		t.regs.nip += 64;
		emulate();
	}
	CHECK_EQ(t.dsi, 0, "DSI");
	/* Nor when something was done in between. */
	setup(0, STD, true, EA, true);
	for (i = 0; i < 1000; i++) {
		t.fault.store = i % 8;
		t.regs.nip = NIP;
		if (emulate() == NHV_STEP_USER)
			nhv_mmio_finish(&t.vcpu);
	}
	CHECK_EQ(t.dsi, 0, "DSI");
}

/* HDAR may be any byte of the operand. */
static void test_inside(void)
{
	setup(0, LXV3, true, EA + 8, false);
	CHECK_EQ(emulate(), NHV_STEP_USER, "step");
	check_exit(DEVICE, 8, false);
	setup(0, STD, true, EA, true);
	t.gs.hdar |= 0xfULL << 60;	/* real mode: not looked at */
	CHECK_EQ(emulate(), NHV_STEP_USER, "step");
	check_exit(DEVICE, 8, true);
}

static void refused(const char *why, u64 dsisr)
{
	CHECK(emulate() == NHV_STEP_GUEST, "%s: step", why);
	CHECK(t.dsi == 1 && t.dar == t.gs.hdar, "%s: DSI", why);
	CHECK_EQ(t.dsisr, dsisr, why);
	CHECK_EQ(t.regs.nip, NIP, why);
	CHECK(!t.vcpu.mmio.pending, "%s: pending", why);
}

static void test_refused(void)
{
	setup(0, DCBZ, true, EA, true);
	refused("dcbz", NHV_DSISR_NOHPTE | NHV_DSISR_ISSTORE);
	setup(0, 0x7c602028, true, EA, false);	/* lwarx 3,0,4 */
	refused("lwarx", NHV_DSISR_NOHPTE);
	setup(0, STD, true, EA, true);
	t.regs.gpr[4] = EA + 0xffc;
	t.gs.hdar = EA + 0xffc;
	refused("across pages", NHV_DSISR_NOHPTE | NHV_DSISR_ISSTORE);
	setup(0, STD, true, EA, true);
	t.regs.gpr[4] = EA + 0xff8;
	t.gs.hdar = EA + 0xff8;
	CHECK_EQ(emulate(), NHV_STEP_USER, "the last of a page");
	check_exit(DEVICE + 0xff8, 8, true);

	setup(0, STD, true, EA, false);
	t.fault.fetch = true;
	CHECK_EQ(emulate(), NHV_STEP_GUEST, "step");
	CHECK_EQ(t.isi, 1, "ISI");
	CHECK_EQ(t.fetches, 0, "fetches");
}

/* Whatever the words: no crash, and an end after 16 answers at the most. */
static void test_garbage(void)
{
	unsigned int i, answers;
	enum nhv_step step;

	srandom(1);
	for (i = 0; i < 200000; i++) {
		u32 word = random() << 16 ^ random();

		if (i & 1)
			word = (word & 0x3fffffe) | 31U << 26;
		setup(i & 2 ? 0 : PREFIX_MLS | (word & 0x1ffffff), word, i & 4,
		      EA, i & 8);
		t.gs.hdar = 0;
		t.regs.gpr[word >> 16 & 31] = 0;
		t.regs.gpr[word >> 11 & 31] = 0;
		step = emulate();
		for (answers = 0; step == NHV_STEP_USER && answers < 17;
		     answers++)
			step = nhv_mmio_finish(&t.vcpu);
		CHECK(step == NHV_STEP_GUEST, "%08x: no end", word);
	}
}

int main(void)
{
	static const struct ktap_case cases[] = {
		{ "mmio: of a guest of the guest", test_nested },
		{ "mmio: store", test_store },
		{ "mmio: load", test_load },
		{ "mmio: update forms", test_update },
		{ "mmio: several accesses", test_vector },
		{ "mmio: prefixed", test_prefixed },
		{ "mmio: events of any length", test_doorbell },
		{ "mmio: events", test_event },
		{ "mmio: not the instruction that faulted", test_mismatch },
		{ "mmio: sent back for ever", test_again },
		{ "mmio: address inside the operand", test_inside },
		{ "mmio: refused", test_refused },
		{ "mmio: garbage", test_garbage },
	};

	return ktap_main(cases, ARRAY_SIZE(cases));
}

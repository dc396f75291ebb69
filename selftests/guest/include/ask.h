/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a payload can ask of the small VMM, by private hypercalls.
 *
 * The numbers lie in the range that PAPR leaves to the platform and that no
 * hypervisor here answers in the kernel.  Both sides include this file.
 */
#ifndef NHV_ASK_H
#define NHV_ASK_H

#define H_TEST_EXIT	0xF100	/* r4: exit status of the VMM */
#define H_TEST_PRINT	0xF104	/* r4: real address, r5: length */
#define H_TEST_ASK	0xF108	/* r4: ASK_*, r5..r9: arguments */
#define H_TEST_NONE	0xF10C	/* answered by the VMM with H_FUNCTION */

/*
 * r3 is 0 or a negative errno of the VMM, results are in r4...
 * "real" is a guest real address.
 */
enum ask {
	ASK_ONE_REG_GET,	/* id, real, vcpu index */
	ASK_ONE_REG_SET,	/* id, real, vcpu index */
	ASK_DONTNEED,		/* real, length: MADV_DONTNEED; r4: ticks it took */
	ASK_POPULATE,		/* the same for MADV_POPULATE_WRITE */
	ASK_SYNC,		/* registers in and out as by QEMU; r4: ticks */
	ASK_SLOT_DELETE,	/* slot */
	ASK_SLOT_ADD,		/* slot, flags (KVM_MEM_*) */
	ASK_DIRTY_PAGES,	/* slot; r4: pages dirty since the last time */
	ASK_DIRTY_FIRST,	/* slot; r4: first and r5: last dirty page */
	ASK_EVENT_ADD,		/* address, length, datamatch, flags (KVM_IOEVENTFD_*) */
	ASK_EVENT_DEL,		/* the same again */
	ASK_EVENT_COUNT,	/* r4: signals since the last time */
	ASK_IRQ,		/* vcpu, 1 or 0: level of the external interrupt */
	ASK_IRQ_LATER,		/* vcpu, microseconds: raise the line then */
	ASK_PROD_LATER,		/* not a call of PAPR: kick the vcpu's thread then */
	ASK_SLEEP,		/* microseconds */
	ASK_DEVICE_FILL,	/* seed: bytes of the test device */
	ASK_DEVICE_READ,	/* offset; r4: its 8 bytes as a little-endian number */
	ASK_DEVICE_LOG,		/* r4: accesses, r5: bytes, r6: largest since the last time */
	ASK_STOP_WORD,		/* real: where the VMM stores 1 when it is time to stop */
	ASK_SUSPEND,		/* read all registers of this vcpu, write them back */
	ASK_STORM,		/* rounds, pages: see storm.c; r4: complaints, r5: stores */
	ASK_EXITS,		/* r4: exits of all guests here so far, by the kernel's count */
	ASK_INVALIDATIONS,	/* r4: hypercalls that invalidated, as nhv counts them */
	ASK_EMPTY_TURNS,	/* turns; r4: ticks of so many without KVM_RUN */
	ASK_TCE_MAKE,		/* bus, page shift, offset, size: as KVM_CREATE_SPAPR_TCE_64 */
	ASK_TCE_GET,		/* index; r4: its entry as the VMM sees it */
	ASK_TCE_SET,		/* index, entry */
	ASK_TCE_END,		/* the table goes */
	ASK_REMOVE,		/* as ASK_DONTNEED, for MADV_REMOVE: memory of a file */
	ASK_IRQ_TRAIN,		/* vcpu, real, count: see irqs.c */
	ASK_NR
};

/* The test device: 64K of memory, each access an exit. */
#define DEVICE_BASE	0x200000000000UL
#define DEVICE_SIZE	0x10000UL

/* The second memory slot, when --extra gives one. */
#define EXTRA_BASE	0x100000000UL

#endif

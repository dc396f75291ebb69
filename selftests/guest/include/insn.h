/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef GUEST_INSN_H
#define GUEST_INSN_H

#define INSN_LOAD	0x01
#define INSN_STORE	0x02
#define INSN_UPDATE	0x04	/* changes r4 */
#define INSN_P9		0x08	/* from ISA 3.0 on */
#define INSN_P10	0x10	/* prefixed, or from ISA 3.1 on */
#define INSN_WHOLE	0x20	/* 16 bytes as one element; kvm-hv cannot decode these */
#define INSN_ALIGN16	0x40	/* the address is rounded down to 16 */
#define INSN_SCALAR	0x80	/* the second doubleword is undefined after it */

#endif

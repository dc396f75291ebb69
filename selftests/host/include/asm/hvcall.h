/* SPDX-License-Identifier: GPL-2.0-only */
/* The kernel's stubs of hypercalls; a test is the level below. */
#ifndef HOST_HVCALL_H
#define HOST_HVCALL_H

#define PLPAR_HCALL_BUFSIZE	4

long plpar_hcall_norets(unsigned long opcode, ...);
long plpar_hcall(unsigned long opcode, unsigned long *out, ...);

#endif

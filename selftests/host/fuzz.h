/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypercalls of a guest hypervisor, driven by bytes: see fuzz.c. */
#ifndef FUZZ_H
#define FUZZ_H

#include <linux/types.h>

/** fuzz_name() - of a target, NULL beyond the last */
const char *fuzz_name(unsigned int target);

/** fuzz_run() - one input; what is wrong is counted as by CHECK() */
void fuzz_run(unsigned int target, const u8 *data, size_t size);

#endif

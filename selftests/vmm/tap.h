/* SPDX-License-Identifier: GPL-2.0-only */
/* KTAP output of the modes that run without a payload. */
#ifndef NHV_VMM_TAP_H
#define NHV_VMM_TAP_H

#include <stdbool.h>

void tap_begin(void);
/* One result; returns ok. */
__attribute__((format(printf, 2, 3))) bool tap(bool ok, const char *fmt, ...);
__attribute__((format(printf, 1, 2))) void remark(const char *fmt, ...);
/* The plan, and the exit status. */
int tap_end(void);

#endif

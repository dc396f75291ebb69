/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef CALL_PROCESSOR_H
#define CALL_PROCESSOR_H

#define cpu_relax()	((void)0)

#endif

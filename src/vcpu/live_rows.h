/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Loops over regs.def that read and write live registers; for live.h and
 * live_pmu.c.
 *
 * A loop is an inclusion of regs.def with NHV_DO_<home> defined for the homes it
 * is about; rows of all others expand to nothing. It has to be text: the number
 * of a special purpose register is part of the instruction.
 */
#ifndef NHV_LIVE_ROWS_H
#define NHV_LIVE_ROWS_H

#include <asm/reg.h>
#include <abi/spr.h>

#define NHV_IGNORE(member, spr)
#define NHV_REG(name, bytes, home, member, one_reg, gsid) \
	NHV_DO_##home(member, NHV_SPR_##name)

#define NHV_DO_GS		NHV_IGNORE
#define NHV_DO_REGS		NHV_IGNORE
#define NHV_DO_ASK		NHV_IGNORE
#define NHV_DO_KEPT		NHV_IGNORE
#define NHV_DO_FAULT		NHV_IGNORE
#define NHV_DO_CTRL		NHV_IGNORE
#define NHV_DO_PMU_CTL		NHV_IGNORE

/* Save a register and load another value, if they differ. */
#define nhv_swap_spr(have, save, spr, load)		\
do {							\
	u64 to;						\
							\
	if (!(have))					\
		break;					\
	to = (load);					\
	(save) = mfspr(spr);				\
	if ((save) != to)				\
		mtspr(spr, to);				\
} while (0)

#define nhv_save_spr(have, save, spr)			\
do {							\
	if (have)					\
		(save) = mfspr(spr);			\
} while (0)

#define nhv_load_spr(have, spr, load)			\
do {							\
	if (have)					\
		mtspr(spr, load);			\
} while (0)

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bytes of a load or store as they lie in storage, from and to the
 * register. Pure.
 */
#ifndef NHV_VCPU_IMAGE_H
#define NHV_VCPU_IMAGE_H

#include "decode.h"

/**
 * struct nhv_reg_value - a register's content
 * @dw: the doublewords of a VSR, the left one first; a GPR is in the first
 */
struct nhv_reg_value {
	u64 dw[2];
};

/**
 * nhv_image_store() - what a store puts into storage
 * @insn: decoded, a store
 * @little: the guest is in little-endian mode
 * @ea: its effective address
 * @value: the register
 * @image: gets @insn->bytes bytes, the one at @ea first
 */
void nhv_image_store(const struct nhv_insn *insn, bool little, u64 ea,
		     const struct nhv_reg_value *value, u8 *image);

/**
 * nhv_image_load() - what a load puts into its register
 * @insn: decoded, a load
 * @little: the guest is in little-endian mode
 * @ea: its effective address
 * @image: @insn->bytes bytes, the one at @ea first
 * @value: the register before, and after
 */
void nhv_image_load(const struct nhv_insn *insn, bool little, u64 ea,
		    const u8 *image, struct nhv_reg_value *value);

#endif

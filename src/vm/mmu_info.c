// SPDX-License-Identifier: GPL-2.0-only
/*
 * What user space asks about the MMU and the processor before it builds the
 * guest's device tree.
 */
#include <linux/kvm.h>
#include <asm/hvcall.h>
#include <nhv/vm.h>
#include <abi/numbers.h>

/* Trees that a guest may build: bits of each level, the lowest first. */
void nhv_rmmu_info(struct kvm_ppc_rmmu_info *info)
{
	*info = (struct kvm_ppc_rmmu_info) {
		.geometries = {
			{ .page_shift = 12, .level_bits = { 9, 9, 9, 13 } },
			{ .page_shift = 16, .level_bits = { 5, 9, 9, 13 } },
		},
		/* page shift, with the AP field of tlbie in the top 3 bits */
		.ap_encodings = {
			NHV_SHIFT_4K | NHV_AP_4K << 29,
			NHV_SHIFT_64K | (u32)NHV_AP_64K << 29,
			NHV_SHIFT_2M | NHV_AP_2M << 29,
			NHV_SHIFT_1G | NHV_AP_1G << 29,
		},
	};
}

/*
 * There is no hash MMU for a guest of ours, but QEMU checks these for any
 * guest: the segment sizes of POWER7, 4K and 64K pages.
 */
void nhv_smmu_info(struct kvm_ppc_smmu_info *info)
{
	*info = (struct kvm_ppc_smmu_info) {
		.flags = KVM_PPC_1T_SEGMENTS | KVM_PPC_NO_HASH,
		.slb_size = 32,
		.data_keys = 32,
		.instr_keys = 32,
		.sps = {
			{ .page_shift = 12, .slb_enc = 0,
			  .enc = { { .page_shift = 12, .pte_enc = 0 } } },
			{ .page_shift = 16, .slb_enc = 0x110,
			  .enc = { { .page_shift = 16, .pte_enc = 1 } } },
		},
	};
}

#define NHV_CPU_CHARACTERS	(KVM_PPC_CPU_CHAR_SPEC_BAR_ORI31 | \
				 KVM_PPC_CPU_CHAR_BCCTRL_SERIALISED | \
				 KVM_PPC_CPU_CHAR_L1D_FLUSH_ORI30 | \
				 KVM_PPC_CPU_CHAR_L1D_FLUSH_TRIG2 | \
				 KVM_PPC_CPU_CHAR_L1D_THREAD_PRIV | \
				 KVM_PPC_CPU_CHAR_BR_HINT_HONOURED | \
				 KVM_PPC_CPU_CHAR_MTTRIG_THR_RECONF | \
				 KVM_PPC_CPU_CHAR_COUNT_CACHE_DIS | \
				 KVM_PPC_CPU_CHAR_BCCTR_FLUSH_ASSIST)

#define NHV_CPU_BEHAVIOURS	(KVM_PPC_CPU_BEHAV_FAVOUR_SECURITY | \
				 KVM_PPC_CPU_BEHAV_L1D_FLUSH_PR | \
				 KVM_PPC_CPU_BEHAV_BNDS_CHK_SPEC_BAR | \
				 KVM_PPC_CPU_BEHAV_FLUSH_COUNT_CACHE)

/* PAPR H_GET_CPU_CHARACTERISTICS; without it nothing is known of the CPU. */
void nhv_cpu_char(struct kvm_ppc_cpu_char *info)
{
	unsigned long out[PLPAR_HCALL_BUFSIZE];

	*info = (struct kvm_ppc_cpu_char) { 0 };
	if (plpar_hcall(NHV_H_GET_CPU_CHARACTERISTICS, out) != NHV_H_SUCCESS)
		return;
	info->character = out[0];
	info->behaviour = out[1];
	info->character_mask = NHV_CPU_CHARACTERS;
	info->behaviour_mask = NHV_CPU_BEHAVIOURS;
}

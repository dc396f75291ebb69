/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an entry can end with, as data: X(vector, name, handler, counter), with
 * commas between.
 *
 *	vector	as H_ENTER_NESTED returns it
 *	name	as the ISA and perf spell it
 *	handler	in src/vcpu
 *	counter	of struct nhv_vcpu_stats
 */
#ifndef NHV_EXITS_H
#define NHV_EXITS_H

#define NHV_EXITS(X) \
	X(0x000, RETURN_TO_HOST, nhv_exit_nothing, host_exits), \
	X(0x100, SYSTEM_RESET, nhv_exit_nothing, system_reset_exits), \
	X(0x200, MACHINE_CHECK, nhv_exit_machine_check, machine_check_exits), \
	X(0x500, EXTERNAL, nhv_exit_nothing, ext_intr_exits), \
	X(0x700, PROGRAM, nhv_exit_program, program_exits), \
	X(0x980, HV_DECREMENTER, nhv_exit_nothing, dec_exits), \
	X(0xc00, SYSCALL, nhv_exit_hcall, syscall_exits), \
	X(0xe00, H_DATA_STORAGE, nhv_exit_data_fault, h_data_storage_exits), \
	X(0xe20, H_INST_STORAGE, nhv_exit_inst_fault, h_inst_storage_exits), \
	X(0xe40, H_EMUL_ASSIST, nhv_exit_emul_assist, h_emul_assist_exits), \
	X(0xe60, HMI, nhv_exit_nothing, hmi_exits), \
	X(0xe80, H_DOORBELL, nhv_exit_nothing, dbell_exits), \
	X(0xea0, H_VIRT, nhv_exit_nothing, ext_intr_exits), \
	X(0xf00, PERFMON, nhv_exit_nothing, perfmon_exits), \
	X(0xf80, H_FAC_UNAVAIL, nhv_exit_facility, h_fac_unavail_exits), \
	X(0x1500, SOFTPATCH, nhv_exit_illegal, softpatch_exits)

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside src/observe: the numbers, for whoever shows them. A line is a name,
 * a blank and a decimal number.
 */
#ifndef NHV_OBSERVE_STATS_H
#define NHV_OBSERVE_STATS_H

struct nhv_vcpu;
struct nhv_vm;
struct seq_file;

/** nhv_stats_show_vcpu() - what one vCPU counted */
void nhv_stats_show_vcpu(struct seq_file *file, const struct nhv_vcpu *vcpu);

/** nhv_stats_show_vm() - what one VM and its vCPUs counted */
void nhv_stats_show_vm(struct seq_file *file, struct nhv_vm *vm);

/** nhv_stats_show_all() - what exists, and the sums over all VMs ever */
void nhv_stats_show_all(struct seq_file *file);

/** nhv_stats_add() - count a VM in the sums */
void nhv_stats_add(struct nhv_vm *vm);

/** nhv_stats_remove() - keep its counts and forget it */
void nhv_stats_remove(struct nhv_vm *vm);

#endif

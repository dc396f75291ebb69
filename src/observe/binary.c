// SPDX-License-Identifier: GPL-2.0-only
/*
 * KVM_GET_STATS_FD: a descriptor from which the statistics of a VM or a vCPU are
 * read in KVM's binary format (KVM API 4.134): a header, a name for the whole, a
 * row for each statistic, and the data.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kvm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <nhv/vcpu.h>
#include <nhv/vm.h>
#include "stats.h"

/**
 * struct nhv_stats_file - an open descriptor
 * @vm: with a reference
 * @vcpu: NULL for the VM's
 * @nr: rows it has
 * @size: of its data
 * @header: the first part of what is read
 * @id: the second
 */
struct nhv_stats_file {
	struct nhv_vm *vm;
	const struct nhv_vcpu *vcpu;
	unsigned int nr;
	size_t size;
	struct kvm_stats_header header;
	char id[NHV_STATS_NAME];
};

/* What a VM tells of the level below, where that counts at all. */
static void nhv_stats_extent(struct nhv_stats_file *stats)
{
	struct nhv_level_counters below;

	if (stats->vcpu) {
		stats->nr = nhv_stats_nr_vcpu;
		stats->size = sizeof(struct nhv_vcpu_stats);
	} else if (nhv_level_counters(&below)) {
		stats->nr = nhv_stats_nr;
		stats->size = offsetof(struct nhv_numbers, below);
	} else {
		stats->nr = nhv_stats_nr_below;
		stats->size = sizeof(struct nhv_numbers);
	}
}

static void nhv_stats_head(struct nhv_stats_file *stats)
{
	struct kvm_stats_header *header = &stats->header;

	nhv_stats_extent(stats);
	header->name_size = NHV_STATS_NAME;
	header->num_desc = stats->nr;
	header->id_offset = sizeof(*header);
	header->desc_offset = header->id_offset + sizeof(stats->id);
	header->data_offset = header->desc_offset +
			      header->num_desc * sizeof(nhv_stats_rows[0]);
	if (stats->vcpu)
		snprintf(stats->id, sizeof(stats->id), "kvm-%d/vcpu-%u",
			 task_tgid_nr(current), stats->vcpu->id);
	else
		snprintf(stats->id, sizeof(stats->id), "kvm-%d",
			 task_tgid_nr(current));
}

/*
 * What of a part of the file is in the range still to be read.
 *
 * Return: 0 or -EFAULT.
 */
static int nhv_stats_part(char __user **to, size_t *left, loff_t *at,
			  u32 start, const void *part, size_t size)
{
	size_t skip = *at - start, len;

	if (*at < start || skip >= size || !*left)
		return 0;
	len = min(*left, size - skip);
	if (copy_to_user(*to, part + skip, len))
		return -EFAULT;
	*to += len;
	*at += len;
	*left -= len;
	return 0;
}

static struct nhv_numbers *nhv_stats_now(const struct nhv_stats_file *stats)
{
	struct nhv_numbers *numbers = kzalloc(sizeof(*numbers),
					      GFP_KERNEL_ACCOUNT);

	if (!numbers)
		return NULL;
	if (stats->vcpu)
		nhv_numbers_of_vcpu(numbers, stats->vcpu);
	else
		nhv_numbers_of_vm(numbers, stats->vm);
	/* If it does not say so this time, they are 0. */
	if (stats->nr == nhv_stats_nr_below)
		nhv_level_counters(&numbers->below);
	return numbers;
}

static ssize_t nhv_stats_read(struct file *file, char __user *to, size_t left,
			      loff_t *at)
{
	const struct nhv_stats_file *stats = file->private_data;
	const struct kvm_stats_header *header = &stats->header;
	struct nhv_numbers *numbers = nhv_stats_now(stats);
	const loff_t from = *at;
	int err;

	if (!numbers)
		return -ENOMEM;
	err = nhv_stats_part(&to, &left, at, 0, header, sizeof(*header));
	if (!err)
		err = nhv_stats_part(&to, &left, at, header->id_offset,
				     stats->id, sizeof(stats->id));
	if (!err)
		err = nhv_stats_part(&to, &left, at, header->desc_offset,
				     nhv_stats_rows, header->data_offset -
				     header->desc_offset);
	if (!err)
		err = nhv_stats_part(&to, &left, at, header->data_offset,
				     numbers, stats->size);
	kfree(numbers);
	return err && *at == from ? err : *at - from;
}

static int nhv_stats_close(struct inode *inode, struct file *file)
{
	struct nhv_stats_file *stats = file->private_data;

	nhv_vm_put(stats->vm);
	kfree(stats);
	return 0;
}

static const struct file_operations nhv_stats_fops = {
	.owner = THIS_MODULE,
	.read = nhv_stats_read,
	.release = nhv_stats_close,
	.llseek = noop_llseek,
};

static struct file *nhv_stats_open(struct nhv_stats_file *stats)
{
	char name[sizeof("kvm-vcpu-stats:") + 10] = "kvm-vm-stats";
	struct file *file;

	if (stats->vcpu)
		snprintf(name, sizeof(name), "kvm-vcpu-stats:%u",
			 stats->vcpu->id);
	file = anon_inode_getfile(name, &nhv_stats_fops, stats, O_RDONLY);
	if (!IS_ERR(file))
		file->f_mode |= FMODE_PREAD;
	return file;
}

int nhv_stats_descriptor(struct nhv_vm *vm, const struct nhv_vcpu *vcpu)
{
	struct nhv_stats_file *stats = kzalloc(sizeof(*stats),
					       GFP_KERNEL_ACCOUNT);
	struct file *file;
	int fd;

	if (!stats)
		return -ENOMEM;
	stats->vm = vm;
	stats->vcpu = vcpu;
	nhv_stats_head(stats);
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0) {
		kfree(stats);
		return fd;
	}
	file = nhv_stats_open(stats);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		kfree(stats);
		return PTR_ERR(file);
	}
	nhv_vm_get(vm);
	fd_install(fd, file);
	return fd;
}

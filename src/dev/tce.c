// SPDX-License-Identifier: GPL-2.0-only
/*
 * The descriptor of a table of TCEs: user space maps it, as its devices read what the
 * guest has put there, and it may write itself.
 */
#include <linux/anon_inodes.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <nhv/dev.h>
#include <nhv/tce.h>

static vm_fault_t nhv_tce_page_fault(struct vm_fault *vmf)
{
	struct nhv_tce_table *table = vmf->vma->vm_file->private_data;
	u64 *page;

	if (vmf->pgoff >= table->nr_pages)
		return VM_FAULT_SIGBUS;
	page = nhv_tce_page(table, vmf->pgoff);
	if (!page)
		return VM_FAULT_OOM;
	vmf->page = virt_to_page(page);
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct nhv_tce_vm_ops = {
	.fault = nhv_tce_page_fault,
};

static int nhv_tce_mmap(struct file *file, struct vm_area_struct *vma)
{
	vma->vm_ops = &nhv_tce_vm_ops;
	return 0;
}

static int nhv_tce_close(struct inode *inode, struct file *file)
{
	nhv_tce_destroy(file->private_data);
	return 0;
}

static const struct file_operations nhv_tce_fops = {
	.owner = THIS_MODULE,
	.release = nhv_tce_close,
	.mmap = nhv_tce_mmap,
	.llseek = noop_llseek,
};

int nhv_tce_descriptor(struct nhv_vm *vm,
		       const struct kvm_create_spapr_tce_64 *args)
{
	struct nhv_tce_table *table = nhv_tce_create(vm, args);
	int fd;

	if (IS_ERR(table))
		return PTR_ERR(table);
	fd = anon_inode_getfd("kvm-spapr-tce", &nhv_tce_fops, table,
			      O_RDWR | O_CLOEXEC);
	if (fd < 0)
		nhv_tce_destroy(table);
	return fd;
}

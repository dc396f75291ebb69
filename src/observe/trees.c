// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs: nhv/<pid>-<lpid>/trees, what is mapped where now.
 *
 * A line is a run of leaves: of the VM's own tree by L2 real addresses, then of
 * the shadow tree of each guest that it has, by L3 real addresses:
 *
 *	L2 0000000000000-00000001fffff 0000041200000 2M rwxRC
 *	L3/1 0000000010000-000000001ffff 0000041210000 4K r-xR-
 *
 * L3/1 is the one that L2 knows by LPID 1. Then comes the real address of L1, the
 * size of each leaf, what may be done, and R and C. The trees change while they
 * are read; each line was true when it was written.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include <nhv/nested.h>
#include <nhv/vm.h>
#include "stats.h"

/* A position: the guest's LPID, 0 for the VM itself, and the 4K page. */
#define NHV_AT_PAGES		(NHV_REAL_BITS - NHV_SHIFT_4K)

struct nhv_trees {
	struct nhv_vm *vm;
	u32 id;
	struct nhv_tree_run run;
};

static bool nhv_trees_look(struct nhv_trees *trees, const struct nhv_tree *tree,
			   u64 page)
{
	const struct nhv_tra from = { page << NHV_SHIFT_4K };
	bool found;

	spin_lock(&trees->vm->mmu_lock);
	found = nhv_tree_run(tree, from, &trees->run);
	spin_unlock(&trees->vm->mmu_lock);
	return found;
}

/* Of the guest with LPID @id at or behind @page, or of the next one. */
static bool nhv_trees_nested(struct nhv_trees *trees, u32 id, u64 page)
{
	struct nhv_nested *nested;
	bool found = false;
	u32 next = id;

	while (!found && (nested = nhv_nested_next(trees->vm, &next))) {
		trees->id = nested->id;
		found = nhv_trees_look(trees, &nested->tree,
				       nested->id == id ? page : 0);
		nhv_nested_put(nested);
	}
	return found;
}

static void *nhv_trees_start(struct seq_file *file, loff_t *pos)
{
	struct nhv_trees *trees = file->private;
	u64 page = *pos & (BIT_ULL(NHV_AT_PAGES) - 1);
	u32 id = *pos >> NHV_AT_PAGES;

	trees->id = 0;
	if ((id || !nhv_trees_look(trees, &trees->vm->tree, page)) &&
	    !nhv_trees_nested(trees, id, page))
		return NULL;
	*pos = ((u64)trees->id << NHV_AT_PAGES) +
	       (trees->run.from.addr >> NHV_SHIFT_4K);
	return trees;
}

/* Behind the last page of one is the first of the next. */
static void *nhv_trees_next(struct seq_file *file, void *at, loff_t *pos)
{
	const struct nhv_trees *trees = at;

	*pos = ((u64)trees->id << NHV_AT_PAGES) +
	       ((trees->run.from.addr + trees->run.size) >> NHV_SHIFT_4K);
	return nhv_trees_start(file, pos);
}

static void nhv_trees_stop(struct seq_file *file, void *at)
{
}

static const char *nhv_trees_size(unsigned int shift)
{
	switch (shift) {
	case NHV_SHIFT_4K:
		return "4K";
	case NHV_SHIFT_64K:
		return "64K";
	case NHV_SHIFT_2M:
		return "2M";
	default:
		return "1G";
	}
}

static int nhv_trees_show(struct seq_file *file, void *at)
{
	const struct nhv_trees *trees = at;
	const struct nhv_tree_run *run = &trees->run;

	if (trees->id)
		seq_printf(file, "L3/%u", trees->id);
	else
		seq_puts(file, "L2");
	seq_printf(file, " %013llx-%013llx %013llx %s %c%c%c%c%c%s\n",
		   run->from.addr, run->from.addr + run->size - 1, run->to.addr,
		   nhv_trees_size(run->shift),
		   run->bits & NHV_PTE_READ ? 'r' : '-',
		   run->bits & NHV_PTE_WRITE ? 'w' : '-',
		   run->bits & NHV_PTE_EXEC ? 'x' : '-',
		   run->bits & NHV_PTE_R ? 'R' : '-',
		   run->bits & NHV_PTE_C ? 'C' : '-',
		   run->bits & NHV_PTE_ATT ? " uncached" : "");
	return 0;
}

static const struct seq_operations nhv_trees_ops = {
	.start = nhv_trees_start,
	.next = nhv_trees_next,
	.stop = nhv_trees_stop,
	.show = nhv_trees_show,
};

static int nhv_trees_open(struct inode *inode, struct file *file)
{
	struct nhv_trees *trees = __seq_open_private(file, &nhv_trees_ops,
						     sizeof(*trees));

	if (!trees)
		return -ENOMEM;
	trees->vm = inode->i_private;
	return 0;
}

static const struct file_operations nhv_trees_fops = {
	.owner = THIS_MODULE,
	.open = nhv_trees_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = seq_release_private,
};

void nhv_trees_add(struct nhv_vm *vm)
{
	debugfs_create_file("trees", 0400, vm->debugfs, vm, &nhv_trees_fops);
}

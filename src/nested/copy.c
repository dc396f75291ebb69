// SPDX-License-Identifier: GPL-2.0-only
/*
 * L3's own translation, walked by hand: no level below is asked, as QEMU could not
 * answer. Each step is in L3 real memory, which lies where L2's tree says.
 */
#include <linux/minmax.h>

#include <abi/exits.h>
#include <abi/numbers.h>
#include <nhv/core.h>
#include <nhv/nested.h>
#include <nhv/vm.h>

/* The smallest page: what is translated at once. */
#define NHV_COPY_PAGE		(1U << NHV_SHIFT_4K)

/* One more step, through L2's tree. @need: NHV_PTE_READ, _WRITE, _EXEC. */
static int nhv_nested_to_l2(struct nhv_nested *nested, struct nhv_l3ra at,
			    u64 need, struct nhv_l2ra *ra)
{
	struct nhv_shadow_leaf leaf;
	u64 bad;

	mutex_lock(&nested->lock);
	bad = nhv_shadow_walk(nested, at, &leaf);
	mutex_unlock(&nested->lock);
	if (bad || (leaf.bits & need) != need)
		return -EFAULT;
	*ra = leaf.ra;
	return 0;
}

static int nhv_nested_walk_read(void *space, u64 at, __be64 *entry)
{
	struct nhv_nested *nested = space;
	struct nhv_l2ra ra;

	/* An entry is aligned to its size, so that it is in one page. */
	if (nhv_nested_to_l2(nested, nhv_l3ra(at & -sizeof(*entry)),
			     NHV_PTE_READ, &ra))
		return -EFAULT;
	return nhv_guest_read(nested->vm, ra, entry, sizeof(*entry));
}

int nhv_nested_translate(struct nhv_nested *nested, struct nhv_walk *walk,
			 u64 ea, struct nhv_l2ra *ra)
{
	u64 need = NHV_PTE_READ, at;

	mutex_lock(&nested->lock);
	walk->process_table = nested->pate[1];
	mutex_unlock(&nested->lock);
	walk->read = nhv_nested_walk_read;
	walk->space = nested;
	if (nhv_walk(walk, ea, &at))
		return -EFAULT;
	if (!walk->data)
		need = NHV_PTE_EXEC;
	if (walk->store)
		need |= NHV_PTE_WRITE;
	return nhv_nested_to_l2(nested, nhv_l3ra(at), need, ra);
}

/* ---- H_COPY_TOFROM_GUEST ------------------------------------------------------- */

/* The part within one page; @done bytes are behind us. */
static long nhv_nested_copy_piece(struct nhv_nested *nested,
				  const struct nhv_serve_copy *copy, u64 done,
				  size_t size, void *buffer)
{
	struct nhv_walk walk = {
		.pid = copy->pid,
		.msr = NHV_MSR_SF | NHV_MSR_DR,
		.data = true,
		.store = !copy->to,
	};
	struct nhv_l2ra theirs, ours = nhv_l2ra((copy->to ? copy->to :
						 copy->from) + done);
	struct nhv_l2ra from, to;

	if (nhv_nested_translate(nested, &walk, copy->ea + done, &theirs))
		return NHV_H_NOT_FOUND;
	from = copy->to ? theirs : ours;
	to = copy->to ? ours : theirs;
	if (nhv_guest_read(nested->vm, from, buffer, size) ||
	    nhv_guest_write(nested->vm, to, buffer, size))
		return NHV_H_NOT_FOUND;
	return NHV_H_SUCCESS;
}

static long nhv_nested_copy_all(struct nhv_nested *nested,
				const struct nhv_serve_copy *copy)
{
	void *buffer = kmalloc(NHV_COPY_PAGE, GFP_KERNEL_ACCOUNT);
	long rc = NHV_H_SUCCESS;
	u64 done, size;

	if (!buffer)
		return NHV_H_NO_MEM;
	for (done = 0; done < copy->n && !rc; done += size) {
		size = NHV_COPY_PAGE - (copy->ea + done) % NHV_COPY_PAGE;
		size = min(size, copy->n - done);
		rc = nhv_nested_copy_piece(nested, copy, done, size, buffer);
	}
	kfree(buffer);
	return rc;
}

long nhv_nested_copy(struct nhv_vm *vm, const struct nhv_serve_copy *copy)
{
	struct nhv_nested *nested = nhv_nested_find(vm, copy->lpid);
	long rc;

	if (!nested)
		return NHV_H_PARAMETER;
	rc = nhv_nested_copy_all(nested, copy);
	nhv_nested_put(nested);
	return rc;
}

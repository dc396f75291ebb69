// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guests of a VM that is a hypervisor: made when first entered, found by the
 * LPID it chose, counted, and gone when it says so or goes itself.
 */
#include <linux/nospec.h>

#include <nhv/level.h>
#include <nhv/nested.h>
#include <nhv/vm.h>

struct nhv_nested_limits nhv_nested_limits = {
	.guests = 64,
	.tables = 65536,
	.copy = 65536,
};

void nhv_nesting_init(struct nhv_vm *vm)
{
	spin_lock_init(&vm->nesting.lock);
}

/* Nobody else knows it: not in the map, no vCPU inside. */
static void nhv_nested_free(struct nhv_nested *nested)
{
	nhv_level_nested_clear(nested);
	nhv_shadow_release(nested);
	nhv_level_nested_release(nested);
	mutex_destroy(&nested->lock);
	kfree(nested);
}

void nhv_nested_put(struct nhv_nested *nested)
{
	struct nhv_nesting *nesting = &nested->vm->nesting;
	bool last;

	spin_lock(&nesting->lock);
	last = !--nested->refs;
	spin_unlock(&nesting->lock);
	if (last)
		nhv_nested_free(nested);
}

/* nesting.lock is held. */
static struct nhv_nested *nhv_nested_look(struct nhv_nesting *nesting, u32 id)
{
	struct nhv_nested *nested = nesting->guest ? nesting->guest[id] : NULL;

	if (nested)
		nested->refs++;
	return nested;
}

struct nhv_nested *nhv_nested_find(struct nhv_vm *vm, u64 id)
{
	struct nhv_nested *nested;

	if (id >= NHV_NESTED_IDS)
		return NULL;
	id = array_index_nospec(id, NHV_NESTED_IDS);
	spin_lock(&vm->nesting.lock);
	nested = nhv_nested_look(&vm->nesting, id);
	spin_unlock(&vm->nesting.lock);
	return nested;
}

struct nhv_nested *nhv_nested_next(struct nhv_vm *vm, u32 *id)
{
	struct nhv_nested *nested = NULL;

	spin_lock(&vm->nesting.lock);
	while (!nested && *id < NHV_NESTED_IDS)
		nested = nhv_nested_look(&vm->nesting, (*id)++);
	spin_unlock(&vm->nesting.lock);
	return nested;
}

struct nhv_nested *nhv_nested_oldest(struct nhv_vm *vm,
				     const struct nhv_nested *but, u64 before)
{
	struct nhv_nesting *nesting = &vm->nesting;
	struct nhv_nested *oldest = NULL;
	u32 id;

	spin_lock(&nesting->lock);
	for (id = 0; nesting->guest && id < NHV_NESTED_IDS; id++) {
		struct nhv_nested *nested = nesting->guest[id];

		if (!nested || nested == but || nested->stamp >= before ||
		    !READ_ONCE(nested->tree.tables))
			continue;
		before = nested->stamp;
		oldest = nested;
	}
	if (oldest)
		oldest->refs++;
	spin_unlock(&nesting->lock);
	return oldest;
}

/* ---- making one ---------------------------------------------------------------- */

static int nhv_nested_make(struct nhv_vm *vm, u32 id, struct nhv_nested **made)
{
	struct nhv_nested *nested = kzalloc(sizeof(*nested), GFP_KERNEL_ACCOUNT);
	int err;

	if (!nested)
		return -ENOMEM;
	nested->vm = vm;
	err = nhv_level_nested_init(nested);
	if (err)
		goto free;
	nested->id = id;
	nested->refs = 1;
	mutex_init(&nested->lock);
	err = nhv_shadow_init(nested);
	if (err)
		goto release;
	*made = nested;
	return 0;

release:
	nhv_level_nested_release(nested);
free:
	kfree(nested);
	return err;
}

/* The map stays until the VM goes; two may make it at once. */
static int nhv_nesting_map(struct nhv_nesting *nesting)
{
	struct nhv_nested **guest;

	if (READ_ONCE(nesting->guest))
		return 0;
	guest = kcalloc(NHV_NESTED_IDS, sizeof(*guest), GFP_KERNEL_ACCOUNT);
	if (!guest)
		return -ENOMEM;
	spin_lock(&nesting->lock);
	if (!nesting->guest) {
		WRITE_ONCE(nesting->guest, guest);
		guest = NULL;
	}
	spin_unlock(&nesting->lock);
	kfree(guest);
	return 0;
}

/*
 * Put one into the map. Where another vCPU was first, with the same LPID at the
 * same time, that one is the guest for both.
 */
static int nhv_nesting_add(struct nhv_nesting *nesting, struct nhv_nested *made,
			   struct nhv_nested **nested)
{
	int err = 0;

	spin_lock(&nesting->lock);
	*nested = nhv_nested_look(nesting, made->id);
	if (!*nested && nesting->nr >= READ_ONCE(nhv_nested_limits.guests)) {
		err = -ENOSPC;
	} else if (!*nested) {
		/* The map's, and that of whoever wants it. */
		made->refs += 2;
		nesting->guest[made->id] = made;
		nesting->nr++;
		*nested = made;
	}
	spin_unlock(&nesting->lock);
	return err;
}

static int nhv_nested_add(struct nhv_vm *vm, u32 id, struct nhv_nested **nested)
{
	struct nhv_nested *made;
	int err;

	err = nhv_nesting_map(&vm->nesting);
	if (err)
		return err;
	/* A look at the limit before the work; the one that counts is later. */
	if (READ_ONCE(vm->nesting.nr) >= READ_ONCE(nhv_nested_limits.guests))
		return -ENOSPC;
	err = nhv_nested_make(vm, id, &made);
	if (err)
		return err;
	err = nhv_nesting_add(&vm->nesting, made, nested);
	nhv_nested_put(made);
	return err;
}

int nhv_nested_get(struct nhv_vm *vm, u32 id, struct nhv_nested **nested)
{
	int err = 0;

	*nested = nhv_nested_find(vm, id);
	if (!*nested)
		err = nhv_nested_add(vm, id, nested);
	if (err)
		return err;
	spin_lock(&vm->nesting.lock);
	(*nested)->stamp = ++vm->nesting.stamp;
	spin_unlock(&vm->nesting.lock);
	return 0;
}

/* ---- and an end of it ------------------------------------------------------------ */

/* Return: was it in the map. */
static bool nhv_nesting_take(struct nhv_nesting *nesting,
			     struct nhv_nested *nested)
{
	bool there;

	spin_lock(&nesting->lock);
	there = nesting->guest[nested->id] == nested;
	if (there) {
		nesting->guest[nested->id] = NULL;
		nesting->nr--;
	}
	spin_unlock(&nesting->lock);
	return there;
}

void nhv_nested_remove(struct nhv_nested *nested)
{
	WRITE_ONCE(nested->gone, true);
	if (nhv_nesting_take(&nested->vm->nesting, nested))
		nhv_nested_put(nested);
}

void nhv_nesting_release(struct nhv_vm *vm)
{
	struct nhv_nested *nested;
	u32 id = 0;

	while ((nested = nhv_nested_next(vm, &id))) {
		nhv_nesting_take(&vm->nesting, nested);
		/* The reference of the map, and the one just taken. */
		nhv_nested_put(nested);
		nhv_nested_put(nested);
	}
	kfree(vm->nesting.guest);
	vm->nesting.guest = NULL;
}

// SPDX-License-Identifier: GPL-2.0-only
/*
 * Invalidations of one LPID, collected while a tree changes and sent once.
 *
 * What the batch names is gone from the tree already. Between then and the end
 * of nhv_batch_send() a CPU inside the guest may still use it, so neither the
 * page frames nor the tables may be reused before.
 */
#include <nhv/level.h>
#include <nhv/mmu.h>

void nhv_batch_init(struct nhv_batch *batch, u32 lpid)
{
	/* The array is not read beyond nr; clearing it would cost each fault. */
	batch->lpid = lpid;
	batch->all = false;
	batch->walk_cache = false;
	batch->nr = 0;
	batch->tables = NULL;
	batch->level = 0;
}

void nhv_batch_page(struct nhv_batch *batch, struct nhv_tra at,
		    unsigned int shift)
{
	if (batch->all)
		return;
	if (batch->nr == NHV_BATCH_PAGES) {
		batch->all = true;
		return;
	}
	batch->page[batch->nr].addr = at;
	batch->page[batch->nr].shift = shift;
	batch->nr++;
}

void nhv_batch_send(struct nhv_batch *batch, struct nhv_vm *vm)
{
	if (nhv_batch_empty(batch))
		return;

	/* Our stores to the tree before whatever makes others read it again. */
	smp_mb();
	nhv_level_invalidate(batch);
	if (!nhv_level.keeps_translations)
		nhv_host_drop_translations(vm);
	nhv_host_count_batch(vm, batch);

	nhv_batch_free_tables(batch);
	nhv_batch_init(batch, batch->lpid);
}

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Doorbells between two threads of a core; only where L0 enforces HFSCR.
. /check/vmm.lib
vmm doorbell --payload /guest/doorbell.elf --cpus 2 --threads 2 --timeout 120 \
	--args "$l0_bears"

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Several vCPUs, as many as L1 has CPUs and more.
# ROUND_MS: how long an interrupt from one of two to the other and one back may take.
. /check/vmm.lib
fail=0
vmm "2 vCPUs" --payload /guest/smp.elf --cpus 2 --timeout 100 \
	--args "${ROUND_MS:+round_ms=$ROUND_MS}" || fail=1
vmm "4 vCPUs" --payload /guest/smp.elf --cpus 4 --timeout 200 || fail=1
exit $fail

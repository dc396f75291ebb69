#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Interrupts between two vCPUs arrive soon: by the clock, ROUND_MS for one there and
# one back; and counted, where nhv counts: how often a run of a vCPU ended by an
# interrupt, for each interrupt that a vCPU was given.
. /check/tap.sh
. /check/vmm.lib

count() {
	awk -v name="$1" '$1 == name { print $2 }' /sys/kernel/debug/nhv/stats
}

[ "$HV" != nhv ] || ends=$(count ext_intr_exits) given=$(count ext_injected)
vmm "2 vCPUs" --payload /guest/smp.elf --cpus 2 --timeout 100 \
	--args "prods=10 ipis=100 rounds=1000 round_ms=${ROUND_MS:-100}"
[ "$HV" = nhv ] || exit
ends=$(($(count ext_intr_exits) - ends)) given=$(($(count ext_injected) - given))
echo "# $ends runs ended by an interrupt, $given interrupts given"
check "200 interrupts" test $given -ge 200
check "... and not ten times as many ends of runs" test $ends -lt $((10 * given))

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Entering guests of a guest by turns, and leaving them, invalidates nothing and
# builds nothing anew: two guests with two vCPUs each, few turns and many.
. /check/tap.sh
. /check/vmm.lib

count() {
	awk -v names=" $* " 'index(names, " " $1 " ") { n += $2 } END { print n + 0 }' \
		/sys/kernel/debug/nhv/stats
}

# turns N: what it cost is in $work and $entries.
turns() {
	work=$(count remote_tlb_flush map_4k map_64k map_2m shadow_mapped)
	entries=$(count nested_entries)
	vmm "$1 turns" --nested --payload /guest/hv-entry.elf --extra 64M \
		--args "only=16 n=$1 $l0_bears" --timeout 100
	work=$(($(count remote_tlb_flush map_4k map_64k map_2m shadow_mapped) - work))
	entries=$(($(count nested_entries) - entries))
	echo "# $entries entries, $work invalidations and faults"
}

turns 10
few=$work
turns 1010
check "4000 entries more" test $entries -ge 4040
# One for each would be 4000. A machine that is busy has some for other reasons: the
# level below loses a processor now and then (src/vcpu/overdue.c).
check "... and no invalidations or faults with them" test $((work - few)) -lt 400

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A guest that checks its memory all the time, while L1 takes it away, moves,
# merges and compacts it.  SECONDS_EACH: how long; BACKINGS: of which memory, with
# commas between; GUEST_MEM: the size of each of the guest's two slots.
. /check/vmm.lib
fail=0
each=${SECONDS_EACH:-5}
thp=/sys/kernel/mm/transparent_hugepage/enabled
ksm=/sys/kernel/mm/ksm/run

# toggles until its parent has gone
disturb() {
	while [ -e /tmp/disturb ]; do
		echo always >$thp
		echo 1 >/proc/sys/vm/compact_memory
		echo 1 >/proc/sys/vm/drop_caches
		usleep 200000
		echo never >$thp
		echo 2 >$ksm
		usleep 100000
		echo 1 >$ksm
	done 2>/dev/null
}

before=$(sed 's/.*\[\(.*\)\].*/\1/' $thp)
: >/tmp/disturb
disturb &
for backing in $(echo ${BACKINGS:-plain,thp,memfd} | tr , ' '); do
	vmm "memory, $backing" --payload /guest/memcheck.elf --cpus 2 \
		--mem ${GUEST_MEM:-64M} --extra ${GUEST_MEM:-64M} \
		--backing $backing --extra-backing $backing \
		--stop-after $each --timeout $((each + 60)) || fail=1
done
rm /tmp/disturb
wait
echo "$before" >$thp
echo 0 >$ksm
exit $fail

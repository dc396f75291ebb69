# SPDX-License-Identifier: GPL-2.0-only
# L3 checks its memory all the time, while L1 takes the memory of L2 below it
# away: swapped out, merged, compacted.  SECONDS_EACH: how long each, NEST_HV: which
# hypervisors in L2.
. /check/nest.lib

thp=/sys/kernel/mm/transparent_hugepage/enabled
group=/sys/fs/cgroup/l2
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p $group
echo +memory >/sys/fs/cgroup/cgroup.subtree_control
load zram
echo 512M >/sys/block/zram0/disksize
mkswap /dev/zram0 >/dev/null && swapon /dev/zram0 ||
	echo "not ok - swap on zram"

swapped() {
	awk '$1 == "pswpin" { print $2 }' /proc/vmstat
}

# disturb NAME: until that L2 has ended; half of what it has is taken away, again and
# again.  By memory.max a machine that is slow may find itself out of memory.
disturb() {
	until grep -q "nhv-vmm --payload" "/tmp/$1.log"; do
		kill -0 "$(cat "/tmp/$1.pid")" 2>/dev/null || return
		sleep 0.2
	done
	echo 1 >/sys/kernel/mm/ksm/run
	while kill -0 "$(cat "/tmp/$1.pid")" 2>/dev/null; do
		echo always >$thp
		echo 128M >$group/memory.reclaim
		sleep 1
		echo 1 >/proc/sys/vm/compact_memory
		echo never >$thp
		sleep 1
	done
	echo 0 >/sys/kernel/mm/ksm/run
}

for hv in ${NEST_HV:-nhv}; do
	NEST_ENV="SECONDS_EACH=${SECONDS_EACH:-15} BACKINGS=plain,memfd GUEST_MEM=12M"
	NEST_MEMORY=288M nest_start "memory-$hv" $hv vmm-memory.sh
	cat "/tmp/memory-$hv.pid" >$group/cgroup.procs
	before=$(swapped)
	disturb "memory-$hv" 2>/dev/null
	nest_end "memory-$hv"
	if [ "$(swapped)" -gt $((before + 100)) ]; then
		echo "ok - memory-$hv: pages of L2 were swapped in"
	else
		echo "not ok - memory-$hv: only $(($(swapped) - before)) pages were swapped in"
	fi
done
swapoff /dev/zram0

# SPDX-License-Identifier: GPL-2.0-only
# An L2 whose memory L1 takes away all the time: swapped out below a limit,
# merged, huge pages switched on and off, ballooned.  It checks every byte.
. /check/l2.sh

thp=/sys/kernel/mm/transparent_hugepage/enabled
group=/sys/fs/cgroup/l2
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p $group
echo +memory >/sys/fs/cgroup/cgroup.subtree_control
load zram
echo 512M >/sys/block/zram0/disksize
mkswap /dev/zram0 >/dev/null && swapon /dev/zram0 ||
	not_ok "swap on zram"

swapped() {
	awk '$1 == "pswpin" { print $2 }' /proc/vmstat
}
right() {
	[ "$(count "$1" "l2: memory bad")" = 0 ] &&
		seen "$1" "l2: memory ok" "$2" 240 &&
		[ "$(count "$1" "l2: memory bad")" = 0 ]
}

l2 mem 6.12-4k vof 2 memory -device virtio-balloon
cat /tmp/mem.pid >$group/cgroup.procs
verdict mem "memory checked once without pressure" right mem 1

before=$(swapped)
echo 120M >$group/memory.max
verdict mem "much of L2 swapped out" right mem 3
check "pages were swapped in" [ "$(swapped)" -gt $((before + 200)) ]
echo max >$group/memory.max

echo 1 >/sys/kernel/mm/ksm/run
echo 2000 >/sys/kernel/mm/ksm/pages_to_scan
for n in 1 2 3 4; do
	echo never >$thp
	sleep 1
	echo always >$thp
	sleep 1
done
verdict mem "KSM on, huge pages switched on and off" \
	right mem $(($(count mem "l2: memory ok") + 2))
check "pages were merged" [ "$(cat /sys/kernel/mm/ksm/pages_shared)" -gt 0 ]
echo 2 >/sys/kernel/mm/ksm/run

monitor mem "balloon 384"
sleep 2
monitor mem "balloon 512"
verdict mem "balloon up and down" \
	right mem $(($(count mem "l2: memory ok") + 2))
stop mem
swapoff /dev/zram0

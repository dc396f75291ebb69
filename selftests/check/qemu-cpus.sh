# SPDX-License-Identifier: GPL-2.0-only
# An L1 CPU goes away and comes back while vCPUs run on it.
. /check/l2.sh

cpu=/sys/devices/system/cpu/cpu1/online
if [ ! -e $cpu ]; then
	skip "L1 CPU offline and online" "L1 has one CPU"
	exit 0
fi

l2 busy 6.12-4k vof 2 loop
seen busy "l2: work" 1 120
before=$(count busy "l2: work")
for n in 1 2 3 4 5; do
	echo 0 >$cpu || not_ok "CPU 1 offline"
	sleep 1
	echo 1 >$cpu || not_ok "CPU 1 online"
	sleep 1
done
# Two more rounds begin and end after the last change.
verdict busy "L2 goes on through five times offline and online" \
	seen busy "l2: work $work_sum" $((before + 4)) 120
check "every sum was right" worked busy
stop busy

# SPDX-License-Identifier: GPL-2.0-only
# What each KVM call answers, and a VMM that passes garbage.
. /check/tap.sh

mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
stats=/sys/kernel/debug/nhv/stats

live() {
	sed -n 's/^\(vms\|vcpus\|tables\) /\1=/p' $stats | tr '\n' ' '
}

# The last references go with a process, a little after it.
gone() {
	for try in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(live)" = "vms=0 vcpus=0 tables=0 " ] && return 0
		sleep 1
	done
	echo "# $(live)"
	return 1
}

/api/nhv-api answers
check "nothing is left after the answers" gone
/api/nhv-api garbage ${GARBAGE_SECONDS:-20}
check "nothing is left after the garbage" gone
check "counters tell of a run" test "$(sed -n 's/^exits //p' $stats)" -gt 0
check "unload" rmmod nhv

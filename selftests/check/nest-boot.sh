# SPDX-License-Identifier: GPL-2.0-only
# L3: guests of an L2 that runs the in-tree kvm-hv, and of one that runs nhv; a
# payload, and Linux to user space and power-off.
. /check/tap.sh
. /check/nest.lib
. /check/trees.lib

# What L1's events tell of the first one: a buffer of their own, so that they
# disturb nobody.
events=/sys/kernel/debug/tracing/instances/nest
events_on() {
	for event in nhv_serve nhv_nested_exit; do
		echo "$1" >"$events/events/nhv/$event/enable"
	done
}
told() {
	grep -c "$1" /tmp/told
}
told_right() {
	cat $events/trace >/tmp/told
	grep nhv_ /tmp/told | tail -n 4 | sed 's/^/# /'
	check "events: each exit of an L3 says its level" test \
		"$(told "nhv_nested_exit: VCPU 0: level=3 guest=[1-9][0-9]* trap=[A-Z]")" -gt 100
	check "events: each entry of an L3" test "$(
		told "nhv_serve: VCPU 0: call=H_ENTER_NESTED ")" -gt 100
	check "events: another hypercall, and what it returned" test "$(
		told "nhv_serve: VCPU 0: call=H_SET_PARTITION_TABLE .* rc=H_SUCCESS")" -gt 0
}
mkdir $events
echo 8192 >$events/buffer_size_kb
events_on 1

NEST_ENV="GUEST_CPUS=1 GUEST_MEM=192M ${LIMIT:+LIMIT=$LIMIT}"
for hv in ${NEST_HV:-kvm-hv nhv}; do
	nest_start "L3-on-$hv" $hv vmm-hello.sh,vmm-linux.sh
	trees_watch "$(cat "/tmp/L3-on-$hv.pid")"
	nest_end "L3-on-$hv"
	check "debugfs: which memory L2 and L3 have, $hv in L2" trees_right 192
	[ -d $events ] || continue
	events_on 0
	told_right
	rmdir $events
done

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# API v2: hypercalls downwards for each exit, timers, page faults and hypercalls
# mixed.  QEMU as L0 needs a second one, for the decrementer.
. /check/tap.sh

counted() {
	awk -v name="$1" '$1 == name { print $2 }' /sys/kernel/debug/nhv/stats
}

if [ "$(cat /sys/module/nhv/parameters/api)" != v2 ]; then
	skip "hypercalls downwards" "this is not API v2"
	exit 0
fi
below=/sys/kernel/debug/nhv/below
sed 's/^/# /' $below
check "L0 is named" grep -q '^api v2$' $below
check "L0 tells what it counts" grep -q '^heap_inuse [0-9]' $below
# What L0 does not take is left out, and counted by what it answered.
refused=/sys/kernel/debug/nhv/refused
if dmesg | grep -q "nhv: the level below does not take"; then
	sed 's/^/# refused: /' $refused
	check "refusals are counted" grep -q '^H_P3 [1-9]' $refused
else
	skip "refusals are counted" "this L0 takes everything"
fi

# Its calls are told of, beside the entries themselves.
events=/sys/kernel/debug/tracing/instances/calls
mkdir $events
echo 1 >$events/events/nhv/nhv_call/enable
/vmm/nhv-vmm --payload /guest/hello.elf --timeout 100 >/tmp/hello 2>&1 </dev/null
check "hello ran" [ $? = 0 ]
for call in CREATE CREATE_VCPU SET_STATE GET_STATE DELETE; do
	check "event: H_GUEST_$call" grep -q \
		"nhv_call: call=H_GUEST_$call .* rc=H_SUCCESS" $events/trace
done
rmdir $events

exits=$(counted sum_exits)
calls=$(counted calls_below)
/vmm/nhv-vmm --payload /guest/bench.elf --extra 16M --extra-backing small \
	--timeout 200 >/tmp/bench 2>&1 </dev/null
check "bench ran" [ $? = 0 ]
exits=$(($(counted sum_exits) - exits))
calls=$(($(counted calls_below) - calls))
echo "# $exits exits, $calls hypercalls downwards: $((100 * calls / (exits + 1))) in 100 exits"
check "at most 2.00 hypercalls downwards an exit" \
	[ "$exits" -gt 1000 -a "$calls" -le $((2 * exits)) ]

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# API v2: hypercalls downwards for each exit, by kind.  QEMU as L0 needs a second
# one, for the decrementer.
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

# now FILE: what is counted of all exits and calls, at this moment
now() {
	for name in sum_exits calls_below dec_exits h_data_storage_exits \
		    syscall_exits; do
		echo "$name=$(counted $name)"
	done >$1
}

# since NAME: how many more
since() {
	echo $(($(sed -n "s/^$1=//p" /tmp/after) - $(sed -n "s/^$1=//p" /tmp/before)))
}

# kind LABEL COUNTER LEAST ARGS: a payload that makes one kind of exit, again and again
kind() {
	mkdir $events
	echo 1 >$events/events/nhv/nhv_call/enable
	now /tmp/before
	/vmm/nhv-vmm --payload /guest/cost.elf --extra 16M --extra-backing small \
		--timeout 100 --args "$4" >/tmp/cost 2>&1 </dev/null
	status=$?
	now /tmp/after
	gets=$(grep -c H_GUEST_GET_STATE $events/trace)
	sets=$(grep -c H_GUEST_SET_STATE $events/trace)
	rmdir $events
	exits=$(since sum_exits) calls=$(since calls_below)
	echo "# $1: $(since "$2") of $exits exits, $calls calls, $gets GETs, $sets SETs:" \
		"$((100 * calls / (exits + 1))) calls in 100 exits"
	check "$1: exits of this kind" [ $status = 0 -a "$(since "$2")" -ge "$3" ]
	check "$1: at most 2.00 hypercalls downwards an exit" \
		[ "$calls" -le $((2 * exits)) ]
	# Some are made for each VM and its vCPU, before the first exit.
	check "$1: no SET, one GET at most" [ $sets -le 40 -a $gets -le $((exits + 40)) ]
}

kind "H_PROD" syscall_exits 8000 "only=1 n=4000"
kind "timer" dec_exits 20 "only=5 rounds=4"
kind "page fault" h_data_storage_exits 100 "only=9"

# SPDX-License-Identifier: GPL-2.0-only
# The events of system kvm_hv: as the in-tree kvm-hv has them, and not disturbed
# when both want to be there. Boot with --hv none.
# allow: nhv: kvm_hv is active
. /check/tap.sh

events=/sys/kernel/debug/tracing/events/kvm_hv

# What tools read of an event: names and types of the fields, and the text.
shape() {
	sed -n -e 's/^.field:\([^;]*\);.*/\1/p' \
	       -e 's/^print fmt: \("[^"]*"\).*/\1/p' "$events/$1/format" |
		sed 's/__u64/u64/'
}

works() {
	for event in $(ls $events | grep kvm); do
		echo 1 >$events/$event/enable && echo 0 >$events/$event/enable ||
			return 1
	done
	[ "$(ls $events | grep -c kvm)" -ge 4 ]
}

if ! load kvm_hv; then
	skip "events like kvm-hv's" "kvm-hv does not load"
	exit
fi
mkdir -p /tmp/shape
# kvmppc_vcpu_stats tells of counters that only its own lower level keeps.
for event in $(ls $events | grep kvm | grep -v kvmppc_vcpu_stats); do
	shape "$event" >/tmp/shape/"$event"
done
insmod /nhv.ko 2>/dev/null && rmmod nhv
check "kvm-hv's events work after nhv was refused" works
rmmod kvm_hv
check "they go with it" test ! -e $events

insmod /nhv.ko
for event in $(ls /tmp/shape); do
	shape "$event" >/tmp/ours 2>/dev/null
	check "$event: fields and text" cmp -s /tmp/ours "/tmp/shape/$event"
	diff /tmp/ours "/tmp/shape/$event" | sed -n 's/^[<>]/# &/p'
done
load kvm_hv 2>/dev/null
check "kvm-hv is refused" test ! -d /sys/module/kvm_hv
check "nhv's events work after that" works
rmmod nhv
check "and go with it" test ! -e $events
check "no event was in the way of another" sh -c \
	'! dmesg | grep -i -e "could not create" -e "tracefs" -e "event.*fail"'

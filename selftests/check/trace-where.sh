#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The event of an exit says where the guest was: of a hypercall, behind an `sc 1`.
# An L0 with API v2 does not say so by itself.
. /check/tap.sh

tracing=/sys/kernel/tracing
payload=/guest/hello.elf

# What stands at an address of the payload, which is linked at 0.
word_at() {
	begin=$(hexdump -s 72 -n 4 -e '1/4 "%u"' $payload)
	hexdump -s $((begin + $1)) -n 4 -e '1/4 "%08x"' $payload
}

mountpoint -q $tracing || mount -t tracefs tracefs $tracing
echo >$tracing/trace
echo 1 >$tracing/events/kvm_hv/kvm_guest_exit/enable
/vmm/nhv-vmm --payload $payload --timeout 100 >/tmp/hello 2>&1 </dev/null
check "payload ran" [ $? = 0 ]
echo 0 >$tracing/events/kvm_hv/kvm_guest_exit/enable

sed -n 's/.* trap=SYSCALL pc=\(0x[0-9a-f]*\) .*/\1/p' $tracing/trace |
	sort | uniq -c >/tmp/where
sed 's/^/# /' /tmp/where
check "hypercalls were seen" [ -s /tmp/where ]
while read -r count pc; do
	check "$pc is behind an sc 1" [ "$(word_at $((pc - 4)))" = 44000022 ]
done </tmp/where

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Hostile guests come to their end, and endless ones can be ended.
. /check/vmm.lib
fail=0
vmm hostile --payload /guest/hostile.elf --timeout 100 || fail=1
for kind in 0:EE=0 1:EE=1 2:hypercalls 3:cede 4:exceptions; do
	ends 124 "endless loop, ${kind#*:}" --payload /guest/loop.elf --timeout 3 \
		--args "kind=${kind%%:*}" || fail=1
done
# A guest that runs where there is nothing goes on for ever, or is ended as one
# that cannot be run.
/vmm/nhv-vmm --payload /guest/loop.elf --timeout 3 --args kind=5 >/tmp/nowhere 2>&1
status=$?
sed 's/^/# /' /tmp/nowhere
case $status in
122|124|99) echo "ok - running nowhere ends with $status" ;;
*) echo "not ok - running nowhere ends with $status"; fail=1 ;;
esac
# And one that is killed in the middle of its run.
for kind in 0 2; do
	/vmm/nhv-vmm --payload /guest/loop.elf --args kind=$kind >/dev/null 2>&1 &
	pid=$!
	sleep 1
	kill -9 $pid
	wait $pid 2>/dev/null
	[ $? = 137 ] && echo "ok - loop $kind killed" ||
		{ echo "not ok - loop $kind killed"; fail=1; }
done
exit $fail

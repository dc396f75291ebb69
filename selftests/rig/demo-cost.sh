# SPDX-License-Identifier: GPL-2.0-only
# What an exit costs, where one instruction is one nanosecond (-icount).
. /check/tap.sh

echo never >/sys/kernel/mm/transparent_hugepage/enabled
if [ -e /guest/bench.elf ]; then
	sleep 3
	/vmm/nhv-vmm --payload /guest/bench.elf --extra 16M \
		--extra-backing small --timeout 200 \
		>/tmp/out 2>&1
	check "bench ran" [ $? = 0 ]
	cat /tmp/out | grep -v -e '^ok' -e '^1\.\.' -e KTAP
else
	skip "cost of an exit" "there is no build/guest/bench.elf"
fi

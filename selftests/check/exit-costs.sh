# SPDX-License-Identifier: GPL-2.0-only
# For rig/exit-costs: each test of the bench payload alone, with what nhv counted
# meanwhile, as lines "#cost TEST NAME NUMBER" after those of the payload.
. /check/tap.sh

stats=/sys/kernel/debug/nhv/stats
echo never >/sys/kernel/mm/transparent_hugepage/enabled
# L1 is busy with itself for some seconds after its start.
sleep 5
test=1
while :; do
	awk 'NF == 2' $stats >/tmp/before
	/vmm/nhv-vmm --payload /guest/bench.elf --extra 16M \
		--extra-backing small --timeout 200 \
		--args "n=4000 only=$test" >/tmp/out 2>&1 || break
	grep -q "# bench" /tmp/out || break
	awk 'NF == 2' $stats >/tmp/after
	sed -n "s/^# bench /#bench $test /p" /tmp/out
	awk -v test="$test" 'NR == FNR { was[$1] = $2; next }
		$2 > was[$1] { print "#cost", test, $1, $2 - was[$1] }' \
		/tmp/before /tmp/after
	test=$((test + 1))
done
check "$((test - 1)) tests" test "$test" -gt 3

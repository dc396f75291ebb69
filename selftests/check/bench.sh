# SPDX-License-Identifier: GPL-2.0-only
# No row of bench.kept has become more than 10 % dearer.  The small version of `make
# bench`.  (rig: --icount --cpus 1)
. /check/vmm.lib
. /check/tap.sh

# figure TEST ROW: its instructions, one a nanosecond; the timebase has 512 MHz
figure() {
	vmm "$2" --payload /guest/cost.elf --extra 16M --extra-backing small \
		--timeout 100 --args "only=$1" >/tmp/figure
	grep -v "^ok" /tmp/figure
	now=$(sed -n "s/.*# cost $2: .*(\([0-9]*\), \([0-9]*\) in all).*/\2 \1/p" \
		/tmp/figure | awk '{ printf "%d", $1 / $2 * 1000 / 512 + 0.5 }')
}

if [ "$HV" != nhv ]; then
	skip bench "the figures are those of nhv"
	exit 0
fi
echo never >/sys/kernel/mm/transparent_hugepage/enabled
# L1 is still busy with itself for some seconds after its start.
sleep 5
grep "^$API[[:space:]]" /check/bench.kept >/tmp/kept
while read -r api test row kept; do
	figure "$test" "$row"
	check "$row: ${now:-no} instructions, kept are $kept" \
		test "${now:-999999}" -le $((kept * 110 / 100))
done </tmp/kept

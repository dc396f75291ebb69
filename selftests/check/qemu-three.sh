# SPDX-License-Identifier: GPL-2.0-only
# Several L2s at once; one that is killed leaves the others and L1 whole.
. /check/l2.sh

for n in 1 2 3; do
	l2 three$n 6.12-4k vof 2 work
done
for n in 1 2 3; do
	right() { finished $1 240 && worked $1; }
	verdict three$n "three at once, L2 $n" right three$n
done

l2 stays1 6.12-4k vof 2 loop
l2 stays2 6.12-4k vof 1 loop
for delay in 0.1 0.4 1 2 4; do
	l2 victim 6.12-4k vof 2 loop
	sleep $delay
	stop victim
done
for n in 1 2; do
	before=$(count stays$n "l2: work")
	verdict stays$n "L2 $n goes on beside five that were killed" \
		seen stays$n "l2: work $work_sum" $((before + 2)) 120
	check "every sum of L2 $n was right" worked stays$n
	stop stays$n
done

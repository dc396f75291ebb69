# SPDX-License-Identifier: GPL-2.0-only
# In L2: what the exits of an L3 cost; L1 counts its own between the marks, see
# bench-nest.sh.
. /check/vmm.lib

echo never >/sys/kernel/mm/transparent_hugepage/enabled
cost() {
	vmm "$1" --payload /guest/cost.elf --mem 16M --extra 96M --extra-backing small \
		--timeout 200 --args "$2"
}
mark() {
	echo "nest: mark $1"
	sleep 1
}

sleep 5
# First, while L2 has memory that nobody has touched.
cost touch only=16
for run in $(seq "${RUNS:-3}"); do
	cost prod only=1
done
cost prod "only=1 n=1000"
mark 1
cost prod "only=1 n=1000"
mark 2
cost prod "only=1 n=11000"
mark 3

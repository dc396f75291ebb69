# SPDX-License-Identifier: GPL-2.0-only
# What events that are off cost at run time: an exit that is answered in the kernel,
# on /traced.ko and on /untraced.ko, which has none (rig/nops.py). L0 counts
# instructions. Boot with --hv none --icount --cpus 1.
. /check/tap.sh

echo never >/sys/kernel/mm/transparent_hugepage/enabled
# L1 is busy with itself for some seconds after its start.
sleep 5

# ticks MODULE: of the fastest of three runs
ticks() {
	insmod "/$1.ko" || return
	for run in 1 2 3; do
		/vmm/nhv-vmm --payload /guest/bench.elf --extra 16M \
			--extra-backing small --timeout 100 \
			--args "n=4000 only=1" 2>&1
	done | sed -n 's/^# bench .*in the kernel.*: \([0-9]*\) ticks.*/\1/p' | sort -n | head -n 1
	rmmod nhv
}
traced=$(ticks traced)
bare=$(ticks untraced)
echo "# ticks of an exit: $traced, $bare without events"
check "an exit costs no more than 2 % more" test \
	"$((${traced:-1000} * 100))" -le "$((${bare:-0} * 102))"

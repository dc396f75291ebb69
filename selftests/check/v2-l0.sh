# SPDX-License-Identifier: GPL-2.0-only
# API v2 on an L0 that gets nothing wrong, selftests/l0: hypercalls downwards and
# instructions of each exit.  (rig: --icount --cpus 1)
. /check/tap.sh

if [ "$HV" != nhv ]; then
	skip "API v2 on an L0 of our own" "that is linked into nhv"
	exit 0
fi
told=/sys/module/nhv/parameters/fake_exits

# figure KIND WORD: what is told of it
figure() {
	awk -v kind="$1" -v word="$2" '$1 == kind {
		for (i = 2; i < NF; i += 2) if ($i == word) print $(i + 1) }' $told
}

# takes KIND GETS BAR: no SET, so many GETs in a turn, so many instructions at most
takes() {
	turns=$(figure "$1" turns)
	# One a nanosecond; the timebase has 512 MHz.
	each=$(($(figure "$1" ticks) * 1000 / 512 / turns))
	echo "# $1: $each instructions in L1 an exit (in-tree kvm-hv: 6,090)"
	# For `make bench`, in ticks.
	echo "# cost $1: $(($(figure "$1" ticks) / turns)) ticks each" \
		"($turns, $(figure "$1" ticks) in all)"
	check "$1: an exit is a call" [ "$(figure "$1" runs)" = "$turns" ]
	check "$1: GETs in $turns exits" [ "$(figure "$1" gets)" = $(($2 * turns)) ]
	check "$1: no SET" [ "$(figure "$1" sets)" = 0 ]
	[ -z "$3" ] || check "$1: $each instructions, at most $3" [ "$each" -le "$3" ]
}

# L1 is still busy with itself for some seconds after its start.
sleep 5
/vmm/nhv-vmm --payload /guest/hello.elf --timeout 100 >/tmp/vmm 2>&1 </dev/null
check "the guest ends by the entry that is refused" [ $? = 122 ]
sed 's/^/# /' /tmp/vmm $told
echo "#set own"
takes timer 0
takes page_fault 0
takes H_PROD 0 1200
# Linux turns off a watchpoint that is off, at each exec.
takes H_SET_MODE 0 1200
# Problem state must not make this one: MSR is asked for.
takes H_SET_MODE_on 1 1200

# What it counts is told by both, debugfs and the statistics of a VM.
check "L0's counters in debugfs" grep -q "^pgtable_reclaimed 1004$" \
	/sys/kernel/debug/nhv/below
/vmm/nhv-vmm --api-test >/tmp/api 2>&1 </dev/null
check "and in the statistics" grep -q "^ok.*statistics of the level below: 5 rows" \
	/tmp/api

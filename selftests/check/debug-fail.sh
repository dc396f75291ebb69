# SPDX-License-Identifier: GPL-2.0-only
# Every allocation that nhv makes on the way to a running guest fails once, the
# n-th in the n-th run; then some, now and then, in all threads.  The VMM may say
# what it likes and end as it likes; nhv gives back all it had.
# For kernel 6.12-debug (FAILSLAB, FAIL_PAGE_ALLOC, KMEMLEAK).  FAILS: how many.
. /check/tap.sh
. /check/left.lib
debug=/sys/kernel/debug
faults="$debug/failslab $debug/fail_page_alloc"
if [ ! -d $debug/failslab ]; then
	skip "failed allocations" "this kernel has no FAILSLAB"
	exit
fi

# set_all NAME VALUE: where there is such a file
set_all() {
	for fault in $faults; do
		[ ! -e $fault/"$1" ] || echo "$2" >$fault/"$1"
	done
}

# How many allocations have failed since `times` was set.
failed() {
	echo $((2000000 - $(cat $debug/failslab/times) \
		- $(cat $debug/fail_page_alloc/times)))
}

# Only what is called by nhv's code, whatever the caller is ready to wait for.
only_nhv() {
	start=$(cat /sys/module/nhv/sections/.text)
	size=$(awk '$1 == "nhv" { print $2 }' /proc/modules)
	set_all require-start "$start"
	set_all require-end "$(printf '0x%x' $((start + size)))"
	set_all stacktrace-depth 32
	set_all ignore-gfp-wait N
	set_all min-order 0
	set_all verbose 0
	set_all times 1000000
}

guest() {
	timeout 60 /vmm/nhv-vmm --payload /guest/hello.elf --timeout 50 \
		>/tmp/out 2>&1 </dev/null
}

# Shell builtins keep the process, and exec does: what is set is the VMM's.
guest_failing() {
	sh -c "echo $1 >/proc/self/fail-nth; exec timeout -s KILL 60 \
		/vmm/nhv-vmm --payload /guest/hello.elf --timeout 50" \
		>/tmp/out 2>&1 </dev/null
}

only_nhv
echo clear >$debug/kmemleak
n=0 hung=0
while [ $n -lt "${FAILS:-150}" ]; do
	n=$((n + 1))
	before=$(failed)
	guest_failing $n
	case $? in 124|137) hung=$((hung + 1)) ;; esac
	[ "$(failed)" != "$before" ] || break
done
count=$(failed)
echo "# $count allocations, each has failed once"
check "some allocations have failed" test "$count" -gt 5
check "all of them" test $n = $((count + 1))
check "no VMM has hung" test $hung = 0
guest
check "afterwards a guest runs" test $? = 0

set_all task-filter Y
set_all probability 5
for n in 1 2 3 4 5 6 7 8 9 10; do
	sh -c "echo 1 >/proc/self/make-it-fail; exec timeout -s KILL 100 \
		/vmm/nhv-vmm --payload /guest/smp.elf --cpus 2 --timeout 50" \
		>/tmp/out 2>&1 </dev/null
	[ $? = 137 ] && not_ok "random failures: hung"
done
set_all probability 0
echo "# $(($(failed) - count)) more have failed at random"
check "failures in all threads" test "$(failed)" -gt "$count"
guest
check "afterwards a guest runs" test $? = 0
nothing_left "after failed allocations"

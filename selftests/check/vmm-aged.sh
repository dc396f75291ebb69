# SPDX-License-Identifier: GPL-2.0-only
# L1 looks again and again which pages of an L2 are in use (DAMON), as reclaim does and
# kernels from 7.x on by themselves: R goes off every page, those of L2's own page
# tables among them.  A Linux has to run through it.  Needs a guest kernel (rig: --l2).
. /check/tap.sh

kernel=$(ls -d /l2/* 2>/dev/null | head -n 1)
admin=/sys/kernel/mm/damon/admin/kdamonds
if [ -z "$kernel" ] || [ ! -d $admin ]; then
	skip "Linux whose pages are aged" "${kernel:+this kernel has no DAMON}"
	exit 0
fi
sum=$(seq 1 100000000 | head -c 2000000 | md5sum | cut -d' ' -f1)

# watch PID: a page in each of some thousand regions, every 50 ms
watch() {
	echo 1 >$admin/nr_kdamonds
	echo 1 >$admin/0/contexts/nr_contexts
	context=$admin/0/contexts/0
	echo vaddr >$context/operations
	attrs=$context/monitoring_attrs
	echo 50000 >$attrs/intervals/sample_us
	echo 1000000 >$attrs/intervals/aggr_us
	echo 2000 >$attrs/nr_regions/max
	echo 1000 >$attrs/nr_regions/min
	echo 1 >$context/targets/nr_targets
	echo "$1" >$context/targets/0/pid_target
	echo on >$admin/0/state
}

/vmm/nhv-vmm --kernel "$kernel/vmlinux" --initrd "$kernel/initramfs" --mem 256M \
	--append "console=hvc0 panic=-1 l2=work" --timeout "${LIMIT:-120}" \
	>/tmp/aged 2>&1 </dev/null &
pid=$!
sleep 1
check "L1 looks" watch $pid
wait $pid
status=$?
check "it ends as it should" [ $status = 0 ]
check "its sum is right" [ "$(grep '^l2: work' /tmp/aged | tr -d '\r')" = "l2: work $sum" ]
[ $status = 0 ] || tail -n 5 /tmp/aged | sed 's/^/# /'
echo off >$admin/0/state 2>/dev/null
exit 0

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What exits cost, in ticks of the timebase; instructions when L0 counts them
# (rig: --icount --cpus 1).  N: how many.
. /check/vmm.lib
thp=/sys/kernel/mm/transparent_hugepage/enabled
before=$(sed 's/.*\[\(.*\)\].*/\1/' $thp)
echo never >$thp
vmm bench --payload /guest/bench.elf --extra 16M --extra-backing small --timeout 200 \
	--args "n=${N:-2000}"
status=$?
echo "$before" >$thp
exit $status

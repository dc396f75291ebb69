#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What exits, faults, invalidations and a register sync cost, row by row; in
# instructions when L0 counts them (rig: --icount --cpus 1).
. /check/vmm.lib
thp=/sys/kernel/mm/transparent_hugepage/enabled
before=$(sed 's/.*\[\(.*\)\].*/\1/' $thp)
echo never >$thp
# L1 is still busy with itself for some seconds after its start.
sleep 5
vmm cost --payload /guest/cost.elf --extra 16M --extra-backing small --timeout 200
status=$?
echo "$before" >$thp
exit $status

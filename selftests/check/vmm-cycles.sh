#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Machines made, run and destroyed.  CYCLES: how many; with 2 vCPUs each.
. /check/vmm.lib
. /check/left.lib
vmm cycles --cycles ${CYCLES:-50} --cpus 2 --payload /guest/smp.elf --timeout 100 --args only=1
nothing_left "after ${CYCLES:-50} cycles"

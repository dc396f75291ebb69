#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Bare-metal hypervisors as L2: each hypercall that is served, called
# little-endian and big-endian, and refused where it was not switched on.
# HV_PAYLOADS: which of them, HV_ARGS: their arguments; with HV=kvm-hv give gentle=1,
# without what the in-tree kvm-hv does not survive.
. /check/nest.lib
. /check/vmm.lib
fail=0
for be in 0 1; do
	vmm "hv-off, be=$be" --payload /guest/hv-off.elf --args "be=$be $l0_bears" --timeout 60 || fail=1
	for what in ${HV_PAYLOADS:-calls entry memory copy smp}; do
		vmm "hv-$what, be=$be" --nested --payload /guest/hv-$what.elf \
			--cpus 2 --extra 64M --extra-backing small \
			--args "be=$be $l0_bears $HV_ARGS" --timeout 100 || fail=1
	done
done
exit $fail

# SPDX-License-Identifier: GPL-2.0-only
# L3: guests of an L2 that runs the in-tree kvm-hv, and of one that runs nhv; a
# payload, and Linux to user space and power-off.
. /check/nest.lib

NEST_ENV="GUEST_CPUS=1 GUEST_MEM=192M ${LIMIT:+LIMIT=$LIMIT}"
for hv in ${NEST_HV:-kvm-hv nhv}; do
	nest "L3-on-$hv" $hv vmm-hello.sh,vmm-linux.sh
done

# SPDX-License-Identifier: GPL-2.0-only
# L4: a guest of a guest of a guest.  Every level runs NEST_HV; this script runs in
# L1, and again in L2.  (rig: nest:2)
. /check/nest.lib

hv=${NEST_HV:-nhv}
if [ ! -e /nest/initramfs ]; then
	echo "not ok - no image of a hypervisor"
	exit 1
fi
NEST_TIMEOUT=${L4_TIMEOUT:-500}
if [ -n "$L4_INSIDE" ]; then
	NEST_ENV="GUEST_CPUS=1 GUEST_MEM=144M"
	NEST_MEMORY=384M nest "L3" $hv vmm-hello.sh,vmm-linux.sh
else
	NEST_ENV="NEST_HV=$hv L4_INSIDE=1 L4_TIMEOUT=400"
	NEST_MEMORY=1G nest "L2" $hv nest-l4.sh
fi

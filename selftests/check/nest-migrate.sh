#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# An L2 that runs an L3 is saved to a file and goes on in a new QEMU process, and
# so does the L3, whose shadow tree there is nothing left of. LIMIT: seconds that
# L3 may take to boot.
. /check/l2.sh
. /check/nest.lib

memory=768M
limit=${LIMIT:-300}
machine_of_l3() {
	l2 "$1" 6.12-4k vof 1 none -M cap-nested-hv=on \
		-kernel /nest/vmlinux -initrd /nest/initramfs \
		-append "console=hvc0 panic=-1 quiet HV=$hv TESTS=nest-loop.sh" $2
}

for hv in ${NEST_HV:-nhv kvm-hv}; do
	machine_of_l3 from
	verdict from "L3 works under $hv in L2" seen from "l2: work" 1 "$limit"
	verdict from "L2 is saved while L3 runs" saved from /tmp/state
	check "each sum was right before" worked from
	stop from

	machine_of_l3 to "-incoming file:/tmp/state"
	verdict to "L3 goes on in a new process" seen to "l2: work $work_sum" 3 "$limit"
	check "L2 never started anew" [ "$(count to "up after")" = 0 ]
	check "nor did L3" [ "$(count to "l2: up")" = 0 ]
	check "each sum was right after" worked to
	stop to
	rm -f /tmp/state
done

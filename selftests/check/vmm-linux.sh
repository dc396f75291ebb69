#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A Linux kernel under the small VMM, by flattened device tree, 1, 2 and 4 vCPUs.
# Needs a guest kernel (rig: --l2).  GUEST_CPUS: numbers of vCPUs with commas
# between, GUEST_MEM: how much memory,
# LIMIT: seconds that each may take.
fail=0
kernel=$(ls -d /l2/* 2>/dev/null | head -n 1)
if [ -z "$kernel" ]; then
	echo "ok - Linux # SKIP no guest kernel in L1"
	exit 0
fi
sum=$(seq 1 100000000 | head -c 2000000 | md5sum | cut -d' ' -f1)
for cpus in $(echo ${GUEST_CPUS:-1,2,4} | tr , ' '); do
	/vmm/nhv-vmm --kernel $kernel/vmlinux --initrd $kernel/initramfs \
		--mem ${GUEST_MEM:-512M} \
		--cpus $cpus --append "console=hvc0 panic=-1 l2=work" --timeout ${LIMIT:-120} \
		--stats >/tmp/linux.$$ 2>&1 </dev/null
	status=$?
	if [ $status = 0 ] && grep -q "^l2: up .* cpus $cpus " /tmp/linux.$$ &&
	   [ "$(grep '^l2: work' /tmp/linux.$$ | tr -d '\r')" = "l2: work $sum" ]; then
		echo "ok - Linux with $cpus vCPUs"
	else
		tail -n 20 /tmp/linux.$$ | sed 's/^/# /'
		echo "not ok - Linux with $cpus vCPUs: status $status"
		fail=1
	fi
done
exit $fail

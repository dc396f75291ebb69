# SPDX-License-Identifier: GPL-2.0-only
# For `make bench`: a Linux kernel boots to user space, RUNS times, and says when it
# was there.  (rig: --l2)
. /check/tap.sh

kernel=$(ls -d /l2/* | head -n 1)
sleep 5
echo "#set boot"
for run in $(seq "${RUNS:-3}"); do
	/vmm/nhv-vmm --kernel "$kernel/vmlinux" --initrd "$kernel/initramfs" \
		--mem 512M --append "console=hvc0 panic=-1 l2=boot" --timeout 200 \
		>/tmp/boot 2>&1 </dev/null
	sed -n 's/^l2: init at/# boot:/p' /tmp/boot | tr -d '\r'
	check "boot $run" grep -q "^l2: init at [0-9]" /tmp/boot
done

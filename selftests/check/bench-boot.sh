# SPDX-License-Identifier: GPL-2.0-only
# For `make bench`: a Linux kernel boots to user space, RUNS times by each VMM, and
# says when it was there.  APPEND: its command line.
# BY: one of them alone.  (rig: --with-qemu)
. /check/l2.sh

kernel=$(ls -d /l2/* | head -n 1)

by_vmm() {
	/vmm/nhv-vmm --kernel "$kernel/vmlinux" --initrd "$kernel/initramfs" \
		--mem 512M --append "$APPEND" --timeout 200
}

# The machine that L0 is for the native boot, device for device.
by_qemu() {
	timeout 200 "$qemu" -accel kvm -M "$machine,x-vof=on" -m 512M -smp 1 \
		-nodefaults -nographic -no-reboot \
		-kernel "$kernel/vmlinux" -initrd "$kernel/initramfs" \
		-append "$APPEND" \
		-device spapr-vty,chardev=console,reg=0x30000000 \
		-chardev stdio,id=console,mux=off,signal=off \
		-device spapr-vty,chardev=tests,reg=0x30001000 \
		-chardev null,id=tests \
		-object rng-builtin,id=random -device spapr-rng,rng=random
}

sleep 5
for by in ${BY:-vmm qemu}; do
	echo "#set $by"
	for run in $(seq "${RUNS:-3}"); do
		by_$by >/tmp/boot 2>&1 </dev/null
		sed -n 's/^l2: init at/# boot:/p' /tmp/boot | tr -d '\r'
		check "boot $run by $by" grep -q "^l2: init at [0-9]" /tmp/boot ||
			sed 's/^/# /' /tmp/boot
	done
done

# SPDX-License-Identifier: GPL-2.0-only
# The same with unmodified QEMU around L2, by its cap-nested-hv.
. /check/l2.sh
. /check/nest.lib

memory=768M
for hv in ${NEST_HV:-kvm-hv}; do
	l2 "qemu-$hv" 6.12-4k vof 1 none -M cap-nested-hv=on \
		-kernel /nest/vmlinux -initrd /nest/initramfs \
		-append "console=hvc0 panic=-1 quiet HV=$hv TESTS=vmm-hello.sh,vmm-linux.sh GUEST_CPUS=1 GUEST_MEM=192M"
	wait "$(cat "/tmp/qemu-$hv.pid")"
	nest_verdict "qemu-$hv" $?
	tell "qemu-$hv" | sed -n "/qemu:/p"
done

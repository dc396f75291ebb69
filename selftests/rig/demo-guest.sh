# SPDX-License-Identifier: GPL-2.0-only
# The guest of `make demo`: its console, then what nhv counted.
. /check/l2.sh

"$qemu" -accel kvm -M "$machine" -smp 2 -m 512M -nodefaults -nographic \
	-serial stdio -kernel /l2/6.12-4k/vmlinux \
	-initrd /l2/6.12-4k/initramfs \
	-append "console=hvc0 panic=-1 l2=work" 2>/tmp/err | tr -d '\r' |
	tee /tmp/console | awk '{ print "L2| " $0; fflush() }'
check "L2 worked" grep -q "l2: work $work_sum" /tmp/console
check "L2 powered itself off" grep -q "l2: done" /tmp/console
sed 's/^/# qemu: /' /tmp/err
echo "api $(cat /sys/module/nhv/parameters/api)"
echo "version $(cat /sys/module/nhv/version)"
sed 's/^/stat /' /sys/kernel/debug/nhv/stats

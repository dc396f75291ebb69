#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# A Linux guest that works without an end, its console on ours: for nest-migrate.sh.
kernel=$(ls -d /l2/* | head -n 1)
exec /vmm/nhv-vmm --kernel $kernel/vmlinux --initrd $kernel/initramfs \
	--mem 192M --append "console=hvc0 panic=-1 l2=loop" --timeout 100000

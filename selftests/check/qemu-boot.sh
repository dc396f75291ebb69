# SPDX-License-Identifier: GPL-2.0-only
# Unmodified QEMU boots Debian to user space, works, reads back a disk it
# wrote, fetches a file by network and powers off.  Over the rows each pair of
# firmware, interrupt controller, number of vCPUs and kernel comes up.
. /check/l2.sh

mkdir -p /tmp/tftp
pattern 3 300000 >/tmp/tftp/file
net_sum=$(sum_of 3 300000)

io_right() {
	finished "$1" 240 && worked "$1" && [ "$(count "$1" "l2: disk ok")" = 1 ] &&
		[ "$(count "$1" "l2: net $net_sum")" = 1 ]
}

# boot KERNEL FIRMWARE INTERRUPTS CPUS [OPTIONS OF THE VIRTIO DEVICES]
boot() {
	what="kernel $1, $2, ic-mode $3, $4 vCPUs${5:+, $5}"
	if [ ! -e "/l2/$1/vmlinux" ]; then
		skip "$what" "no kernel $1 for L2"
		return
	fi
	truncate -s 0 /tmp/disk
	truncate -s 4M /tmp/disk
	l2 boot "$1" "$2" "$4" io -M "ic-mode=$3" \
		-drive file=/tmp/disk,if=none,id=disk,format=raw \
		-device "virtio-blk,drive=disk${5:+,$5}" \
		-netdev user,id=net,tftp=/tmp/tftp \
		-device "virtio-net,netdev=net,romfile=${5:+,$5}"
	verdict boot "$what" io_right boot
	alive boot && stop boot
	# The disk as L1 sees it, too.
	check "$what: disk from outside" [ "$(head -c 2097152 /tmp/disk | md5sum)" \
		= "$(pattern 7 2097152 | md5sum)" ]
}

boot 6.12-4k vof dual 1
# The devices' addresses are those of TCEs, which the kernel keeps.
boot 6.12-4k vof xics 2 disable-legacy=on,iommu_platform=on
boot 6.12-4k vof dual 4
boot 6.12-4k slof dual 2
boot 7.2-4k slof xics 4
boot 7.2-4k slof dual 2
boot 7.2-4k slof xics 1

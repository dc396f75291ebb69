# SPDX-License-Identifier: GPL-2.0-only
# virtme-ng of Debian 13 on nhv, by the command that docs/ci-runner.md shows.
# VERBOSE=1: with the guest's console as it comes; LIMIT: seconds it may take.
. /check/disk.lib
exits=/sys/kernel/debug/nhv/stats

disk_mount || exit 1
before=$(awk '$1 == "sum_exits" { print $2 }' $exits)
# What a Debian that was installed has: what ca-certificates makes when it is
# configured, which Python wants, and what the guest's start script mounts over.
mkdir -p /mnt/etc/ssl/certs /mnt/etc/lvm /mnt/opt /mnt/srv
cat /mnt/usr/share/ca-certificates/mozilla/*.crt \
	>/mnt/etc/ssl/certs/ca-certificates.crt
touch /mnt/etc/hosts /mnt/etc/fstab /mnt/etc/shadow
cp /docs/virtme /mnt/root/virtme

# The guest's root: this system, without udev and systemd-tmpfiles.
mkdir /mnt/root/rootfs /mnt/root/none
touch /mnt/root/nothing
mount --bind /mnt /mnt/root/rootfs
mount --bind /mnt/root/none /mnt/root/rootfs/usr/lib/systemd
for name in udevadm systemd-tmpfiles; do
	mount --bind /mnt/root/nothing /mnt/root/rootfs/usr/bin/$name
done
cp /docs/udevd /mnt/root/rootfs/usr/sbin/udevd
chmod 755 /mnt/root/rootfs/usr/sbin/udevd
if [ -n "$VERBOSE" ]; then
	sed -i 's/vng /vng --verbose /' /mnt/root/virtme
	touch /tmp/out
	tail -f /tmp/out | while read -r line; do
		echo "# $(cut -d' ' -f1 /proc/uptime): $line"
	done &
fi
quietly "vng runs a command in an L2" 0 \
	disk env -C /root timeout "${LIMIT:-600}" sh -e virtme
check "of the same kernel" grep -q "^$(uname -r)" /tmp/out
after=$(awk '$1 == "sum_exits" { print $2 }' $exits)
echo "# $((after - before)) exits"
check "on nhv" test "$after" -gt $((before + 1000))
[ -z "$VERBOSE" ] || killall tail
for part in usr/lib/systemd usr/bin/udevadm usr/bin/systemd-tmpfiles ""; do
	umount /mnt/root/rootfs/$part
done
disk_unmount

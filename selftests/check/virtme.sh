# SPDX-License-Identifier: GPL-2.0-only
# virtme-ng of Debian 13 on nhv, by the command that docs/ci-runner.md shows.
# VERBOSE=1: with the guest's console as it comes; LIMIT: seconds it may take.
. /check/disk.lib
exits=/sys/kernel/debug/nhv/stats

disk_mount || exit 1
before=$(awk '$1 == "sum_exits" { print $2 }' $exits)
# What ca-certificates makes when it is configured; Python wants it.
mkdir -p /mnt/etc/ssl/certs
cat /mnt/usr/share/ca-certificates/mozilla/*.crt \
	>/mnt/etc/ssl/certs/ca-certificates.crt
cp /docs/virtme /mnt/virtme
if [ -n "$VERBOSE" ]; then
	sed -i 's/vng /vng --verbose /' /mnt/virtme
	touch /tmp/out
	tail -f /tmp/out | while read -r line; do
		echo "# $(cut -d' ' -f1 /proc/uptime): $line"
	done &
fi
quietly "vng runs a command in an L2" 0 disk timeout "${LIMIT:-600}" sh -e /virtme
check "of the same kernel" grep -q "^$(uname -r)" /tmp/out
after=$(awk '$1 == "sum_exits" { print $2 }' $exits)
echo "# $((after - before)) exits"
check "on nhv" test "$after" -gt $((before + 1000))
[ -z "$VERBOSE" ] || killall tail
disk_unmount

# SPDX-License-Identifier: GPL-2.0-only
# The Debian packages in L1: apt installs them, DKMS builds the module for the
# running kernel, guests run for whom they should, and a purge leaves nothing.
. /check/tap.sh

disk() {
	chroot /mnt env -i PATH=/usr/bin:/usr/sbin HOME=/root LC_ALL=C \
		DEBIAN_FRONTEND=noninteractive "$@"
}

# as USER GROUP COMMAND...: with no capability
as() {
	user=$1 group=$2
	shift 2
	disk setpriv --reuid "$user" --regid "$user" --groups "$group" \
		--bounding-set=-all --inh-caps=-all "$@"
}

# quietly WHAT STATUS COMMAND...: with the output when it is another status
quietly() {
	what=$1 want=$2
	shift 2
	"$@" >/tmp/out 2>&1
	got=$?
	[ $got = "$want" ] || tail -n 30 /tmp/out | sed 's/^/# /'
	check "$what" test $got = "$want"
}

traces() {
	disk find / -xdev \( -name 'nhv*' -o -name '*-nhv*' \) \
		! -path '/nhv-*.deb' ! -path '/var/log/*' ! -path '/var/cache/*'
}

# ext4 asks for crc32c by name
load crc32c_generic
mkdir -p /mnt
load ext4 && load virtio_pci && load virtio_blk || exit 1
for second in 1 2 3 4 5; do
	[ -b /dev/vda ] || sleep 1
done
mount -t ext4 /dev/vda /mnt || exit 1
for part in dev proc sys; do
	mount --bind /$part /mnt/$part
done
cp /packages/*.deb /mnt/
mkdir -p /mnt/l2 /mnt/folder/bin
cp /l2/*/vmlinux /mnt/l2/
cp /bin/busybox /mnt/folder/bin/
for applet in sh mount mkdir stty echo sleep; do
	ln -s busybox /mnt/folder/bin/$applet
done
disk ldconfig

quietly "apt installs" 0 disk apt-get -y --no-install-recommends install \
	/nhv-dkms_0.1.0_all.deb /nhv-tools_0.1.0_all.deb
disk dkms status | sed 's/^/# /'
check "DKMS has built it for this kernel" sh -c \
	"chroot /mnt dkms status nhv | grep -q \"$(uname -r).*installed\""
quietly "modprobe nhv" 0 disk modprobe nhv
check "/dev/kvm is nhv's" sh -c '[ -d /sys/module/nhv ] && [ -c /dev/kvm ]'
rmmod nhv
quietly "what modules-load.d names" 0 disk modprobe nhv_auto
check "loads nhv" test -d /sys/module/nhv

# There is no udev in L1; its rule says this.
group=$(sed -n 's/^kvm:[^:]*:\([0-9]*\):.*/\1/p' /mnt/etc/group)
check "group kvm" test -n "$group"
chown "0:$group" /dev/kvm
JOB="nhv-job --kernel /l2/vmlinux --folder /folder --timeout 300 --"
quietly "root runs a guest" 3 disk $JOB sh -c 'echo hello; exit 3'
check "its output" grep -q '^hello$' /tmp/out
quietly "a user in group kvm does" 4 as 1000 "$group" $JOB sh -c 'exit 4'
quietly "and in a user namespace" 5 as 1000 "$group" \
	unshare --user --map-root-user $JOB sh -c 'exit 5'
quietly "another user does not" 125 as 1001 1001 $JOB true
check "for want of permission" grep -qi "permission denied" /tmp/out

rmmod nhv
quietly "apt purges" 0 disk apt-get -y purge nhv-dkms nhv-tools
traces | sed 's/^/# left: /'
check "nothing is left" test -z "$(traces)"
for part in dev proc sys; do
	umount /mnt/$part
done
umount /mnt

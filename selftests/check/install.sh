# SPDX-License-Identifier: GPL-2.0-only
# The Debian packages in L1: apt installs them, DKMS builds the module for the
# running kernel, guests run for whom they should, and a purge leaves nothing.
# BUILD=copy: the compiler, which takes most of the time, is not run; make finds
# nhv.ko built already.
. /check/disk.lib

# as USER GROUP COMMAND...: with no capability.  In a chroot there would be no user
# namespaces, so the disk is the root of a mount namespace.
as() {
	user=$1 group=$2
	shift 2
	unshare -m sh -c 'cd /mnt && mount -o move . / && exec chroot . "$@"' sh \
		/usr/bin/env -i PATH=/usr/bin:/usr/sbin \
		setpriv --reuid "$user" --regid "$user" --groups "$group" \
		--bounding-set=-all --inh-caps=-all "$@"
}

traces() {
	disk find / -xdev \( -name 'nhv*' -o -name '*-nhv*' \) \
		! -path /nhv-prebuilt.ko ! -path '/var/log/*' ! -path '/var/cache/*'
}

# shown NAME: a command of the documentation, as it is written there, in a
# folder that has what it names.
shown() {
	disk env -C /root sh -e "/shown/$1"
}

disk_mount || exit 1
release=$(uname -r)
mkdir -p /mnt/shown /mnt/boot /mnt/folder/bin /mnt/root/build/package/deb
cp /docs/* /mnt/shown/
cp /packages/*.deb /mnt/root/build/package/deb/
cp -r /source /mnt/root/source
for name in boot/vmlinux "boot/vmlinux-$release" root/vmlinux; do
	cp /l2/*/vmlinux "/mnt/$name"
done
cp /l2/*/initramfs /mnt/root/initrd.img
cp /bin/busybox /mnt/folder/bin/
for applet in sh mount mkdir stty echo sleep; do
	ln -s busybox /mnt/folder/bin/$applet
done
printf '#!/bin/sh\necho "make $*"\n' >/mnt/folder/bin/make
chmod 755 /mnt/folder/bin/make
ln -s /folder /mnt/root/rootfs

# What linux-image does when it is configured, and DKMS 3.2 waits for; with few
# modules, as depmod reads them all.
find "/mnt/lib/modules/$release/kernel" -mindepth 1 -maxdepth 1 ! -name lib \
	-exec rm -r {} + 2>/dev/null
disk depmod "$release"

if [ "$BUILD" = copy ]; then
	cp /nhv.ko /mnt/nhv-prebuilt.ko
	mv /mnt/usr/bin/make /mnt/usr/bin/make.real
	cat >/mnt/usr/bin/make <<-"END"
		#!/bin/sh
		for word in "$@"; do
			case $word in M=*) exec cp /nhv-prebuilt.ko "${word#M=}/nhv.ko" ;; esac
		done
		exec make.real "$@"
	END
	chmod 755 /mnt/usr/bin/make
fi

quietly "apt installs" 0 shown apt
disk dkms status | sed 's/^/# /'
built() {
	disk dkms status nhv | grep -q "$release.*installed"
}
check "DKMS has built it for this kernel" built
# udev, which takes L1 for a chroot of another machine's.
disk /usr/lib/systemd/systemd-udevd --daemon
group=$(sed -n 's/^kvm:[^:]*:\([0-9]*\):.*/\1/p' /mnt/etc/group)
check "group kvm" test -n "$group"
# node NAME: it is group kvm's alone
node() {
	disk env SYSTEMD_IGNORE_CHROOT=1 udevadm settle
	check "$1 is for group kvm alone" \
		test "$(stat -c '%F %a %u %g' "$1")" = "character special file 660 0 $group"
}

quietly "modprobe nhv" 0 shown load
check "/dev/kvm is nhv's" sh -c '[ -d /sys/module/nhv ] && [ -c /dev/kvm ]'
node /dev/kvm
rmmod nhv
quietly "a name of its own" 0 disk modprobe nhv device=nhv-other
node /dev/nhv-other
rmmod nhv
quietly "what modules-load.d names" 0 disk modprobe nhv_auto
check "loads nhv" test -d /sys/module/nhv
rmmod nhv
# DKMS 3.2 packs modules where the kernel's own are packed.
cp /mnt/lib/modules/$release/updates/dkms/nhv.ko* /mnt/root/
[ ! -f /mnt/root/nhv.ko.xz ] || disk unxz /root/nhv.ko.xz
quietly "insmod" 0 shown insmod
rm /mnt/root/nhv.ko

# What the administrator switches on in modprobe.d.
kept_out() {
	disk modprobe --dry-run --verbose kvm_hv 2>&1 | grep "^install /bin/false"
}
check "kvm_hv is not kept out" test -z "$(kept_out)"
sed -i 's/^#\(install\|blacklist\)/\1/' /mnt/etc/modprobe.d/nhv.conf
check "but when modprobe.d/nhv.conf says so" test -n "$(kept_out)"

JOB="nhv-job --kernel /boot/vmlinux --folder /folder --timeout 300 --"
quietly "root runs a guest" 3 disk $JOB sh -c 'echo hello; exit 3'
check "its output" grep -q '^hello$' /tmp/out
quietly "a user in group kvm does" 4 as 1000 "$group" $JOB sh -c 'exit 4'
quietly "and in a user namespace" 5 as 1000 "$group" \
	unshare --user --map-root-user $JOB sh -c 'exit 5'
quietly "another user does not" 125 as 1001 1001 $JOB true
check "for want of permission" grep -qi "permission denied" /tmp/out

quietly "QEMU as in README" 0 shown qemu
check "an L2 was up" grep -q "^l2: done" /tmp/out
for name in job jobman; do
	quietly "nhv-job as shown, $name" 0 shown $name
	check "what it says" grep -q "^make .*check" /tmp/out
done

rmmod nhv
killall systemd-udevd
quietly "apt purges" 0 disk apt-get -y purge nhv-dkms nhv-tools
rm -r /mnt/root/build
mv /mnt/root/source /source.old
traces | sed 's/^/# left: /'
check "nothing is left" test -z "$(traces)"

# By hand, which builds once more.
mv /source.old /mnt/root/source
for name in hand dkms load; do
	quietly "DKMS by hand: $name" 0 disk env -C /root/source \
		sh -e /shown/$name
done
check "loaded" test -d /sys/module/nhv
disk_unmount

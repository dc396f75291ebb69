# SPDX-License-Identifier: GPL-2.0-only
# Unmodified libvirt defines, starts and follows a domain of type kvm.
. /check/tap.sh

export PATH=$PATH:/usr/bin:/usr/sbin
kernel=${L2_KERNELS%% *}
log=/tmp/domain.log
vms() {
	sed -n 's/^vms[: ]*//p' /sys/kernel/debug/nhv/stats
}

# What Debian's maintainer scripts and a booted system would have made.
mkdir -p /etc/libvirt/qemu /var/lib/libvirt /var/log/libvirt /var/cache /run
# virsh looks for the socket in /var/run.
[ -e /var/run ] || ln -s /run /var/run
export LIBVIRT_DEFAULT_URI=qemu:///system
cat >/etc/passwd <<-END
	root:x:0:0:root:/root:/bin/sh
	libvirt-qemu:x:64055:36::/var/lib/libvirt:/bin/false
END
cat >/etc/group <<-END
	root:x:0:
	tty:x:5:
	kvm:x:36:
	libvirt-qemu:x:64055:
END
hostname l1
echo 6e687600000040008000000000000001 >/etc/machine-id
cat >/etc/libvirt/libvirtd.conf <<-END
	unix_sock_group = "root"
	auth_unix_ro = "none"
	auth_unix_rw = "none"
	host_uuid = "6e687600-0000-4000-8000-000000000001"
END
cat >/etc/libvirt/qemu.conf <<-END
	security_driver = "none"
	user = "root"
	group = "root"
	dynamic_ownership = 0
	remember_owner = 0
	cgroup_controllers = []
	namespaces = []
	stdio_handler = "file"
END

# The protections that a TCG L0 does not promise, and the page size that a
# 4K-page L1 cannot exceed.
cat >/tmp/domain.xml <<-END
	<domain type='kvm'>
	  <name>l2</name>
	  <memory unit='MiB'>512</memory>
	  <vcpu>2</vcpu>
	  <os>
	    <type arch='ppc64le' machine='pseries'>hvm</type>
	    <kernel>/l2/$kernel/vmlinux</kernel>
	    <initrd>/l2/$kernel/initramfs</initrd>
	    <cmdline>console=hvc0 panic=-1 l2=work</cmdline>
	  </os>
	  <features>
	    <hpt><maxpagesize unit='KiB'>$((PAGE_SIZE / 1024))</maxpagesize></hpt>
	    <ccf-assist state='off'/>
	    <cfpc value='broken'/>
	    <sbbc value='broken'/>
	    <ibs value='broken'/>
	  </features>
	  <devices>
	    <emulator>/usr/bin/qemu-system-ppc64</emulator>
	    <controller type='usb' model='none'/>
	    <memballoon model='none'/>
	    <serial type='file'>
	      <source path='$log'/>
	      <target type='spapr-vio-serial'/>
	    </serial>
	  </devices>
	</domain>
END

# within SECONDS COMMAND...: it succeeds before that
within() {
	end=$(($(cut -d. -f1 /proc/uptime) + $1))
	shift
	until "$@" >/tmp/within.log 2>&1; do
		[ "$(cut -d. -f1 /proc/uptime)" -lt "$end" ] || return 1
		sleep 0.5
	done
}
state() {
	[ "$(virsh domstate l2)" = "$1" ]
}
tell() {
	for file in /tmp/libvirtd.log /tmp/virsh.log /tmp/within.log \
		    /var/log/libvirt/qemu/l2.log "$log"; do
		[ -e "$file" ] || continue
		tail -n 12 "$file" | tr -d '\r' | sed "s|^|# ${file##*/}: |"
	done
}
# What is left to do after one that failed makes no sense.
step() {
	what=$1
	shift
	if "$@" >/tmp/virsh.log 2>&1; then
		ok "$what"
	else
		not_ok "$what" "$*"
		tell
		exit 1
	fi
}

libvirtd >/tmp/libvirtd.log 2>&1 &
daemon=$!
step "libvirtd answers" within 120 virsh version
virsh version | sed '/./!d; s/^/# /'
step "virsh define" virsh define /tmp/domain.xml
step "virsh start" virsh start l2
check "the domain is of type kvm" sh -c \
	"virsh dumpxml l2 | grep -q \"<domain type='kvm'\""
check "it runs on nhv" [ "$(vms)" = 1 ]
step "L2 reaches user space" within 240 grep -a -q "l2: up" "$log"
step "L2 finishes its work" within 240 grep -a -q "l2: done" "$log"
step "virsh domstate says shut off" within 60 state "shut off"
step "virsh undefine" virsh undefine l2
kill "$daemon"
step "libvirtd ends" wait "$daemon"
check "no guest is left" [ "$(vms)" = 0 ]
check "no QEMU is left" [ -z "$(pidof qemu-system-ppc64)" ]

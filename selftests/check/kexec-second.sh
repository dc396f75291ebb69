# SPDX-License-Identifier: GPL-2.0-only
# Behind kexec.sh, in the kernel that was started: it ends that test, as l1.init does.
stty -F /dev/hvc1 raw -echo
exec >/dev/hvc1 2>&1
sh /check/vmm-hello.sh
sh /check/vmm-linux.sh
echo "#rig end kexec.sh $?"
echo "#rig dmesg"
dmesg -r
echo "#rig done"
sleep 0.3
poweroff -f

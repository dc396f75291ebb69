# SPDX-License-Identifier: GPL-2.0-only
# L1 starts another kernel by kexec while L2 runs: all that the level below has of us
# must be gone by then, or it goes on writing to memory that is another kernel's.
# That kernel loads nhv and runs guests: kexec-second.sh.  (rig: kexec:1,nest:1)
# allow: ernel command line
. /check/tap.sh

console=/tmp/l2
l2=$(ls -d /l2/* | head -n 1)
/vmm/nhv-vmm --kernel "$l2/vmlinux" --initrd "$l2/initramfs" --mem 256M --cpus 2 \
	--append "console=hvc0 panic=-1 l2=stay" --timeout 300 >$console 2>&1 </dev/null &
for i in $(seq 100); do
	grep -q "^l2: tick" $console && break
	sleep 1
done
check "L2 runs" grep -q "^l2: tick" $console
words="HV=nhv TESTS=kexec-second.sh GUEST_CPUS=2 GUEST_MEM=256M"
check "a kernel is loaded" kexec -c -l /nest/vmlinux --initrd=/nest/initramfs \
	--append="console=hvc0 panic=-1 quiet $words"
check "this kernel has nothing to say of nhv" sh -c \
	"! dmesg -r | grep -v taint | grep -q '^<[0-5]>.*nhv[:( ]'"
kexec -e
not_ok "kexec does not come back"

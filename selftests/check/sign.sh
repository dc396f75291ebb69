# SPDX-License-Identifier: GPL-2.0-only
# A kernel that wants signatures (module.sig_enforce=1) takes nhv.ko signed with
# a key that it knows, and no other.  Boot with --hv none.
. /check/tap.sh

# refused WHAT FILE ERRNO...: insmod ends with one of them, nothing is loaded
refused() {
	what=$1 file=$2
	shift 2
	insmod "$file" 2>/tmp/err
	status=$?
	for errno in "$@"; do
		[ $status = "$errno" ] && break
	done
	sed 's/^/# /' /tmp/err
	check "$what" test $status = "$errno" -a ! -d /sys/module/nhv
}

check "this kernel wants signatures" \
	grep -q Y /sys/module/module/parameters/sig_enforce
# 129 is EKEYREJECTED.
refused "without a signature: refused" /nhv.ko 129
# A byte in the first code page; what it was is as good as any other.
cp /nhv-signed.ko /tmp/changed.ko
printf '\125\252' | dd of=/tmp/changed.ko bs=1 seek=4096 conv=notrunc 2>/dev/null
refused "changed after it was signed: refused" /tmp/changed.ko 129
insmod /nhv-signed.ko
check "signed: loads" test -d /sys/module/nhv
check "and has not tainted the kernel as unsigned" sh -c \
	'! cat /sys/module/nhv/taint | grep -q E'
. /check/vmm.lib
vmm signed --payload /guest/hello.elf --timeout 60
rmmod nhv

# SPDX-License-Identifier: GPL-2.0-only
# nhv-check in this L1: guests can run, or $MISSING is the one condition that it
# names.
. /check/tap.sh

# Not a machine that packages were installed on.
mkdir -p "/lib/modules/$(uname -r)"
cp /nhv.ko "/lib/modules/$(uname -r)/"
qemu=qemu-10
if ! command -v $qemu >/dev/null; then
	qemu=/tmp/qemu
	printf '#!/bin/sh\necho QEMU emulator version 10.0\n' >$qemu
	chmod +x $qemu
fi
[ "$MISSING" = kvm-hv ] && load kvm_hv

nhv-check --qemu $qemu >/tmp/check
status=$?
sed 's/^/# /' /tmp/check
named=$(nhv-check --qemu $qemu --json |
	sed -n 's/.*"name": "\([a-z-]*\)", "state": "problem".*/\1/p')
check "nhv-check names ${MISSING:-nothing}" test "$named" = "$MISSING"
if [ -z "$MISSING" ]; then
	check "guests can run" test $status = 0
	check "all is ok" test "$(grep -c '^ok' /tmp/check)" = 14
else
	check "guests cannot run" test $status = 1
fi
[ "$MISSING" = kvm-hv ] && rmmod kvm_hv
rm -r "/lib/modules/$(uname -r)"

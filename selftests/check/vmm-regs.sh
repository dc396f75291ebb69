#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Registers survive exits, while other tasks of L1 use the same registers, and
# while a second guest runs on the same CPUs.  N: turns.
. /check/vmm.lib
fail=0
n=${N:-5000}
vmm regs --payload /guest/regs.elf --timeout 200 --args "n=$n $l0_bears" || fail=1
vmm "regs with noise" --payload /guest/regs.elf --timeout 200 \
	--noise fp,vmx,copy,dscr,tar,perf --args "n=$n $l0_bears" || fail=1
vmm "the vCPU's own thread" --payload /guest/regs.elf --timeout 200 \
	--noise self,vmx,copy --args "n=$n $l0_bears" || fail=1
/vmm/nhv-vmm --payload /guest/regs.elf --timeout "${LIMIT:-200}" --args "n=$n seed=7 $l0_bears" \
	>/tmp/second 2>&1 &
second=$!
vmm "regs of two guests" --payload /guest/regs.elf --timeout 200 --args "n=$n $l0_bears" || fail=1
if wait $second; then
	echo "ok - regs of the second guest"
else
	sed 's/^/# /' /tmp/second
	echo "not ok - regs of the second guest"
	fail=1
fi
exit $fail

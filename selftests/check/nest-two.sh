# SPDX-License-Identifier: GPL-2.0-only
# Two Linux guests at once (in L2: two L3s), each with its own results.
for n in 1 2; do
	sh /check/vmm-linux.sh >/tmp/two.$n 2>&1 &
done
wait
for n in 1 2; do
	sed "s/^\(ok\|not ok\) - /\1 - guest $n: /" /tmp/two.$n
done

# SPDX-License-Identifier: GPL-2.0-only
# A vCPU comes to a running L2, goes, and comes again: QEMU parks a vCPU that
# went, and takes the same one again.
. /check/l2.sh

l2 plug 6.12-4k slof 1,maxcpus=2 cpus
core=host-spapr-cpu-core,id=core1,core-id=1
verdict plug "L2 starts with one vCPU" seen plug "l2: cpus 1" 1 120
for n in 1 2; do
	before=$(count plug "l2: cpus 2")
	monitor plug "device_add $core"
	verdict plug "a second one comes ($n)" \
		seen plug "l2: cpus 2" $((before + 1)) 120
	before=$(count plug "l2: cpus 1")
	monitor plug "device_del core1"
	verdict plug "and goes ($n)" seen plug "l2: cpus 1" $((before + 1)) 120
done
monitor plug "device_add $core"
before=$(count plug "l2: cpus 2")
verdict plug "it works" seen plug "l2: cpus 2" $((before + 2)) 120
check "every sum was right" worked plug
stop plug

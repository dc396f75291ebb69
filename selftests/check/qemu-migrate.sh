# SPDX-License-Identifier: GPL-2.0-only
# A running L2 is saved to a file and goes on in a new QEMU process.
. /check/l2.sh

for firmware in vof slof; do
	l2 from 6.12-4k $firmware 2 loop
	seen from "l2: work" 1 120
	verdict from "saved while it runs ($firmware)" saved from /tmp/state
	check "worked before ($firmware)" worked from
	stop from

	l2 to 6.12-4k $firmware 2 loop -incoming file:/tmp/state
	verdict to "goes on in a new process ($firmware)" \
		seen to "l2: work $work_sum" 3 120
	check "and never started anew ($firmware)" \
		[ "$(count to "l2: up")" = 0 ]
	check "worked after ($firmware)" worked to
	stop to
	rm -f /tmp/state
done

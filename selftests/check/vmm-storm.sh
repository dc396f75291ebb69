#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Stores without exits while L1 logs dirty pages, deletes the slot, replaces its
# memory.  ROUNDS: how often.
. /check/vmm.lib
fail=0
n=${ROUNDS:-100}
for backing in memfd small thp; do
	vmm "storm, $backing" --payload /guest/storm.elf --cpus 2 --extra 2M \
		--extra-backing $backing --timeout 100 --args "rounds=$n" || fail=1
done
vmm "storm, 4 vCPUs" --payload /guest/storm.elf --cpus 4 --extra 2M \
	--extra-backing memfd --timeout 100 --args "rounds=$n" || fail=1
exit $fail

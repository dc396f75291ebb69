# SPDX-License-Identifier: GPL-2.0-only
# In L2: an L3 that does nothing, and one that touches 64 MiB once.  L1 counts its
# exits between the marks, see nest-exits.sh.
. /check/vmm.lib

echo never >/sys/kernel/mm/transparent_hugepage/enabled
mark() {
	echo "nest: mark $1"
	sleep 1
}
one() {
	vmm "touch=$1" --payload /guest/touch.elf --mem 16M --extra 64M \
		--extra-backing small --timeout 200 --args "touch=$1"
}
one 0
mark 1
one 0
mark 2
one 1
mark 3

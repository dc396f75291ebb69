# SPDX-License-Identifier: GPL-2.0-only
# The commands of selftests/vmm/README.md as they are written there.
. /check/tap.sh
PATH=$PATH:/vmm
cd /guest

# shown NAME STATUS LAST: it ends so, and LAST is in its last line
shown() {
	sh "/docs/$1" >/tmp/out 2>&1 </dev/null
	got=$?
	tail -n 3 /tmp/out | sed 's/^/# /'
	check "$(cat "/docs/$1")" test $got = "$2"
	[ -z "$3" ] || check "... says $3" sh -c "tail -n 1 /tmp/out | grep -q '$3'"
}

shown vmm 0 '^0$'
shown vmm3 3
shown vmmh 0

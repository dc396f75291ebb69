# SPDX-License-Identifier: GPL-2.0-only
# TAP for the test scripts that run in L1:  . /check/tap.sh
tap_n=0

ok() {
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1"
}

not_ok() {
	tap_n=$((tap_n + 1))
	echo "not ok $tap_n - $1${2:+ # $2}"
}

skip() {
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1 # SKIP $2"
}

# check WHAT COMMAND...: the command's status decides.
check() {
	tap_what=$1
	shift
	if "$@"; then ok "$tap_what"; else not_ok "$tap_what" "$*"; fi
}

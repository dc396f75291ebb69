# SPDX-License-Identifier: GPL-2.0-only
# An L1 in which nhv must refuse to load: $REFUSE is ERRNO:PATTERN, what loading
# ends with and what the log line says. Boot with --hv none.
# allow: nhv: (the level below offers|the processor is older|this kernel uses the hash)
. /check/tap.sh

insmod /nhv.ko 2>/dev/null
got=$?
# busybox tries twice to load a module that was refused
line=$(dmesg | sed -n 's/^\[[^]]*\] nhv: //p' | grep -v taint | sort -u)
echo "# $got $line"
check "errno ${REFUSE%%:*}" test $got = ${REFUSE%%:*}
check "the log says ${REFUSE#*:}" sh -c "echo '$line' | grep -q '${REFUSE#*:}'"
check "one line" test "$(echo "$line" | wc -l)" = 1

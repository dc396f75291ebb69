# SPDX-License-Identifier: GPL-2.0-only
# After the other scripts of the boot: memory of nhv's that nobody knows of any
# more, while it is loaded and after it.  For kernel 6.12-debug.
. /check/tap.sh
leaks=/sys/kernel/debug/kmemleak
if [ ! -e $leaks ]; then
	skip "leaks" "this kernel has no KMEMLEAK"
	exit
fi

# A pointer may be on its way in a register: kmemleak wants to see it twice, and
# nothing younger than five seconds.
lost() {
	sleep 6
	echo scan >$leaks
	echo scan >$leaks
	cat $leaks >/tmp/leaks
	grep -c '\[nhv\]' /tmp/leaks
}

scan() {
	count=$(lost)
	[ "$count" = 0 ] || head -n 60 /tmp/leaks | sed 's/^/# /'
	check "$1: no leak of nhv's" test "$count" = 0
}

scan "loaded"
rmmod nhv
check "unloads" test ! -d /sys/module/nhv
# Of a module that is gone there are only numbers in a backtrace.
echo scan >$leaks
sleep 6
echo scan >$leaks
grep -A 14 unreferenced $leaks | sed 's/^/# /' | head -n 60
check "unloaded: no leak that was not there" sh -c \
	'[ $(grep -c unreferenced '$leaks') -le $(grep -c unreferenced /tmp/leaks) ]'
for n in 1 2 3; do
	insmod /nhv.ko && rmmod nhv || not_ok "cycle $n"
done
insmod /nhv.ko
check "loads again" test -d /sys/module/nhv
scan "after 4 loads"

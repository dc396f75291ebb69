# SPDX-License-Identifier: GPL-2.0-only
# L2s under unmodified QEMU, for the test scripts:  . /check/l2.sh
# SLOW: how often the usual time they may take, where the machine is slow.
#
# Each L2 has a name; its console is in /tmp/NAME.log and its monitor listens
# on the pipe /tmp/NAME.mon.in.  What an L2 does is its role, see rig/l2.init.
. /check/tap.sh

qemu=qemu-10
machine=pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken
machine=$machine,cap-ccf-assist=off
# A 4K-page L1 cannot promise 64K pages to a guest with a hash table.
[ "$PAGE_SIZE" = 4096 ] &&
	machine=$machine,cap-hpt-max-page-size=4096

# The bytes that L2's own pattern() makes, and their sums as L1 sees them.
pattern() {
	seq "$1" 100000000 | head -c "$2"
}
sum_of() {
	pattern "$1" "$2" | md5sum | cut -d' ' -f1
}
work_sum=$(sum_of 1 2000000)

# l2 NAME KERNEL FIRMWARE CPUS ROLE [QEMU ARGUMENTS...]
# -M and -m among the arguments are added to what stands here.
l2() {
	name=$1 kernel=$2 firmware=$3 cpus=$4 role=$5
	shift 5
	rm -f "/tmp/$name.mon.in" "/tmp/$name.mon.out"
	mkfifo "/tmp/$name.mon.in" "/tmp/$name.mon.out"
	cat "/tmp/$name.mon.out" >"/tmp/$name.mon.log" &
	: >"/tmp/$name.log"
	extra=
	[ "$firmware" = vof ] && extra=,x-vof=on
	"$qemu" -accel kvm -M "$machine$extra" -m "${memory:-512M}" \
		-smp "$cpus" -nodefaults -nographic \
		-chardev "file,id=console,path=/tmp/$name.log,append=on" \
		-serial chardev:console \
		-chardev "pipe,id=mon,path=/tmp/$name.mon" -monitor chardev:mon \
		-kernel "/l2/$kernel/vmlinux" -initrd "/l2/$kernel/initramfs" \
		-append "console=hvc0 panic=-1 l2=$role" \
		"$@" >"/tmp/$name.err" 2>&1 &
	echo $! >"/tmp/$name.pid"
}

monitor() {
	echo "$2" >"/tmp/$1.mon.in"
}

# count NAME TEXT: lines of the console that have TEXT
count() {
	grep -a -c "$2" "/tmp/$1.log"
}

alive() {
	kill -0 "$(cat "/tmp/$1.pid")" 2>/dev/null
}

# seen NAME TEXT TIMES SECONDS: wait for so many such lines
seen() {
	until_=$(($(now) + $4 * ${SLOW:-1}))
	while [ "$(count "$1" "$2")" -lt "$3" ]; do
		alive "$1" || [ "$(count "$1" "$2")" -ge "$3" ] || return 1
		[ "$(now)" -lt "$until_" ] || return 1
		sleep 0.2
	done
}

now() {
	cut -d. -f1 /proc/uptime
}

# finished NAME SECONDS: it powered itself off, and QEMU says no error
finished() {
	until_=$(($(now) + $2 * ${SLOW:-1}))
	while alive "$1"; do
		[ "$(now)" -lt "$until_" ] || return 1
		sleep 0.2
	done
	wait "$(cat "/tmp/$1.pid")" && [ "$(count "$1" "l2: done")" = 1 ]
}

# worked NAME: it did some work and each sum was right
worked() {
	[ "$(count "$1" "l2: work")" -gt 0 ] &&
		[ "$(count "$1" "l2: work")" = \
		  "$(count "$1" "l2: work $work_sum")" ]
}

# saved NAME FILE: its state went into a file; within two minutes
saved() {
	monitor "$1" "migrate_set_parameter max-bandwidth 1G"
	monitor "$1" "migrate -d file:$2"
	until_=$(($(now) + 120))
	while [ "$(now)" -lt $until_ ]; do
		monitor "$1" "info migrate"
		sleep 1
		grep -aq "Migration status: completed" "/tmp/$1.mon.log" && return 0
		grep -aq "Migration status: failed" "/tmp/$1.mon.log" && return 1
	done
	return 1
}

stop() {
	kill -9 "$(cat "/tmp/$1.pid")" 2>/dev/null
	wait "$(cat "/tmp/$1.pid")" 2>/dev/null
	return 0
}

# tell NAME: what there is to know about one that failed
tell() {
	tail -n 15 "/tmp/$1.log" | tr -d '\r' | sed 's/^/# | /'
	grep -v -e "warning:" -e "Falling back" "/tmp/$1.err" | tail -n 5 |
		sed 's/^/# qemu: /'
}

# verdict NAME WHAT COMMAND...
verdict() {
	who=$1 what=$2
	shift 2
	if "$@"; then ok "$what"; else not_ok "$what" "$*"; tell "$who"; fi
}

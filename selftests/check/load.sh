# SPDX-License-Identifier: GPL-2.0-only
# Loading and unloading, the device's name, and who else wants the machine.
# Boot with --hv none.  LOADS: how often in the end.  The log lines of refusals are above info on purpose.
# allow: nhv: (the device kvm is taken|there is a device|device= must|kvm_hv is active)
. /check/tap.sh

# refused ERRNO TEXT WHAT COMMAND...: it ends with ERRNO and logs TEXT once.
refused() {
	want=$1 text=$2 what=$3
	shift 3
	seen=$(dmesg | wc -l)
	"$@" >/dev/null 2>&1
	got=$?
	# busybox tries twice to load a module that was refused
	lines=$(dmesg | tail -n +$((seen + 1)) |
		sed -n 's/^\(\[[^]]*\] \)\{0,1\}nhv: //p' | sort -u)
	case "$got $lines" in
	"$want "*"$text"*) ;;
	*) not_ok "$what" "$got $lines"; return ;;
	esac
	check "$what" test "$(echo "$lines" | wc -l)" = 1
}

major() {
	ls -l /dev/$1 2>/dev/null | awk '{ print $1, $5, $6 }'
}

insmod /nhv.ko
check "loads" test -d /sys/module/nhv
check "is /dev/kvm" test "$(major kvm)" = "crw-rw---- 10, 232"
check "no other node" test ! -e /dev/nhv
rmmod nhv
check "unloads" test ! -d /sys/module/nhv

insmod /nhv.ko device=nhv-test
check "device=nhv-test" test -c /dev/nhv-test
# kvm_hv needs kvm.ko, which comes and stays
load kvm_hv 2>/dev/null
check "kvm.ko beside it" test -d /sys/module/kvm
check "kvm_hv is refused" test ! -d /sys/module/kvm_hv
check "and the log says why" sh -c \
	'dmesg | grep -q "nhv: kvm_hv refused while nhv is loaded"'
rmmod nhv
insmod /nhv.ko
check "kvm.ko has /dev/kvm: /dev/nhv" test -c /dev/nhv
rmmod nhv

refused 98 "kvm is taken" "device=kvm when kvm.ko has it" \
	insmod /nhv.ko device=kvm
refused 98 "a device null" "device=null" insmod /nhv.ko device=null
refused 22 "device= must" "device=a/b" insmod /nhv.ko device=a/b
refused 22 "device= must" "device= empty" insmod /nhv.ko device=
load kvm_hv
check "kvm_hv loads once nhv is gone" test -d /sys/module/kvm_hv
refused 16 "kvm_hv is active" "kvm_hv is active" insmod /nhv.ko
rmmod kvm_hv
insmod /nhv.ko
check "loads after kvm_hv" test -d /sys/module/nhv
rmmod nhv
for n in $(seq "${LOADS:-5}"); do
	insmod /nhv.ko && rmmod nhv || not_ok "cycle $n"
done
check "${LOADS:-5} cycles" test ! -d /sys/module/nhv
check "no slab cache is left" test ! -e /sys/kernel/slab/nhv_table_base

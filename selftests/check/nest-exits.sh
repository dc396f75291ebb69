# SPDX-License-Identifier: GPL-2.0-only
# What it costs that L3 touches 64 MiB for the first time, 4K pages: exits to L1,
# counted, once with the in-tree kvm-hv in L1 and once with nhv.  (rig: --hv none)
. /check/nest.lib
. /check/vmm.lib

echo never >/sys/kernel/mm/transparent_hugepage/enabled

hv_load() {
	case $1 in
	kvm-hv) load kvm-hv && echo Y >$nested ;;
	nhv) insmod /nhv.ko $NHV_ARGS ;;
	esac
}

# count L1 L2: exits of L1's for what L3 touches
count() {
	nest_count "$1" "$2" nest-touch.sh
	touched=$nest_touched
	echo "# exits: $2 on $1: $touched for 64 MiB (with $nest_idle around)"
}

# limit WHAT COUNT OF PERCENT
limit() {
	if [ "${2:-0}" -gt 0 ] && [ "$2" -le $(($3 * $4 / 100)) ]; then
		echo "ok - $1: $2 exits beside $3, at most $4 %"
	else
		echo "not ok - $1: $2 exits beside $3, at most $4 %"
	fi
}

# mapped L1: what L2 has mapped already
mapped() {
	/vmm/nhv-vmm --nested --payload /guest/hv-memory.elf --extra 64M \
		--extra-backing small --args only=1 --timeout 100 >/tmp/mapped 2>&1
	sed 's/^/# /' /tmp/mapped
	touched=$(sed -n 's/^# exits: .* mapped, \([0-9]*\) exits/\1/p' /tmp/mapped)
}

# The image of L1 has no hypervisor loaded yet.
hv_load kvm-hv || echo "not ok - kvm-hv"
count kvm-hv kvm-hv
kvm_kvm=$touched
mapped
kvm_mapped=$touched
rmmod kvm_hv && rmmod kvm || echo "not ok - kvm-hv does not go"
hv_load nhv || echo "not ok - nhv.ko"
count nhv kvm-hv
limit "kvm-hv in L2" "$touched" "$kvm_kvm" 60
count nhv nhv
limit "nhv in L2" "$touched" "$kvm_kvm" 25
mapped
limit "pages that L2 has mapped" "$touched" "$kvm_mapped" 10

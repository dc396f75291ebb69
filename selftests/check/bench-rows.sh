# SPDX-License-Identifier: GPL-2.0-only
# For `make bench`: the rows of the cost payload, RUNS times, on the backings that
# SETS names.  "#set NAME" says which figures follow.
. /check/vmm.lib

# touches SET OPTION...: the first touches alone
touches() {
	set=$1
	shift
	echo "#set $set"
	for only in 9 10 11; do
		vmm "$set" --payload /guest/cost.elf --timeout 200 "$@" \
			--args "page=$page only=$only"
	done
}

huge() {
	echo 40 >/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
	page=2097152
	touches 2m --extra 64M --extra-backing huge2m
	echo 0 >/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages
}

small() {
	echo "#set rows"
	vmm cost --payload /guest/cost.elf --extra 16M --extra-backing small \
		--timeout 300
}

dirty() {
	echo "#set 64m"
	vmm dirty --payload /guest/cost.elf --extra 64M --extra-backing small \
		--timeout 200 --args only=13
}

echo never >/sys/kernel/mm/transparent_hugepage/enabled
# L1 is still busy with itself for some seconds after its start.
sleep 5
# kvm-hv on the API v2 of QEMU logs each invalidation: not to a console too, and from
# the first run on into a log that is full, which takes more.
dmesg -n 1
if [ "$HV$API" = kvm-hv2 ]; then
	vmm fill --payload /guest/cost.elf --extra 64M --extra-backing small \
		--timeout 200 --args only=13
fi
for run in $(seq "${RUNS:-3}"); do
	for set in $SETS; do
		case $set in
		rows)	small ;;
		2m)	huge ;;
		64m)	dirty ;;
		64k)	page=65536; touches 64k --extra 64M --extra-backing small ;;
		esac
	done
done

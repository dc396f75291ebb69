#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Page faults on every kind of backing.  hugetlb needs free huge pages, which
# are asked for here.
. /check/vmm.lib
fail=0

# Faults so far that nhv answered with a leaf of that size; kvm-hv does not say.
stats=/sys/kernel/debug/nhv/stats
mapped() {
	awk -v name="map_$1" '$1 == name { print $2 }' $stats 2>/dev/null
}

page=${PAGE_SIZE:-4096}
for backing in small thp askew plain memfd; do
	keeps=0
	[ $backing = memfd ] && keeps=1
	vmm $backing --payload /guest/fault.elf --extra 64M --extra-backing $backing \
		--timeout 100 --args "keeps=$keeps page=$page" || fail=1
done
# Large pages of the host's that do not begin where the guest's could: each fault
# maps what is around it of one, and the guest does not fault at each page.
pages=$((64 * 1048576 / page))
around=$(mapped around)
vmm "askew, first" --payload /guest/fault.elf --extra 64M --extra-backing askew \
	--timeout 100 --args "page=$page only=1" || fail=1
if [ "$around" ]; then
	around=$(($(mapped around) - around))
	if [ $around -gt $((pages / 2)) ]; then
		echo "ok - askew, first: neighbours are mapped"
	else
		echo "not ok - askew, first: neighbours are mapped: $around of $pages"
		fail=1
	fi
fi
hugepages=/sys/kernel/mm/hugepages
for kind in huge2m:2048kB:80:64M huge1g:1048576kB:1:1G; do
	IFS=: read -r backing size count extra <<-END
		$kind
	END
	file=$hugepages/hugepages-$size/nr_hugepages
	before=$(cat $file 2>/dev/null || echo 0)
	echo $count >$file 2>/dev/null
	leaves=$(mapped ${backing#huge})
	vmm $backing --payload /guest/fault.elf --extra $extra --extra-backing $backing \
		--timeout 200 --args "keeps=1 page=$page" || fail=1
	if [ "$(cat $file 2>/dev/null || echo 0)" -lt $count ]; then
		echo "ok - $backing: leaves of that size # SKIP L1 has no such pages free"
	elif [ "$leaves" ] && [ "$(mapped ${backing#huge})" -gt "$leaves" ]; then
		echo "ok - $backing: leaves of that size"
	elif [ "$leaves" ]; then
		echo "not ok - $backing: leaves of that size"
		fail=1
	fi
	echo $before >$file 2>/dev/null
done
exit $fail

# SPDX-License-Identifier: GPL-2.0-only
# Unmodified perf records a booting L2, and what it reports is what nhv counted.
. /check/l2.sh
export PATH=$PATH:/usr/bin

data=/tmp/perf.data
kvm() {
	perf --no-pager kvm -i $data stat report --stdio --event="$1" 2>&1
}

# L2 from its first instruction to its end: perf starts QEMU, and follows it.
cat >/tmp/recorded <<-END
	#!/bin/sh
	exec perf kvm stat record -o $data $qemu "\$@"
END
chmod +x /tmp/recorded
qemu=/tmp/recorded
mkfifo /tmp/qmp.in /tmp/qmp.out
cat /tmp/qmp.out >/tmp/qmp.log &
l2 seen "${L2_KERNELS%% *}" vof 2 work -no-shutdown \
	-chardev pipe,id=qmp,path=/tmp/qmp -qmp chardev:qmp
exec 7>/tmp/qmp.in
replies() {
	grep -c '^{"return"' /tmp/qmp.log
}
# ask COMMAND: to QEMU, and wait for the answer
ask() {
	had=$(replies)
	echo "{ $1 }" >&7
	for try in $(seq 100); do
		[ "$(replies)" -gt "$had" ] && break
		sleep 0.1
	done
	grep '^{"return"' /tmp/qmp.log | tail -n 1
}

ask '"execute": "qmp_capabilities"' >/dev/null
verdict seen "L2 boots under perf" seen seen "l2: done" 1 240
until grep -q '"event": "STOP"' /tmp/qmp.log || ! alive seen; do
	sleep 0.2
done

# values TARGET: a line "NAME NUMBER" for each statistic that QEMU knows
values() {
	ask "\"execute\": \"query-stats\", \"arguments\": { \"target\": \"$1\" }" |
		sed 's/{"name": /\n/g' |
		sed -n 's/^"\([a-zA-Z0-9_]*\)", "value": \([0-9]*\)}.*/\1 \2/p'
}
values vm >/tmp/vm
values vcpu >/tmp/vcpus
cp /sys/kernel/debug/nhv/*-*/stats /tmp/debugfs
monitor seen "info stats vcpu"
sleep 0.5
echo '{ "execute": "quit" }' >&7
wait "$(cat /tmp/seen.pid)"
check "perf wrote a recording" test -s $data
perf script -i $data >/tmp/script 2>/tmp/script.err
grep -e lost -e LOST /tmp/seen.err /tmp/script.err | sed 's/^/# /'
lost=$(kvm vmexit | grep "events and lost [1-9]")

# same WHAT NUMBER NUMBER: as many, unless perf was too slow and says so.
same() {
	if [ -n "$lost" ] && [ "$2" != "$3" ]; then
		skip "$1" "perf: $lost"
	else
		check "$1" test "$2" = "$3"
	fi
}

# stat NAME: of the VM, as QEMU says
stat() {
	awk -v name="$1" '$1 == name { print $2 }' /tmp/vm
}
# sum NAME: over the vCPUs
sum() {
	awk -v name="$1" '$1 == name { n += $2 } END { print n + 0 }' /tmp/vcpus
}

check "QEMU knows the counters" test "$(stat sum_exits)" -gt 1000
check "by vCPU too" test "$(grep -c '^sum_exits ' /tmp/vcpus)" = 2
check "and its monitor shows them" grep -q "sum_exits (cumulative): [1-9]" \
	/tmp/seen.mon.log
bad=
while read -r name value; do
	[ "$(sum "$name")" = "$value" ] || bad="$bad $name"
done <<-END
	$(grep -e exits -e hcall -e halt -e cede -e live /tmp/vm)
END
check "sums over the vCPUs are the VM's" test -z "$bad"
echo "# $bad"
bad=
while read -r name value rest; do
	[ -n "$rest" ] || [ "$(stat "$name")" = "$value" ] || bad="$bad $name"
done </tmp/debugfs
check "debugfs says the same" test -z "$bad"
echo "# $bad"

# events NAME: how many there are in the recording. perf has now and then one
# of them twice, alike to the microsecond, which no two turns can be.
events() {
	grep "kvm_hv:$1:" /tmp/script | sort -u | wc -l
}
same "an exit event for each exit" \
	"$(events kvm_guest_exit)" "$(stat sum_exits)"
same "an entry for each" "$(events kvm_guest_enter)" "$(stat sum_exits)"
same "a hypercall event for each hypercall" \
	"$(events kvm_hcall_enter)" "$(stat syscall_exits)"
echo "# exits $(stat sum_exits), hypercalls $(stat syscall_exits)"

# Of a vCPU they come in turn; one that does not is shown.
awk 'match($0, /kvm_guest_(enter|exit): VCPU [0-9]+/) {
	split(substr($0, RSTART, RLENGTH), word, /[_: ]+/)
	if (before[word[5]] == word[3])
		print "# " line[word[5]] "\n# " $0
	before[word[5]] = word[3]
	line[word[5]] = $0
}' /tmp/script | head -n 20

# perf counts an exit when the guest is entered again: not the last of a vCPU.
awk 'match($0, /VCPU [0-9]+: trap=[^ ]+/) {
	split(substr($0, RSTART, RLENGTH), word, /[ :=]+/)
	last[word[2]] = word[4]
}
END { for (vcpu in last) print last[vcpu] }' /tmp/script >/tmp/last

# reported EVENT: what the report says, "REASON NUMBER" a line
reported() {
	kvm "$1" | awk '$2 ~ /^[0-9]+$/ && $3 ~ /%$/ { print $1, $2 }'
}
counter() {
	case $1 in
	EXTERNAL) echo ext_intr_exits ;;
	HV_DECREMENTER) echo dec_exits ;;
	RETURN_TO_HOST) echo host_exits ;;
	*) echo "$1_exits" | tr A-Z a-z ;;
	esac
}
kvm vmexit | sed 's/^/# /'
reported vmexit >/tmp/reasons
check "report lists three reasons or more" test \
	"$(wc -l </tmp/reasons)" -ge 3
while read -r reason count; do
	[ "$reason" = UNKNOWN ] && continue
	same "report: $reason" "$((count + $(grep -c "^$reason$" /tmp/last)))" \
		"$(stat "$(counter "$reason")")"
done </tmp/reasons
same "report: all exits" \
	"$(awk '{ n += $2 } END { print n + 2 }' /tmp/reasons)" "$(stat sum_exits)"

kvm hcall | sed 's/^/# /'
reported hcall >/tmp/hcalls
check "report lists three hypercalls or more" test \
	"$(wc -l </tmp/hcalls)" -ge 3
bad=
while read -r name count; do
	[ "$name" = UNKNOWN ] || [ "$(stat "hcall_$name")" = "$count" ] ||
		bad="$bad $name:$count:$(stat "hcall_$name")"
done </tmp/hcalls
same "report: each hypercall" "$bad" ""
echo "# $bad"
same "report: all hypercalls" \
	"$(awk '{ n += $2 } END { print n }' /tmp/hcalls)" "$(stat syscall_exits)"

# live, while another L2 boots; perf trace wants to name system calls too, unless told
# not to
qemu=qemu-10
l2 live "${L2_KERNELS%% *}" vof 1 work
perf --no-pager trace --no-syscalls -a -e 'kvm_hv:*' -o /tmp/trace sleep 8 \
	>/tmp/trace.err 2>&1 &
tracing=$!
(sleep 10; echo q) | perf --no-pager kvm stat live -a -d 2 --event=vmexit \
	>/tmp/live 2>&1
wait $tracing
check "perf kvm stat live shows exits" grep -q "SYSCALL.*[0-9]%" /tmp/live
head -n 14 /tmp/live | sed 's/^/# /'
check "perf trace shows them" grep -q "kvm_hv:kvm_guest_exit(.*trap: " \
	/tmp/trace
head -n 6 /tmp/trace /tmp/trace.err | sed 's/^/# /'
verdict live "L2 under it works" finished live 120

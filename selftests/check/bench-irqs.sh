# SPDX-License-Identifier: GPL-2.0-only
# For `make bench`: exits and hypercalls for an interrupt, RUNS times, with two CPUs.
# Both are hypercalls of all of L1, as its own trace event has them; an exit is one that
# enters a guest. Of two lengths the difference counts.
. /check/vmm.lib

tracing=/sys/kernel/tracing
grep -q " $tracing " /proc/mounts || mount -t tracefs tracefs $tracing
event=$tracing/events/powerpc/hcall_entry
# H_ENTER_NESTED and H_GUEST_RUN_VCPU
entry="63492|1152"
more=1000

# counted FILE LABEL OPTION...: lines "NUMBER COUNT", a line for each hypercall
counted() {
	file=$1
	shift
	echo "hist:keys=opcode" >$event/trigger
	vmm "$@" --cpus 2 --timeout 100
	status=$?
	sed -n 's/^{ opcode: *\([0-9]*\) } hitcount: *\([0-9]*\)$/\1 \2/p' \
		$event/hist >"$file"
	echo "!hist:keys=opcode" >$event/trigger
	return $status
}

# difference KEY N: of /tmp/long and /tmp/short, which is N interrupts
difference() {
	awk -v key="$1" -v n="$2" -v entry="^($entry)$" '
		NR == FNR { was[$1] = $2; next }
		{ step = $2 - was[$1]; calls += step
		  if ($1 ~ entry) exits += step
		  if (step * 1000 > n) printf "# %s: hypercall %#x %d times\n", key, $1, step }
		END { printf "# irq %s: %d exits, %d hypercalls for %d\n", key, exits, calls,
			n }' /tmp/short /tmp/long
}

# irq KEY PAYLOAD EACH ARGUMENTS: the last of which is how often, EACH interrupts
irq() {
	counted /tmp/short "$1" --payload "/guest/$2.elf" --args "$4=100" &&
		counted /tmp/long "$1" --payload "/guest/$2.elf" --args "$4=$((100 + more))" &&
		difference "$1" $((more * $3))
}

# kvm-hv on the API v2 of QEMU never gives its guest what KVM_INTERRUPT raises.
probe=$(/vmm/nhv-vmm --payload /guest/timer.elf --cpus 2 --timeout 100 \
	--args "only=17 n=1 limit=300" 2>&1)
if [ $? != 0 ] && [ "$HV" = kvm-hv ]; then
	echo "$probe" | sed 's/^/# /'
	echo "ok - irqs # SKIP no interrupt that KVM_INTERRUPT raises arrives"
	exit 0
fi
# L1 is still busy with itself for some seconds after its start.
sleep 5
echo "#set irqs"
for run in $(seq "${RUNS:-3}"); do
	irq ipi smp 2 "only=4 cede=1 ipis"
	irq external timer 1 "only=17 n"
done

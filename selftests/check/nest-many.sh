# SPDX-License-Identifier: GPL-2.0-only
# L3s of several kinds: with two vCPUs, two at once, under an L2 that is killed,
# and, with a second image (rig: nest:2), L4 below three hypervisors of one kind.
. /check/nest.lib

hv=${NEST_HV:-nhv}
NEST_TIMEOUT=600
# An interrupt for L3 is one for L2 before, which QEMU as L0 holds for nobody until L2
# can take it: where nobody gave L1 control, a round took 412 ms instead of 25.
NEST_ENV="GUEST_CPUS=2 GUEST_MEM=192M ROUND_MS=150"
nest "two-vCPUs" $hv vmm-smp.sh,vmm-linux.sh --cpus 2

NEST_ENV="GUEST_CPUS=1 GUEST_MEM=160M LIMIT=400"
nest "two-at-once" $hv nest-two.sh --cpus 2

# L2 is killed while L3 runs: at once, early, and in the middle of L3's life.
NEST_ENV="SECONDS_EACH=60 BACKINGS=plain"
for after in 0 1 5; do
	nest_start "victim-$after" $hv vmm-memory.sh --cpus 2
	until grep -q "nhv-vmm --payload" "/tmp/victim-$after.log"; do
		kill -0 "$(cat "/tmp/victim-$after.pid")" 2>/dev/null || break
		sleep 0.2
	done
	sleep $after
	if kill -9 "$(cat "/tmp/victim-$after.pid")"; then
		echo "ok - killed with L3 running for $after s"
	else
		echo "not ok - L2 was gone before it was killed"
	fi
	wait "$(cat "/tmp/victim-$after.pid")"
done
NEST_ENV="GUEST_CPUS=1 GUEST_MEM=192M"
nest "after-that" $hv vmm-hello.sh

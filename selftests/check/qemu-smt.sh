# SPDX-License-Identifier: GPL-2.0-only
# L2 to user space with two vCPUs, and with one core of two threads: its kernel
# sends doorbells between them, which are emulated where L0 lets them be seen.
. /check/l2.sh

boot() {
	l2 smt 6.12-4k vof "$1" work
	done_right() {
		finished smt 400 && worked smt &&
			[ "$(count smt "l2: up .* cpus 2")" = 1 ]
	}
	verdict smt "2 vCPUs: -smp $1" done_right
	stop smt
}

boot 2
boot 2,threads=2

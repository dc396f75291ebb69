#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Interrupts between two vCPUs of an L3. Each is one of L2's before, and QEMU as L0
# lets nobody hold one ready for L2 until L2 can take it (LPCR[MER]).
. /check/nest.lib
nest "interrupts-of-L3" "${NEST_HV:-nhv}" vmm-ipi.sh --cpus 2

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The KVM API without a guest program: capabilities, errors, registers.
. /check/vmm.lib
fail=0
vmm API --api-test || fail=1
vmm ONE_REG --one-reg-test $l0_loses || fail=1
exit $fail

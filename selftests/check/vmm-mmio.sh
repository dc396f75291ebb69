#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Loads and stores on a device, all forms; ioeventfd.  The in-tree module tries
# vectors as a whole for ever, so it is not asked.
. /check/vmm.lib
whole=1
[ "$HV" = kvm-hv ] && whole=0
vmm mmio --payload /guest/mmio.elf --timeout 100 --args whole=$whole

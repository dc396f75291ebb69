#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# H_SET_MODE, H_REGISTER_VPA, H_PAGE_INIT, H_RANDOM; tables of TCEs.
. /check/vmm.lib
vmm mode --payload /guest/mode.elf --extra 2M --extra-backing small --timeout 60
fail=$?
vmm tce --payload /guest/tce.elf --timeout 60 && [ $fail = 0 ]

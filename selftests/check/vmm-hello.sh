#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The least guest: console, unknown hypercall, exit status.
. /check/vmm.lib
fail=0
vmm hello --payload /guest/hello.elf --timeout 30 || fail=1
ends 3 "exit status 3" --payload /guest/exit3.elf --timeout 30 || fail=1
ends 77 "exit status 77" --payload /guest/exit3.elf --args status=77 --timeout 30 || fail=1
exit $fail

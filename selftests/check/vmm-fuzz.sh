#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Garbage to every ioctl, from several threads.  FUZZ_SECONDS: how long.
. /check/vmm.lib
vmm fuzz --fuzz-ioctl ${FUZZ_SECONDS:-10} ${SEED:+--seed $SEED} || exit 1
vmm "hello after it" --payload /guest/hello.elf --timeout 30

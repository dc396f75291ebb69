#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Decrementer, cede, prod, external interrupts, timebase.
. /check/vmm.lib
vmm timer --payload /guest/timer.elf --timeout 100

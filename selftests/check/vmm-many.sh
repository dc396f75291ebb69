#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# More VMs than the level below has room for.
. /check/vmm.lib
vmm many --many

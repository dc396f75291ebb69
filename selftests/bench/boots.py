# SPDX-License-Identifier: GPL-2.0-only
"""The boot that is measured: right on L0, and as L2."""
import dataclasses

import l1

CPU = {1: "power9", 2: "power10"}
# Self tests of ciphers run beside the boot, and end before or after it.
NATIVE = l1.Config(cpus=1, memory="512M", api=0, icount=True,
                   append="cryptomgr.notests l2=boot")
# What L1 is given for check/bench-boot.sh.
OF_L2 = {"env": (f"APPEND={l1.command_line(NATIVE)}",), "l1_qemu": ("10",),
         "l2_kernels": (NATIVE.kernel,)}


def native(api, **settings):
    return dataclasses.replace(NATIVE, cpu=CPU[api], **settings)

# SPDX-License-Identifier: GPL-2.0-only
"""Which function of the module an instruction was written in: most of the way into a
guest and out of it is inline, and one function to the processor."""
import re

import stock


def start_of(module, name):
    """Where in .text a function of the module starts."""
    return int(re.search(rf"^([0-9a-f]+) T {name}$", stock.binutil("nm", module),
                         re.M)[1], 16)


def innermost(module, offsets):
    """{offset in .text: innermost function of ours, by the debug information}"""
    lines = stock.binutil("addr2line", "-a", "-i", "-f", "-j", ".text", "-e", module,
                          *(f"{x:#x}" for x in offsets)).splitlines()
    names, at = {}, None
    for line in lines:
        if line.startswith("0x"):
            at = int(line, 16)
        elif at is not None and re.fullmatch(r"nhv_\w+", line):
            names.setdefault(at, line)
    return names


ANCHOR = "nhv_vcpu_run"         # by which L1 tells where the module is
STUB = "(stub of a call out of the module)"


def resolve(module, table, pcs):
    """{address: name} for those in the module, out of L1's symbols."""
    known = {name: at for at, name in table if name.startswith("nhv_")}
    base = known[ANCHOR] - start_of(module, ANCHOR)
    low, high = min(known.values()), max(known.values()) + 0x1000
    inside = sorted({pc for pc in pcs if low <= pc < high})
    names = innermost(module, [pc - base for pc in inside])
    return {pc: names.get(pc - base, STUB) for pc in inside}

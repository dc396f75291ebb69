# SPDX-License-Identifier: GPL-2.0-only
"""What trace events that are off cost: the instructions of the module as built,
against a build in which there are none (as for a kernel without
CONFIG_TRACEPOINTS).

Each function is followed from its entry the way it runs while all static keys
are off: a patched nop goes on to the next instruction.  What an event adds is
then reached by no branch.  Both are run as well, with instructions counted.
"""
import collections
import re

import kmod
import l1
import native
import rootfs
import stock
from verdict import Result

# What each exit that is answered at once runs through: not one instruction.
FAST = ("nhv_hcall_fast nhv_hcall_to_user nhv_nested_quick_enter "
        "nhv_nested_quick_leave nhv_v2_ask nhv_v2_enter nhv_v2_end "
        "nhv_pmu_swap_in nhv_pmu_swap_out").split()
# What other exits do; here the compiler may place and save a little otherwise.
SLOW = ("nhv_vcpu_run nhv_vcpu_exit nhv_exit_hcall nhv_hcall "
        "nhv_exit_fault nhv_exit_data_fault nhv_exit_inst_fault "
        "nhv_vcpu_block").split()
SLOW_LIMIT = 0.02


class Code:
    """The functions of a module and the nops that static keys patch."""

    def __init__(self, module):
        self.keys = {(m[1], int(m[2] or "0", 16)) for m in re.finditer(
            r"^[0-9a-f]*0 R_PPC64_REL32 +([^+\s]+)(?:\+0x([0-9a-f]+))?$",
            stock.binutil("objdump", "-r", "-j", "__jump_table", module), re.M)}
        self.functions = {}
        section = function = None
        for line in stock.binutil("objdump", "-dr", "--no-show-raw-insn", module).splitlines():
            if found := re.match(r"Disassembly of section (\S+):", line):
                section = found[1]
            elif found := re.match(r"([0-9a-f]+) <(\S+)>:", line):
                function = {}
                self.functions[found[2]] = section, int(found[1], 16), function
            elif found := re.match(r"\s+[0-9a-f]+: R_PPC64_REL24\S*\s+(\S+)",
                                   line):
                last = next(reversed(function))
                function[last] = function[last][0], found[1]
            elif found := re.match(r"\s+([0-9a-f]+):\s+([a-z]\S*)\s*(.*)",
                                   line):
                function[int(found[1], 16)] = found[2], found[3]

    def run(self, name):
        """(what is reached by mnemonic, number of patched nops)"""
        section, start, code = self.functions[name]
        todo, seen = [start], set()
        while todo:
            at = todo.pop()
            if at in seen or at not in code:
                continue
            seen.add(at)
            mnemonic, operand = code[at]
            target = re.search(r"([0-9a-f]+) <", operand)
            if target and mnemonic[0] == "b" and mnemonic != "bl":
                todo.append(int(target[1], 16))
            if mnemonic not in ("b", "blr", "bctr"):
                # A prefixed instruction is two words long.
                todo.append(at + (4 if at + 4 in code else 8))
        nops = {at for at in seen if (section, at) in self.keys
                and code[at][0] == "nop"}
        return collections.Counter(code[at][0] for at in seen - nops), len(nops)


def judge(traced, bare):
    results = []
    for name in FAST:
        if name not in traced.functions or name not in bare.functions:
            results.append(Result(f"events: {name}", "fail",
                                  "there is no such function any more"))
            continue
        (ours, nops), (theirs, _) = traced.run(name), bare.run(name)
        extra = dict(ours - theirs) or dict(theirs - ours)
        results.append(Result(
            f"events: {name} differs by patched nops alone",
            "fail" if extra else "pass", str(extra) if extra else ""))
    ours = theirs = nops = 0
    for name in SLOW:
        code, keys = traced.run(name)
        ours, nops = ours + code.total(), nops + keys
        theirs += bare.run(name)[0].total()
    good = nops > 0 and ours <= theirs * (1 + SLOW_LIMIT)
    results.append(Result(
        "events: no more code in the rest of the run loop",
        "pass" if good else "fail", "", [
            f"# {ours} instructions and {nops} patched nops, "
            f"{theirs} instructions without events"]))
    return results


def check(flavour="6.12-4k"):
    kernel, code, files = stock.Kernel(flavour), [], []
    for variant, flags in ("traced", []), ("untraced", ["KCFLAGS=-DNOTRACE"]):
        module, output, status = kmod.build(flavour, flags=flags,
                                            variant=variant)
        bad = kmod.warnings(output)
        if status or bad:
            return [Result(f"events: {kernel.release}, {variant}", "fail", "",
                           [f"# {line}" for line in output.splitlines()[-25:]])]
        code.append(Code(module))
        files.append((f"{variant}.ko", module))
    return [Result("events: builds without tracepoints", "pass"),
            *judge(*code), *count(flavour, files)]


def count(flavour, files):
    """What an exit costs at run time, with either module."""
    built = [r for r in native.programs() if r.state != "pass"]
    if built:
        return built
    config = l1.Config(kernel=flavour, cpus=1, hv="none", icount=True,
                       files=tuple(files), timeout=300)
    run = l1.Run(config, [rootfs.CHECK / "events-off.sh"],
                 kmod.ROOT / "build/log/events").go()
    for result in run.results:
        result.name = f"events: {result.name}"
    return run.results

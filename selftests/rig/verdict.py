# SPDX-License-Identifier: GPL-2.0-only
"""What a result is, and which lines of a kernel's log are failures."""
import dataclasses
import re


@dataclasses.dataclass
class Result:
    name: str
    state: str          # pass, fail or skip
    why: str = ""
    notes: list = dataclasses.field(default_factory=list)
    before: list = dataclasses.field(default_factory=list)

    def tap(self, number):
        word = "not ok" if self.state == "fail" else "ok"
        tail = {"skip": f" # SKIP {self.why}", "pass": ""}.get(
            self.state, f" # {self.why}" if self.why else "")
        return "\n".join([*self.before, f"{word} {number} - {self.name}{tail}",
                          *self.notes])


BAD = re.compile(r"BUG:|WARNING:|Oops|Kernel panic|rcu.*(stall|detected)|"
                 r"soft lockup|hard LOCKUP|blocked for more than|"
                 r"Unable to handle kernel|scheduling while atomic")
# nhv's own lines, whatever it prefixes them with.
NHV = re.compile(r"\bnhv[:( ]")
# Expected: what loading a module from outside the kernel tree says, and an
# NVRAM that nobody has formatted.
EXPECTED = re.compile(r"loading out-of-tree module taints kernel|"
                      r"module verification failed: signature|"
                      r"nvram corruption detected")
PANIC = re.compile(r"Kernel panic|Oops: |Unable to handle kernel")


def judge_dmesg(lines, allow=()):
    """The lines of `dmesg -r` that a run must not have."""
    bad = []
    for line in lines:
        found = re.match(r"<(\d+)>(.*)", line)
        level, text = (int(found[1]) & 7, found[2]) if found else (6, line)
        if EXPECTED.search(text) or any(re.search(a, text) for a in allow):
            continue
        if BAD.search(text) or (level < 6 and NHV.search(text)):
            bad.append(text)
    return bad

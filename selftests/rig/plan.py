# SPDX-License-Identifier: GPL-2.0-only
"""The plan of the tests: which scripts run in which L1.

A plan is a file with a row for each group, that is for each boot of L1:

    group  kernel  cpus  hv  needs  timeout  scripts

needs is `-` or a list of words with commas between: qemu, qemu-7.2, l2:KERNEL,
NAME=VALUE for the scripts, api:v2 for an L0 that offers that, and any setting of
l1.Config as name:value; nest:N
gives L1 what it needs for guests N levels deep that are hypervisors.
Scripts are patterns; which of dmesg's lines may be there is said by a comment
in the script, `# allow: regular expression`.
"""
import dataclasses
import re
import sys

import l1
import rootfs


@dataclasses.dataclass
class Group:
    name: str
    config: l1.Config
    scripts: list

    def allowed(self):
        return [a for s in self.scripts for a in
                re.findall(r"^# allow: (.*)$", s.read_text(), re.M)]


def read(path):
    for line in path.read_text().splitlines():
        line = line.partition("#")[0]
        if line.strip():
            yield _group(*line.split(None, 6))


def _group(name, kernel, cpus, hv, needs, timeout, patterns):
    config = l1.Config(kernel=kernel, cpus=int(cpus), hv=hv,
                       timeout=int(timeout))
    for word in () if needs == "-" else needs.split(","):
        _need(config, word)
    scripts = []
    for pattern in patterns.split():
        found = sorted(rootfs.CHECK.glob(pattern))
        # A name without a file is an error, a pattern may match nothing.
        if not found and "*" not in pattern:
            raise SystemExit(f"rig: {name}: no test {pattern}")
        scripts += found
    return Group(name, config, scripts)


def _need(config, word):
    if word == "qemu":
        config.l1_qemu += ("10",)
    elif word == "qemu-7.2":
        config.l1_qemu += ("7.2",)
    elif word.startswith("l2:"):
        config.l2_kernels += (word[3:],)
    elif word == "api:v2":
        speak_v2(config)
    elif word.partition("=")[0].isupper():
        config.env += (word,)
    else:
        name, _, value = word.partition(":")
        old = getattr(config, name)
        if isinstance(old, tuple):
            setattr(config, name, old + (value,))
        else:
            setattr(config, name, type(old)(value))


def speak_v2(config):
    """An L0 that offers API v2: on the processor that real ones have."""
    config.api, config.cpu = 2, "power10"


def not_on_v2(config):
    """Why a row has no twin where L0 offers API v2; nothing: it has."""
    if config.hv == "none":
        return "it is not about guests"
    if config.l0 != "pseries":
        return "that L0 has API v1 alone"
    if config.api != 1:
        return "it is there in any case"
    if config.icount:
        return "figures are kept for each API, see v2-bench"
    return ""


def on_v2(groups):
    """The same tests where L0 offers API v2; of rows of one name the last one,
    which is that of the longer plan."""
    found = {}
    for group in groups:
        why = not_on_v2(group.config)
        if why:
            print(f"# {group.name}: not with API=v2: {why}", file=sys.stderr)
            continue
        speak_v2(group.config)
        found[group.name] = group
    return list(found.values())


def long_on_v2():
    """All of make soak API=v2: what make check has, and the long ones."""
    return on_v2(group for name in ("plan", "plan.soak")
                 for group in read(rootfs.CHECK / name))


def select(groups, wanted):
    """Groups and scripts that wanted names: a group, a script, or both as
    group:script."""
    for group in groups:
        name, _, script = wanted.partition(":")
        if name in ("", group.name):
            keep = script
        elif not script:
            keep = name
        else:
            continue
        if keep:
            group.scripts = [s for s in group.scripts
                             if keep in (s.stem, s.name)]
        if group.scripts:
            yield group

# SPDX-License-Identifier: GPL-2.0-only
"""The tests that need no L1: module builds, style, and the native tests."""
import os
import re
import shutil
import subprocess
import tarfile

import kmod
import stock
from debs import CACHE, Apt, item, unpack
from verdict import Result

ROOT = kmod.ROOT


def inside(root, *command):
    """Run command in this tree, with nothing but the programs of root."""
    binds = [("/dev", "/dev"), ("/proc", "/proc"), (CACHE, str(CACHE)),
             (ROOT, str(ROOT))]
    line = ["/usr/bin/env", "-i", "-C", str(ROOT), "PATH=/usr/bin:/usr/sbin",
            "LC_ALL=C", *command]
    return subprocess.run(kmod.in_root(root, binds, line), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)


def programs():
    """What runs in L1 and L2: the small VMM, its payloads, the API tests."""
    results = []
    for folder in ("vmm", "guest", "api"):
        if not (ROOT / "selftests" / folder / "Makefile").exists():
            continue
        run = inside(stock.tools("trixie"), "make", f"-j{os.cpu_count()}", "-C",
                    f"selftests/{folder}", f"LIBFDT_DIR={stock.libfdt()}")
        results.append(_result(f"programs: {folder}", run.returncode == 0,
                               run.stdout))
    return results


def module(flavour):
    _, output, status = kmod.build_strictly(flavour)
    bad = kmod.warnings(output)
    return [_result(f"modules: {flavour}", not status and not bad,
                    output if status else "\n".join(bad))]


def style():
    """checkpatch over each source file of the module, and what mutants change."""
    script = checkpatch()
    files = sorted(str(p.relative_to(ROOT)) for top in ("include", "hcall",
                   "src") for p in (ROOT / top).rglob("*.[chS]"))
    run = inside(stock.native_tools(), "perl", str(script), "--no-tree",
                 "--terse", "--no-summary", "--ignore", CHECKPATCH_IGNORE,
                 "-f", *files)
    return [_result("style: checkpatch", run.returncode == 0, run.stdout),
            _mutants_are_there()]


def _mutants_are_there():
    """They take minutes to build and run; that they can be is soon told."""
    run = subprocess.run([ROOT / "selftests/host/mutants", "--there"],
                         text=True, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT)
    return _result("style: mutants", run.returncode == 0, run.stdout)


# MAINTAINERS is a file of the kernel's; the macros it frowns at are what tables
# of registers, hypercalls and exits are expanded with.
CHECKPATCH_IGNORE = ("FILE_PATH_CHANGES,MACRO_ARG_UNUSED,"
                     "MULTISTATEMENT_MACRO_USE_DO_WHILE,"
                     "DO_WHILE_MACRO_WITH_TRAILING_SEMICOLON")


def checkpatch():
    """checkpatch.pl and its word lists, which only linux-source has."""
    def fill(folder):
        apt = Apt("trixie", "amd64")
        unpack(apt.alone([apt.newest(r"linux-source-[\d.]+")]), folder)
        tarball = next((folder / "usr/src").glob("*.tar.xz"))
        names = ("checkpatch.pl", "spelling.txt", "const_structs.checkpatch")
        with tarfile.open(tarball) as source:
            for member in source:
                name = os.path.basename(member.name)
                if member.name.endswith(f"/scripts/{name}") and name in names:
                    data = source.extractfile(member).read()
                    (folder / name).write_bytes(data)
        shutil.rmtree(folder / "usr")
    return item("checkpatch", fill) / "checkpatch.pl"


def host(what="check"):
    """The native tests, which print TAP themselves."""
    if not (ROOT / "selftests/host/Makefile").exists():
        return [Result("host", "skip", "there are no native tests yet")]
    tools = (stock.measuring_tools() if what in ("coverage", "mutants") else
             stock.native_tools())
    run = inside(tools, "make", "-s", "-C", "selftests/host", what)
    results = [r for r in map(_tap, run.stdout.splitlines()) if r]
    failed = any(r.state == "fail" for r in results)
    if not results or (run.returncode and not failed):
        results.append(_result(f"host: make {what}", False, run.stdout))
    return results


def _tap(line):
    found = re.match(r"(ok|not ok)\b *\d* *-? *(.*)", line)
    if not found:
        return None
    name, _, tail = found[2].partition(" # ")
    skip = re.match(r"SKIP\b *(.*)", tail)
    if skip:
        return Result(f"host: {name}", "skip", skip[1])
    return Result(f"host: {name}", "pass" if found[1] == "ok" else "fail",
                  tail)


def _result(name, good, output=""):
    if good:
        return Result(name, "pass")
    tail = output.strip().splitlines()[-25:]
    return Result(name, "fail", "", [f"# {line}" for line in tail])

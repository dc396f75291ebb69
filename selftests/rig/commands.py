# SPDX-License-Identifier: GPL-2.0-only
"""The commands that the documentation shows, and that they were run as written.

Commands are taken out of the indented blocks of README.md, docs/*.md and the
READMEs of selftests, of what these name between backticks, and of the literal
blocks of the man pages.  selftests/check/commands says for each who runs it; one
that is not there, or there and nowhere else, is a failure.
"""
import os
import pathlib
import re
import subprocess
import tempfile

import kmod
import stock
from debs import Missing
from verdict import Result

ROOT = kmod.ROOT
TABLE = ROOT / "selftests/check/commands"
# The record of what was run; its commands are those of the others.
RECORDS = ("docs/results.md",)
# What a command between backticks begins with.
PROGRAMS = ("make", "perf", "modprobe", "insmod", "apt", "dkms", "nhv-check",
            "nhv-job", "qemu-system-ppc64", "vng")


def found():
    """[(file, command)] in the order of the files."""
    files = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md")),
             *sorted(ROOT.glob("selftests/*/README.md"))]
    result = []
    for path in files:
        name = str(path.relative_to(ROOT))
        if name not in RECORDS:
            text = path.read_text()
            commands = [c for b in _blocks(text) for c in _commands(b)]
            result += [(name, c) for c in commands + _inline(text)]
    for path in sorted(ROOT.glob("packaging/man/*.[1-8]")):
        for block in re.findall(r"^\.Bd -literal.*\n((?:.*\n)*?)\.Ed",
                                path.read_text(), re.M):
            block = block.replace("\\e", "\\").replace("\\-", "-")
            result += [(str(path.relative_to(ROOT)), c)
                       for c in _commands(block.rstrip("\n"))]
    return result


def _blocks(text):
    """Indented blocks that follow an empty line."""
    for part in re.findall(r"(?:\A|\n\n)((?:(?:    .*)?\n)+)", text):
        block = "\n".join(line[4:] for line in part.split("\n")).strip("\n")
        if block:
            yield block


def _commands(block):
    """A script is one command; else each line is one, with what it does after
    two blanks or more, unless it goes on in the next."""
    if block.startswith(("#!", "[")):
        return [block]
    block = re.sub(r"(\\|\|)\n", "\\1\0", block)
    return [re.split(r"(?<=[^\s\0])  +", line)[0].replace("\0", "\n")
            for line in block.split("\n")
            if line.strip() and not line.startswith("  ")]


def _inline(text):
    spans = re.findall(r"`([^`\n]+)`", text)
    return [s for s in dict.fromkeys(spans) if " " in s
            and s.split()[0] in PROGRAMS]


def table():
    """[(who runs it, file, how the command begins)]"""
    for line in TABLE.read_text().splitlines():
        if line and not line.startswith("#"):
            yield line.split(None, 2)


def _is(row, file, command):
    begins = " ".join(row[2].split())
    return row[1] == file and (begins == "*" or " ".join(
        command.split()).startswith(begins))


def text(file, begins):
    """The first command of that file that begins so."""
    for other, command in found():
        if _is(("", file, begins), other, command):
            return command
    raise Missing(f"{file} has no {begins}")


def for_l1():
    """{name: command} of those that a script in L1 runs as /docs/name."""
    return {who.removeprefix("l1:"): text(file, begins)
            for who, file, begins in table() if who.startswith("l1:")}


def agreement():
    """Documentation and table name the same commands."""
    rows, shown = list(table()), found()
    lost = [f"# nobody runs: {f}: {c.splitlines()[0]}" for f, c in shown
            if not any(_is(row, f, c) for row in rows)]
    stale = [f"# is not there: {' '.join(row[1:])}" for row in rows
             if not any(_is(row, f, c) for f, c in shown)]
    return Result("docs: each command has somebody who runs it",
                  "fail" if lost or stale else "pass", "", lost + stale)


def results(who):
    """Run the commands of who (`here`, `slow`) as they are written, in a folder
    that looks like this one and has what they name."""
    rows = [row for row in table() if row[0] == who]
    if who == "here":
        yield agreement()
    done = set()
    for _, file, begins in rows:
        command = text(file, begins)
        if command not in done:
            yield _run(file, command)
        done.add(command)


def _run(file, command):
    with tempfile.TemporaryDirectory(prefix="nhv-docs-") as name:
        folder = pathlib.Path(name)
        for path in ROOT.iterdir():
            if path.name not in (".git", "nhv.ko"):
                (folder / path.name).symlink_to(path)
        (folder / "test.sh").write_text('echo "ok 1 - ran on $HV"\n')
        (folder / "bin").mkdir()
        (folder / "bin/jq").write_text(stock.jq())
        (folder / "bin/jq").chmod(0o755)
        path = f"{folder}/bin:{ROOT}/packaging/bin:{os.environ['PATH']}"
        run = subprocess.run(["timeout", "3600", "sh", "-ec", command],
                             cwd=folder, text=True, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             env={**os.environ, "PATH": path})
    tail = [f"# {line}" for line in run.stdout.splitlines()[-20:]]
    return Result(f"docs: {file}: {command.splitlines()[0]}",
                  "fail" if run.returncode else "pass",
                  f"status {run.returncode}" if run.returncode else "",
                  tail if run.returncode else [])

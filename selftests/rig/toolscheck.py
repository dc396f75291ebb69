# SPDX-License-Identifier: GPL-2.0-only
"""The tools of the package, on what selftests/tools has for them: machines for
nhv-check."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from kmod import ROOT
from verdict import Result

TOOLS = ROOT / "selftests/tools"
BIN = ROOT / "packaging/bin"
CHECK = BIN / "nhv-check"
NOBODY = 65534
sys.path.insert(0, str(TOOLS))


def results():
    yield from _machines()
    yield from _usage()


def _machines():
    # Not before it is asked for: its folder is no part of the rig.
    from machines import MACHINES, WELL
    for machine in MACHINES:
        with tempfile.TemporaryDirectory(prefix="nhv-machine-") as name:
            _lay_out(pathlib.Path(name), {**WELL, **machine.files},
                     machine.nobody)
            yield _machine(machine, name)


def _lay_out(top, files, closed):
    top.chmod(0o755)
    for name, text in files.items():
        if text is None:
            continue
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if text.startswith("#!"):
            path.chmod(0o755)
    if closed:
        (top / "dev/kvm").chmod(0o600 if os.geteuid() == 0 else 0)


def _run(command, root="", nobody=False):
    drop = {"user": NOBODY} if nobody and os.geteuid() == 0 else {}
    # From standard input: nobody may not read this folder, perhaps.
    return subprocess.run(
        ["/bin/sh", "-s", "--", *command], input=CHECK.read_text(), text=True,
        capture_output=True, cwd="/", **drop, env={
            "PATH": os.environ["PATH"], "NHV_CHECK_ROOT": root, "LC_ALL": "C"})


def _machine(machine, root):
    text = _run([], root, machine.nobody)
    run = _run(["--json"], root, machine.nobody)
    wrong = [f"# {line}" for line in (text.stderr + run.stderr).splitlines()]
    try:
        said = json.loads(run.stdout)
    except ValueError as why:
        return _result(machine.name, [*wrong, f"# JSON: {why}", *(
            f"# {line}" for line in run.stdout.splitlines())])
    found = {c["name"]: c["state"] for c in said["conditions"]
             if c["state"] != "ok"}
    if found != machine.expected:
        wrong.append(f"# {found}, not {machine.expected}")
    if any(c["state"] == "problem" and not c.get("advice")
           for c in said["conditions"]):
        wrong.append("# a problem without advice")
    if said["can_run"] != machine.can_run or not (
            run.returncode == text.returncode == (not machine.can_run)):
        wrong.append(f"# can_run {said['can_run']}, status {text.returncode}, "
                     f"--json {run.returncode}")
    if machine.said not in text.stdout:
        wrong += [f"# it does not say: {machine.said}",
                  *(f"# {line}" for line in text.stdout.splitlines())]
    return _result(machine.name, wrong)


def _usage():
    for words, status in ((["--help"], 0), (["--nonsense"], 2), (["x"], 2),
                          (["--qemu"], 2)):
        run = _run(words)
        good = run.returncode == status and bool(
            run.stdout if status == 0 else run.stderr)
        yield _result(" ".join(words), [] if good else [
            f"# status {run.returncode}"])


def _result(what, wrong):
    return Result(f"tools: nhv-check: {what}", "fail" if wrong else "pass", "",
                  wrong)

# SPDX-License-Identifier: GPL-2.0-only
"""The tools of the package, on what selftests/tools has for them: machines for
nhv-check, and for nhv-exits a recording of a guest that boots, with its table."""
import json
import lzma
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

from kmod import ROOT
from verdict import Result

TOOLS = ROOT / "selftests/tools"
BIN = ROOT / "packaging/bin"
CHECK = BIN / "nhv-check"
SVG = "{http://www.w3.org/2000/svg}"
NOBODY = 65534
sys.path.insert(0, str(TOOLS))


def results():
    yield from _machines()
    yield from _usage()
    yield from _recording()
    yield from _pages()


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


def _exits(text, *words):
    return subprocess.run(["/usr/bin/env", "python3", BIN / "nhv-exits", *words],
                          input=text, text=True, capture_output=True)


def _recording():
    text = lzma.open(TOOLS / "boot.script.xz", "rt").read()
    with tempfile.TemporaryDirectory(prefix="nhv-exits-") as folder:
        svg = pathlib.Path(folder, "exits.svg")
        run = _exits(text, "--svg", svg)
        want = (TOOLS / "boot.table").read_text()
        yield _exits_result("the table of a recording", run.stdout == want,
                            run.stdout + run.stderr)
        yield _exits_result("its picture", *_picture(svg))
        yield _exits_result(
            "the picture in docs is that",
            svg.exists() and svg.read_text() == (
                ROOT / "docs/exits.svg").read_text(),
            "make it anew: nhv-exits --svg docs/exits.svg")
    doc = (ROOT / "docs/tracing.md").read_text()
    wrong = [line for line in re.findall("^    (.*%.*[.]\\d{3} .*)$", doc, re.M)
             if line not in want]
    yield _exits_result("the lines in docs are those", not wrong
                        and "SYSCALL H_VOF_CLIENT" in doc, "\n".join(wrong))
    yield from _small_recordings()


def _picture(path):
    """Is it SVG, with a lane and a chart for each vCPU, and all of it inside?"""
    try:
        top = xml.etree.ElementTree.parse(path).getroot()
    except (OSError, xml.etree.ElementTree.ParseError) as why:
        return False, str(why)
    width, height = (float(top.get(name)) for name in ("width", "height"))
    outside = [box.attrib for box in top.iter(SVG + "rect") if not (
        0 <= float(box.get("x", 0)) <= width - float(box.get("width"))
        and 0 <= float(box.get("y", 0)) <= height - float(box.get("height")))]
    words = [text.text for text in top.iter(SVG + "text")]
    missing = [word for word in ("in the guest", "H_CEDE (idle)", "other exits",
                                 "0 s") if word not in words]
    good = (top.tag == SVG + "svg" and words.count("vCPU 0") == 2
            and words.count("vCPU 1") == 2 and not outside and not missing)
    return good, f"outside: {outside}, missing: {missing}"


def _event(now, event, text):
    return f" q 7 [000] {now}: {event}: VCPU 0: {text}\n"


def _enter(now):
    return _event(now, "kvm_hv:kvm_guest_enter", "pc=0x1 pexcp=0x0 ceded=0")


def _exit(now, trap):
    return _event(now, "kvm_hv:kvm_guest_exit",
                  f"trap={trap} pc=0x1 msr=0x0, ceded=0")


def _small_recordings():
    """What can be worked out by head."""
    run = _exits("nothing\n")
    yield _exits_result("no exits: status 1",
                        run.returncode == 1 and "no exits" in run.stderr,
                        run.stderr)
    # 100 exits of 1 to 100 us; the second of them is there twice.
    text, now = "", 0
    for n in range(1, 101):
        text += _enter(f"1.{now:06}")
        text += _exit(f"1.{now:06}", "EXTERNAL") * (1 + (n == 2))
        now += n
    run = _exits(text + _enter(f"1.{now:06}"))
    rows = [line.split() for line in run.stdout.splitlines()]
    want = ["EXTERNAL", "100", "100.00%", "5.050", "50.5", "50.0", "99.0",
            "100.0"]
    yield _exits_result("mean, median, 99th percentile, longest", want in rows,
                        run.stdout + run.stderr)
    run = _exits(_enter("1.0") + _exit("1.000001", "SYSCALL") + _event(
        "1.000002", "nhv:nhv_nested_exit",
        "level=3 guest=1 trap=SYSCALL pc=0x0") + _enter("1.000003"))
    yield _exits_result("a guest of the guest", "L3 SYSCALL" in run.stdout,
                        run.stdout + run.stderr)


def _pages():
    """Man pages and completions say what there is, and nothing else."""
    source = "".join(path.read_text() for path in sorted(
        (ROOT / "src").rglob("*.c")))
    page = (ROOT / "packaging/man/nhv.4").read_text()
    section = page.partition(".Sh PARAMETERS")[2].partition(".Sh ")[0]
    yield _same("nhv(4) has each parameter",
                set(re.findall(r"MODULE_PARM_DESC\((\w+)", source)),
                set(re.findall(r"^\.It Cm (\w+)$", section, re.M)))
    section = page.partition(".Sh DIAGNOSTICS")[2].partition(".Sh ")[0]
    missing = [text for text in map(_fixed_words, re.findall(
        r'\bpr_\w+\(\s*"((?:[^"\\]|\\.)*)"', source)) if text not in section]
    yield _tool_result("nhv(4) has each line of the log", not missing,
                       "\n".join(missing))
    for name, page in (("nhv-check", 8), ("nhv-exits", 1), ("nhv-job", 1)):
        said = subprocess.run([BIN / name, "--help"], text=True,
                              capture_output=True).stdout
        options = set(re.findall(r"(?<![\w-])--[a-z]+", said)) | {"--help"}
        text = (ROOT / f"packaging/man/{name}.{page}").read_text()
        in_page = {f"-{o}" for o in re.findall(r"^\.It Fl (?:\w , Fl )?(-[a-z]+)",
                                               text, re.M)} | {"--help"}
        yield _same(f"{name}({page}) has its options", options, in_page)
        text = (ROOT / "packaging/bash-completion" / name).read_text()
        yield _same(f"bash completes those of {name}", options,
                    set(re.findall(r"(?<![\w-])--[a-z]+", text)))


def _fixed_words(line):
    """The longest part in which nothing differs of what a line of the log says
    first."""
    line = re.split("[:;(]", line.removeprefix("nhv: "))[0]
    return max(re.split("%#?[a-z]+", line.removesuffix("\\n")), key=len).strip()


def _same(what, there, said):
    return _tool_result(what, there == said, f"not said: {there - said}, "
                        f"not there: {said - there}")


def _tool_result(what, good, said):
    return Result(f"tools: {what}", "pass" if good else "fail", "",
                  [] if good else [f"# {line}" for line in said.splitlines()])


def _exits_result(what, good, said):
    return _tool_result(f"nhv-exits: {what}", good, said)


def _result(what, wrong):
    return Result(f"tools: nhv-check: {what}", "fail" if wrong else "pass", "",
                  wrong)

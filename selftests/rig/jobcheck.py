# SPDX-License-Identifier: GPL-2.0-only
"""nhv-job: its status, its output, and that nothing of it stays behind.

Here its guests are emulated; selftests/check/install.sh runs it on nhv.
"""
import json
import os
import pathlib
import shlex
import signal
import subprocess
import tempfile
import time

import commands
import stock
from image import Image, Modules
from kmod import ROOT
from verdict import Result

JOB = ROOT / "packaging/bin/nhv-job"
MACHINE = ("pseries,cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,"
           "cap-ccf-assist=off")
APPLETS = "cat echo mkdir mount printf sh sleep stty tail".split()
# With a disk, Debian's kernel wants its driver from an initrd.
DISK_INIT = """#!/bin/busybox sh
/bin/busybox mkdir /new /proc
/bin/busybox mount -t proc proc /proc
for list in crc32c_generic ext4 virtio_blk; do
	while read -r m; do
		/bin/busybox grep -q "^$m " /proc/modules ||
			/bin/busybox insmod /mod/$m.ko
	done </mod/$list.order
done
/bin/busybox mount -t devtmpfs dev /dev
while ! [ -b /dev/vda ]; do /bin/busybox sleep 0.1; done
/bin/busybox mount /dev/vda /new
/bin/busybox mount --move /dev /new/dev
exec /bin/busybox switch_root /new /bin/sh "$@"
"""


class Bench:
    """A folder, a disk and a command line for the cases below."""

    def __init__(self, folder):
        self.top = pathlib.Path(folder)
        self.temp = self.top / "tmp"
        self.temp.mkdir()
        self.kernel = stock.Kernel("6.12-4k")
        self.folder = self.top / "folder"
        (self.folder / "bin").mkdir(parents=True)
        busybox = stock.busybox() / "usr/bin/busybox"
        (self.folder / "bin/busybox").write_bytes(busybox.read_bytes())
        (self.folder / "bin/busybox").chmod(0o755)
        for name in APPLETS:
            (self.folder / "bin" / name).symlink_to("busybox")
        # Without SLOF a guest starts sooner, but has no PCI devices.
        self.machine = MACHINE + ",x-vof=on"
        self.source = ["--folder", self.folder]

    def start(self, *words):
        command = [JOB, "--accel", "tcg", "--machine", self.machine,
                   "--qemu", shlex.join(stock.Qemu().command()), "--kernel",
                   self.kernel.image, *self.source, *words]
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, start_new_session=True,
            env={**os.environ, "TMPDIR": str(self.temp)})

    def wrapper(self):
        """nhv-job as it is called here, for the scripts of the documentation."""
        command = [JOB, "--accel", "tcg", "--machine", self.machine, "--qemu",
                   shlex.join(stock.Qemu().command())]
        return f"#!/bin/sh\nexec {shlex.join(map(str, command))} \"$@\"\n"

    def left(self, session):
        """Processes and files that should be gone."""
        time.sleep(0.2)
        found = [str(p) for p in self.temp.iterdir()]
        for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                found.append(f"process {path.parent.name}")
        return found

    def case(self, name, want, output, *words, kill=None):
        job = self.start(*words)
        said = ""
        if kill:
            said = job.stdout.readline()
            os.kill(job.pid, kill)
        try:
            more, errors = job.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            job.kill()
            more, errors = job.communicate()
            errors += "\ndid not end in 120 s"
        left = self.left(job.pid)
        good = (job.returncode == want and not left
                and (output is None or said + more == output))
        return Result(f"job: {name}", "pass" if good else "fail", "",
                      [] if good else [
                          f"# status {job.returncode}, left {left}, output "
                          f"{said + more!r}", *(f"# {line}" for line in
                                                errors.splitlines()[-40:])])

    def disk(self):
        """From here on the root file system is a disk."""
        disk, initrd = self.top / "disk", self.top / "initrd"
        for part in ("dev", "proc", "sys"):
            (self.folder / part).mkdir()
        subprocess.run(stock.mke2fs() + [self.folder, disk, "32M"],
                       check=True, stdout=subprocess.DEVNULL)
        image = Image()
        image.console()
        image.folder("dev")
        image.file("bin/busybox", self.folder / "bin/busybox")
        image.text("init", DISK_INIT)
        Modules(self.kernel.modules).add(
            image, ["crc32c_generic", "ext4", "virtio_blk"])
        image.write(initrd)
        self.machine = MACHINE
        self.source = ["--disk", f"{disk}", "--root", "/dev/vda",
                       "--initrd", initrd]
        return disk


def results():
    with tempfile.TemporaryDirectory(prefix="nhv-job-") as folder:
        bench = Bench(folder)
        yield from _folder_cases(bench)
        yield from ci_cases(bench)
        disk = bench.disk()
        before = disk.read_bytes()
        result = bench.case("from a disk", 5, "disk\n", "--", "sh", "-c",
                            "echo changed >/file; echo disk; exit 5")
        if disk.read_bytes() != before:
            result.state = "fail"
            result.notes.append("# the disk has changed")
        yield result


def _folder_cases(bench):
    script, more = bench.top / "script", bench.top / "more"
    script.write_text("cat /in/here/data; echo \"$WHAT\"; cd /in && exit 0\n")
    more.mkdir()
    (more / "data").write_text("It's\n")
    yield bench.case("a script, a folder more, a variable: 0", 0,
                     "It's\ntwo words\n", "--add", f"{more}:/in/here",
                     "--env", "WHAT=two words", "--script", script)
    yield bench.case("the command's status", 3, "a  b\n", "--", "sh", "-c",
                     "echo 'a  b'; exit 3")
    yield bench.case("time limit", 124, "begun\n", "--timeout", "15", "--",
                     "sh", "-c", "echo begun; sleep 1000")
    yield bench.case("memory limit", 137, None, "--memory", "256M", "--",
                     "sh", "-c", "tail /dev/zero")
    loop = "echo begun; while :; do :; done"
    yield bench.case("terminated", 143, "begun\n", "--", "sh", "-c", loop,
                     kill=signal.SIGTERM)
    yield bench.case("killed", -9, "begun\n", "--", "sh", "-c", loop,
                     kill=signal.SIGKILL)
    yield bench.case("a guest that ends by itself", 126, None, "--", "sh",
                     "-c", "echo b >/proc/sysrq-trigger; sleep 100")
    yield bench.case("no such folder", 125, "", "--add", "/nowhere:/in", "--",
                     "true")


GITLAB, GITHUB = "#!/bin/sh case $2 in", "#!/bin/sh # nhv-hook"
CI_DOC = "docs/ci-runner.md"
# A step of a job in the form that actions/runner-container-hooks has.
STEP = {"command": "run_script_step", "responseFile": None, "state": {},
        "args": {"entryPoint": "sh", "workingDirectory": "/__w/project",
                 "entryPointArgs": ["-c", "cat file; echo 'a  b'; exit 3"]}}


def ci_cases(bench):
    """The scripts of docs/ci-runner.md as they are written there, called as
    GitLab's and GitHub's runners call theirs."""
    top = bench.top
    for name, text in (("nhv-job", bench.wrapper()), ("jq", stock.jq()),
                       ("gitlab", commands.text(CI_DOC, GITLAB)),
                       ("github", commands.text(CI_DOC, GITHUB))):
        path = top / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    (top / "srv/ci").mkdir(parents=True)
    (top / "srv/ci/vmlinux").symlink_to(bench.kernel.image)
    (top / "srv/ci/rootfs").symlink_to(bench.folder)
    (top / "work/project").mkdir(parents=True)
    (top / "work/project/file").write_text("a file\n")
    yield from _gitlab_cases(top)
    yield _ci(top, "GitHub: a step", 3, "a file\na  b\n", ["github"],
              json.dumps(STEP))
    yield _ci(top, "GitHub: an unknown command", 1, None, ["github"],
              json.dumps({"command": "run_container_step"}))
    answer = top / "answer"
    result = _ci(top, "GitHub: preparation", 0, "", ["github"], json.dumps(
        {"command": "prepare_job", "responseFile": str(answer)}))
    if not answer.exists() or json.loads(answer.read_text())["isAlpine"]:
        result.state = "fail"
    yield result


def _gitlab_cases(top):
    for name, body, stage, want, output in (
            ("GitLab: a job", "cat $DIR/file", "build_script", 0, "a file\n"),
            ("GitLab: a job that fails", "exit 3", "step_script", 11, ""),
            ("GitLab: a stage on the runner", "echo $HOME", "get_sources", 0,
             "/on/the/runner\n")):
        script = top / "script"
        script.write_text(f"#!/bin/sh\nDIR={top}/work/project\n{body}\n")
        yield _ci(top, name, want, output, ["gitlab", str(script), stage])
    yield _ci(top, "GitLab: no such project", 12, None,
              ["gitlab", str(script), "build_script"], CI_PROJECT_DIR="/nowhere")


def _ci(top, name, want, output, words, request="", **more):
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    environment = {
        "PATH": f"{top}/bin:{os.environ['PATH']}", "HOME": "/on/the/runner",
        "TMPDIR": f"{top}/tmp", "BUILD_FAILURE_EXIT_CODE": "11",
        "SYSTEM_FAILURE_EXIT_CODE": "12", "RUNNER_WORKSPACE": f"{top}/work",
        "CUSTOM_ENV_CI_PROJECT_DIR": more.get(
            "CI_PROJECT_DIR", f"{top}/work/project")}
    # The scripts look for the guest's files in /srv/ci.
    run = subprocess.run(
        ["unshare", *user, "--mount", "sh", "-c",
         f"mount --bind {top}/srv /srv && exec \"$@\"", "sh",
         f"{top}/bin/{words[0]}", *words[1:]],
        input=request, text=True, capture_output=True, timeout=300,
        env=environment)
    good = run.returncode == want and output in (None, run.stdout)
    return Result(f"job: {name}", "pass" if good else "fail", "",
                  [] if good else [f"# status {run.returncode}, output "
                                   f"{run.stdout!r}"] + [
                      f"# {line}" for line in run.stderr.splitlines()[-20:]])

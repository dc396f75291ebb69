# SPDX-License-Identifier: GPL-2.0-only
"""One boot of L1: QEMU (L0) runs a Debian kernel with nhv, and tests in it."""
import dataclasses
import os
import pathlib
import re
import selectors
import shlex
import socket
import subprocess
import time

import debroot
import stock
from rootfs import l1_image
from verdict import PANIC, Result, judge_dmesg

# The board features that a TCG L0 cannot give, and nested guests do without.
CAPS = "cap-cfpc=broken,cap-sbbc=broken,cap-ibs=broken,cap-ccf-assist=off"


@dataclasses.dataclass
class Config:
    kernel: str = "6.12-4k"
    cpus: int = 2
    memory: str = "2G"
    l0: str = "pseries"             # QEMU itself, or kvm-hv on powernv
    l0_kernel: str = "6.12-4k"      # there
    cpu: str = "power9"
    hv: str = "nhv"                 # nhv, kvm-hv or none
    api: int = 1                    # which nested API L0 offers; 0: none
    firmware: str = ""              # slof, vof, or by kernel
    icount: bool = False
    module: pathlib.Path = None     # nhv.ko; built when absent
    module_args: str = ""
    fake_l0: bool = False           # nhv.ko with a level below of its own
    load: tuple = ()                # kernel modules to load at start
    l1_qemu: tuple = ()             # QEMUs for L2: 10, 7.2
    disk: str = ""                  # a Debian release on a disk, with packages
    libvirt: bool = False           # libvirtd, virsh and their QEMU in L1
    perf: bool = False              # perf in L1
    kexec: bool = False             # kexec in L1
    signed: bool = False            # /nhv-signed.ko, by the kernel's own key
    l2_kernels: tuple = ()
    nest: int = 0                   # levels of L2s that are hypervisors too
    append: str = ""                # to L1's command line
    qemu_args: tuple = ()           # to L0's
    env: tuple = ()                 # NAME=value for the tests
    files: tuple = ()               # (path in L1, path here)
    timeout: int = 300
    verbose: bool = False


def command_line(config):
    return f"console=hvc0 panic=-1 log_buf_len=4M {config.append}"


def l0_command(config, initramfs):
    kernel = stock.Kernel(config.kernel)
    machine = f"pseries,{CAPS}"
    if config.api:
        machine += {1: ",cap-nested-hv=on", 2: ",cap-nested-papr=on"}[
            config.api]
    # 7.2 does not start without SLOF, which takes some seconds more; nor
    # are there PCI devices without it.
    firmware = config.firmware or (
        "slof" if config.kernel.startswith("7.") or config.disk else "vof")
    if firmware == "vof":
        machine += ",x-vof=on"
    accel = ["-accel", "tcg,thread=multi"]
    if config.icount:
        accel = ["-accel", "tcg,thread=single",
                 "-icount", "shift=0,sleep=off"]
    return stock.Qemu().command() + [
        "-M", machine, "-cpu", config.cpu, "-smp", str(config.cpus),
        "-m", config.memory, *accel, "-nodefaults", "-nographic",
        "-no-reboot", "-kernel", str(kernel.image), "-initrd", str(initramfs),
        "-append", command_line(config),
        "-device", "spapr-vty,chardev=console,reg=0x30000000",
        "-chardev", "stdio,id=console,mux=off,signal=off",
        "-device", "spapr-vty,chardev=tests,reg=0x30001000",
        # H_RANDOM
        "-object", "rng-builtin,id=random", "-device", "spapr-rng,rng=random",
        *disk_arguments(config), *config.qemu_args]


def disk_arguments(config):
    if not config.disk:
        return []
    return ["-drive", f"file={debroot.disk(config.disk, config.kernel)},"
            "if=virtio,format=raw,snapshot=on"]


class Run:
    """Boots L1, follows both consoles and gathers the results."""

    def __init__(self, config, tests, folder, allow=()):
        self.config, self.tests = config, [pathlib.Path(t) for t in tests]
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.allow = allow
        self.results, self.dmesg, self.output = [], [], {}
        self.remarks = []
        self.current, self.seen, self.ended = None, set(), False
        self.begun, self.trouble = None, None
        self.in_dmesg = False
        self.up = None

    # The tests' console: framed TAP.
    def line(self, line):
        if self.config.verbose and not self.in_dmesg:
            print(line, flush=True)
        if line.startswith("#rig "):
            self._frame(line.split()[1:])
        elif self.in_dmesg:
            self.dmesg.append(line)
        elif self.current:
            self.output[self.current].append(line)
            self._tap(line)

    def _frame(self, words):
        verb, args = words[0], words[1:]
        if verb == "up":
            self.up = time.monotonic() - self.begun
        elif verb == "begin":
            self.current = args[0]
            self.output[args[0]] = []
        elif verb == "end":
            self._end_of_test(*args)
        elif verb == "dmesg":
            self.in_dmesg = True
        elif verb == "abort":
            self.trouble = self.trouble or " ".join(args)
        elif verb == "done":
            self.ended = True

    def _end_of_test(self, name, status):
        mine = [r for r in self.results if r.name.startswith(_short(name) + ":")]
        if status != "0" and not any(r.state == "fail" for r in mine):
            self._add(name, "fail", f"ended with status {status}")
        elif not mine:
            self._add(name, "fail", "printed no result")
        self.current = None

    def _tap(self, line):
        found = re.match(r"(ok|not ok)\b *\d* *-? *(.*)", line)
        if not found:
            # Remarks keep their place between the results.
            if line.startswith("#"):
                (self.results[-1].notes if self.results
                 else self.remarks).append(line)
            return
        name, _, tail = found[2].partition(" # ")
        skip = re.match(r"SKIP\b *(.*)", tail, re.I)
        if skip:
            self._add(f"{self.current}: {name}", "skip", skip[1])
        else:
            self._add(f"{self.current}: {name}",
                      "pass" if found[1] == "ok" else "fail", tail)

    def _add(self, name, state, why=""):
        before, self.remarks = self.remarks, []
        self.results.append(Result(_short(name), state, why, before=before))

    # The kernel's console.
    def console(self, line):
        if self.config.verbose:
            print(f"[L1] {line}", flush=True)
        if PANIC.search(line) and not self.trouble:
            self.trouble = "L1: " + line.strip()

    def go(self):
        initramfs = l1_image(self.config, self.tests, self.folder)
        ours, theirs = os.pipe()
        monitor, far_end = socket.socketpair()
        # No L0 outlives the rig, however that ends.
        command = ["setpriv", "--pdeathsig", "KILL"] + l0_command(
            self.config, initramfs) + [
            "-chardev", f"file,id=tests,path=/dev/fd/{theirs}",
            "-chardev", f"socket,id=monitor,fd={far_end.fileno()}",
            "-mon", "chardev=monitor"]
        (self.folder / "command").write_text(shlex.join(command) + "\n")
        self.begun = time.monotonic()
        with subprocess.Popen(command, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              pass_fds=[theirs, far_end.fileno()]) as qemu:
            os.close(theirs)
            far_end.close()
            try:
                self._follow(qemu, ours, monitor)
            finally:
                qemu.kill()
        os.close(ours)
        initramfs.unlink()
        self.seconds = time.monotonic() - self.begun
        self._verdict()
        return self

    def _follow(self, qemu, tests, monitor):
        selector = selectors.DefaultSelector()
        streams = {
            qemu.stdout.fileno(): (Lines(self.folder / "console.log"),
                                   self.console),
            tests: (Lines(self.folder / "tests.log"), self.line)}
        for fd in streams:
            selector.register(fd, selectors.EVENT_READ)
        deadline = self.begun + self.config.timeout
        last_words = False
        while selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                if last_words:
                    break
                self.trouble = self.trouble or (
                    f"not finished after {self.config.timeout} s")
                self._ask_where(monitor)
            if self.trouble and not last_words:
                # Some seconds for the rest of an oops, and no more.
                last_words = True
                deadline = time.monotonic() + 5
            for key, _ in selector.select(deadline - time.monotonic()):
                data = os.read(key.fd, 65536)
                lines, feed = streams[key.fd]
                if not data:
                    selector.unregister(key.fd)
                for line in lines.feed(data):
                    feed(line)

    def _ask_where(self, monitor):
        """Registers as L0 sees them; then a system reset makes L1 say where
        its CPUs are, unless they are stuck in an L2."""
        monitor.settimeout(1)
        monitor.send(b"info registers -a\ninfo registers -a\nnmi\n")
        with open(self.folder / "stuck.log", "wb") as log:
            try:
                while data := monitor.recv(65536):
                    log.write(data)
            except TimeoutError:
                pass

    def _verdict(self):
        where = " ".join(t.name for t in self.tests)
        if not self.ended and not self.trouble:
            self.trouble = "L1 ended before its tests did"
        if self.trouble:
            self._add(self.current or where, "fail", self.trouble)
        # Tests that never got their turn are not forgotten.
        for test in self.tests:
            if test.name not in self.output and test.name != self.current:
                self._add(test.name, "fail", "not run: " + self.trouble)
        if self.ended:
            bad = judge_dmesg(self.dmesg, self.allow)
            (self.folder / "dmesg.log").write_text("\n".join(self.dmesg))
            self._add("dmesg of L1", "fail" if bad else "pass",
                      bad[0] if bad else "")


class Lines:
    """Cuts a byte stream into lines, and keeps it in a file."""

    def __init__(self, path):
        self.log, self.rest = open(path, "wb"), b""

    def feed(self, data):
        self.log.write(data)
        self.log.flush()
        *lines, self.rest = (self.rest + data).split(b"\n")
        if not data and self.rest:
            lines, self.rest = [self.rest], b""
        return [line.decode(errors="replace").rstrip("\r") for line in lines]


def _short(name):
    return name.replace(".sh", "")

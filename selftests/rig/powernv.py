# SPDX-License-Identifier: GPL-2.0-only
"""One boot with the in-tree kvm-hv below nhv.

QEMU's powernv9 is bare metal; a Debian kernel with kvm-hv runs there (L0) and
gives QEMU's guest (L1) its nested API, so facilities, doorbells, interrupts
and invalidations are what kvm-hv and a hypervisor-mode processor make of them.

L0 has three files: its own initramfs, and as disks what it needs for L1 (QEMU
and a kernel, an archive) and L1's initramfs.  L1's consoles come out of L0 as
TCP connections to this machine.
"""
import shlex
import socket
import subprocess
import time
import types

import l1
import rootfs
import stock
import verdict
from image import Image, Modules

# The address of this machine in QEMU's user-mode network.
HERE_FROM_L0 = "10.0.2.2"
L0_MODULES = "kvm-hv virtio_blk virtio_net".split()
L0_EXTRA = 1024         # MiB beyond what L1 gets
BOOT_TIMEOUT = 400      # until L1's QEMU calls


def megabytes(memory):
    return int(memory[:-1]) * {"M": 1, "G": 1024}[memory[-1]]


def l0_image(path, kernel):
    image = Image()
    image.console()
    for part in ("proc", "sys", "dev", "tmp"):
        image.folder(part)
    image.file("bin/busybox", stock.busybox() / "usr/bin/busybox")
    image.link("bin/sh", "busybox")
    image.file("init", rootfs.HERE / "l0.init")
    image.file("bin/load", rootfs.HERE / "l1.load")
    Modules(kernel.modules).add(image, L0_MODULES)
    image.write(path)


def l1_parts(path, config, ports):
    """What L0 starts L1 with: QEMU, the kernel and the command line."""
    image = Image()
    rootfs.add_qemu(image, "10")
    image.file("l1/vmlinux", stock.Kernel(config.kernel).image)
    image.text("l1/command", shlex.join(l1_command(config, ports)) + "\n")
    image.write(path)


def l1_command(config, ports):
    machine = f"pseries,{l1.CAPS},cap-nested-hv=on"
    if config.l0_kernel.endswith("-4k"):
        machine += ",cap-hpt-max-page-size=4096"
    if config.firmware != "slof":
        machine += ",x-vof=on"
    line = ["qemu-10", "-accel", "kvm", "-M", machine,
            "-smp", str(config.cpus), "-m", config.memory,
            "-nodefaults", "-nographic", "-no-reboot",
            "-kernel", "/l1/vmlinux", "-initrd", "/dev/vdb",
            "-append", f"console=hvc0 panic=-1 log_buf_len=4M {config.append}",
            "-device", "spapr-vty,chardev=console,reg=0x30000000",
            "-device", "spapr-vty,chardev=tests,reg=0x30001000",
            "-mon", "chardev=monitor", *config.qemu_args]
    for name, port in ports.items():
        line += ["-chardev",
                 f"socket,id={name},host={HERE_FROM_L0},port={port}"]
    return line


def l0_command(config, kernel, initramfs, disks):
    line = ["setpriv", "--pdeathsig", "KILL"] + stock.Qemu().command() + [
        "-M", "powernv9", "-smp", f"{config.cpus},threads=1",
        "-m", f"{megabytes(config.memory) + L0_EXTRA}M",
        # With -nodefaults this machine has no PCI bus.
        "-accel", "tcg,thread=multi", "-vga", "none", "-display", "none",
        "-no-reboot", "-kernel", str(kernel.image), "-initrd", str(initramfs),
        "-append", "console=hvc0 panic=-1",
        "-serial", "stdio", "-monitor", "none",
        "-netdev", "user,id=net",
        "-device", "virtio-net-pci,netdev=net,bus=pcie.0,addr=0x0,romfile="]
    for number, disk in enumerate(disks):
        line += ["-drive", f"file={disk},if=none,id=disk{number},format=raw,"
                 "readonly=on", "-device",
                 f"virtio-blk-pci,drive=disk{number},bus=pcie.{number + 1},"
                 "addr=0x0"]
    return line


class Run(l1.Run):
    """As l1.Run, with one level more below."""

    def go(self):
        kernel = stock.Kernel(self.config.l0_kernel)
        l1_initramfs = rootfs.l1_image(self.config, self.tests, self.folder)
        initramfs, parts = self.folder / "l0.cpio", self.folder / "parts.cpio"
        listening = {name: _listen() for name in ("console", "tests",
                                                   "monitor")}
        l0_image(initramfs, kernel)
        l1_parts(parts, self.config, {name: s.getsockname()[1]
                                      for name, s in listening.items()})
        command = l0_command(self.config, kernel, initramfs,
                             [parts, l1_initramfs])
        (self.folder / "command").write_text(shlex.join(command) + "\n")
        self.begun = time.monotonic()
        with open(self.folder / "l0.log", "wb") as log, subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT) as qemu:
            try:
                self._wait_for_l1(qemu, listening)
            finally:
                # The machine does not power itself off.
                qemu.kill()
        for path in (initramfs, parts, l1_initramfs):
            path.unlink()
        self.seconds = time.monotonic() - self.begun
        self._verdict()
        self._verdict_l0()
        return self

    def _wait_for_l1(self, qemu, listening):
        ends = {}
        for name, server in listening.items():
            with server:
                ends[name] = self._accept(qemu, server)
            if not ends[name]:
                self.trouble = "L0 did not start L1, see l0.log"
                return
        self.up_l0 = time.monotonic() - self.begun
        self.connected(ends)
        console = types.SimpleNamespace(stdout=ends["console"])
        self._follow(console, ends["tests"].fileno(), ends["monitor"])

    def connected(self, ends):
        """L1's QEMU has called; for who wants to talk to the tests."""

    def _accept(self, qemu, server):
        server.settimeout(5)
        while (qemu.poll() is None and
               time.monotonic() - self.begun < BOOT_TIMEOUT):
            try:
                return server.accept()[0]
            except TimeoutError:
                pass
        return None

    def _verdict_l0(self):
        text = (self.folder / "l0.log").read_text(errors="replace")
        bad = [line for line in text.splitlines() if verdict.BAD.search(line) and
               not verdict.EXPECTED.search(line)]
        self._add("console of L0", "fail" if bad else "pass",
                  bad[0] if bad else "")


def run_class(config):
    return {"pseries": l1.Run, "powernv": Run}[config.l0]


def _listen():
    return socket.create_server(("127.0.0.1", 0))

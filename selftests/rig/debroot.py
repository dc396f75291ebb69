# SPDX-License-Identifier: GPL-2.0-only
"""A Debian root file system that dpkg and apt take for an installed one.

Packages are unpacked, and written into dpkg's database as installed; no
maintainer script runs.  So it needs neither root nor, for a foreign
architecture, an emulator, and takes seconds.
"""
import os
import re
import shutil
import subprocess
import zlib

import stock
from debs import Apt, item, unpack

# What essential packages do when they are configured, as far as it is needed.
PASSWD = ("usr/share/base-passwd/passwd.master", "etc/passwd",
          "usr/share/base-passwd/group.master", "etc/group")
# Essential, or what apt needs.
ESSENTIAL = ("base-files base-passwd bash bsdutils coreutils dash debianutils "
             "diffutils dpkg findutils grep gzip hostname init-system-helpers "
             "libc-bin login mawk ncurses-base ncurses-bin perl-base sed "
             "sysvinit-utils tar util-linux apt kmod").split()


def root(name, suite, arch, packages):
    """The cached root with the packages and all they depend on."""
    def fill(folder):
        debs = Apt(suite, arch).closure([*ESSENTIAL, *packages])
        unpack(debs, folder)
        _database(folder, debs)
        _configure(folder)
    return item(f"root/{name}", fill)


def _database(folder, debs):
    dpkg = folder / "var/lib/dpkg"
    (dpkg / "info").mkdir(parents=True, exist_ok=True)
    (dpkg / "updates").mkdir(exist_ok=True)
    (dpkg / "diversions").touch()
    (dpkg / "available").touch()
    with open(dpkg / "status", "w") as status:
        for deb in debs:
            status.write(_register(dpkg / "info", deb))


def _register(info, deb):
    """Put a package's control files and list of files where dpkg has them;
    returns its paragraph."""
    control = _output("dpkg-deb", "--field", deb).rstrip("\n")
    field = dict(re.findall(r"^(\S+): *(.*)$", control, re.M))
    stem = field["Package"]
    if field.get("Multi-Arch") == "same":
        stem += ":" + field["Architecture"]
    part = info / f"{stem}.part"
    subprocess.run(["dpkg-deb", "--control", deb, part], check=True)
    for path in part.iterdir():
        if path.name != "control":
            path.rename(info / f"{stem}.{path.name}")
    shutil.rmtree(part)
    (info / f"{stem}.list").write_text(_file_list(deb))
    paragraph = f"Status: install ok installed\n{control}\n"
    conffiles = info / f"{stem}.conffiles"
    if conffiles.exists():
        paragraph += "Conffiles:\n" + "".join(
            f" {line} {'0' * 32}\n"
            for line in conffiles.read_text().split("\n")
            if line.startswith("/"))
    return paragraph + "\n"


def _file_list(deb):
    names = []
    tarball = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb],
                               stdout=subprocess.PIPE)
    out = subprocess.run(["tar", "-t"], stdin=tarball.stdout, text=True,
                         capture_output=True, check=True).stdout
    tarball.wait()
    for line in out.splitlines():
        names.append(line.lstrip(".").rstrip("/") or "/.")
    return "".join(f"{n}\n" for n in names)


def _configure(folder):
    for source, target in zip(PASSWD[::2], PASSWD[1::2]):
        shutil.copy(folder / source, folder / target)
    vendor = folder / "etc/dpkg/origins/default"
    if not vendor.exists():
        vendor.symlink_to("debian")
    for name, target in (("awk", "mawk"), ("which", "which.debianutils"),
                         ("fakeroot", "fakeroot-sysv"), ("c89", "c89-gcc")):
        link = folder / "usr/bin" / name
        if not link.exists() and (link.parent / target).exists():
            link.symlink_to(target)
    for part in ("dev", "proc", "sys", "tmp", "run", "root", "var/tmp",
                 "var/log/apt", "var/cache/apt/archives/partial",
                 "var/lib/apt/lists/partial", "etc/apt/apt.conf.d"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "tmp").chmod(0o1777)
    # There is one user in the namespaces that this runs in.
    (folder / "etc/apt/apt.conf.d/rig").write_text(
        'APT::Sandbox::User "root";\n')
    (folder / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
    (folder / "usr/sbin/policy-rc.d").chmod(0o755)


# What is on a disk for L1, for install.sh and for virtme.sh: suite, packages.
DKMS = "dkms linux-headers-{} systemd udev python3 qemu-system-ppc"
ON_DISK = {
    "bookworm": ("bookworm", DKMS),
    "trixie": ("trixie", DKMS),
    "virtme": ("trixie", "virtme-ng linux-image-{} systemd-sysv udev iproute2 "
                         "qemu-system-ppc busybox-static binutils"),
}


def disk(what, flavour):
    """The same for L1, for its kernel, as an ext4 file system in a file."""
    release = stock.Kernel(flavour).release
    suite, packages = ON_DISK[what]
    # Another list of packages is another disk.
    name = f"{what}-{release}-{zlib.crc32(packages.encode()):08x}"
    def fill(folder):
        tree = root(f"l1-{name}", suite, "ppc64el",
                    packages.format(release).split())
        image = folder / "disk"
        # In a user namespace all is root's.
        user = [] if os.geteuid() == 0 else ["--map-root-user"]
        subprocess.run(["unshare", "--mount", *user,
                        *stock.mke2fs(), tree, image, "4G"], check=True,
                       stdout=subprocess.DEVNULL)
    return item(f"disk/{name}", fill) / "disk"


def _output(*command):
    return subprocess.run(command, check=True, capture_output=True,
                          text=True).stdout

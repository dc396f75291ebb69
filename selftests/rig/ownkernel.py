# SPDX-License-Identifier: GPL-2.0-only
"""Kernels that Debian does not have, built from its linux-source.

kernel/base.config and kernel/<name>.config are all that is not off.  The tree
that is kept is what modules are built against, in the places where Debian's
packages have it, so that kmod.build() sees no difference.
"""
import os
import pathlib
import resource
import shutil
import subprocess

import stock
from debs import CACHE, Apt, Missing, item, say, unpack
from kmod import CROSS, in_root

CONFIGS = pathlib.Path(__file__).resolve().parent / "kernel"
NEEDS = ("flex bison bc libelf-dev libssl-dev openssl xz-utils kmod tar "
         "gzip").split()
# What a module's build reads.
KEEP = ("Makefile Kbuild Kconfig .config Module.symvers System.map include "
        "scripts certs arch/powerpc").split()


def tools():
    return item("tools/kernel", lambda folder: stock.root(
        folder, "trixie", stock.BASE + stock.CROSS + stock.NATIVE + NEEDS))


def source():
    """The newest linux-source of the series that the tools fit."""
    def fill(folder):
        apt = Apt("trixie", "amd64")
        part = folder / "deb"
        unpack(apt.alone([apt.newest(r"linux-source-[\d.]+")]), part)
        tarball = next((part / "usr/src").glob("*.tar.xz"))
        subprocess.run(["tar", "-xJf", tarball, "-C", folder], check=True)
        shutil.rmtree(part)
        next(folder.glob("linux-source-*")).rename(folder / "linux")
    return item("source", fill) / "linux"


def fill(folder, name):
    """Build the kernel `name` into folder, as stock.Kernel keeps it."""
    tree = folder / "build"
    say(f"kernel {name}: building it from linux-source, which takes a while")
    shutil.copytree(source(), tree, symlinks=True)
    begun = _processor_seconds()
    try:
        release = _build(tree, name)
    except subprocess.CalledProcessError as error:
        raise Missing(f"kernel {name} does not build: "
                      + (error.output or "")[-2000:]) from None
    say(f"kernel {name}: built in {_processor_seconds() - begun:.0f} "
        "processor seconds")
    _install(tree, folder, release)
    shutil.rmtree(tree)


def _processor_seconds():
    """Of the programs that have been run; the wall's say little where others
    run too."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _build(tree, name):
    fragments = [CONFIGS / "base.config", CONFIGS / f"{name}.config"]
    (tree / "wanted.config").write_text(
        "".join(f.read_text() for f in fragments))
    _make(tree, "KCONFIG_ALLCONFIG=wanted.config", "allnoconfig")
    _compare(tree, name)
    _make(tree, "vmlinux", "modules")
    _make(tree, "INSTALL_MOD_PATH=root", "modules_install")
    return (tree / "include/config/kernel.release").read_text().strip()


def _compare(tree, name):
    """An option that a dependency switched off would go unnoticed."""
    have = set((tree / ".config").read_text().splitlines())
    lost = [line for line in (tree / "wanted.config").read_text().splitlines()
            if line.startswith("CONFIG_") and not line.endswith("=n")
            and line not in have]
    if lost:
        raise Missing(f"kernel {name}: not possible: " + ", ".join(lost))


def _make(tree, *targets):
    jobs = os.environ.get("JOBS_KERNEL", os.cpu_count())
    run(tree, ["nice", "-n", "19", "make", "-s", f"-j{jobs}", "ARCH=powerpc",
               f"CROSS_COMPILE={CROSS}", *targets])


def run(folder, command):
    """Run command in folder with the tools that kernels are built with."""
    binds = [("/dev", "/dev"), ("/proc", "/proc"), (CACHE, str(CACHE)),
             (folder, str(folder))]
    line = ["/usr/bin/env", "-i", "-C", str(folder), "PATH=/usr/bin:/usr/sbin",
            "LC_ALL=C", "KBUILD_BUILD_USER=nhv", "KBUILD_BUILD_HOST=rig",
            *command]
    subprocess.run(in_root(tools(), binds, line), check=True, text=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                   stderr=subprocess.STDOUT)


def _install(tree, folder, release):
    modules = folder / "usr/lib/modules"
    modules.parent.mkdir(parents=True)
    shutil.move(tree / "root/lib/modules", modules)
    (folder / "boot").mkdir()
    image = folder / "boot" / f"vmlinux-{release}"
    shutil.copy(tree / "vmlinux", image)
    headers = folder / "usr/src" / f"linux-headers-{release}"
    for part in KEEP:
        target = headers / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if (tree / part).is_dir():
            shutil.copytree(tree / part, target, symlinks=True,
                            ignore=_objects)
        elif (tree / part).exists():
            shutil.copy(tree / part, target)
    (folder / "usr/lib/linux-kbuild-none").mkdir()
    (folder / "release").write_text(release + "\n")


def _objects(where, names):
    """Compiled parts of the kernel itself; the build's own tools stay."""
    if "/scripts" in where:
        return []
    return [n for n in names if n.endswith((".o", ".a", ".cmd", ".ko"))
            and n != "crtsavres.o"]

# SPDX-License-Identifier: GPL-2.0-only
"""Build nhv.ko for a Debian kernel with the tools of that kernel's release.

The sources are copied to build/<release>/ first, so that one tree can be built
for several kernels.  make runs in a chroot of the release's own compiler, make
and pahole: in a user namespace, so it needs neither root nor anything
installed on the host.
"""
import hashlib
import os
import pathlib
import re
import shlex
import shutil
import subprocess

import stock
from debs import Missing, lock

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ("Kbuild", "include", "hcall", "src")
CROSS = "powerpc64le-linux-gnu-"
FAKE_L0 = {"hcall/call/v2.c": "selftests/l0/v2.c"}


def copy_sources(tree, out, instead):
    """Bring out up to date with tree; what did not change keeps its age.  Some
    files come from elsewhere: {path in the tree: path there to read}."""
    keep = set()
    for top in SOURCES:
        source = tree / top
        files = [source] if source.is_file() else sorted(source.rglob("*"))
        for path in (p for p in files if p.is_file()):
            copy = out / path.relative_to(tree)
            path = tree / instead.get(str(path.relative_to(tree)), path)
            keep.add(copy)
            if not copy.exists() or copy.read_bytes() != path.read_bytes():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, copy)
    for old in out.rglob("*.[chS]"):
        if old not in keep and not old.name.endswith(".mod.c"):
            old.unlink()


def in_root(root, binds, command):
    """The command line that runs command in a chroot of root."""
    script = ["set -e"]
    for outside, inside in binds:
        target = shlex.quote(f"{root}{inside}")
        script.append(f"mkdir -p {target}")
        script.append(f"mount --rbind {shlex.quote(str(outside))} {target}")
    script.append(f"exec /usr/sbin/chroot {shlex.quote(str(root))} "
                  + shlex.join(command))
    user = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", *user, "--mount", "sh", "-c", "\n".join(script)]


def build(flavour, tree=ROOT, flags=(), variant="", instead=None):
    """Build tree for the kernel; returns (module, output, status).  Other flags
    or sources need a variant, a folder of their own."""
    kernel = stock.Kernel(flavour)
    out = tree / "build" / variant / kernel.release
    with lock(f"build-{hashlib.sha1(bytes(out)).hexdigest()[:12]}"):
        return _make(kernel, tree, out, flags, instead or {})


def build_strictly(flavour, tree=ROOT):
    """The same from nothing, with W=1 and sparse: every warning shows."""
    return build_for(stock.Kernel(flavour), tree)


def build_for(kernel, tree=ROOT):
    """build_strictly() for any kernel whose headers are at hand."""
    out = tree / "build" / "strict" / kernel.release
    with lock(f"build-{hashlib.sha1(bytes(out)).hexdigest()[:12]}"):
        shutil.rmtree(out, ignore_errors=True)
        return _make(kernel, tree, out, ["W=1", "C=2"])


def _make(kernel, tree, out, flags, instead=()):
    copy_sources(tree, out, dict(instead))
    kbuild = next((kernel.dir / "usr/lib").glob("linux-kbuild-*"))
    binds = [("/dev", "/dev"),
             (kernel.dir / "usr/src", "/usr/src"),
             (kbuild, f"/usr/lib/{kbuild.name}"),
             (out, str(out))]
    make = ["/usr/bin/env", "-i", "PATH=/usr/bin:/usr/sbin", "LC_ALL=C",
            "make", f"-j{os.cpu_count()}", "-C", kernel.headers, f"M={out}",
            "ARCH=powerpc", f"CROSS_COMPILE={CROSS}", *flags, "modules"]
    run = subprocess.run(in_root(stock.tools(kernel.flavour.suite), binds,
                                 make), stdin=subprocess.DEVNULL, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if run.returncode and re.search("^unshare:", run.stdout, re.M):
        raise Missing("needs root or unprivileged user namespaces: "
                      + run.stdout.strip())
    return out / "nhv.ko", run.stdout, run.returncode


class BuildFailed(Exception):
    """The text is what make said."""


def module_for(flavour, fake_l0=False):
    """nhv.ko for a kernel, as it is or with a level below of its own."""
    module, output, status = build(
        flavour, variant="fake-l0", instead=FAKE_L0) if fake_l0 else build(flavour)
    if status:
        raise BuildFailed(output)
    return module


def warnings(output):
    """The lines of a build that must not be there."""
    return [line for line in output.splitlines()
            if re.search(r"\b(warning|error)\b", line, re.I)]

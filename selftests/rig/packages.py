# SPDX-License-Identifier: GPL-2.0-only
"""Build the packages, with the tools of a Debian release, and lint them."""
import re
import shutil
import subprocess

import debroot
import kmod
from debs import CACHE, lock

ROOT = kmod.ROOT
OUT = ROOT / "build/package"
# What a source package has: all but the tests.
SOURCES = ("Kbuild", "COPYING", "README.md", "dkms.conf", "include", "hcall",
           "src", "packaging", "docs")
# The oldest release: its packages install on the newer ones too.
SUITE = "bookworm"
NEEDS = ("build-essential debhelper dh-dkms lintian mandoc dh-python "
         "systemd").split()
RPM_NEEDS = "rpm rpmlint make gzip python3".split()


class Failed(Exception):
    """A tool's own words."""


def version():
    text = (ROOT / "include/nhv/version.h").read_text()
    return re.search(r'NHV_VERSION\s+"(.*)"', text)[1]


def tools():
    return debroot.root(f"packaging-{SUITE}", SUITE, "amd64", NEEDS)


def rpm_tools():
    return debroot.root("packaging-rpm", "trixie", "amd64", RPM_NEEDS)


def inside(root, where, *command):
    """Run command in the folder where, with the programs of root alone."""
    binds = [("/dev", "/dev"), ("/proc", "/proc"), (OUT, str(OUT))]
    line = ["/usr/bin/env", "-i", "-C", str(where), "LC_ALL=C.UTF-8",
            "PATH=/usr/bin:/usr/sbin", "HOME=/root", *command]
    run = subprocess.run(kmod.in_root(root, binds, line), text=True,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT)
    if run.returncode:
        raise Failed(f"{' '.join(command)}: status {run.returncode}\n"
                     + run.stdout)
    return run.stdout


def source_tree(kind):
    """A fresh copy of what is packaged, as build/package/KIND/nhv-VERSION."""
    shutil.rmtree(OUT / kind, ignore_errors=True)
    tree = OUT / kind / f"nhv-{version()}"
    for path in sources():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, tree / path)
    return tree


def sources():
    """The files of a source package, below ROOT."""
    for name in SOURCES:
        found = [ROOT / name] if (ROOT / name).is_file() else sorted(
            (ROOT / name).rglob("*"))
        for path in found:
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(ROOT)


def deb():
    """Build the Debian packages; returns (packages, what lintian said)."""
    with lock("package-deb"):
        return _deb()


def _deb():
    tree = source_tree("deb")
    shutil.move(tree / "packaging/debian", tree / "debian")
    inside(tools(), tree, "dpkg-buildpackage", "-us", "-uc")
    changes = next(tree.parent.glob("*.changes"))
    said = inside(tools(), tree.parent, "lintian", "--allow-root",
                  "--fail-on", "none", "--suppress-tags",
                  LINTIAN_IGNORE, changes.name)
    return sorted(tree.parent.glob("*.deb")), said


def pages():
    """What mandoc says about the man pages; after deb()."""
    where = OUT / "deb" / f"nhv-{version()}" / "packaging/man"
    try:
        return inside(tools(), where, "mandoc", "-T", "lint", "-W", "warning",
                      *sorted(path.name for path in where.iterdir()))
    except Failed as why:
        return str(why)


# Not an upload to Debian, so no bug of Debian's is closed by it.
LINTIAN_IGNORE = ("initial-upload-closes-no-bugs,"
                  "bogus-mail-host")


def rpm():
    """Build the RPM packages; returns (packages, what rpmlint said)."""
    tree = source_tree("rpm")
    top = tree.parent
    spec = top / "nhv.spec"
    spec.write_text((tree / "packaging/rpm/nhv.spec").read_text().replace(
        "@VERSION@", version()))
    inside(rpm_tools(), top, "tar", "-czf", f"{tree.name}.tar.gz", tree.name)
    # There is no RPM database here that would know what is installed.
    inside(rpm_tools(), top, "rpmbuild", "-ba", "--nodeps",
           "--define", f"_topdir {top}", "--define", f"_sourcedir {top}",
           spec.name)
    packages = sorted(top.glob("*RPMS/**/*.rpm"))
    said = inside(rpm_tools(), top, "rpmlint", "--config",
                  str(tree / "packaging/rpm/rpmlint.toml"),
                  str(spec), *map(str, packages))
    found = [line for line in said.splitlines()
             if re.search(r": [EW]: (?!unable)", line)]
    return packages, "".join(f"{line}\n" for line in found)

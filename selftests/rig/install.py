# SPDX-License-Identifier: GPL-2.0-only
"""The packages are without lint, and on a machine that is not for nhv nothing
happens, without an error."""
import pathlib
import re
import subprocess
import tempfile

import debroot
import kmod
import packages
from verdict import Result

SUITES = ("bookworm", "trixie")
NEEDS = "dkms linux-headers-amd64 systemd python3".split()
# What the package managers keep, what outlives a package (users, keys), and
# what other packages make when their triggers run for the first time.
KEPT = ("/var/log/", "/var/cache/", "/var/lib/dpkg/", "/var/lib/apt/",
        "/tmp/", "/etc/group", "/etc/gshadow", "/etc/passwd", "/etc/shadow",
        "/etc/.pwd.lock", "/var/lib/dkms/mok", "/etc/ld.so.cache",
        "/etc/shells", "/var/lib/shells.state", "/var/lib/systemd/catalog/",
        "/usr/lib/udev/hwdb.bin", "/usr/share/info/dir")

# Kernels that are not there: release, architecture, which of OPTIONS it has,
# whether DKMS is to skip it.
OPTIONS = ("CONFIG_PPC_PSERIES", "CONFIG_PPC_RADIX_MMU", "CONFIG_MMU_NOTIFIER")
KERNELS = [("5.13.0-1-powerpc64le", "ppc64le", OPTIONS, True),
           ("5.14.0-427.el9.ppc64le", "ppc64le", OPTIONS, False),
           ("6.12.107+deb13-powerpc64le-64k", "ppc64le", OPTIONS, False),
           ("7.2.13+deb14-powerpc64le", "ppc64le", OPTIONS, False),
           ("7.3.0-1-powerpc64le", "ppc64le", OPTIONS, True),
           ("6.12.107+deb13-amd64", "x86_64", OPTIONS, True),
           *(("6.12.107+deb13-powerpc64le", "ppc64le",
              [o for o in OPTIONS if o != lost], True) for lost in OPTIONS)]


def results():
    files, said = packages.deb()
    lint, rpmlint = packages.pages(), packages.rpm()[1]
    found = [_result("deb: lintian", not said, said),
             _result("rpm: rpmlint", not rpmlint, rpmlint),
             _result("man pages: mandoc", not lint, lint), _versions()]
    for suite in SUITES:
        found += _in_suite(suite, files)
    return found


def _versions():
    """Those who cannot read include/nhv/version.h agree with it."""
    ours = packages.version()
    dkms = re.search(r'^PACKAGE_VERSION="(.*)"',
                     (kmod.ROOT / "dkms.conf").read_text(), re.M)[1]
    deb = re.match(r"nhv \((.*)\)", (
        kmod.ROOT / "packaging/debian/changelog").read_text())[1]
    return _result("deb: one version", ours == dkms == deb,
                   f"{ours}, dkms.conf {dkms}, changelog {deb}")


def _in_suite(suite, files):
    base = debroot.root(f"install-{suite}", suite, "amd64", NEEDS)
    with tempfile.TemporaryDirectory(prefix="nhv-root-") as name:
        # A copy, as not every file system can be below or above an overlay.
        root = pathlib.Path(name) / "root"
        subprocess.run(["cp", "-a", "--reflink=auto", base, root], check=True)
        status, said = _apt(root, "install",
                            *(f"/packages/{path.name}" for path in files))
        skipped = re.search("Skipped|BUILD_EXCLUSIVE", said)
        built = [str(p) for p in root.rglob("nhv.ko*")]
        found = [_result(f"deb: apt installs on amd64 {suite}",
                         not status and skipped, said),
                 _result(f"deb: builds nothing on amd64 {suite}", not built,
                         "\n".join(built)), _skips(root, suite)]
        status, said = _apt(root, "purge", "nhv-dkms", "nhv-tools")
        left = "\n".join(_left(base, root))
        # Else a user who is not root cannot remove some of it.
        subprocess.run(["chmod", "-R", "u+rwx", root], check=True)
        found.append(_result(f"deb: purge leaves nothing on {suite}",
                             not status and not left, said + left))
        return found


def _skips(root, suite):
    """DKMS skips the kernels that it is to skip, and no others: 77 is what it
    says then.  For the others it asks for headers, which are not there.  And it
    has nothing against what dkms.conf says."""
    source, wrong = root / "tmp/kernel", []
    source.mkdir(parents=True)
    for release, arch, options, skipped in KERNELS:
        (source / ".config").write_text("".join(f"{o}=y\n" for o in options))
        status, said = _run(root, "dkms", "build", f"nhv/{packages.version()}",
                            "-k", release, "-a", arch,
                            "--kernelsourcedir", "/tmp/kernel")
        if ((status == 77) != skipped or "Deprecated" in said
                or not (skipped or "headers" in said)):
            wrong.append(f"{release} {arch} {' '.join(options)}: {status}\n"
                         f"{said}")
    return _result(f"deb: DKMS skips the kernels it should on {suite}",
                   not wrong, "\n".join(wrong))


def _apt(root, *words):
    return _run(root, "apt-get", "-y", "-o", "Dpkg::Use-Pty=0",
                "--no-install-recommends", *words)


def _run(root, *command):
    binds = [("/dev", "/dev"), ("/proc", "/proc"),
             (packages.OUT / "deb", "/packages")]
    run = subprocess.run(kmod.in_root(
        root, binds, [
            "/usr/bin/env", "-i", "PATH=/usr/bin:/usr/sbin", "LC_ALL=C.UTF-8",
            "DEBIAN_FRONTEND=noninteractive", "HOME=/root", *command]),
        text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    return run.returncode, run.stdout


def _left(base, root):
    """Files that are there and were not."""
    for path in sorted(root.rglob("*")):
        name = f"/{path.relative_to(root)}"
        if (path.is_file() and not (base / name[1:]).exists()
                and not name.startswith(KEPT)):
            yield name


def _result(name, good, output=""):
    tail = [] if good else output.strip().splitlines()[-40:]
    return Result(name, "pass" if good else "fail", "",
                  [f"# {line}" for line in tail])

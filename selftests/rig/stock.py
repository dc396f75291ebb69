# SPDX-License-Identifier: GPL-2.0-only
"""What the rig takes from Debian: one function an item, each cached."""
import dataclasses
import re
import subprocess

from debs import Apt, Missing, item, say, unpack


@dataclasses.dataclass(frozen=True)
class Flavour:
    name: str       # as given to --kernel
    suite: str      # where the kernel, and the tools it is built with, are
    series: str
    suffix: str     # of the package names

FLAVOURS = {f.name: f for f in (
    Flavour("6.12-4k", "trixie", r"6\.12\.\d+", "powerpc64le"),
    Flavour("6.12-64k", "trixie", r"6\.12\.\d+", "powerpc64le-64k"),
    Flavour("7.2-4k", "sid", r"7\.2\.\d+", "powerpc64le"),
    Flavour("6.1-64k", "bookworm", r"6\.1\.\d+-\d+", "powerpc64le"),
)}
# For `make matrix`.
MORE = {f.name: f for f in (
    Flavour("7.2-64k", "sid", r"7\.2\.\d+", "powerpc64le-64k"),
)}
# Built here from linux-source, by kernel/<suffix>.config.
OWN = {f.name: f for f in (
    Flavour("6.12-debug", "trixie", "", "debug"),
    Flavour("6.12-64k-nokvm", "trixie", "", "nokvm"),
)}

BASE = ("make dash bash coreutils sed mawk grep findutils diffutils libc-bin "
        "perl").split()
CROSS = ("gcc-powerpc64le-linux-gnu libc6-dev-ppc64el-cross pahole sparse "
         "python3-minimal").split()
NATIVE = "gcc libc6-dev".split()


class Kernel:
    """A kernel for ppc64el: image, modules and headers."""

    def __init__(self, flavour):
        known = FLAVOURS | MORE | OWN
        if flavour not in known:
            raise Missing(f"no kernel {flavour}; there are "
                          + ", ".join(known))
        self.flavour = known[flavour]
        self.dir = item(f"kernel/{flavour}", self._fill)
        self.release = (self.dir / "release").read_text().strip()

    def _fill(self, folder):
        f = self.flavour
        if f.name in OWN:
            # It stands on what is defined here.
            import ownkernel
            ownkernel.fill(folder, f.suffix)
            return
        apt = Apt(f.suite, "ppc64el")
        image = apt.newest(rf"linux-image-{f.series}[^-]*-{f.suffix}")
        release = image.removeprefix("linux-image-")
        say(f"kernel {f.name}: {release}")
        # From 7.2 on the image package is only a list of its parts.
        parts = apt.present(f"linux-binary-{release}",
                            f"linux-modules-{release}",
                            f"linux-base-{release}")
        unpack(apt.alone(parts or [image]), folder)
        fill_headers(folder, f.suite, release)

    @property
    def image(self):
        old = self.dir / "boot" / f"vmlinux-{self.release}"
        return old if old.exists() else self.modules / "vmlinuz"

    @property
    def modules(self):
        return self.dir / "usr/lib/modules" / self.release

    @property
    def headers(self):
        return headers(self.release)


def headers(release):
    """Where a kernel's headers package has them."""
    return f"/usr/src/linux-headers-{release}"


def fill_headers(folder, suite, release):
    """A kernel's headers, with the tools that run on the build machine."""
    apt, host = Apt(suite, "ppc64el"), Apt(suite, "amd64")
    version = re.sub(r"-powerpc64le(-64k)?$", "", release)
    debs = apt.alone([f"linux-headers-{release}",
                      f"linux-headers-{version}-common"])
    # 6.1 has one kbuild for the series, later ones have one a version.
    series = ".".join(version.split(".")[:2])
    kbuild = host.newest(f"linux-kbuild-({version}|{series})".replace(
        "+", r"\+").replace(".", r"\."))
    unpack(debs + host.alone([kbuild]), folder)
    _mend_sparse(folder / "usr/lib" / kbuild / "scripts")
    (folder / "release").write_text(release + "\n")


def _mend_sparse(scripts):
    """Debian's 7.2 headers lack the script that says sparse is good enough,
    and C=1 does nothing then.  Ours says so when sparse knows the construct
    that the kernel's asks for."""
    script = scripts / "checker-valid.sh"
    if not script.exists():
        script.write_text(
            "#!/bin/sh\n"
            "echo 'int f(const int *q) { __typeof_unqual__(*q) v = *q; "
            "v = 1; return v; }' |\n"
            "\"$@\" -Wno-decl -Wsparse-error - >/dev/null 2>&1 && echo 1\n")
        script.chmod(0o755)


def tools(suite):
    """A folder to chroot into, with the suite's cross compiler and make."""
    return item(f"tools/{suite}", lambda folder: root(
        folder, suite, BASE + CROSS))


def binutil(name, *args):
    """What a binutils program for the target prints."""
    folder = tools("trixie")
    return subprocess.run(
        [folder / "usr/lib64/ld-linux-x86-64.so.2", "--library-path",
         folder / "usr/lib/x86_64-linux-gnu",
         folder / f"usr/bin/powerpc64le-linux-gnu-{name}", *args],
        capture_output=True, text=True, check=True).stdout


def native_tools():
    """The same with a compiler for the build machine."""
    return item("tools/native", lambda folder: root(
        folder, "trixie", BASE + NATIVE))


def measuring_tools():
    """These, and what the scripts of selftests/host need."""
    return item("tools/measure", lambda folder: root(
        folder, "trixie", BASE + NATIVE + ["python3"]))


def root(folder, suite, packages):
    unpack(Apt(suite, "amd64").closure(packages), folder)
    awk = folder / "usr/bin/awk"
    if not awk.exists():
        awk.symlink_to("mawk")
    for part in ("dev", "proc", "tmp"):
        (folder / part).mkdir(exist_ok=True)


class Qemu:
    """QEMU for the build machine, run by its own loader and libraries."""

    def __init__(self, suite="trixie"):
        self.dir = item(f"qemu/{suite}", lambda folder: unpack(
            Apt(suite, "amd64").closure(["qemu-system-ppc"]), folder))

    def command(self, tool="qemu-system-ppc64"):
        line = _by_its_own_loader(self.dir, f"usr/bin/{tool}")
        if tool.startswith("qemu-system"):
            line += ["-L", str(self.dir / "usr/share/qemu"),
                     "-L", str(self.dir / "usr/share/slof")]
        return line


def program(package, path):
    """The command that runs a program of a package on the build machine."""
    root = item(f"tools/{package}", lambda folder: unpack(
        Apt("trixie", "amd64").closure([package]), folder))
    return _by_its_own_loader(root, path)


def _by_its_own_loader(root, path):
    return [f"{root}/usr/lib64/ld-linux-x86-64.so.2", "--library-path",
            f"{root}/usr/lib/x86_64-linux-gnu", f"{root}/{path}"]


def mke2fs():
    """Makes a file system of a folder."""
    return program("e2fsprogs", "usr/sbin/mke2fs") + [
        "-q", "-t", "ext4", "-O", "^metadata_csum", "-d"]


def jq():
    """A script that runs Debian's jq on the build machine."""
    command = " ".join(program("jq", "usr/bin/jq"))
    return f"#!/bin/sh\nexec {command} \"$@\"\n"


def userland(name, suite, packages):
    """ppc64el programs with all their libraries, to be put into L1."""
    return item(f"user/{name}", lambda folder: unpack(
        Apt(suite, "ppc64el").closure(packages), folder))


def busybox():
    return userland("busybox", "trixie", ["busybox-static"])


def l1_qemu(which="10"):
    suite = {"10": "trixie", "7.2": "bookworm"}[which]
    return userland(f"qemu-{which}", suite, ["qemu-system-ppc"])


def libvirt():
    """libvirtd, virsh and the QEMU that they depend on."""
    return userland("libvirt", "trixie", [
        "libvirt-daemon", "libvirt-daemon-driver-qemu", "libvirt-clients",
        "qemu-system-ppc"])


def perf():
    return userland("perf", "trixie", ["linux-perf"])


def kexec():
    return userland("kexec", "trixie", ["kexec-tools"])


def libfdt():
    return item("user/libfdt", lambda folder: unpack(
        Apt("trixie", "ppc64el").alone(["libfdt-dev"]), folder))

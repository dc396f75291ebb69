# SPDX-License-Identifier: GPL-2.0-only
"""Debian packages of any suite and architecture, without touching the host.

Each (suite, architecture) has an apt of its own: its own sources, lists and
empty dpkg status, so that a package and all it depends on can be resolved and
downloaded by any user, whatever the host itself has installed.  The mirror is
the one the host uses.
"""
import fcntl
import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys

CACHE = pathlib.Path(os.environ.get("NHV_CACHE") or
                     pathlib.Path.home() / ".cache/nhv")
KEYRINGS = ("/usr/share/keyrings/debian-archive-keyring.gpg",
            "/usr/share/keyrings/debian-archive-keyring.pgp")


class Missing(Exception):
    """Something the mirror or the host does not have; the text says what."""


def say(text):
    print(f"rig: {text}", file=sys.stderr, flush=True)


@functools.cache
def mirror():
    """The host's own mirror of the Debian archive."""
    fmt = "$(ORIGIN)|$(LABEL)|$(REPO_URI)"
    out = subprocess.run(["apt-get", "indextargets", "--format", fmt],
                         capture_output=True, text=True).stdout
    for line in out.splitlines():
        origin, label, uri = line.split("|")
        if (origin, label) == ("Debian", "Debian"):
            return uri
    raise Missing("no mirror of the Debian archive in the host's apt "
                  "configuration (is this Debian, has apt-get update run?)")


class lock:
    """One process at a time fills one part of the cache."""

    def __init__(self, name):
        self.path = CACHE / "lock" / name

    def __enter__(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.file = open(self.path, "w")
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        self.file.close()


class Apt:
    """apt for one suite and architecture, with no state but its own."""

    def __init__(self, suite, arch):
        self.suite, self.arch = suite, arch
        self.dir = CACHE / "apt" / f"{suite}-{arch}"
        self.debs = CACHE / "debs"

    def command(self, tool, *args):
        options = {
            "APT::Architecture": self.arch,
            "APT::Architectures": self.arch,
            "APT::Install-Recommends": "0",
            "APT::Sandbox::User": "",
            "APT::Get::Assume-Yes": "1",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            "Dir::State": self.dir,
            "Dir::State::status": self.dir / "status",
            "Dir::Cache": self.dir,
            "Dir::Cache::archives": self.debs,
            "Dir::Etc::SourceList": self.dir / "sources.list",
            "Dir::Etc::SourceParts": self.dir / "none",
            "Dir::Etc::PreferencesParts": self.dir / "none",
        }
        # Backports are pinned below their base suite, unless asked for.
        if self.suite.endswith("-backports"):
            options["APT::Default-Release"] = self.suite
        line = [tool]
        for key, value in options.items():
            line += ["-o", f"{key}={value}"]
        return line + list(args)

    def ask(self, tool, *args):
        run = subprocess.run(self.command(tool, *args), capture_output=True,
                             text=True, env={**os.environ, "LC_ALL": "C"})
        if run.returncode:
            error = run.stderr.strip().splitlines()
            raise Missing(f"{self.suite}/{self.arch}: {tool} {args[0]}: "
                          + (error[-1] if error else "failed"))
        return run.stdout

    def update(self):
        for part in ("none", "lists/partial"):
            (self.dir / part).mkdir(parents=True, exist_ok=True)
        (self.debs / "partial").mkdir(parents=True, exist_ok=True)
        (self.dir / "status").touch()
        signed = next((f"[signed-by={k}] " for k in KEYRINGS
                       if os.path.exists(k)), "")
        suites = [self.suite]
        if self.suite.endswith("-backports"):
            suites.insert(0, self.suite.removesuffix("-backports"))
        (self.dir / "sources.list").write_text("".join(
            f"deb {signed}{mirror()} {s} main\n" for s in suites))
        say(f"package lists of {self.suite}/{self.arch}")
        self.ask("apt-get", "update", "--error-on=any")
        (self.dir / "fresh").touch()

    def ready(self):
        with lock(f"apt-{self.suite}-{self.arch}"):
            if not (self.dir / "fresh").exists():
                self.update()

    def matching(self, pattern):
        """The packages whose whole name matches pattern."""
        self.ready()
        return [n for n in self.ask("apt-cache", "pkgnames").split()
                if re.fullmatch(pattern, n)]

    def newest(self, pattern):
        """The newest of them."""
        names = self.matching(pattern)
        if not names:
            raise Missing(f"{self.suite}/{self.arch} has no {pattern}")
        return max(names, key=_version_key)

    def present(self, *names):
        """Those of the packages that the suite has."""
        self.ready()
        known = set(self.ask("apt-cache", "pkgnames").split())
        return [name for name in names if name in known]

    def _uris(self, packages):
        out = self.ask("apt-get", "install", "--print-uris", "-qq",
                       "--reinstall", *packages)
        return re.findall(r"^'([^']*)' (\S+) (\d+) ", out, re.M)

    def closure(self, packages):
        """Files of the packages and all they depend on, downloaded."""
        self.ready()
        with lock("debs"):
            # A list that has grown old names files that are gone.
            try:
                return self._fetch(packages)
            except Missing:
                self.update()
                return self._fetch(packages)

    def _fetch(self, packages):
        # apt keeps what it has already got and checks the hashes.
        wanted = self._uris(packages)
        if wanted:
            size = sum(int(s) for _, _, s in wanted)
            say(f"downloading {len(wanted)} packages, {size >> 20} MB "
                f"({self.suite}/{self.arch})")
            self.ask("apt-get", "install", "-qq", "--download-only", *packages)
        names = self._plan(packages)
        return [self.debs / n for n in names]

    def _plan(self, packages):
        """File names of the closure, whether downloaded yet or not."""
        empty = self.dir / "none"
        out = self.ask("apt-get", "install", "--print-uris", "-qq",
                       "-o", f"Dir::Cache::archives={empty}", *packages)
        return re.findall(r"^'[^']*' (\S+) \d+ ", out, re.M)

    def alone(self, packages):
        """Files of just these packages, downloaded."""
        files = []
        self.ready()
        with lock("debs"):
            for package in packages:
                say(f"downloading {package} ({self.suite}/{self.arch})")
                files.append(self._one(package))
        return files

    def _one(self, package):
        out = self.ask("apt-get", "download", "--print-uris", package)
        name = re.search(r"^'[^']*' (\S+) ", out, re.M).group(1)
        if not (self.debs / name).exists():
            subprocess.run(self.command("apt-get", "download", "-qq", package),
                           cwd=self.debs, check=True,
                           stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        return self.debs / name


def _version_key(name):
    return [int(p) if p.isdigit() else -1
            for p in re.split(r"(\d+)", name) if p]


def unpack(debs, folder):
    """Unpack into folder as a merged-/usr tree."""
    for part in ("bin", "sbin", "lib", "lib64"):
        (folder / "usr" / part).mkdir(parents=True, exist_ok=True)
        if not (folder / part).is_symlink():
            (folder / part).symlink_to(f"usr/{part}")
    for deb in debs:
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb],
                              stdout=subprocess.PIPE) as tarball:
            subprocess.run(["tar", "-x", "-C", folder, "--no-same-owner",
                            "--keep-directory-symlink", "--exclude=./usr/share"
                            "/doc", "--exclude=./usr/share/locale"],
                           stdin=tarball.stdout, check=True)
    subprocess.run(["chmod", "-R", "u+w,a-s", folder], check=True)


def item(name, fill):
    """The cached folder `name`; fill(folder) makes it when it is absent."""
    folder = CACHE / name
    if folder.exists():
        return folder
    with lock(name.replace("/", "-")):
        if folder.exists():
            return folder
        part = folder.with_name(folder.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        fill(part)
        part.rename(folder)
    return folder

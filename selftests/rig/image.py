# SPDX-License-Identifier: GPL-2.0-only
"""An initramfs: a cpio archive (newc) put together from files and texts."""
import lzma
import os
import pathlib
import re
import stat
import struct


class Image:
    """Members by path; writing them is the last thing."""

    def __init__(self):
        self.members = {}

    def folder(self, path):
        path = path.strip("/")
        if path and path not in self.members:
            self.folder(os.path.dirname(path))
            self.members[path] = (stat.S_IFDIR | 0o755, None)

    def _add(self, path, mode, content):
        path = path.strip("/")
        self.folder(os.path.dirname(path))
        self.members[path] = (mode, content)

    def file(self, path, content, mode=0o755):
        """content: a path to read when the image is written, or bytes."""
        self._add(path, stat.S_IFREG | mode, content)

    def text(self, path, text, mode=0o755):
        self.file(path, text.encode(), mode)

    def link(self, path, target):
        self._add(path, stat.S_IFLNK | 0o777, target.encode())

    def console(self):
        self._add("dev/console", stat.S_IFCHR | 0o600, (5, 1))

    def write(self, path):
        with open(path, "wb") as out:
            for number, (name, (mode, content)) in enumerate(
                    self.members.items(), 1):
                _member(out, number, name, mode, content)
            _member(out, 0, "TRAILER!!!", 0, None)


def _member(out, inode, name, mode, content):
    device, data = (0, 0), b""
    if isinstance(content, tuple):
        device = content
    elif isinstance(content, pathlib.Path):
        data = content.read_bytes()
    elif content is not None:
        data = content
    name = name.encode() + b"\0"
    fields = (inode, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name), 0)
    out.write(b"070701" + b"".join(b"%08x" % f for f in fields) + name)
    out.write(b"\0" * (-(110 + len(name)) % 4))
    out.write(data + b"\0" * (-len(data) % 4))


class Modules:
    """Kernel modules by name, and what each needs, read from .modinfo."""

    def __init__(self, folder):
        self.files = {_plain(p.name): p for p in folder.rglob("*.ko*")}
        self.builtin = {_plain(os.path.basename(line)) for line in
                        (folder / "modules.builtin").read_text().split()}
        self.data = {}

    def read(self, name):
        if name not in self.data:
            data = self.files[name].read_bytes()
            if self.files[name].suffix == ".xz":
                data = lzma.decompress(data)
            self.data[name] = data
        return self.data[name]

    def order(self, name):
        """name and all it needs, in the order of loading."""
        name = _plain(name)
        if name in self.builtin:
            return []
        found = re.search(rb"\0depends=([^\0]*)\0", self.read(name))
        needs = found.group(1).decode() if found else ""
        result = []
        for need in filter(None, needs.split(",")):
            result += [m for m in self.order(need) if m not in result]
        return result + [name]

    def add(self, image, names):
        """Put the modules into the image, with one list of files for each."""
        for name in names:
            if _plain(name) not in self.files | dict.fromkeys(self.builtin):
                continue
            order = self.order(name)
            for module in order:
                image.file(f"mod/{module}.ko", self.read(module), 0o644)
            image.text(f"mod/{_plain(name)}.order",
                       "".join(f"{m}\n" for m in order), 0o644)


def _plain(name):
    return name.split(".ko")[0].replace("-", "_")


def needed(program, folders):
    """The shared libraries that an ELF program needs, found in folders."""
    todo, found = [program], {}
    while todo:
        for name in _dynamic_needs(todo.pop()):
            if name not in found:
                path = next((f / name for f in folders
                             if (f / name).exists()), None)
                if path:
                    found[name] = path
                    todo.append(path)
    return found


def _dynamic_needs(path):
    data = path.read_bytes()
    phoff, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    loads, dynamic = [], None
    for i in range(count):
        kind, _, off, addr, _, filesz = struct.unpack_from(
            "<IIQQQQ", data, phoff + i * size)
        if kind == 1:
            loads.append((addr, off, filesz))
        elif kind == 2:
            dynamic = (off, filesz)
    if dynamic is None:
        return []
    tags = list(struct.iter_unpack("<qQ", data[dynamic[0]:sum(dynamic)]))
    strtab = next(v for t, v in tags if t == 5)
    base = next(strtab - a + o for a, o, s in loads if a <= strtab < a + s)
    names = (base + v for t, v in tags if t == 1)
    return [data[n:data.index(b"\0", n)].decode() for n in names]

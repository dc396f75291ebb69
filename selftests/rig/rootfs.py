# SPDX-License-Identifier: GPL-2.0-only
"""What is in the initramfs of L1 and of its L2s."""
import dataclasses
import pathlib
import shlex

import commands
import kmod
import packages
import sign
import stock
from image import Image, Modules, needed

HERE = pathlib.Path(__file__).resolve().parent
BUILD = kmod.ROOT / "build"
CHECK = HERE.parent / "check"
MODULES = ("kvm-hv virtio_pci virtio_blk virtio_net virtio_balloon tun zram "
           "loop ext4 brd crc32c_generic").split()
L2_MODULES = "virtio_blk virtio_net virtio_balloon".split()


def l2_image(flavour, folder):
    """The initramfs of an L2: busybox, virtio modules, an init with roles."""
    image, kernel = Image(), stock.Kernel(flavour)
    image.console()
    image.file("bin/busybox", stock.busybox() / "usr/bin/busybox")
    image.file("init", HERE / "l2.init")
    image.file("bin/load", HERE / "l1.load")
    for part in ("proc", "sys", "dev", "tmp"):
        image.folder(part)
    Modules(kernel.modules).add(image, L2_MODULES)
    path = folder / f"l2-{flavour}.cpio"
    image.write(path)
    return path


def add_qemu(image, which):
    """QEMU for L2 with its libraries and firmware, as /qemu-<which>."""
    root, top = stock.l1_qemu(which), f"qemu-{which}"
    lib = root / "usr/lib/powerpc64le-linux-gnu"
    program = root / "usr/bin/qemu-system-ppc64"
    image.file(f"{top}/qemu", program)
    for name, path in needed(program, [lib, lib / "pulseaudio"]).items():
        image.file(f"{top}/lib/{name}", path)
    for name in ("slof.bin", "vof.bin", "efi-virtio.rom"):
        for path in sorted(root.glob(f"usr/**/{name}"))[:1]:
            image.file(f"{top}/share/{name}", path.resolve())
    image.text(f"bin/qemu-{which}",
               f"#!/bin/sh\nexec /{top}/lib/ld64.so.2 --library-path "
               f"/{top}/lib /{top}/qemu -L /{top}/share \"$@\"\n")
    image.file(f"{top}/lib/ld64.so.2", (lib / "ld64.so.2").resolve())


def add_libvirt(image):
    """libvirtd, virsh and a QEMU of the same release in their own paths."""
    root = stock.libvirt()
    lib = pathlib.Path("usr/lib/powerpc64le-linux-gnu")
    driver = lib / "libvirt/connection-driver/libvirt_driver_qemu.so"
    for name in ("usr/sbin/libvirtd", "usr/bin/virsh", driver,
                 "usr/bin/qemu-system-ppc64"):
        image.file(str(name), (root / name).resolve())
        for library, path in needed(root / name, [
                root / lib, root / lib / "pulseaudio"]).items():
            image.file(str(lib / library), path)
    image.file("lib64/ld64.so.2", (root / lib / "ld64.so.2").resolve())
    for path in sorted(root.glob("usr/share/libvirt/cpu_map/*.xml")):
        image.file(str(path.relative_to(root)), path)
    for path in sorted(root.glob("usr/**/slof.bin"))[:1]:
        image.file("usr/share/qemu/slof.bin", path.resolve())


def add_program(image, root, name):
    """A program as /bin/NAME, the libraries that it is linked to in their own
    paths."""
    lib = pathlib.Path("usr/lib/powerpc64le-linux-gnu")
    program = next(p for p in root.glob(f"usr/*bin/{name}")).resolve()
    image.file(f"bin/{name}", program)
    for library, path in needed(program, [root / lib]).items():
        image.file(str(lib / library), path)
    image.file("lib64/ld64.so.2", (root / lib / "ld64.so.2").resolve())


def l1_image(config, tests, folder):
    path = hypervisor_image("l1", config, MODULES, tests, folder)
    for part in folder.glob("nest-*.cpio"):
        part.unlink()
    return path


def nest_image(config, folder):
    """The initramfs of a guest that is a hypervisor too: what L1 has to run
    guests with nhv-vmm, and if asked for the same again one level down."""
    flavour = config.l2_kernels[0]
    inner = dataclasses.replace(
        config, kernel=flavour, hv="none", l1_qemu=(), load=(), module=(
            config.module if flavour == config.kernel else None),
        libvirt=False, perf=False, kexec=False, fake_l0=False,
        l2_kernels=(flavour,), files=(), env=(), nest=config.nest - 1)
    return hypervisor_image(f"nest-{config.nest}", inner, ["kvm-hv"], [],
                            folder)


def hypervisor_image(which, config, modules, tests, folder):
    kernel, image = stock.Kernel(config.kernel), Image()
    image.console()
    for part in ("proc", "sys", "dev", "tmp", "run"):
        image.folder(part)
    image.file("bin/busybox", stock.busybox() / "usr/bin/busybox")
    image.link("bin/sh", "busybox")
    image.file("init", HERE / f"{which.partition('-')[0]}.init")
    image.file("bin/load", HERE / "l1.load")
    Modules(kernel.modules).add(image, [*modules, *config.load])
    if config.hv != "kvm-hv" or config.module:
        module = config.module or kmod.module_for(config.kernel,
                                                  config.fake_l0)
        image.file("nhv.ko", module)
        if config.signed:
            image.file("nhv-signed.ko", sign.signed(config.kernel, module))
    add_tests(image, tests)
    add_guests(image, config, folder)
    for inside, path in config.files:
        image.file(inside, pathlib.Path(path))
    image.text("rig/env", environment(config, tests))
    path = folder / f"{which}.cpio"
    image.write(path)
    return path


def add_tests(image, tests):
    """The scripts, nhv-check, and what exists of the small VMM and its
    payloads."""
    image.file("bin/nhv-check", kmod.ROOT / "packaging/bin/nhv-check")
    for built in sorted(BUILD.glob("vmm/nhv-vmm")) + sorted(
            BUILD.glob("guest/*.elf")):
        image.file(str(built.relative_to(BUILD)), built)
    if CHECK.exists():
        for path in sorted(p for p in CHECK.rglob("*") if p.is_file()):
            image.file(f"check/{path.relative_to(CHECK)}", path)
    for test in tests:
        image.file(f"check/{test.name}", test)
    for name, command in commands.for_l1().items():
        image.text(f"docs/{name}", command + "\n")


def add_guests(image, config, folder):
    """QEMU for guests, and their kernels with an initramfs for each."""
    for which in config.l1_qemu:
        add_qemu(image, which)
    if config.libvirt:
        add_libvirt(image)
    if config.disk:
        for path in packages.deb()[0]:
            image.file(f"packages/{path.name}", path)
        for path in packages.sources():
            image.file(f"source/{path}", kmod.ROOT / path)
    if config.perf:
        add_program(image, stock.perf(), "perf")
    if config.kexec:
        add_program(image, stock.kexec(), "kexec")
    for flavour in config.l2_kernels:
        l2 = stock.Kernel(flavour)
        image.file(f"l2/{flavour}/vmlinux", l2.image)
        image.text(f"l2/{flavour}/release", l2.release)
        image.file(f"l2/{flavour}/initramfs", l2_image(flavour, folder))
    if config.nest:
        image.link("nest/vmlinux", f"/l2/{config.l2_kernels[0]}/vmlinux")
        image.file("nest/initramfs", nest_image(config, folder))


def environment(config, tests):
    words = {
        "HV": config.hv, "L0": config.l0, "KERNEL": config.kernel,
        "CPUS": config.cpus, "API": config.api, "ICOUNT": int(config.icount),
        "PAGE_SIZE": 65536 if "64k" in config.kernel else 4096,
        "NHV_ARGS": config.module_args, "QEMU": " ".join(config.l1_qemu),
        "L2_KERNELS": " ".join(config.l2_kernels),
        "RIG_MODULES": " ".join(config.load),
        "RIG_TESTS": " ".join(t.name for t in tests),
    }
    words.update(pair.split("=", 1) for pair in config.env)
    return "".join(f"export {k}={shlex.quote(str(v))}\n"
                   for k, v in words.items())

# SPDX-License-Identifier: GPL-2.0-only
"""Machines for nhv-check, as the files it reads, and what it must say of each.

A machine is the one on which all is well, with files changed, added, or (None)
taken away.  Expected is a state for each condition that is not ok.
"""
import dataclasses

KERNEL = "6.12.0-powerpc64le"
LIB = f"lib/modules/{KERNEL}/updates/dkms/nhv.ko.xz"
NHV = "sys/module/nhv/parameters/"
TREE = "proc/device-tree/"

# As Debian in a guest of QEMU (TCG) has them.
WELL = {
    "proc/cpuinfo": "processor\t: 0\n"
                    "cpu\t\t: POWER9 (architected), altivec supported\n\n"
                    "timebase\t: 512000000\nplatform\t: pSeries\n"
                    "model\t\t: IBM pSeries (emulated by qemu)\n"
                    "MMU\t\t: Radix\n",
    "proc/self/smaps": "KernelPageSize:       64 kB\n",
    "proc/sys/kernel/osrelease": f"{KERNEL}\n",
    TREE + "rtas/ibm,hypertas-functions": "hcall-pft\0hcall-copy\0",
    "sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
    "sys/class/misc/kvm/dev": "10:232\n",
    NHV + "api": "v1\n",
    NHV + "device": "(null)\n",
    NHV + "min_leaf": "0\n",
    "dev/kvm": "",
    "etc/group": "root:x:0:\nkvm:x:104:somebody\n",
    "usr/bin/qemu-system-ppc64":
        "#!/bin/sh\necho QEMU emulator version 10.0.2 'Debian 1:10.0.2'\n",
    LIB: "",
}
# Before it is loaded.
UNLOADED = {NHV + "api": None, NHV + "device": None, NHV + "min_leaf": None,
            "sys/module/nhv": None, "sys/class/misc/kvm/dev": None,
            "dev/kvm": None}
ON_KVM = {TREE + "hypervisor/compatible": "linux,kvm\0"}
PAGES_4K = {"proc/self/smaps": "KernelPageSize:        4 kB\n"}
# Nothing can be said of what depends on a condition that is not met.
NEEDS_RADIX = ("api rpt-invalidate kvm-hv module loaded device permission "
               "huge-pages page-size qemu options").split()
NEEDS_LOADED = ("device", "permission")


def cpuinfo(old, new):
    return {"proc/cpuinfo": WELL["proc/cpuinfo"].replace(old, new)}


def states(problems="", unknown=()):
    return {**dict.fromkeys(unknown, "unknown"),
            **dict.fromkeys(problems.split(), "problem")}


@dataclasses.dataclass
class Machine:
    name: str
    files: dict
    expected: dict
    can_run: bool = False
    said: str = ""              # somewhere in the text
    nobody: bool = False        # run as a user without any permission


MACHINES = [
    Machine("all is well", {}, {}, True),
    Machine("API v2", {NHV + "api": "v2\n"}, {}, True, said="API v2"),
    Machine("4K pages", PAGES_4K, {}, True,
            said="cap-hpt-max-page-size=4096"),
    Machine("above KVM, 4K pages", {**ON_KVM, **PAGES_4K},
            states("rpt-invalidate", ("page-size", "options")), True,
            said="min_leaf=65536"),
    Machine("above KVM, all given", {
        **ON_KVM, **PAGES_4K, NHV + "min_leaf": "65536\n",
        TREE + "rtas/ibm,hypertas-functions":
            "hcall-pft\0hcall-rpt-invalidate\0"},
            states(unknown=("options",)), True),
    Machine("no cap-nested-hv", {
        **UNLOADED, "dmesg": "[    9.1] nhv: the level below offers no nested "
                             "API (auto: -2): start this guest with ...\n"},
            states("api", ("loaded", *NEEDS_LOADED)), said="cap-nested-hv=on"),
    Machine("hash MMU", cpuinfo("Radix", "Hash"),
            states("radix", NEEDS_RADIX), said="disable_radix"),
    Machine("POWER8", cpuinfo("POWER9", "POWER8"),
            states("processor", ("mode", "radix", *NEEDS_RADIX))),
    Machine("POWER11", cpuinfo("POWER9", "Power11"), {}, True),
    Machine("an x86 machine", {
        "proc/cpuinfo": "vendor_id\t: GenuineIntel\nmodel name\t: Xeon\n"},
            states("processor", ("mode", "radix", *NEEDS_RADIX)),
            said="not POWER: Xeon"),
    Machine("bare metal", cpuinfo("pSeries\nmodel", "PowerNV\nmodel"),
            states("mode", ("radix", *NEEDS_RADIX)), said="modprobe kvm_hv"),
    Machine("kvm_hv is loaded", {**UNLOADED, "sys/module/kvm_hv/refcnt": "0\n"},
            states("kvm-hv", ("loaded", *NEEDS_LOADED)),
            said="modprobe -r kvm_hv"),
    Machine("no module", {**UNLOADED, LIB: None},
            states("module", ("api", "loaded", *NEEDS_LOADED)),
            said="install nhv-dkms"),
    Machine("a module for another kernel", {
        **UNLOADED, LIB: None, "lib/modules/6.1.0-x/extra/nhv.ko": "",
        "usr/src/nhv-0.1.0/dkms.conf": ""},
            states("module", ("api", "loaded", *NEEDS_LOADED)),
            said=f"but for 6.1.0-x\n{'':24} -> install this kernel's headers, "
                 f"then: dkms install nhv/0.1.0 -k {KERNEL}"),
    Machine("not loaded", UNLOADED,
            states("loaded", ("api", *NEEDS_LOADED)), said="modprobe nhv"),
    Machine("refused", {**UNLOADED, "dmesg":
                        "[ 1.0] nhv: the device kvm is taken; unload kvm\n"},
            states("loaded", ("api", *NEEDS_LOADED)),
            said="last it said: the device kvm is taken"),
    Machine("no device node", {"dev/kvm": None},
            states("device", ("permission",)), said="c 10 232"),
    Machine("a device of another name", {
        "dev/kvm": None, NHV + "device": "guests\n", "dev/guests": ""}, {},
            True, said="/dev/guests"),
    Machine("no permission", {}, states("permission"), nobody=True,
            said="usermod -aG kvm"),
    Machine("no huge pages", {
        "sys/kernel/mm/transparent_hugepage/enabled": "always madvise [never]"},
            states("huge-pages"), True),
    Machine("reserved huge pages", {
        "sys/kernel/mm/transparent_hugepage/enabled": None,
        "sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages": "7\n"}, {},
            True, said="7 reserved"),
    Machine("an old QEMU", {"usr/bin/qemu-system-ppc64":
                            "#!/bin/sh\necho QEMU emulator version 6.2.0\n"},
            states("qemu"), said="QEMU 6.2"),
    Machine("no QEMU", {"usr/bin/qemu-system-ppc64": None}, states("qemu")),
    Machine("two things at once", {
        **UNLOADED, LIB: None, "usr/bin/qemu-system-ppc64": None},
            states("module qemu", ("api", "loaded", *NEEDS_LOADED))),
]

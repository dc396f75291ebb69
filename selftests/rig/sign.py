# SPDX-License-Identifier: GPL-2.0-only
"""nhv.ko signed with the key that a kernel built here was built with."""
import kmod
import ownkernel
import stock
from debs import Missing


def signed(flavour, module):
    """Sign a copy of module, the file nhv.ko, and return where it is."""
    kernel = stock.Kernel(flavour)
    tree = kernel.dir / "usr/src" / f"linux-headers-{kernel.release}"
    key = tree / "certs/signing_key.pem"
    if not key.exists():
        raise Missing(f"the key of kernel {flavour} is Debian's secret")
    target = module.with_name("nhv-signed.ko")
    # Written in the place that build() writes to, under its name there.
    ownkernel.run(target.parent, [
        str(tree / "scripts/sign-file"), "sha256", str(key),
        str(tree / "certs/signing_key.x509"), str(module), str(target)])
    return target

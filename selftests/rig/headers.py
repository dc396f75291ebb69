# SPDX-License-Identifier: GPL-2.0-only
"""nhv.ko for every kernel headers package for ppc64el that Debian 12, 13 and
unstable offer now."""
import re

import kmod
import stock
from debs import Apt, item
from verdict import Result

SUITES = ("bookworm", "bookworm-backports", "trixie", "trixie-backports",
          "sid")
NAME = r"linux-headers-([\d.]+.*-powerpc64le(-64k)?)"


class Headers:
    """What stock.Kernel is to kmod, without an image."""

    def __init__(self, suite, release):
        self.release = release
        # Backports are built with the release they are for.
        self.flavour = stock.Flavour(release, suite.removesuffix("-backports"),
                                     "", "")
        self.dir = item(f"headers/{release}", lambda folder:
                        stock.fill_headers(folder, suite, release))
        self.headers = stock.headers(release)


def releases():
    """(suite, release) of each package, once; a suite that is not there is
    told by a result of its own."""
    seen, missing = {}, []
    for suite in SUITES:
        try:
            apt = Apt(suite, "ppc64el")
            names = apt.matching(NAME)
        except stock.Missing as why:
            missing.append(Result(f"headers: {suite}", "skip", str(why)))
            continue
        for name in names:
            seen.setdefault(name.removeprefix("linux-headers-"), suite)
    return sorted(seen.items()), missing


def results():
    found, missing = releases()
    yield from missing
    for release, suite in found:
        try:
            _, output, status = kmod.build_for(Headers(suite, release))
        except stock.Missing as why:
            yield Result(f"headers: {release}", "skip", str(why))
            continue
        bad = output.splitlines()[-25:] if status else kmod.warnings(output)
        yield Result(f"headers: {release} ({suite})",
                     "fail" if bad else "pass", "",
                     [f"# {line}" for line in bad])

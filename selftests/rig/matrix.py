# SPDX-License-Identifier: GPL-2.0-only
"""The tables of docs/kernels.md: what `make matrix` has seen, row by row.

The file is the record: a row that is run is written anew, with the date, the
others stay as they are.  What has never been run says so.
"""
import collections
import datetime
import re

import kmod
import stock
from debs import Missing, lock

DOC = kmod.ROOT / "docs/kernels.md"


def built(results):
    """Write down what headers.results() has found."""
    rows = {}
    for result in results:
        found = re.fullmatch(r"headers: (\S+) \((\S+)\)", result.name)
        if found:
            release, suite = found.groups()
            rows[release] = f"{suite} | {_said([result])} | {_today()}"
    # What the mirror does not offer any more is no longer known to build.
    _write("built", rows, list(rows))


def ran(groups, group, results):
    """Write down how a group of plan.matrix went; groups: all of the plan."""
    rows = {}
    for other in groups:
        config = other.config
        rows[other.name] = " | ".join((
            config.kernel, str(config.cpus),
            " ".join(s.stem for s in other.scripts), "not tested", ""))
    rows[group.name] = " | ".join((
        _release(group.config.kernel), str(group.config.cpus),
        " ".join(s.stem for s in group.scripts), _said(results), _today()))
    _write("ran", rows, [group.name])


def _release(flavour):
    try:
        return stock.Kernel(flavour).release
    except Missing:
        return flavour


def _said(results):
    """One cell for all of a row's results."""
    count = collections.Counter(r.state for r in results)
    if count["fail"]:
        bad = next(r for r in results if r.state == "fail")
        return f"{count['fail']} of {count.total()} failed: {bad.name}"
    if not count["pass"]:
        return "not tested: " + "; ".join(r.why for r in results)
    passed = "yes" if count["pass"] == 1 else f"{count['pass']} passed"
    return passed + (f", {count['skip']} skipped" if count["skip"] else "")


def _today():
    return datetime.date.today().isoformat()


def _write(table, rows, new):
    """Put rows, {first cell: the others}, into the table of that name; of those
    not in new only the ones that it has not yet."""
    with lock("matrix"):
        text = DOC.read_text()
        before, begin, rest = text.partition(f"<!-- {table} -->\n")
        lines, end, after = rest.partition(f"<!-- end of {table} -->")
        head, rule, *lines = lines.splitlines()
        old = {line.split("|")[1].strip(): line for line in lines}
        lines = [f"| {first} | {rows[first]} |" if first in new
                 or first not in old else old[first] for first in rows]
        DOC.write_text(before + begin + "\n".join([head, rule, *lines])
                       + "\n" + end + after)

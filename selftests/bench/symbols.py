# SPDX-License-Identifier: GPL-2.0-only
"""The symbols of L1's kernel and its modules, out of L1 itself."""
import base64
import gzip

# Part of a script that L1 runs.
SHOW = """\
echo "#symbols"
sed -n 's/ [tT] / /p' /proc/kallsyms | gzip | base64
echo "#end"
"""


def of(run):
    """Address and name of each function of a run whose script had SHOW."""
    lines = [x for test in run.output.values() for x in test]
    text = lines[lines.index("#symbols") + 1:lines.index("#end")]
    pairs = (line.split() for line in gzip.decompress(
        base64.b64decode("".join(text))).decode().splitlines())
    return sorted((int(p[0], 16), p[1]) for p in pairs)

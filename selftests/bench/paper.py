# SPDX-License-Identifier: GPL-2.0-only
"""docs/performance.md and its chart, from the rows of `make bench`."""
import html

import kmod

HEAD = """\
<!-- SPDX-License-Identifier: GPL-2.0-only -->
# Performance

Written by `make bench` on {date}: the same small VMM and the same payload
(`selftests/guest/payload/cost.c`) on nhv and on the in-tree kvm-hv, in an L1 of Debian
{release} with one processor. Rows and bars are `selftests/bench/rows`.

L0 is QEMU's TCG with `-icount shift=0,sleep=off`: it executes one instruction a
nanosecond, and the timebase counts them. A figure is instructions of L1 and L2 for one
operation, VMM included, L0's own not; hypercalls, exits and percent where the row says
so. API v1 is measured on a POWER9 L0, API v2 on a POWER10 one. L1 is quiet: no
transparent huge pages, nothing printed on its console, some seconds after its start.
Each figure is the median of {runs} runs, with their spread (largest less smallest) beside
it; where that is above 3 % the row says why.

A run's own figure is a median too, so that what L1 does for itself meanwhile is in
none: of 20 pieces of a row with many exits, of 5 passes over memory, of all the gaps
that L1's timer leaves in a guest. Without that the timer row differed by 190 % between
runs: most gaps are L1's tick alone, some 5,400 instructions, but now and then it hands
over to RCU or to a worker (vmstat, memory cgroups, the random numbers), and the largest
gap seen had 800,000. L1 needs some 360 instructions a page more for memory that it has
not used since its start, so a first pass is never the median. What has never been
touched, in L1 or below (*absent everywhere*), is measured once, in three parts.

*Our share* of an exit to user space is what is left of it without the VMM's turn: the
VMM measures the same turn (its locks, its dispatch, one system call) with an ioctl of
the same file that no KVM knows in place of KVM_RUN, and that is taken off. For kvm-hv
the same is done. It still contains the guest's own few instructions. The payload has no
virtual processor area (VPA), so nobody knows whether it uses the performance monitor,
which is switched each time; a guest with one, as Linux is, says that it does not, and
has its count of yields kept instead, on each way in and out.

*L0 of our own* is `selftests/l0`, an API v2 that gets nothing wrong, linked into nhv in
place of its hypercalls. QEMU's mirrors the decrementer, which takes one more call at
each exit. The guest's few instructions are not in these rows. H_SET_MODE alone turns off
a watchpoint that is off, as Linux does at each exec. One boot of L1 measures these.

*Boot* is Debian's kernel with 512 MiB and one processor, from the start of its clock to
its first program: right on L0, and as L2, with transparent huge pages as Debian has them
and one command line for all. `cryptomgr.notests` in it leaves the self tests of ciphers
out, here and there: they run beside the boot and end before or after it as chance has
it, which is worth 5 % of it and more than all that is measured. The small VMM's machine
has no PCI and no XIVE, which saves its kernel the work for them; QEMU's is L0's own,
device for device. *L3* rows have the same hypervisor in L1 and in L2; L1's exits are
those that 10,000 hypercalls of L3 add.

*Interrupts* have two processors in L1, which share L0's count of instructions, so they
are counted in exits (hypercalls of L1 that enter a guest) and in all hypercalls that L1
makes meanwhile, by its own trace event `powerpc:hcall_entry`: what 1,000 rounds add. An
IPI goes from one vCPU to another that waits in H_CEDE, and back. The VMM answers the
XICS: H_IPI of the sender, H_XIRR, H_IPI and H_EOI of the receiver and its next H_CEDE
are five exits. (With an interrupt controller in the kernel, which kvm-hv has and nhv
has not, they would be as many, without user space; the small VMM asks for none.) The
external interrupt comes from a thread of the VMM while the guest runs in a loop: one
exit for the kick, one for the hypercall with which the guest lowers the line; L1's
timer is counted too where it ends a turn meanwhile.

![nhv beside kvm-hv](performance.svg)
"""
BOOT = """
## Where the instructions of a boot are

Between the start of its clock and its first program L2's kernel runs its own
instructions, which are the native boot's where the machine is the same (QEMU), and L1
runs some for each exit. Memory is no matter: in leaves of 2 MiB the whole boot has some
fifty page faults, most of them before its clock, and what L1 does in one is to clear
the page. What is left is the console. Debian's kernel prints 16 bytes a hypercall
(H_PUT_TERM_CHAR), user space answers each with a system call of its own, and a third of
the instructions is caches that L1 flushes on its ways to user space and back. L1's
own timer ends L2's turn too, and most of that is L1's tick. Under QEMU the other exits
are the 512 H_STUFF_TCE with which the kernel empties its DMA window.

The native boot has 473.5 million. So the small VMM's row is two things that all but
cancel: L1 adds 9 million, 2.0 %, and its machine saves L2's kernel 11 million. QEMU's
row has the first of them alone.

"""
WIDTH, BAR, LABEL = 900, 14, 430
LINES = 50      # of a profile


def write(rows, profiles, booted, date, runs, release):
    docs = kmod.ROOT / "docs"
    text = HEAD.format(date=date, release=release, runs=runs)
    for api in (1, 2):
        text += f"\n## API v{api}\n\n" + table(r for r in rows if r.api == api)
    text += "\n## Where the instructions are\n\n" + "".join(map(functions, profiles))
    text += BOOT + "".join(map(functions, booted))
    (docs / "performance.md").write_text(text.rstrip("\n") + "\n")
    (docs / "performance.svg").write_text(chart([r for r in rows if r.ratio()]))


def table(rows):
    text = ("| row | nhv | spread | kvm-hv | spread | ratio | bar | |\n"
            "|---|---:|---:|---:|---:|---:|---:|---|\n")
    for row in rows:
        ratio, cells = row.ratio(), []
        for hv in ("nhv", "kvm-hv"):
            spread = f"{row.got[hv][1]:.1f} %" if hv in row.got else ""
            cells += [row.cell(hv), spread]
        bar = "" if row.bar == "-" else row.bar.replace("%", " %")
        state = "" if row.state() == "n/a" else row.state()
        remark = row.remark or ("" if row.got else "not measured in this run")
        text += (f"| {row.title} | {' | '.join(cells)} | "
                 f"{'' if ratio is None else f'{ratio:.2f}'} | {bar} | "
                 f"{'; '.join(x for x in (state, remark) if x)} |\n")
    return text


def functions(profile):
    """Those that are worth a line, of what a command in selftests/bench has found."""
    command, lines = profile
    return (f"`selftests/bench/{command}`:\n\n"
            + "".join(f"    {line}\n" for line in lines[:LINES] or ["not measured"]) + "\n")


def chart(rows):
    """A bar for each row: nhv in percent of kvm-hv, which is the line at 100."""
    height, scale = 50 + BAR * len(rows), (WIDTH - LABEL - 60) / 1.5
    line = LABEL + scale
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        'font-family="sans-serif" font-size="10">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="10" y="18" font-size="13">nhv beside kvm-hv: instructions '
        '(of interrupts exits), percent of kvm-hv (shorter is better)</text>']
    for at, row in enumerate(rows):
        y, ratio = 34 + at * BAR, row.ratio()
        colour = {1: "#2a6fb0", 2: "#c46a1b"}[row.api]
        long = scale * min(max(ratio, 0), 1.5)
        parts += [
            f'<text x="{LABEL - 6}" y="{y + 10}" text-anchor="end">'
            f'v{row.api} {html.escape(row.title)}</text>',
            f'<rect x="{LABEL}" y="{y + 2}" width="{long:.1f}" height="{BAR - 4}" '
            f'fill="{colour}"/>',
            f'<text x="{LABEL + long + 4:.1f}" y="{y + 10}">{100 * ratio:.0f}</text>']
    parts.append(f'<line x1="{line}" x2="{line}" y1="30" y2="{height - 14}" '
                 'stroke="#444444" stroke-dasharray="3 2"/>')
    return "\n".join(parts) + "\n</svg>\n"

# SPDX-License-Identifier: GPL-2.0-only
# Debian 12's own QEMU, 7.2, boots one too.
. /check/l2.sh

qemu=qemu-7.2
right() {
	finished "$1" 240 && worked "$1"
}
l2 old 6.12-4k slof 2 work
verdict old "QEMU 7.2 boots kernel 6.12-4k" right old

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# API v2: api= at loading, and loading a second time, when L0 has been told the
# capabilities already.
# allow: nhv: the level below offers no nested API
# allow: nhv: api=v3 is none of
. /check/tap.sh

found() {
	cat /sys/module/nhv/parameters/api
}

check "api=v1 is refused where there is none" sh -c "! insmod /nhv.ko api=v1"
check "api=v3 is refused" sh -c "! insmod /nhv.ko api=v3"
for api in auto v2 auto; do
	check "api=$api loads" insmod /nhv.ko api=$api
	check "api=$api finds v2" [ "$(found)" = v2 ]
	check "it unloads" rmmod nhv
done

# SPDX-License-Identifier: GPL-2.0-only
# An L1 in which nhv must refuse to load: $REFUSE is "ERRNO TEXT". Boot with
# --hv none and what makes it so.
. /check/tap.sh

dmesg -c >/dev/null
insmod /nhv.ko 2>/dev/null
got=$?
line=$(dmesg -c | sed -n 's/^\[[^]]*\] nhv: //p' | grep -v taint | sort -u)
echo "# $got $line"
case "$got $line" in
"${REFUSE%% *} "*"${REFUSE#* }"*) ok "refused: $REFUSE" ;;
*) not_ok "refused: $REFUSE" "$got $line" ;;
esac
check "one line" test "$(echo "$line" | wc -l)" = 1

# SPDX-License-Identifier: GPL-2.0-only
# An L1 in which nhv must refuse to load: $REFUSE is "ERRNO TEXT". Boot with
# --hv none and what makes it so.
# allow: nhv: (the level below offers|the processor is older|this kernel uses the hash)
. /check/tap.sh

insmod /nhv.ko 2>/dev/null
got=$?
line=$(dmesg | sed -n 's/^\[[^]]*\] nhv: //p' | grep -v taint | sort -u)
echo "# $got $line"
case "$got $line" in
"${REFUSE%% *} "*"${REFUSE#* }"*) ok "refused: $REFUSE" ;;
*) not_ok "refused: $REFUSE" "$got $line" ;;
esac
check "one line" test "$(echo "$line" | wc -l)" = 1

# SPDX-License-Identifier: GPL-2.0-only
# An L2 that reboots itself, and one that QEMU resets, three times each.
. /check/l2.sh

for firmware in vof slof; do
	l2 again 6.12-4k $firmware 2 reboot
	verdict again "reboot inside L2 three times ($firmware)" \
		seen again "l2: work $work_sum" 4 240
	check "every start worked ($firmware)" worked again
	stop again

	l2 reset 6.12-4k $firmware 2 stay
	for n in 1 2 3; do
		seen reset "l2: work" $n 120 || break
		monitor reset system_reset
	done
	verdict reset "system_reset three times ($firmware)" \
		seen reset "l2: work $work_sum" 4 120
	stop reset
done

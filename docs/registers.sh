#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Prints docs/registers.md from include/nhv/regs.def.
set -eu
cd "$(dirname "$0")/.."
cat <<'END'
# The registers of a guest

Made from `include/nhv/regs.def` by `docs/registers.sh`. The same rows are
KVM_GET/SET_ONE_REG, and the lists that switch what the nested API v1 does not
carry.

| register | bytes | where it is | one-reg id (low half) | element of API v2 |
|---|---|---|---|---|
END
sed -n 's/^NHV_REG(\(.*\))$/\1/p' include/nhv/regs.def | tr -d ' \t' |
awk -F, '
BEGIN {
	where["GS"] = "carried in hv_guest_state"
	where["REGS"] = "carried in pt_regs"
	where["THREAD"] = "live, switched with the thread"
	where["ENTRY"] = "live, changed around each entry"
	where["ENTRY_TIDR"] = where["ENTRY"] " (POWER9)"
	where["ENTRY_DEXCR"] = where["ENTRY"] " (where the kernel knows DEXCR)"
	where["CTRL"] = where["ENTRY"]
	where["FAULT"] = "live, loaded last and saved first"
	where["PMU"] = "live, switched while in use"
	where["PMU_31"] = where["PMU"] " (ISA 3.1)"
	where["PMU_CTL"] = where["PMU"] ", starts and freezes it"
	where["ASK"] = "a request, stored at every entry"
	where["KEPT"] = "no effect, kept for read-back"
}
{
	if (!($3 in where)) {
		print "registers.sh: home " $3 " is not known" > "/dev/stderr"
		exit 1
	}
	printf "| %s | %s | %s | %s | %s |\n", $1, $2, where[$3],
		$5 == "0" ? "-" : $5, $6 == "0" ? "-" : $6
}'

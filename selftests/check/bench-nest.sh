# SPDX-License-Identifier: GPL-2.0-only
# For `make bench`: exits of an L3 whose L1 and L2 have the same hypervisor, and how
# many exits of L1's there are for each.  (rig: --nest 1)
. /check/nest.lib

echo never >/sys/kernel/mm/transparent_hugepage/enabled
sleep 5
echo "#set l3"
NEST_ENV="RUNS=${RUNS:-3}"
nest_count "$HV" "$HV" nest-cost.sh
# The payload makes each of its 10,000 exits more twice.
echo "# l3.exits: $((nest_touched / 20)) per 1000"

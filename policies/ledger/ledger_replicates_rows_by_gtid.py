"""Replication says which transactions a database has, and carries rows."""

from collections.abc import Iterator, Mapping

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies.data._databases import CLUSTER
from policies.data._parameters import PARAMETER_GROUP
from policies.ledger._ledger import Ledger, parameters_of

ON = ("1", "ON")
# ON_PERMISSIVE: Aurora user guide, "Optimizing binary log replication for Aurora MySQL".
WANTED: Mapping[str, tuple[str, ...]] = {
    "binlog_format": ("ROW",),
    "enforce_gtid_consistency": ("ON", "1"),
    "event_scheduler": ("ON", "1"),
    "gtid-mode": ("ON", "ON_PERMISSIVE"),
    "innodb_flush_log_at_trx_commit": ("1",),
    "log_bin_trust_function_creators": ("1", "ON"),
}
ENHANCED = "aurora_enhanced_binlog"
# What enhanced binlog demands (Aurora user guide, "Setting up enhanced binlog for Aurora MySQL").
WITH_ENHANCED: Mapping[str, tuple[str, ...]] = {
    "binlog_backup": ("0", "OFF"),
    "binlog_replication_globaldb": ("0", "OFF"),
}


class LedgerReplicatesRowsByGtid(ResourcePolicy):
    policy = "CKV_BG_302"
    title = "With a ledger, both databases replicate rows, by GTID, and keep each commit"
    requirement = None
    pci = "6.5.1"
    severity = "HIGH"
    why = (
        "A move waits for the last payment by its GTID, and its fence and watchdog are a trigger and an event"
    )
    fix = "set the parameter in the aws_rds_cluster_parameter_group, then reboot the cluster's instances"
    types = (PARAMETER_GROUP,)

    def defects(self, resource: Block) -> Iterator[str]:
        if not resource.stack.derived(Ledger).begun:
            return
        for cluster in resource.stack.users(resource, "db_cluster_parameter_group_name", CLUSTER):
            parameters = parameters_of(cluster)
            enhanced = parameters.get(ENHANCED, "").upper() in ON
            for name, allowed in {**WANTED, **(WITH_ENHANCED if enhanced else {})}.items():
                found = parameters.get(name)
                if found is None or found.upper() not in allowed:
                    yield f"has {name} = {found or 'its default'}, not {allowed[0]}"


check = LedgerReplicatesRowsByGtid()

"""An alarm rings before a database has no connections left."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._alarms import Alarms
from policies._policy import StackPolicy

METRIC = ("AWS/RDS", "DatabaseConnections")


class DatabaseConnectionsAreWatched(StackPolicy):
    policy = "CKV2_BG_205"
    title = "Each database cluster has an alarm on its connections"
    requirement = "R05"
    pci = "10.7.2"
    severity = "HIGH"
    why = "At the limit the database refuses payments, and no alarm warned of it"
    fix = (
        "add an aws_cloudwatch_metric_alarm on AWS/RDS DatabaseConnections with the dimension "
        "DBClusterIdentifier = the cluster's cluster_identifier"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        alarms = stack.derived(Alarms)
        clusters, instances = stack.resources("aws_rds_cluster"), stack.resources("aws_db_instance")
        if not clusters and not instances and not alarms.on(*METRIC):
            yield None, "has no alarm on database connections"
        for database in clusters + instances:
            parts = stack.users(database, "cluster_identifier", "aws_rds_cluster_instance")
            by_part = [bool(alarms.watching(part, *METRIC)) for part in parts]
            if not alarms.watching(database, *METRIC) and not (by_part and all(by_part)):
                yield database, "has no alarm on its connections"


check = DatabaseConnectionsAreWatched()

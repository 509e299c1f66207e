"""What may go wrong with the ledger: replication in either direction, its functions, its accounts."""

from collections.abc import Iterator

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule

from modules.config import Deployment
from modules.data.database import Database
from modules.ledger import Ledger
from modules.ledger.watch import DIMENSION, METRIC, NAMESPACE, VERIFIED
from modules.observability import event_alarms
from modules.observability.alarm import Alarm, Metric
from modules.observability.function_alarms import function_alarms

DAY_SECONDS = 24 * 3600
SET_UP_AGAIN = "`bluegreen ledger status` shows what is wrong; `bluegreen ledger setup` can be repeated."


def replication_alarms(deployment: Deployment, colour: str, database: Database) -> list[Alarm]:
    """Of replication to that colour's database.

    The metric is Seconds_Behind_Source of SHOW REPLICA STATUS, and -1 where that is NULL: a thread of
    replication does not run. Sources: Aurora user guide, "Amazon CloudWatch metrics for Amazon Aurora"; RDS
    user guide, "Monitoring replication lag for MySQL read replicas", for the -1.
    """
    if not deployment.ledger.replicate:
        return []
    return [
        Alarm(
            name="ledger-lag",
            measure=_lag(database, "Maximum"),
            threshold=deployment.ledger.lag_seconds,
            unit="Seconds",
            datapoints=3,
            periods=5,
            what=f"Replication of the ledger to the {colour} database lags: the ledger can't move there.",
            fix="Look for a large transaction on the writer, and for CPU and waits of this cluster.",
            section="Database",
        ),
        Alarm(
            name="ledger-replication-stopped",
            measure=_lag(database, "Minimum"),
            rings="below",
            threshold=0,
            unit="Seconds",
            datapoints=3,
            periods=5,
            missing="breaching",
            what=f"The {colour} database does not replicate the ledger: an error, or it was never set up.",
            fix=f"{SET_UP_AGAIN} Correct it before the writer's binary log is gone.",
            section="Database",
        ),
    ]


def ledger_alarms(ledger: Ledger | None, rotation_failed: CloudwatchEventRule | None) -> Iterator[Alarm]:
    """Of its functions and accounts."""
    if ledger is None or rotation_failed is None:
        return
    for called, function in ledger.functions.items():
        yield from function_alarms(function, called=called, fix=SET_UP_AGAIN)
    yield event_alarms.ledger_rotation_failed(rotation_failed)
    yield event_alarms.undelivered([ledger.watch.rule], of="ledger")
    yield Alarm(
        name="ledger-verification-old",
        measure=_watched(ledger, VERIFIED, "Minimum"),
        threshold=DAY_SECONDS,
        unit="Seconds",
        datapoints=3,
        periods=5,
        missing="breaching",
        what="The last verification of the ledger ended more than a day ago, or none has: it can't move.",
        fix="The log of the ledger-health function says why; `bluegreen ledger verify` runs one now.",
    )
    yield Alarm(
        name="ledger-unhealthy",
        measure=_watched(ledger, METRIC, "Maximum"),
        rings="below",
        threshold=1,
        unit="Count",
        datapoints=3,
        periods=5,
        missing="breaching",
        what="The ledger is not open, a guard of it fails, or its state can't be read: it can't move.",
        fix=f"{SET_UP_AGAIN} A move that stays unfinished is finished by running it again.",
    )


def _watched(ledger: Ledger, metric: str, statistic: str) -> Metric:
    dimensions = {DIMENSION: ledger.health.function.function_name}
    return Metric(namespace=NAMESPACE, name=metric, dimensions=dimensions, statistic=statistic)


def _lag(database: Database, statistic: str) -> Metric:
    cluster = {"DBClusterIdentifier": database.cluster.cluster_identifier}
    return Metric(namespace="AWS/RDS", name="AuroraBinlogReplicaLag", dimensions=cluster, statistic=statistic)

"""What may go wrong with one colour's Aurora cluster.

The dimension DBClusterIdentifier alone holds the data of all instances: its maximum is the worst instance,
whichever is the writer now. Source: Aurora user guide, "Amazon CloudWatch metrics for Amazon Aurora".
"""

from modules.config import Deployment
from modules.data.database import Database
from modules.observability.alarm import Alarm, Metric, Unit

GIB = 1024**3


def database_alarms(deployment: Deployment, colour: str, database: Database) -> list[Alarm]:
    """The alarms on that colour's cluster; thresholds follow its instance class where they can."""
    return [*_load(deployment, colour, database), *_latency(deployment, database)]


def _load(deployment: Deployment, colour: str, database: Database) -> list[Alarm]:
    limits = deployment.monitoring
    settings = deployment.colours[colour].database
    instance_class, connections = settings.instance_class, settings.max_connections
    return [
        Alarm(
            name="database-connections",
            measure=_metric(database, "DatabaseConnections", "Maximum"),
            threshold=connections * limits.connections_percent / 100,
            unit="Count",
            datapoints=3,
            periods=5,
            what=f"An instance is near the {connections} connections that {instance_class} takes.",
            fix="Find who holds them (SHOW PROCESSLIST on the writer); a leak in the application's pool is "
            "usual. Restart the leaking tasks, or choose a larger instance class.",
            section="Database",
        ),
        Alarm(
            name="database-cpu",
            measure=_metric(database, "CPUUtilization", "Maximum"),
            threshold=limits.cpu_percent,
            unit="Percent",
            datapoints=10,
            periods=15,
            what="An instance has been busy for long.",
            fix="Look at the top statements in Performance Insights; add a reader for read load, "
            "a larger instance class for write load.",
            section="Database",
        ),
        Alarm(
            name="database-memory",
            measure=_metric(database, "FreeableMemory", "Minimum"),
            rings="below",
            threshold=settings.memory_gib * GIB * limits.freeable_memory_percent // 100,
            unit="Bytes",
            datapoints=10,
            periods=15,
            what="An instance runs out of memory; Aurora restarts one that has none left.",
            fix="Look for many connections and large temporary tables; a larger instance class helps.",
            section="Database",
        ),
    ]


def _latency(deployment: Deployment, database: Database) -> list[Alarm]:
    limits = deployment.monitoring
    return [
        Alarm(
            name="database-replica-lag",
            measure=_metric(database, "AuroraReplicaLagMaximum", "Maximum"),
            threshold=limits.replica_lag_ms,
            unit="Milliseconds",
            datapoints=3,
            periods=5,
            missing="breaching",
            what="A reader lags behind the writer, or there is no reader left to fail over to.",
            fix="Check that all instances are available; look for long transactions and write bursts.",
            section="Database",
        ),
        _too_slow(database, "commit", limits.commit_latency_ms, {"Role": "WRITER"}),
        _too_slow(database, "select", limits.select_latency_ms, {}),
    ]


def _too_slow(database: Database, kind: str, threshold: float, role: dict[str, str]) -> Alarm:
    unit: Unit = "Milliseconds"
    return Alarm(
        name=f"database-{kind}-latency",
        measure=_metric(database, f"{kind.capitalize()}Latency", "Maximum", role),
        threshold=threshold,
        unit=unit,
        datapoints=5,
        periods=10,
        what=f"A {kind} takes long on the database.",
        fix="Compare with CPU and connections; look at waits and at the slow-query log in CloudWatch Logs. "
        "If it began with a shift, roll back.",
        section="Database",
    )


def _metric(database: Database, name: str, statistic: str, role: dict[str, str] | None = None) -> Metric:
    cluster = {"DBClusterIdentifier": database.cluster.cluster_identifier}
    return Metric(namespace="AWS/RDS", name=name, dimensions=cluster | (role or {}), statistic=statistic)

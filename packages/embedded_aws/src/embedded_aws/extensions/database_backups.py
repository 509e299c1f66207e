"""Stock moto compares the windows of an instance; RDS those of a cluster, too: neither may meet the other.
And RDS leaves the retention of a cluster to AWS Backup, once that backs it up continuously.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Backups.html
https://docs.aws.amazon.com/aws-backup/latest/devguide/point-in-time-recovery.html
"""

from collections.abc import Callable
from typing import Any

from moto.rds.exceptions import InvalidParameterValue
from moto.rds.models import DBCluster, RDSBackend
from moto.rds.utils import valid_preferred_maintenance_window

from embedded_aws.extensions import Server, replace

WINDOWS = ("preferred_maintenance_window", "preferred_backup_window")
POINT, RETENTION = "aws_backup_recovery_point_arn", "backup_retention_period"


def install(_: Server) -> None:
    """Extend moto's databases."""
    for operation in ("create_db_cluster", "modify_db_cluster"):
        replace(RDSBackend, operation, _admitted)


def _admitted(
    stock: Callable[[RDSBackend, dict[str, Any]], DBCluster], backend: RDSBackend, kwargs: dict[str, Any]
) -> DBCluster:
    present = backend.clusters.get(kwargs["db_cluster_identifier"])
    if refusal := _meet(present, kwargs) or _belongs_to_aws_backup(present, kwargs):
        raise InvalidParameterValue(refusal)
    return stock(backend, kwargs)


def _meet(present: DBCluster | None, asked: dict[str, Any]) -> str | None:
    """What a request leaves out stays; of a new cluster RDS chooses it, so that it meets nothing."""
    maintenance, backup = (asked.get(name) or getattr(present, name, None) for name in WINDOWS)
    if not (maintenance and backup):
        return None
    return valid_preferred_maintenance_window(maintenance.lower(), backup)


def _belongs_to_aws_backup(present: DBCluster | None, asked: dict[str, Any]) -> str | None:
    """AWS Backup itself names its recovery point with the retention (inferred: a parameter of
    ModifyDBCluster). The message: RDS's, as clients report it (terraform-aws-rds-aurora, pull request 411).
    """
    point, days = getattr(present, POINT, None), getattr(present, RETENTION, None)
    if not point or asked.get(POINT) or asked.get(RETENTION) in (None, days):
        return None
    return (
        f"RDS cluster {asked['db_cluster_identifier']} is associated with the following "
        f"AwsBackupRecoveryPointArn: {point}. The BackupRetentionPeriod can be blank, or you can use the "
        f"current value,{days}. For more details, see the AWS Backup documentation."
    )

"""Stock moto compares the windows of an instance; RDS those of a cluster, too: neither may meet the other.

https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Backups.html
"""

from collections.abc import Callable
from typing import Any

from moto.rds.exceptions import InvalidParameterValue
from moto.rds.models import DBCluster, RDSBackend
from moto.rds.utils import valid_preferred_maintenance_window

from embedded_aws.extensions import Server, replace

WINDOWS = ("preferred_maintenance_window", "preferred_backup_window")


def install(_: Server) -> None:
    """Extend moto's databases."""
    for operation in ("create_db_cluster", "modify_db_cluster"):
        replace(RDSBackend, operation, _apart)


def _apart(
    stock: Callable[[RDSBackend, dict[str, Any]], DBCluster], backend: RDSBackend, kwargs: dict[str, Any]
) -> DBCluster:
    """What a request leaves out stays; of a new cluster RDS chooses it, so that it meets nothing."""
    present = backend.clusters.get(kwargs["db_cluster_identifier"])
    maintenance, backup = (kwargs.get(name) or getattr(present, name, None) for name in WINDOWS)
    if (
        maintenance
        and backup
        and (refusal := valid_preferred_maintenance_window(maintenance.lower(), backup))
    ):
        raise InvalidParameterValue(refusal)
    return stock(backend, kwargs)

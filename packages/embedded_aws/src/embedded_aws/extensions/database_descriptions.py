"""Stock moto describes databases otherwise than AWS does, and Terraform acts on it.

A provisioned cluster has a serverless scaling configuration: Terraform would find every cluster changed. An
instance has the certificate authority "rds-ca-default", which is no authority's name: Terraform would modify
and reboot every new instance, and wait minutes for it. A cluster's endpoint leads nowhere: where a server of
this machine stands for the cluster, its address is the endpoint, for writes and for reads.
"""

from collections.abc import Callable
from typing import Any

from moto.rds.models import DBCluster, DBInstance

from embedded_aws.extensions import Server, replace

# What AWS gives to new instances (Aurora user guide, "Using SSL/TLS to encrypt a connection").
DEFAULT_AUTHORITY = "rds-ca-rsa2048-g1"
# Identifier of a cluster → host of the server that stands for it.
ENDPOINTS: dict[str, str] = {}


def install(_: Server) -> None:
    """Extend moto's databases."""
    replace(DBInstance, "__init__", _init)
    stock = vars(DBCluster)["scaling_configuration_info"]

    def scaling_configuration_info(cluster: DBCluster) -> dict[str, Any] | None:
        serverless: bool = cluster.engine_mode == "serverless"
        return stock.fget(cluster) if serverless else None

    setattr(DBCluster, stock.fget.__name__, property(scaling_configuration_info))
    for name in ("endpoint", "reader_endpoint"):
        setattr(DBCluster, name, property(_endpoint(vars(DBCluster)[name].fget)))


def _endpoint(stock: Callable[[DBCluster], str]) -> Callable[[DBCluster], str]:
    return lambda cluster: ENDPOINTS.get(cluster.db_cluster_identifier) or stock(cluster)


def _init(stock: Callable[..., None], instance: DBInstance, *args: Any, **settings: Any) -> None:
    stock(instance, *args, **{"ca_certificate_identifier": DEFAULT_AUTHORITY, **settings})

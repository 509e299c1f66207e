"""Stock moto describes databases otherwise than AWS does, and Terraform acts on it.

A provisioned cluster has a serverless scaling configuration: Terraform would find every cluster changed. An
instance has the certificate authority "rds-ca-default", which is no authority's name: Terraform would modify
and reboot every new instance, and wait minutes for it. A cluster's endpoint leads nowhere, and its
administrator's password is the same for every cluster: where a server of this machine stands for the
cluster, its address is the endpoint, for writes and for reads, and it has that administrator.
"""

import json
import secrets
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from moto.rds.models import DBCluster, DBInstance, MasterUserSecret, RDSBackend

from embedded_aws.extensions import Server, replace
from embedded_aws.standing_in import databases

# RDS sets a password after it has answered (API reference, ModifyDBInstance: "asynchronously applied as soon
# as possible"; a cluster's PendingModifiedValues have it until then). Here later than an answer takes.
SETTING_SECONDS = 0.2
# What AWS gives to new instances (Aurora user guide, "Using SSL/TLS to encrypt a connection").
DEFAULT_AUTHORITY = "rds-ca-rsa2048-g1"


def install(_: Server) -> None:
    """Extend moto's databases."""
    replace(DBInstance, "__init__", _init)
    replace(MasterUserSecret, "_generate_secret_string", _secret_string)
    for operation, delay in (("create_db_cluster", 0.0), ("modify_db_cluster", SETTING_SECONDS)):
        replace(RDSBackend, operation, partial(_administered, delay))
    stock = vars(DBCluster)["scaling_configuration_info"]

    def scaling_configuration_info(cluster: DBCluster) -> dict[str, Any] | None:
        serverless: bool = cluster.engine_mode == "serverless"
        return stock.fget(cluster) if serverless else None

    setattr(DBCluster, stock.fget.__name__, property(scaling_configuration_info))
    for name in ("endpoint", "reader_endpoint"):
        setattr(DBCluster, name, property(_endpoint(vars(DBCluster)[name].fget)))


def _endpoint(stock: Callable[[DBCluster], str]) -> Callable[[DBCluster], str]:
    return lambda cluster: databases.endpoints.get(cluster.db_cluster_identifier) or stock(cluster)


def _secret_string(_: Callable[[MasterUserSecret], str], secret: MasterUserSecret) -> str:
    name = getattr(secret.resource, "master_username", None) or "admin"
    return json.dumps({"username": name, "password": secrets.token_urlsafe(24)})


def _administered(
    delay: float,
    stock: Callable[[RDSBackend, dict[str, Any]], DBCluster],
    backend: RDSBackend,
    kwargs: dict[str, Any],
) -> DBCluster:
    """The server gets the administrator that the request names, so long after the request is done."""
    changes = {"master_user_password", "manage_master_user_password", "rotate_master_user_password"}
    named = any(kwargs.get(key) for key in changes)
    cluster = stock(backend, kwargs)
    if named and databases.administer and cluster.db_cluster_identifier in databases.endpoints:
        told = (
            cluster.db_cluster_identifier,
            str(cluster.master_username),
            _password(cluster),
            str(cluster.database_name or ""),
        )
        if not delay:
            databases.administer(*told)
            return cluster
        setting = threading.Timer(delay, databases.administer, told)
        setting.daemon = True
        setting.start()
    return cluster


def _password(cluster: DBCluster) -> str:
    if not cluster.manage_master_user_password:
        return str(vars(cluster)["_master_user_password"])  # its getter refuses
    versions = cluster.master_user_secret.secret.versions.values()
    (current,) = (version for version in versions if "AWSCURRENT" in version["version_stages"])
    return str(json.loads(current["secret_string"])["password"])


def _init(stock: Callable[..., None], instance: DBInstance, *args: Any, **settings: Any) -> None:
    stock(instance, *args, **{"ca_certificate_identifier": DEFAULT_AUTHORITY, **settings})

"""The condition in AWS of a resource whose creation did not finish."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bluegreen.terraform.recovery.clients import ClientFor, calling

Attributes = Mapping[str, Any]


class Kind(StrEnum):
    """What can be done: keep it, wait, have it removed, create it; or it could not be found out."""

    complete = "complete"
    changing = "changing"
    broken = "broken"
    missing = "missing"
    unknown = "unknown"


@dataclass(frozen=True)
class Condition:
    """`words`: the status as AWS words it, or why there is none."""

    kind: Kind
    words: str


# Status → what it means; any other one is a transition.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Status.html
CLUSTER = {
    "available": Kind.complete,
    "stopped": Kind.complete,
    "cloning-failed": Kind.broken,
    "failed": Kind.broken,
    "inaccessible-encryption-credentials": Kind.broken,
    "inaccessible-encryption-credentials-recoverable": Kind.broken,
    "migration-failed": Kind.broken,
}
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html
TABLE = {
    "ACTIVE": Kind.complete,
    "ARCHIVED": Kind.broken,
    "INACCESSIBLE_ENCRYPTION_CREDENTIALS": Kind.broken,
}
# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerState.html
LOAD_BALANCER = {
    "active": Kind.complete,
    "active_impaired": Kind.complete,
    "failed": Kind.broken,
}


def condition_of(type_: str, attributes: Attributes, client_for: ClientFor) -> Condition:
    """Ask AWS. `attributes`: those of the state; a type that isn't protected here is unknown."""
    reader = READERS.get(type_)
    if reader is None:
        return Condition(Kind.unknown, "see it in AWS")
    return calling(
        lambda: reader(attributes, client_for),
        missing=lambda: Condition(Kind.missing, "not in AWS"),
        failed=lambda why: Condition(Kind.unknown, f"its status is unreadable: {why}"),
    )


def _cluster(attributes: Attributes, client_for: ClientFor) -> Condition:
    described = client_for("rds").describe_db_clusters(DBClusterIdentifier=attributes["cluster_identifier"])
    return _judged(described["DBClusters"][0]["Status"], CLUSTER)


def _table(attributes: Attributes, client_for: ClientFor) -> Condition:
    described = client_for("dynamodb").describe_table(TableName=attributes["name"])
    return _judged(described["Table"]["TableStatus"], TABLE)


def _load_balancer(attributes: Attributes, client_for: ClientFor) -> Condition:
    described = client_for("elbv2").describe_load_balancers(Names=[attributes["name"]])
    return _judged(described["LoadBalancers"][0]["State"]["Code"], LOAD_BALANCER)


def _vault(attributes: Attributes, client_for: ClientFor) -> Condition:
    client_for("backup").describe_backup_vault(BackupVaultName=attributes["name"])
    return Condition(Kind.complete, "there")


def _judged(status: str, meanings: Mapping[str, Kind]) -> Condition:
    return Condition(meanings.get(status, Kind.changing), status)


# Those that the platform protects from deletion.
READERS: dict[str, Callable[[Attributes, ClientFor], Condition]] = {
    "aws_backup_vault": _vault,
    "aws_dynamodb_table": _table,
    "aws_lb": _load_balancer,
    "aws_rds_cluster": _cluster,
}

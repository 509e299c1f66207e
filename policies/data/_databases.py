"""The databases of a stack. A stand-alone instance is judged as a cluster of one."""

import re
from typing import Any

from stack_gate.stack import Block

CLUSTER = "aws_rds_cluster"
CLUSTER_INSTANCE = "aws_rds_cluster_instance"
STAND_ALONE = "aws_db_instance"
TABLE = "aws_dynamodb_table"
SECRET = "aws_secretsmanager_secret"  # noqa: S105 - a resource type
DATABASES = (CLUSTER, STAND_ALONE)  # what holds the data, and names its key, network and backups
INSTANCES = (CLUSTER_INSTANCE, STAND_ALONE)  # what computes, and listens
COLOURS = 2

_EXPRESSION = re.compile(
    r".*\$\{.*|(data|ephemeral|local|module|var|(aws|random|tls|vault)_\w+)\.[\w.*-]+(\[.*)?", re.DOTALL
)


def is_replica(database: Block) -> bool:
    """Whether it takes users and backups from another database, of which it is a copy."""
    in_global_cluster = database.get("global_cluster_identifier") and not database.get("master_username")
    source = database.get("replication_source_identifier") or database.get("replicate_source_db")
    return bool(source or in_global_cluster)


def is_literal(value: Any) -> bool:
    """Whether the value itself is in the configuration, rather than where it comes from."""
    return value not in (None, "", []) and not _EXPRESSION.fullmatch(str(value))

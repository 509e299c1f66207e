"""Databases: engine, version, size, logs."""

from typing import Any

from tests.policies.harness import (
    Document,
    Mutant,
    Mutation,
    also,
    body,
    both,
    change,
    name_like,
    on,
    output,
    remove,
)
from tests.policies.mutants.ledger import alone

CLUSTER = "aws_rds_cluster"
INSTANCE = "aws_rds_cluster_instance"
PARAMETERS = "aws_rds_cluster_parameter_group"
EXPORTS = "enabled_cloudwatch_logs_exports"
AURORA = "8.0.mysql_aurora"
SMALL = {"min_capacity": 0.5, "max_capacity": 4}


def parameter(colour: str, name: str, value: str | None) -> Mutation:
    """Another value of a parameter; None takes it out."""

    def mutate(document: Document) -> None:
        group = body(document, PARAMETERS, colour)
        entries = group["parameter"]
        kept = [entry for entry in entries if entry["name"] != name]
        changed = [
            entry | {"value": value} for entry in entries if entry["name"] == name and value is not None
        ]
        group["parameter"] = [*kept, *changed]

    return mutate


def plain_rds(document: Document) -> None:
    """Beside the clusters: MySQL as a demonstration has it. The password is no secret: it is the defect."""
    subnets = name_like(document, "aws_db_subnet_group", "blue")
    document["resource"]["aws_db_instance"] = {
        "legacy": {
            "identifier": "legacy",
            "engine": "mysql",
            "engine_version": "8.0",
            "instance_class": "db.t3.medium",
            "username": "admin",
            "password": "change" + "-me-now",
            "db_subnet_group_name": f"${{aws_db_subnet_group.{subnets}.name}}",
            "publicly_accessible": True,
            "backup_retention_period": 3,
            "skip_final_snapshot": True,
        }
    }


def one_cluster(document: Document) -> None:
    """Green's is gone, with all that is about it."""
    for type_ in (CLUSTER, INSTANCE):
        remove(type_, "green")(document)
    remove("aws_cloudwatch_metric_alarm", "green_database")(document)
    remove("aws_backup_selection", "green")(document)


ON_PLAIN_RDS = (
    "CKV2_BG_205",
    *(f"CKV_BG_{n}" for n in (107, 115, 117, 118, 119, 122, 123, 124, 125, 128, 129, 130, 132)),
)


def cluster(policy: str, colour: str, **arguments: Any) -> tuple[Mutation, Any]:
    return change(CLUSTER, colour, **arguments), on(policy, CLUSTER, colour)


def instance(policy: str, part: str, **arguments: Any) -> tuple[Mutation, Any]:
    return change(INSTANCE, part, **arguments), on(policy, INSTANCE, part)


ENGINE = [
    Mutant("plain MySQL in green", *cluster("CKV_BG_117", "green", engine="mysql")),
    Mutant("PostgreSQL in blue", *cluster("CKV_BG_117", "blue", engine="aurora-postgresql")),
    Mutant("cluster without engine", *cluster("CKV_BG_117", "green", engine=None)),
    Mutant(
        "instance of another engine", *instance("CKV_BG_117", "green-database_instance-2", engine="mysql")
    ),
    Mutant(
        "version without the Aurora form",
        change(CLUSTER, "green", engine_version="8.0"),
        also(on("CKV_BG_118", CLUSTER, "green")),
    ),
    Mutant("version of MySQL", *cluster("CKV_BG_118", "blue", engine_version="8.0.36")),
    Mutant(
        "version that is no longer created",
        *cluster("CKV_BG_118", "green", engine_version=f"{AURORA}.3.07.1"),
    ),
    Mutant(
        "version of Aurora MySQL 2", *cluster("CKV_BG_118", "blue", engine_version="5.7.mysql_aurora.2.11.5")
    ),
    Mutant("version left to AWS", *cluster("CKV_BG_118", "green", engine_version=None)),
    Mutant(
        "burstable instance",
        *instance("CKV_BG_129", "green-database_instance-2", instance_class="db.t3.medium"),
    ),
    Mutant(
        "general-purpose instance",
        *instance("CKV_BG_129", "blue-database_instance-1", instance_class="db.m6g.large"),
    ),
    Mutant(
        "serverless instance that its cluster keeps small",
        both(
            change("aws_rds_cluster", "blue", serverlessv2_scaling_configuration=SMALL),
            change(INSTANCE, "blue-database_instance-1", instance_class="db.serverless"),
        ),
        on("CKV_BG_129", INSTANCE, "blue-database_instance-1"),
    ),
    Mutant(
        "serverless instance of a cluster without limits",
        *instance("CKV_BG_129", "green-database_instance-2", instance_class="db.serverless"),
    ),
    Mutant(
        "instance without class", *instance("CKV_BG_129", "green-database_instance-1", instance_class=None)
    ),
    Mutant(
        "plain RDS beside the clusters",
        plain_rds,
        also(*(on(policy, "aws_db_instance") for policy in ON_PLAIN_RDS)),
    ),
    Mutant(
        "one cluster for both colours",
        both(remove("aws_cloudwatch_metric_alarm", "green-monitoring_green_ledger"), one_cluster),
        also(on("CKV2_BG_110"), output("green_cluster_endpoint"), output("connection_info")),
    ),
]

LOGS = [
    Mutant("cluster that exports nothing", *cluster("CKV_BG_125", "green", **{EXPORTS: None})),
    Mutant(
        "cluster without audit log",
        *cluster("CKV_BG_125", "green", **{EXPORTS: ["error", "general", "slowquery"]}),
    ),
    Mutant("cluster with one log", *cluster("CKV_BG_125", "blue", **{EXPORTS: ["audit"]})),
    Mutant(
        "auditing off", parameter("green", "server_audit_logging", "0"), on("CKV_BG_126", PARAMETERS, "green")
    ),
    Mutant(
        "auditing left as it is",
        parameter("blue", "server_audit_logging", None),
        on("CKV_BG_126", PARAMETERS, "blue"),
    ),
    Mutant(
        "no audit events",
        parameter("green", "server_audit_events", None),
        on("CKV_BG_126", PARAMETERS, "green"),
    ),
    Mutant(
        "logins alone audited",
        parameter("green", "server_audit_events", "CONNECT"),
        on("CKV_BG_126", PARAMETERS, "green"),
    ),
    Mutant(
        "no parameters at all",
        change(PARAMETERS, "green", parameter=None),
        also(on("CKV_BG_126", PARAMETERS, "green"), on("CKV_BG_127", PARAMETERS, "green")),
    ),
    Mutant(
        "default parameter group",
        change(CLUSTER, "green", db_cluster_parameter_group_name="default.aurora-mysql8.0"),
        also(on("CKV_BG_126", CLUSTER, "green"), on("CKV_BG_127", CLUSTER, "green")),
    ),
    Mutant(
        "no parameter group",
        change(CLUSTER, "blue", db_cluster_parameter_group_name=None),
        also(on("CKV_BG_126", CLUSTER, "blue"), on("CKV_BG_127", CLUSTER, "blue")),
    ),
    Mutant(
        "TLS not required",
        parameter("blue", "require_secure_transport", "OFF"),
        on("CKV_BG_127", PARAMETERS, "blue"),
    ),
    Mutant(
        "TLS left as it is",
        parameter("green", "require_secure_transport", None),
        on("CKV_BG_127", PARAMETERS, "green"),
    ),
]

MUTANTS = alone(
    [*ENGINE, *LOGS],
    "one cluster for both colours",
    "no parameters at all",
    "default parameter group",
    "no parameter group",
)

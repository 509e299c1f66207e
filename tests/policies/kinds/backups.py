"""Backups that are not made or kept, databases that are not as they say: each clause in three forms."""

import json
from typing import Any

from tests.policies.harness import Document, name_like
from tests.policies.kinds import Case, allow, new, ref, statements, with_

PLAN, VAULT, SELECTION, ROLE_POLICY = (
    "aws_backup_plan",
    "aws_backup_vault",
    "aws_backup_selection",
    "aws_iam_role_policy",
)
CLUSTER, PARAMETERS, GROUP = "aws_rds_cluster", "aws_rds_cluster_parameter_group", "aws_db_subnet_group"


def rule(part: str, **changes: Any) -> Any:
    """Arguments of every rule of a plan."""

    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, PLAN, part)
        for entry in document["resource"][PLAN][name]["rule"]:
            entry.update(changes)
        return (f"{PLAN}.{name}",)

    return place


def without(sid: str) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, ROLE_POLICY, "backup")
        body = document["resource"][ROLE_POLICY][name]
        found = json.loads(body["policy"])
        found["Statement"] = [entry for entry in found["Statement"] if entry["Sid"] != sid]
        body["policy"] = json.dumps(found)
        role = name_like(document, "aws_iam_role", "backup")
        return (
            f"{ROLE_POLICY}.{name}",
            f"aws_iam_role.{role}",
            *(f"{SELECTION}.{label}" for label in document["resource"][SELECTION]),
        )

    return place


def vault_policy(*entries: Any) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        (address,) = with_("aws_backup_vault_policy", "", policy=statements(*entries))(document)
        return (address, f"{VAULT}.{name_like(document, VAULT, '')}")

    return place


def no_policy(document: Document) -> tuple[str, ...]:
    del document["resource"]["aws_backup_vault_policy"]
    return (f"{VAULT}.{name_like(document, VAULT, '')}",)


def parameter(colour: str, **values: str) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, PARAMETERS, colour)
        entries = document["resource"][PARAMETERS][name]["parameter"]
        kept = [entry for entry in entries if entry["name"] not in values]
        document["resource"][PARAMETERS][name]["parameter"] = [
            *kept,
            *(
                {"name": key, "value": value, "apply_method": "pending-reboot"}
                for key, value in values.items()
            ),
        ]
        return (f"{PARAMETERS}.{name}", f"{CLUSTER}.{name_like(document, CLUSTER, colour)}")

    return place


DENIED = {"Effect": "Deny", "Principal": "*", "Resource": "*"}
RARE = [
    Case("each month, kept a week", rule("databases", schedule="cron(0 5 1 * ? *)")),
    Case(
        "each two weeks, kept ten days",
        rule("tables", schedule="cron(0 5 1,15 * ? *)", lifecycle={"delete_after": 10}),
    ),
    Case("each quarter", rule("databases", schedule="cron(0 5 L 3/3 ? *)", lifecycle={"delete_after": "30"})),
    Case("each ten days", rule("tables", schedule="rate(10 days)")),
    Case("each weekend, kept a week", rule("databases", schedule="cron(0 5 ? * SUN *)")),
]
NEVER = [
    Case("in a year that is over", rule("databases", schedule="cron(0 5 ? * * 2024)")),
    Case("on a day that there is none of", rule("tables", schedule="cron(0 5 31 2 ? *)")),
    Case("no schedule", rule("databases", schedule=None)),
    Case("no time to begin in", rule("tables", start_window="600", completion_window="60")),
    Case("on no date", rule("tables", schedule="cron(0 5 30 FEB ? *)")),
]
ROLES = [
    Case("no backups of tables", without("Tables")),
    Case("no backups of clusters", without("Clusters")),
    Case("no grants of the key", without("GrantsOfTheKey")),
    Case(
        "no role of the stack",
        with_(SELECTION, "selection-green", iam_role_arn="arn:aws:iam::123456789012:role/x"),
    ),
    Case(
        "a role of another service",
        with_(SELECTION, "selection-blue", iam_role_arn=ref("aws_iam_role", "workflow")),
    ),
]
EMPTIED = [
    Case("no policy", no_policy),
    Case("deletion is not denied", vault_policy(DENIED | {"Action": ["backup:StartCopyJob"]})),
    Case(
        "only on a condition",
        vault_policy(
            DENIED
            | {
                "Action": "backup:DeleteRecoveryPoint",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
            }
        ),
    ),
    Case("everything is allowed", vault_policy(allow("backup:*", {"AWS": "arn:aws:iam::123456789012:root"}))),
]
ELSEWHERE = [
    Case("a group by its name", with_(CLUSTER, "blue", db_subnet_group_name="default")),
    Case(
        "a group of a data source",
        with_(CLUSTER, "green", db_subnet_group_name="${data.aws_db_subnet_group.x.name}"),
    ),
    Case("no group", with_(CLUSTER, "green", db_subnet_group_name=None)),
]
MODES = [
    Case("serverless", with_(CLUSTER, "blue", engine_mode="serverless")),
    Case("parallel", with_(CLUSTER, "green", engine_mode="parallelquery")),
    Case("global", with_(CLUSTER, "green", engine_mode="global")),
]
LOGS = [
    Case("slow queries", parameter("blue", slow_query_log="0")),
    Case("slow queries of green", parameter("green", slow_query_log="OFF")),
    Case("to a table", parameter("blue", log_output="TABLE")),
    Case("audit", parameter("green", server_audit_logging="0")),
    Case("slow after an hour", parameter("blue", long_query_time="3600")),
]

TAKEN_BACK = [
    Case("retention", with_(CLUSTER, "blue", lifecycle__ignore_changes=["preferred_backup_window"])),
    Case("the window", with_(CLUSTER, "green", lifecycle__ignore_changes=["backup_retention_period"])),
    Case("both", with_(CLUSTER, "green", lifecycle__ignore_changes=None)),
]

CASES = [*TAKEN_BACK, *RARE, *NEVER, *ROLES, *EMPTIED, *ELSEWHERE, *MODES, *LOGS]
_ = new

"""Roles that are denied what they are there for, and backups that no one can use, in three forms each."""

from typing import Any

from tests.policies.harness import Document, name_like
from tests.policies.kinds import OWN, Case, added, ref, with_

POLICY, PLAN, SELECTION = "aws_iam_role_policy", "aws_backup_plan", "aws_backup_selection"


def deny(part: str, action: Any, **more: Any) -> Any:
    return added(POLICY, part, "policy", {"Effect": "Deny", "Action": action, "Resource": "*"} | more)


def rule(part: str, **changes: Any) -> Any:
    def place(document: Document) -> tuple[str, ...]:
        label = name_like(document, PLAN, part)
        for entry in document["resource"][PLAN][label]["rule"]:
            entry.update(changes)
        return (f"{PLAN}.{label}",)

    return place


ROLES = {
    "flow log": deny("flow-logs", "logs:PutLogEvents"),
    "flow log, all": deny("flow-logs", "*"),
    "flow log, on a condition": deny(
        "flow-logs", "logs:*", Condition={"StringNotEquals": {"aws:PrincipalTag/team": "network"}}
    ),
    "backup": deny("backup", "rds:*"),
    "backup's grants": deny("backup", ["kms:CreateGrant"]),
    "backup, from elsewhere": deny(
        "backup", "dynamodb:*", Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    ),
    "monitoring": deny("database-monitoring", "logs:*"),
    "execution's secret": deny("blue-fargate_execution", "secretsmanager:GetSecretValue"),
    "execution's image": deny("green-fargate_execution", "ecr:*"),
    "tasks' sessions": deny("green-fargate_application", "dynamodb:PutItem"),
    "workflow": deny("workflow", "lambda:Invoke*"),
    "mover": deny("ledger_move_calls", "secretsmanager:*"),
    "migration's log": deny("ledger_migrate_runtime", ["logs:PutLogEvents", "logs:CreateLogStream"]),
    "all but reading": added(
        POLICY, "ledger_watch_calls", "policy",
        {"Effect": "Deny", "NotAction": ["ecs:Describe*"], "Resource": "*"},
    ),
}  # fmt: skip
BACKUPS = {
    "too short in the cold": rule("tables", lifecycle={"cold_storage_after": 30, "delete_after": 60}),
    "cold at the end": rule("databases", lifecycle={"cold_storage_after": "7", "delete_after": "90"}),
    "too long for points in time": rule("databases", lifecycle={"delete_after": 40}),
    "for a century": rule("tables", lifecycle={"delete_after": 36_500}),
    "in a place that is not": rule("databases", schedule_expression_timezone="Nowhere/City"),
    "finished in two months": rule("databases", start_window=60, completion_window=100_000),
    "begun after two weeks": rule("tables", start_window=20_000, completion_window=30_000),
    "copies for a day": rule(
        "databases",
        copy_action=[{
            "destination_vault_arn": f"arn:aws:backup:us-west-2:{OWN}:backup-vault:copies",
            "lifecycle": {"delete_after": 1},
        }],
    ),
    "taken out again": with_(SELECTION, "selection-green", not_resources=[ref("aws_rds_cluster", "green")]),
    "on a condition": with_(
        SELECTION,
        "selection-green",
        condition=[{"string_equals": [{"key": "aws:ResourceTag/Backup", "value": "yes"}]}],
    ),
    "of another table": with_(
        SELECTION, "selection-sessions", resources=[f"arn:aws:dynamodb:us-east-1:{OWN}:table/nothing"]
    ),
    "by a tag of none": with_(
        SELECTION,
        "selection-control",
        resources=None,
        selection_tag=[{"type": "STRINGEQUALS", "key": "Backup", "value": "no"}],
    ),
}  # fmt: skip
GROUPS = {"role": ROLES, "backup": BACKUPS}
CASES = [
    Case(f"{group}: {name}", place) for group, places in GROUPS.items() for name, place in places.items()
]

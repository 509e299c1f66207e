"""Alarms, rules, logs and dashboards that are gone, of one colour, both, or what both share."""

import json
from collections.abc import Callable
from typing import Any

from tests.policies.harness import Document, name_like, names
from tests.policies.kinds import Case

ALARM, COMPOSITE, BOARD, LOGS, RULE, TARGET = (
    "aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm", "aws_cloudwatch_dashboard",
    "aws_cloudwatch_log_group", "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target",
)  # fmt: skip
FUNCTION, QUEUE, CLUSTER = "aws_lambda_function", "aws_sqs_queue", "aws_rds_cluster"
Place = Callable[[Document], tuple[str, ...]]
# Part of the alarms' names → what is unwatched then, by type and part.
WATCHED = {
    "backup-failed": ("aws_backup_vault", ""),
    "backup-missing": ("aws_backup_vault", ""),
    "blocked-requests": ("aws_wafv2_web_acl", ""),
    "certificate-expiry": ("aws_lb_listener", "https"),
    "control-system-errors": ("aws_dynamodb_table", "control"),
    "database-cpu": (CLUSTER, "blue"),
    "database-memory": (CLUSTER, "green"),
    "database-replica-lag": (CLUSTER, "blue"),
    "event-delivery": ("aws_cloudwatch_event_rule", "key-in-danger"),
    "event-delivery-ledger": ("aws_cloudwatch_event_rule", "ledger_watching"),
    "hosts": ("aws_lb_target_group", "blue"),
    "ledger-dead-letters": (QUEUE, "ledger_move"),
    "ledger-health-errors": (FUNCTION, "ledger_watch"),
    "ledger-lag": (CLUSTER, "green"),
    "ledger-migrate-duration": (FUNCTION, "ledger_migrate"),
    "ledger-replication-stopped": (CLUSTER, "blue"),
    "ledger-setup-dead-letter-errors": (FUNCTION, "ledger_setup"),
    "load-balancer-errors": ("aws_lb", ""),
    "missing-tasks": ("aws_ecs_service", "green"),
    "nat-ports": ("aws_nat_gateway", "us-east-1a"),
    "notification-delivery": ("aws_sns_topic", ""),
    "rejected-connections": ("aws_lb", ""),
    "rotation-errors": (FUNCTION, "green-credentials"),
    "server-errors": ("aws_lb_target_group", "green"),
    "service-memory": ("aws_ecs_service", "blue"),
    "shift-failed": ("aws_sfn_state_machine", ""),
    "shift-stopped": ("aws_sfn_state_machine", ""),
    "shift-timed-out": ("aws_sfn_state_machine", ""),
    "switch-dead-letters": (QUEUE, "switching_switch"),
    "switch-errors": (FUNCTION, "switching_switch"),
    "switch-read-throttles": (FUNCTION, "switching_read"),
}


def without(part: str, type_: str, of: str) -> Place:
    """No alarm whose name has the part, in no composite alarm either."""

    def place(document: Document) -> tuple[str, ...]:
        for name in [name for name in names(document, ALARM) if f"{part}_" in name]:
            del document["resource"][ALARM][name]
            for composite in document["resource"][COMPOSITE].values():
                rules = composite["alarm_rule"].split(" OR ")
                composite["alarm_rule"] = " OR ".join(rule for rule in rules if name not in rule)
        return (f"{type_}.{name_like(document, type_, of)}",)

    return place


def board(change: Callable[[dict[str, Any]], Any]) -> Place:
    """The dashboard after a change of its body."""

    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, BOARD, "")
        found = document["resource"][BOARD][name]
        body = json.loads(found["dashboard_body"])
        change(body)
        found["dashboard_body"] = json.dumps(body)
        return (f"{BOARD}.{name}",)

    return place


def no_board(document: Document) -> tuple[str, ...]:
    del document["resource"][BOARD]
    return ("local",)


def no_json(document: Document) -> tuple[str, ...]:
    name = name_like(document, BOARD, "")
    document["resource"][BOARD][name]["dashboard_body"] = "{"
    return (f"{BOARD}.{name}",)


def crossed(body: dict[str, Any]) -> None:
    """What is called blue is green's."""
    for widget in body["widgets"]:
        metrics = widget["properties"].get("metrics", [])
        labels = [
            row[-1]
            for row in metrics
            if isinstance(row[-1], dict) and row[-1].get("label") in ("blue", "green")
        ]
        for options in labels:
            options["label"] = {"blue": "green", "green": "blue"}[options["label"]]


def elsewhere(body: dict[str, Any]) -> None:
    for widget in body["widgets"]:
        if "region" in widget["properties"]:
            widget["properties"]["region"] = "eu-west-1"


def no_log(group: str, type_: str, part: str) -> Place:
    def place(document: Document) -> tuple[str, ...]:
        name = name_like(document, LOGS, group)
        del document["resource"][LOGS][name]
        for bodies in document["resource"].values():
            for body in bodies.values():
                body["depends_on"] = [one for one in body.get("depends_on", []) if name not in one]
        return (f"{type_}.{name_like(document, type_, part)}",)

    return place


def no_rule(part: str, type_: str = "", of: str = "") -> Place:
    """No rule of the name, of either colour, no target and no alarm of it."""

    def place(document: Document) -> tuple[str, ...]:
        for kind in (RULE, TARGET, ALARM):
            for name in [name for name in names(document, kind) if f"_{part}" in name]:
                del document["resource"][kind][name]
        return (f"{type_}.{name_like(document, type_, of)}" if type_ else "local",)

    return place


BOARDS = {
    "emptied": board(lambda body: body.update(widgets=[])),
    "of weights alone": board(lambda body: body.update(widgets=body["widgets"][:1])),
    "of one colour": board(
        lambda body: body.update(widgets=[one for one in body["widgets"] if "green" not in json.dumps(one)])
    ),
    "of crossed colours": board(crossed),
    "of another region": board(elsewhere),
    "of no JSON": no_json,
    "gone": no_board,
}
EVENTS = {
    "aws-health": (),
    "backup-jobs": ("aws_backup_vault", ""),
    "database-changed": (CLUSTER, "green"),
    "database-trouble": (CLUSTER, "blue"),
    "deployment-failed": ("aws_ecs_service", "blue"),
    "failover": (CLUSTER, "green"),
    "interrupted": ("aws_sfn_state_machine", ""),
    "key-in-danger": ("aws_kms_key", ""),
    "ledger-rotation-failed": ("aws_secretsmanager_secret", "green-mover"),
    "listener-changed": ("aws_lb_listener", "https"),
    "roles-changed": (),
    "rotation-failed": ("aws_secretsmanager_secret", "blue-database_administrator"),
    "service-trouble": ("aws_ecs_service", "green"),
    "vault-changed": ("aws_backup_vault", ""),
}
LOG_GROUPS = {
    "of a function": no_log("ledger_move_logs", FUNCTION, "ledger_move"),
    "of a rotation": no_log("blue-credentials_rotation_logs", FUNCTION, "blue-credentials"),
    "of a database": no_log("green-database_logs-audit", CLUSTER, "green"),
    "of a cluster": no_log("blue-fargate_insights", "aws_ecs_cluster", "blue"),
}
CASES = [
    *(Case(f"no alarm: {part}", without(part, *of)) for part, of in WATCHED.items()),
    *(Case(f"no rule: {part}", no_rule(part, *of)) for part, of in EVENTS.items()),
    *(Case(f"a dashboard {name}", place) for name, place in BOARDS.items()),
    *(Case(f"no log group {name}", place) for name, place in LOG_GROUPS.items()),
]

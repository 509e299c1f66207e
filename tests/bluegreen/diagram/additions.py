"""What a stack may have beside what this one has: a service on Fargate, a firewall, a table, a workflow."""

import json
from typing import Any

Document = dict[str, Any]


def add(document: Document, type_: str, label: str, **arguments: Any) -> str:
    """Adds a resource; returns a reference to its ARN."""
    document["resource"].setdefault(type_, {})[label] = arguments
    return f"${{{type_}.{label}.arn}}"


def reference(document: Document, type_: str, word: str, attribute: str = "arn") -> str:
    """A reference to the resource of this type whose name has a word in it."""
    (name,) = [name for name in document["resource"][type_] if word in name]
    return f"${{{type_}.{name}.{attribute}}}"


def fargate(document: Document, colour: str) -> None:
    """A service with its cluster, tasks, scaling, and a role that may use the sessions."""
    group = reference(document, "aws_lb_target_group", f"{colour}_targets")
    role = reference(document, "aws_iam_role", f"{colour}_role", "id")
    table = reference(document, "aws_dynamodb_table", "sessions")
    statement = {"Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": [table]}
    add(
        document, "aws_iam_role_policy", f"{colour}-sessions",
        role=role, policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )  # fmt: skip
    cluster = add(document, "aws_ecs_cluster", f"{colour}-tasks", name=f"payments-local-{colour}")
    task = add(
        document, "aws_ecs_task_definition", f"{colour}-task", cpu="1024", memory="2048", family=colour
    )
    add(
        document, "aws_ecs_service", f"{colour}-service",
        name=f"payments-local-{colour}", cluster=cluster, task_definition=task, launch_type="FARGATE",
        desired_count=3, load_balancer=[{"target_group_arn": group, "container_port": 8443}],
    )  # fmt: skip
    service = f"service/${{aws_ecs_cluster.{colour}-tasks.name}}/${{aws_ecs_service.{colour}-service.name}}"
    add(
        document, "aws_appautoscaling_target", f"{colour}-scaling",
        min_capacity=3, max_capacity=12, resource_id=service,
    )  # fmt: skip
    add(
        document, "aws_appautoscaling_policy", f"{colour}-load",
        resource_id=f"${{aws_appautoscaling_target.{colour}-scaling.resource_id}}",
    )  # fmt: skip


def firewall(document: Document) -> None:
    """A web ACL before the load balancer."""
    rules = [{"name": name, "priority": index} for index, name in enumerate(("common", "rates"))]
    acl = add(document, "aws_wafv2_web_acl", "wall", name="payments-local", rule=rules)
    balancer = reference(document, "aws_lb", "load-balancer")
    add(document, "aws_wafv2_web_acl_association", "wall", web_acl_arn=acl, resource_arn=balancer)


def workflow(document: Document) -> None:
    """A state machine that calls the switch, and a table that both use."""
    function = reference(document, "aws_lambda_function", "switch")
    key = reference(document, "aws_kms_key", "key")
    add(
        document, "aws_dynamodb_table", "control",
        name="payments-local-control", hash_key="id",
        server_side_encryption={"enabled": True, "kms_key_arn": key},
    )  # fmt: skip
    (name,) = [name for name in document["resource"]["aws_lambda_function"] if "switch" in name]
    variables = document["resource"]["aws_lambda_function"][name]["environment"]["variables"]
    variables["CONTROL_TABLE"] = "${aws_dynamodb_table.control.name}"
    states = {"Shift": {"Type": "Task", "Resource": function, "Next": "Done"}, "Done": {"Type": "Succeed"}}
    add(
        document, "aws_sfn_state_machine", "migration",
        name="payments-local-migration", definition=json.dumps({"StartAt": "Shift", "States": states}),
    )  # fmt: skip


def everything(document: Document) -> Document:
    """All of the above."""
    for colour in ("blue", "green"):
        fargate(document, colour)
    firewall(document)
    workflow(document)
    return document

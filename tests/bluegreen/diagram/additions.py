"""What a stack may have beside what this one has."""

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


def firewall(document: Document) -> None:
    """Another web ACL before the load balancer."""
    acl = add(document, "aws_wafv2_web_acl", "wall", name="wall", rule=[{"name": "rates", "priority": 1}])
    balancer = reference(document, "aws_lb", "load-balancer")
    add(document, "aws_wafv2_web_acl_association", "wall", web_acl_arn=acl, resource_arn=balancer)


def reports(document: Document) -> None:
    """A function outside of the network, a table of green's, and a workflow that uses both and the topic."""
    function = add(document, "aws_lambda_function", "reports", function_name="reports", runtime="python3.13")
    table = add(document, "aws_dynamodb_table", "green-reports", name="green-reports", hash_key="id")
    topic = reference(document, "aws_sns_topic", "notifications")
    states = {name: {"Type": "Task", "Resource": name} for name in (function, table, topic)}
    add(
        document, "aws_sfn_state_machine", "reports",
        name="reports", definition=json.dumps({"StartAt": function, "States": states}),
    )  # fmt: skip


def everything(document: Document) -> Document:
    """All of the above, a cluster for both colours, a second bucket, and a type that nobody knows."""
    firewall(document)
    reports(document)
    add(document, "aws_ecs_cluster", "jobs", name="jobs")
    add(document, "aws_s3_bucket", "archive", bucket="archive")
    add(document, "aws_quantum_ledger", "one")
    return document

"""The data source aws_iam_policy_document, rendered as the provider renders it.

Source: AWS provider documentation, data source "aws_iam_policy_document".
"""

from typing import Any

from bluegreen.gate.document import END, START

_STATEMENT = {
    "sid": "Sid",
    "effect": "Effect",
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
_PRINCIPALS = {"principals": "Principal", "not_principals": "NotPrincipal"}
_OWN = {"statement", "version", "policy_id", START, END}


def is_whole(body: dict[str, Any]) -> bool:
    """Whether the document says everything itself, rather than adding to other documents."""
    return set(body) <= _OWN


def render(body: dict[str, Any]) -> dict[str, Any]:
    """The policy document that `body`, a block of the data source, stands for."""
    return {
        "Version": body.get("version", "2012-10-17"),
        "Statement": [_statement(item) for item in _blocks(body, "statement")],
    }


def _statement(block: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"Effect": "Allow"}
    found |= {key: block[name] for name, key in _STATEMENT.items() if name in block}
    for name, key in _PRINCIPALS.items():
        for principal in _blocks(block, name):
            identifiers = found.setdefault(key, {}).setdefault(principal["type"], [])
            identifiers.extend(principal["identifiers"])
        if "*" in found.get(key, {}):
            found[key] = "*"
    for condition in _blocks(block, "condition"):
        values = found.setdefault("Condition", {}).setdefault(condition["test"], {})
        values[condition["variable"]] = condition["values"]
    return found


def _blocks(block: dict[str, Any], name: str) -> list[dict[str, Any]]:
    value = block.get(name, [])
    return value if isinstance(value, list) else [value]

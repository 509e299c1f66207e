"""The data source aws_iam_policy_document, rendered as the provider renders it.

Source: AWS provider documentation, data source "aws_iam_policy_document".
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from stack_gate.document import END, START

REFERENCE = re.compile(r"\$\{data\.aws_iam_policy_document\.([\w-]+)\.(?:minified_)?json\}")

_STATEMENT = {
    "sid": "Sid",
    "effect": "Effect",
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}
_PRINCIPALS = {"principals": "Principal", "not_principals": "NotPrincipal"}
_SOURCES, _OVERRIDES = "source_policy_documents", "override_policy_documents"
_KNOWN = {"statement", "version", "policy_id", _SOURCES, _OVERRIDES, START, END}

Statements = list[dict[str, Any]]


def render(bodies: Mapping[str, dict[str, Any]]) -> dict[str, str]:
    """Name → JSON text of the data sources; without those that include what is not in the configuration.
    `bodies`: their blocks by name.
    """
    found: dict[str, Statements | None] = {}
    for name in bodies:
        _collect(name, bodies, found)
    return {
        name: json.dumps({"Version": bodies[name].get("version", "2012-10-17"), "Statement": statements})
        for name, statements in found.items()
        if statements is not None
    }


def _collect(
    name: str, bodies: Mapping[str, dict[str, Any]], found: dict[str, Statements | None]
) -> Statements | None:
    """The statements of one data source, with those that it includes; None where they can't be known."""
    if name not in found:
        found[name] = None  # as long as nothing else is known: Terraform refuses circles
        body = bodies.get(name, {"unknown": name})
        if set(body) <= _KNOWN:
            included = [_included(item, bodies, found) for item in body.get(_SOURCES) or ()]
            overriding = [_included(item, bodies, found) for item in body.get(_OVERRIDES) or ()]
            own = [_statement(item) for item in _blocks(body, "statement")]
            found[name] = _merged([*included, own, *overriding])
    return found[name]


def _included(
    text: Any, bodies: Mapping[str, dict[str, Any]], found: dict[str, Statements | None]
) -> Statements | None:
    """The statements of a document given as text, or as a reference to another data source."""
    if (reference := REFERENCE.fullmatch(str(text))) is not None:
        return _collect(reference[1], bodies, found)
    try:
        statements = json.loads(text)["Statement"]
    except (ValueError, TypeError, KeyError):
        return None
    return statements if isinstance(statements, list) else [statements]


def _merged(documents: list[Statements | None]) -> Statements | None:
    """One document after the other: a statement takes the place of an earlier one with the same Sid."""
    merged: Statements = []
    for document in documents:
        if document is None:
            return None
        for statement in document:
            ids = [other.get("Sid") or None for other in merged]
            if statement.get("Sid") in ids and statement.get("Sid"):
                merged[ids.index(statement["Sid"])] = statement
            else:
                merged.append(statement)
    return merged


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

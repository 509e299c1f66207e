"""Whether a role that deploys may do what the recording has, by its own policies."""

import json
import re
from collections.abc import Iterator
from typing import Any

from bluegreen.permissions.recording import Row
from bluegreen.permissions.roles import Role
from bluegreen.permissions.scope import Scope
from iam_evaluation import Caller, Kind, Policies, Policy, Request, evaluate, parse_policy

ANY = re.compile(r"\*")


def policies_of(role: Role) -> Policies:
    """All of its managed policies."""
    return Policies(identity=tuple(_parsed(one.document, one.name) for one in role.policies))


def _parsed(document: dict[str, Any], name: str) -> Policy:
    return parse_policy(json.dumps(document), name=name, kind=Kind.IDENTITY)


def request_of(role: Role, row: Row, scope: Scope) -> Request:
    """The request that a row stands for: its pattern's `*` is some name."""
    (filled,) = row.within(scope)
    resource = filled.resource if filled.resource == "*" else ANY.sub("0a1b", filled.resource)
    return Request(Caller.role(role.arn, "terraform"), row.action, resource, dict(_keys(filled)))


def _keys(row: Row) -> Iterator[tuple[str, Any]]:
    for operator, block in row.condition.items():
        for key, value in block.items():
            if operator == "Bool":
                yield key, value == "true"
            elif operator != "Null":
                yield key, value


def allowed(policies: Policies, request: Request) -> bool:
    """By identity policies; a key's policy delegates to them."""
    found = policies
    if request.resource.startswith("arn:aws:kms:") and ":key/" in request.resource:
        found = Policies(identity=policies.identity, resource=(DELEGATING,))
    return evaluate(request, found).allowed


DELEGATING = parse_policy(
    json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                "Action": "kms:*",
                "Resource": "*",
            },
        }
    ),
    name="key policy",
    kind=Kind.KEY,
)

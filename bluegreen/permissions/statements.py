"""From single permissions to policy documents: as few statements as say the same, in policies that IAM takes.

Quota: a managed policy has at most 6,144 characters, without white space; a role at most 10 of them (IAM user
guide, "IAM and AWS STS quotas").
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from bluegreen.permissions.errors import PermissionsError
from bluegreen.permissions.recording import Condition, Row

LONGEST = 6144
MOST = 10
# What a permission may be limited to several values of.
LISTED = (
    "ec2:CreateAction",
    "ecs:CreateAction",
    "elasticloadbalancing:CreateAction",
    "iam:AWSServiceName",
    "iam:PassedToService",
    "kms:ViaService",
)
Statement = dict[str, Any]
Document = dict[str, Any]


def statements(rows: Iterable[Row]) -> list[Statement]:
    """The Allows for these permissions: no action, resource or condition beyond them."""
    by_condition: dict[tuple[str, str], set[str]] = defaultdict(set)
    for action, resource, condition in _merged(_widest(rows)):
        by_condition[action, condition].add(resource)
    by_resources: dict[tuple[str, tuple[str, ...]], set[str]] = defaultdict(set)
    for (action, condition), resources in by_condition.items():
        by_resources[condition, tuple(sorted(resources))].add(action)
    return [
        allow(sorted(actions), list(resources), json.loads(condition))
        for (condition, resources), actions in sorted(
            by_resources.items(), key=lambda one: (min(one[1]), one[0])
        )
    ]


def allow(actions: list[str], resources: list[str], condition: Condition | None = None) -> Statement:
    """One statement. `condition` empty: none."""
    found: Statement = {"Effect": "Allow", "Action": _plain(actions), "Resource": _plain(resources)}
    return {**found, "Condition": condition} if condition else found


def deny(sid: str, actions: list[str], resources: list[str], condition: Condition | None = None) -> Statement:
    """One statement that no Allow, wherever it stands, gets past."""
    found: Statement = {
        "Sid": sid,
        "Effect": "Deny",
        "Action": _plain(actions),
        "Resource": _plain(resources),
    }
    return {**found, "Condition": condition} if condition else found


def document(found: Iterable[Statement]) -> Document:
    """A policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(found)}


def length(policy: Mapping[str, Any]) -> int:
    """As IAM counts: without white space."""
    return len(text_of(policy))


def text_of(policy: Mapping[str, Any]) -> str:
    """The document without white space."""
    return json.dumps(policy, separators=(",", ":"))


def split(found: Iterable[Statement], whose: str) -> list[Document]:
    """Policies of at most LONGEST characters, in the order of the statements. Raises PermissionsError."""
    documents: list[list[Statement]] = [[]]
    for statement in (part for one in found for part in _halved(one)):
        if length(document([*documents[-1], statement])) > LONGEST:
            documents.append([])
        documents[-1].append(statement)
    if len(documents) > MOST:
        raise PermissionsError(
            f"the permissions of {whose} need {len(documents)} managed policies",
            f"IAM attaches at most {MOST} to a role",
            "raise the quota of managed policies per role, or split the stack",
        )
    return [document(one) for one in documents]


def _widest(rows: Iterable[Row]) -> list[Row]:
    """Without those that another one covers: the same action on more, under no other condition."""
    by_action: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_action[row.action].append(row)
    return [
        row
        for same in by_action.values()
        for row in same
        if not any(other is not row and _covers(other, row) for other in same)
    ]


def _covers(wide: Row, row: Row) -> bool:
    on = wide.resource == row.resource or (
        wide.resource.endswith("*") and row.resource.startswith(wide.resource[:-1])
    )
    return (
        on
        and _limits(wide) <= _limits(row)
        and (wide.resource, _limits(wide)) != (row.resource, _limits(row))
    )


def _limits(row: Row) -> set[tuple[str, str, str]]:
    return {
        (operator, key, str(value))
        for operator, block in row.condition.items()
        for key, value in block.items()
    }


def _merged(rows: Iterable[Row]) -> Iterable[tuple[str, str, str]]:
    """Action, resource and condition as JSON; permissions that differ in one value of LISTED become one."""
    found: dict[tuple[str, str, str], dict[str, set[str]]] = {}
    for row in rows:
        equals = dict(row.condition.get("StringEquals", {}))
        listed = {key: equals.pop(key) for key in LISTED if key in equals}
        rest = {name: block for name, block in row.condition.items() if name != "StringEquals"}
        rest |= {"StringEquals": equals} if equals else {}
        key = row.action, row.resource, json.dumps([rest, sorted(listed)], sort_keys=True)
        values = found.setdefault(key, {})
        for name, value in listed.items():
            values.setdefault(name, set()).add(value)
    for (action, resource, rest_of_it), values in found.items():
        condition = json.loads(rest_of_it)[0]
        equals = {
            **condition.get("StringEquals", {}),
            **{name: _plain(sorted(one)) for name, one in values.items()},
        }
        whole = {**condition, **({"StringEquals": equals} if equals else {})}
        yield action, resource, json.dumps(whole, sort_keys=True)


def _halved(statement: Statement) -> Iterable[Statement]:
    """Statements that each fit into a policy."""
    actions = statement["Action"]
    if length(document([statement])) <= LONGEST or isinstance(actions, str):
        yield statement
        return
    middle = len(actions) // 2
    for part in (actions[:middle], actions[middle:]):
        yield from _halved({**statement, "Action": _plain(part)})


def _plain(values: list[str]) -> Any:
    return values[0] if len(values) == 1 else values

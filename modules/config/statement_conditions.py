"""Conditions of a statement: operators and keys that IAM knows, and that the statement's actions send.

An Allow with a key that a request doesn't carry is never met: IAM takes such a statement, and it allows
nothing. Sources: IAM user guide, "AWS global condition context keys" and "IAM JSON policy elements: Condition
operators"; the keys of actions: Service Authorization Reference.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

# Of the global keys those that a task's request carries and an operator decides about. The account of the
# resource is in each statement anyway.
GLOBAL = {
    "aws:CurrentTime": "Date",
    "aws:EpochTime": "Date",
    "aws:PrincipalTag/": "String",
    "aws:RequestedRegion": "String",
    "aws:SecureTransport": "Bool",
    "aws:SourceVpc": "String",
    "aws:SourceVpce": "String",
    "aws:ViaAWSService": "Bool",
    "aws:VpcSourceIp": "IPAddress",
}
SETS = ("ForAllValues:", "ForAnyValue:")

Conditions = Annotated[
    dict[
        Annotated[str, Field(pattern=r"^(ForAllValues:|ForAnyValue:)?[A-Z][A-Za-z]{1,40}$")],
        Annotated[
            dict[
                Annotated[str, Field(pattern=r"^[a-z0-9-]{2,32}:[A-Za-z0-9_./:=@<>+-]{1,128}$")],
                Annotated[
                    tuple[Annotated[str, Field(pattern=r"^[ -~]{1,256}$")], ...],
                    Field(min_length=1, max_length=20),
                ],
            ],
            Field(min_length=1, max_length=10),
        ],
    ],
    Field(
        max_length=10,
        description="up to 10 of IAM's condition operators, each a table of up to 10 condition keys and a "
        "list of values; keys that every action of the statement sends",
        examples=[{"StringEquals": {"aws:SourceVpc": ["vpc-0123456789abcdef0"]}}],
    ),
]
Chosen = Mapping[str, Mapping[str, tuple[str, ...]]]


def problems(conditions: Chosen, actions: tuple[str, ...]) -> Iterator[str]:
    """What IAM would refuse, and what would never be met."""
    if not conditions:
        return
    from iam_evaluation import PolicyError, parse_policy  # noqa: PLC0415 - 50 MB of AWS's reference

    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*", "Condition": conditions}
    try:
        parse_policy(json.dumps({"Version": "2012-10-17", "Statement": [statement]}), name="conditions")
    except PolicyError as error:
        yield error.cause
        return
    for operator, keys in conditions.items():
        for key in keys:
            yield from _of(operator, key, actions)


def _of(operator: str, key: str, actions: tuple[str, ...]) -> Iterator[str]:
    if key.lower() == "aws:resourceaccount":
        yield f"{key} is set by the platform"
        return
    if lacking := [action for action in actions if not _sends(action, key)]:
        yield f"{key} is no condition key of {', '.join(lacking)}: such a request never meets it"
    elif _is_list(key) and not operator.startswith(SETS):
        yield f"{key} has several values: use ForAllValues: or ForAnyValue: with {operator}"
    elif not _is_list(key) and operator.startswith(SETS):
        yield f"{key} has one value: use {operator.partition(':')[2]}"


def _sends(action: str, key: str) -> bool:
    from iam_evaluation import find_action  # noqa: PLC0415

    if any(key == one or (one.endswith("/") and key.startswith(one) and key != one) for one in GLOBAL):
        return True
    found = find_action(action)
    known = found.condition_keys.union(*(type_.condition_keys for type_ in found.resource_types))
    return any(key == one or _is_tag_of(key, one) for one in known)


def _is_tag_of(key: str, known: str) -> bool:
    """The reference has `aws:ResourceTag/${TagKey}` for each tag."""
    name, slash, placeholder = known.partition("/")
    return bool(slash and placeholder[:1] in "$<" and key.startswith(f"{name}/") and len(key) > len(name) + 1)


def _is_list(key: str) -> bool:
    from iam_evaluation import condition_key_types  # noqa: PLC0415

    types = {**condition_key_types(key.partition(":")[0]), **GLOBAL}
    return types.get(key, "String").startswith("ArrayOf")


def merged(conditions: Chosen, own: Mapping[str, str]) -> dict[str, dict[str, str | list[str]]]:
    """The conditions with the platform's own, which are met besides."""
    found: dict[str, dict[str, str | list[str]]] = {
        operator: {key: list(values) for key, values in keys.items()} for operator, keys in conditions.items()
    }
    if own:
        found["StringEquals"] = found.get("StringEquals", {}) | dict(own)
    return found

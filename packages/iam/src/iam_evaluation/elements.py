"""The elements of a statement: read and validated. Each raises PolicyError.

Source: IAM User Guide, "IAM JSON policy elements reference"; Access Analyzer policy check reference (ARNs
need six fields).
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from iam_evaluation.conditions import Condition, parse_condition
from iam_evaluation.documents import Actions, Kind, Resources
from iam_evaluation.patterns import Check, arn_check, text_check
from iam_evaluation.principals import Principals, parse_principals
from iam_evaluation.reader import Reader

_ACTION = re.compile(r"\*|\*:\*|[\w-]+:[\w*?-]+")
_SID = re.compile(r"[A-Za-z0-9]*")

Element = Mapping[str, Any]


def read_sid(reader: Reader, sid: object, where: str) -> str | None:
    """Letters and digits; in documents of resources, anything."""
    if sid is None:
        return None
    if not isinstance(sid, str):
        raise reader.wrong(f"{where}.Sid", f"{sid!r} is no string", "write a string")
    if reader.of_identity and not _SID.fullmatch(sid):
        cause = f"{sid!r} has other characters than letters and digits"
        raise reader.wrong(f"{where}.Sid", cause, "leave them out")
    return sid or None


def read_principals(
    reader: Reader, element: Element, where: str, *, allow: bool
) -> tuple[Principals | None, bool]:
    """Who is named, and whether as NotPrincipal."""
    chosen = reader.either(element, "Principal", where)
    if reader.of_identity:
        if chosen:
            raise reader.wrong(
                f"{where}.{chosen}", "the policy is attached to its principal", f"remove {chosen}"
            )
        return None, False
    if not chosen:
        raise reader.wrong(where, "it names no principal", 'add Principal, such as {"Service": "…"}')
    exempt = chosen == "NotPrincipal"
    if exempt and (allow or reader.kind is Kind.TRUST):
        cause = "it is for Deny, and not for trust policies"
        raise reader.wrong(f"{where}.{chosen}", cause, "name the Principal")
    try:
        found = parse_principals(element[chosen])
    except ValueError as error:
        raise reader.wrong(f"{where}.{chosen}", str(error), "name each principal in full") from None
    if reader.kind is Kind.RESOURCE_CONTROL and (allow or exempt or not found.everyone):
        cause = "resource control policies deny, for everyone"
        raise reader.wrong(where, cause, 'write "Deny" and Principal "*"')
    return found, exempt


def read_actions(reader: Reader, element: Element, where: str) -> Actions:
    """Action or NotAction."""
    chosen = reader.either(element, "Action", where)
    if not chosen:
        raise reader.wrong(where, "it names no action", "add Action or NotAction")
    written = reader.texts(element, chosen, where)
    for text in written:
        if not _ACTION.fullmatch(text):
            cause = f'{text!r} is neither "*" nor SERVICE:Action; a wildcard can\'t stand for the service'
            raise reader.wrong(f"{where}.{chosen}", cause, "write it such as s3:GetObject or s3:Get*")
    return Actions(written, chosen == "NotAction")


def read_resources(reader: Reader, element: Element, where: str) -> Resources | None:
    """Resource or NotResource. None: the resource that the document is attached to."""
    chosen = reader.either(element, "Resource", where)
    if reader.kind is Kind.TRUST and chosen:
        raise reader.wrong(f"{where}.{chosen}", "a trust policy is about its role", f"remove {chosen}")
    if not chosen:
        if reader.of_identity:
            raise reader.wrong(where, "it names no resource", 'add Resource, "*" if the action has none')
        return None
    written = reader.texts(element, chosen, where)
    try:
        checks = tuple(_resource(reader, text) for text in written)
    except ValueError as error:
        raise reader.wrong(f"{where}.{chosen}", str(error), "write the whole ARN") from None
    return Resources(written, chosen == "NotResource", checks)


def _resource(reader: Reader, text: str) -> Check:
    """Some services' own documents have resources that are no ARNs (API Gateway's `execute-api:/*`)."""
    if reader.kind in (Kind.RESOURCE, Kind.KEY) and not text.startswith("arn:"):
        return text_check(text, variables=reader.variables)
    return arn_check(text, variables=reader.variables)


def read_conditions(reader: Reader, element: object, where: str) -> tuple[Condition, ...]:
    """All have to hold."""
    if not isinstance(element, Mapping):
        raise reader.wrong(where, f"{element!r} is no object", "write {OPERATOR: {KEY: VALUE}}")
    found: list[Condition] = []
    for operator, keys in element.items():
        if not isinstance(keys, Mapping) or not keys:
            raise reader.wrong(f"{where}.{operator}", "it has no keys", "write {KEY: VALUE} below it")
        for key, value in keys.items():
            place = f"{where}.{operator}.{key}"
            values = tuple(
                _value(reader, one, place) for one in (value if isinstance(value, list) else [value])
            )
            try:
                found.append(parse_condition(operator, key, values, variables=reader.variables))
            except ValueError as error:
                raise reader.wrong(place, str(error), "correct the operator or its value") from None
    return tuple(found)


def _value(reader: Reader, value: object, where: str) -> str:
    """Numbers and booleans count as their JSON text."""
    if isinstance(value, str):
        return value
    if not isinstance(value, int | float):
        raise reader.wrong(where, f"{value!r} is no string, number or boolean", "write one of them")
    return json.dumps(value)

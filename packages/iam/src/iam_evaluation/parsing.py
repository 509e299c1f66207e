"""Reads and validates policy documents.

Source: IAM User Guide, "Grammar of the IAM JSON policy language", "IAM JSON policy elements reference"; Access Analyzer policy check
reference (ARNs need six fields); KMS Developer Guide, "Creating a key policy" (a missing Resource).
"""

import json
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from iam_evaluation.conditions import Condition, parse_condition
from iam_evaluation.documents import Actions, Kind, Policy, Resources, Statement
from iam_evaluation.errors import PolicyError
from iam_evaluation.patterns import Check, arn_check, text_check
from iam_evaluation.principals import Principals, parse_principals

VARIABLES_SINCE = "2012-10-17"
VERSIONS = ("2008-10-17", VARIABLES_SINCE)
_DOCUMENT = ("Version", "Id", "Statement")
_STATEMENT = (
    *("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource"),
    "Condition",
)
_ACTION = re.compile(r"\*|\*:\*|[\w-]+:[\w*?-]+")
_SID = re.compile(r"[A-Za-z0-9]*")
_OF_IDENTITIES = (Kind.IDENTITY, Kind.SERVICE_CONTROL)


def parse_policy(document: str | Mapping[str, Any], *, name: str, kind: Kind = Kind.IDENTITY) -> Policy:
    """`document`: JSON text (kept: the same text isn't parsed twice) or what it says. Raises PolicyError."""
    if isinstance(document, str):
        return _parse_text(document, name, kind)
    return _Reader(name, kind).policy(document)


@lru_cache(maxsize=4096)
def _parse_text(text: str, name: str, kind: Kind) -> Policy:
    reader = _Reader(name, kind)
    try:
        document = json.loads(text, object_pairs_hook=reader.without_twins)
    except json.JSONDecodeError as error:
        raise PolicyError(
            name, f"line {error.lineno}, column {error.colno}", f"no JSON: {error.msg}", "correct the JSON"
        ) from None
    return reader.policy(document)


class _Reader:
    """Of one document."""

    def __init__(self, name: str, kind: Kind) -> None:
        self._name = name
        self._kind = kind
        self._variables = False

    def wrong(self, where: str, cause: str, fix: str) -> PolicyError:
        return PolicyError(self._name, where, cause, fix)

    def without_twins(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twin = next(key for key, _ in pairs if [other for other, _ in pairs].count(key) > 1)
            raise self.wrong(twin, f"{twin!r} occurs twice in one object", f"keep one {twin!r}")
        return found

    def policy(self, document: object) -> Policy:
        if not isinstance(document, Mapping):
            raise self.wrong("the document", f"{document!r} is no object", "write an object with Statement")
        self._only_known(document, _DOCUMENT, "the document")
        version = document.get("Version", VERSIONS[0])
        if version not in VERSIONS:
            raise self.wrong("Version", f"{version!r} is no version", f'write "{VARIABLES_SINCE}"')
        self._variables = version == VARIABLES_SINCE
        written = document.get("Statement")
        statements = written if isinstance(written, list) else [written]
        if not written:
            raise self.wrong("Statement", "there is no statement", "add at least one statement")
        found = tuple(self._statement(index, one) for index, one in enumerate(statements))
        self._different_sids(found)
        return Policy(self._name, self._kind, found)

    def _only_known(self, element: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
        for key in element:
            if key not in known:
                near = get_close_matches(str(key), known, n=1, cutoff=0.6)
                fix = f"write {near[0]!r}" if near else f"remove it; known: {', '.join(known)}"
                raise self.wrong(where, f"{key!r} is no element", fix)

    def _different_sids(self, statements: Iterable[Statement]) -> None:
        if self._kind is not Kind.IDENTITY:
            return
        seen: set[str] = set()
        for statement in statements:
            if statement.sid and statement.sid in seen:
                where = f"Statement[{statement.index}].Sid"
                raise self.wrong(where, f"{statement.sid!r} is another statement's, too", "give each its own")
            seen.add(statement.sid or "")

    def _statement(self, index: int, element: object) -> Statement:
        where = f"Statement[{index}]"
        if not isinstance(element, Mapping):
            raise self.wrong(where, f"{element!r} is no object", "write an object with Effect and Action")
        self._only_known(element, _STATEMENT, where)
        effect = element.get("Effect")
        if effect not in ("Allow", "Deny"):
            raise self.wrong(f"{where}.Effect", f"{effect!r} is no effect", 'write "Allow" or "Deny"')
        sid = self._sid(element.get("Sid"), where)
        principals, exempt = self._principals(element, where, allow=effect == "Allow")
        return Statement(
            index=index,
            sid=sid,
            allow=effect == "Allow",
            principals=principals,
            exempt=exempt,
            actions=self._actions(element, where),
            resources=self._resources(element, where),
            conditions=self._conditions(element.get("Condition", {}), f"{where}.Condition"),
            ineffective=self._kind is Kind.KEY and not {"Resource", "NotResource"} & element.keys(),
        )

    def _sid(self, sid: object, where: str) -> str | None:
        if sid is None:
            return None
        if not isinstance(sid, str):
            raise self.wrong(f"{where}.Sid", f"{sid!r} is no string", "write a string")
        if self._kind in _OF_IDENTITIES and not _SID.fullmatch(sid):
            raise self.wrong(
                f"{where}.Sid", f"{sid!r} has other characters than letters and digits", "leave them out"
            )
        return sid or None

    def _principals(
        self, element: Mapping[str, Any], where: str, *, allow: bool
    ) -> tuple[Principals | None, bool]:
        chosen = self._either(element, "Principal", where)
        if self._kind in _OF_IDENTITIES:
            if chosen:
                raise self.wrong(
                    f"{where}.{chosen}", "the policy is attached to its principal", f"remove {chosen}"
                )
            return None, False
        if not chosen:
            raise self.wrong(where, "it names no principal", 'add Principal, such as {"Service": "…"}')
        exempt = chosen == "NotPrincipal"
        if exempt and (allow or self._kind is Kind.TRUST):
            raise self.wrong(
                f"{where}.{chosen}", "it is for Deny, and not for trust policies", "name the Principal"
            )
        try:
            found = parse_principals(element[chosen])
        except ValueError as error:
            raise self.wrong(f"{where}.{chosen}", str(error), "name each principal in full") from None
        if self._kind is Kind.RESOURCE_CONTROL and (allow or exempt or not found.everyone):
            raise self.wrong(
                where, "resource control policies deny, for everyone", 'write "Deny" and Principal "*"'
            )
        return found, exempt

    def _either(self, element: Mapping[str, Any], name: str, where: str) -> str | None:
        present = [key for key in (name, f"Not{name}") if key in element]
        if len(present) > 1:
            raise self.wrong(where, f"it has {name} and Not{name}", "keep one of them")
        return present[0] if present else None

    def _texts(self, element: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
        value = element[key]
        found = value if isinstance(value, list) else [value]
        if not found or not all(isinstance(one, str) for one in found):
            raise self.wrong(
                f"{where}.{key}", f"{value!r} is no string and no list of strings", "write strings"
            )
        return tuple(found)

    def _actions(self, element: Mapping[str, Any], where: str) -> Actions:
        chosen = self._either(element, "Action", where)
        if not chosen:
            raise self.wrong(where, "it names no action", "add Action or NotAction")
        written = self._texts(element, chosen, where)
        for text in written:
            if not _ACTION.fullmatch(text):
                cause = f'{text!r} is neither "*" nor SERVICE:Action; a wildcard can\'t stand for the service'
                raise self.wrong(f"{where}.{chosen}", cause, "write it such as s3:GetObject or s3:Get*")
        return Actions(written, chosen == "NotAction")

    def _resources(self, element: Mapping[str, Any], where: str) -> Resources | None:
        chosen = self._either(element, "Resource", where)
        if self._kind is Kind.TRUST and chosen:
            raise self.wrong(f"{where}.{chosen}", "a trust policy is about its role", f"remove {chosen}")
        if not chosen:
            if self._kind in _OF_IDENTITIES:
                raise self.wrong(where, "it names no resource", 'add Resource, "*" if the action has none')
            return None
        written = self._texts(element, chosen, where)
        try:
            checks = tuple(self._resource(text) for text in written)
        except ValueError as error:
            raise self.wrong(f"{where}.{chosen}", str(error), "write the whole ARN") from None
        return Resources(written, chosen == "NotResource", checks)

    def _resource(self, text: str) -> Check:
        """Some services' own policies have resources that are no ARNs (API Gateway's `execute-api:/*`)."""
        if self._kind in (Kind.RESOURCE, Kind.KEY) and not text.startswith("arn:"):
            return text_check(text, variables=self._variables)
        return arn_check(text, variables=self._variables)

    def _conditions(self, element: object, where: str) -> tuple[Condition, ...]:
        if not isinstance(element, Mapping):
            raise self.wrong(where, f"{element!r} is no object", "write {OPERATOR: {KEY: VALUE}}")
        found: list[Condition] = []
        for operator, keys in element.items():
            if not isinstance(keys, Mapping) or not keys:
                raise self.wrong(f"{where}.{operator}", "it has no keys", "write {KEY: VALUE} below it")
            for key, value in keys.items():
                place = f"{where}.{operator}.{key}"
                try:
                    values = self._values(value)
                    found.append(parse_condition(operator, key, values, variables=self._variables))
                except ValueError as error:
                    raise self.wrong(place, str(error), "correct the operator or its value") from None
        return tuple(found)

    @staticmethod
    def _values(value: object) -> tuple[str, ...]:
        found = []
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, str | int | float):
                raise ValueError(f"{one!r} is no string, number or boolean")
            found.append(json.dumps(one) if not isinstance(one, str) else one)
        return tuple(found)

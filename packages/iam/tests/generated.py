"""Random requests and policies, of a small world in which much meets by chance."""

import random
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from iam_evaluation import Caller, Kind
from packages.iam.tests.cases import Case, Document

T = TypeVar("T")
HOME, OTHER = "111122223333", "444455556666"
ROLE, OTHER_ROLE = f"arn:aws:iam::{HOME}:role/app", f"arn:aws:iam::{OTHER}:role/app"
USER = f"arn:aws:iam::{HOME}:user/alice"
CALLERS = (
    *(Caller.role(ROLE, "one"), Caller.role(ROLE, "one"), Caller.role(OTHER_ROLE, "one")),
    *(Caller.user(USER), Caller.root(HOME), Caller.service("events.amazonaws.com")),
)
PRINCIPALS: tuple[Any, ...] = (
    "*",
    {"AWS": "*"},
    {"AWS": HOME},
    {"AWS": f"arn:aws:iam::{HOME}:root"},
    {"AWS": [OTHER, ROLE]},
    {"AWS": ROLE},
    {"AWS": [USER, OTHER_ROLE]},
    {"AWS": f"arn:aws:sts::{HOME}:assumed-role/app/one"},
    {"AWS": f"arn:aws:sts::{HOME}:assumed-role/app/two"},
    {"Service": "events.amazonaws.com"},
    {"Service": ["sns.amazonaws.com", "events.amazonaws.com"], "AWS": OTHER},
)
EXEMPT: tuple[Any, ...] = (
    {"AWS": [ROLE, f"arn:aws:iam::{HOME}:root", f"arn:aws:sts::{HOME}:assumed-role/app/one"]},
    {"AWS": [USER, HOME]},
    {"Service": "events.amazonaws.com"},
)
KEY = "key/1234abcd-12ab-34cd-56ef-1234567890ab"
# Action → resource (with the owner's account in it, if its ARN has one).
ACTIONS: dict[str, Callable[[str], str]] = {
    "s3:GetObject": lambda _: "arn:aws:s3:::bucket/reports/2026.csv",
    "s3:ListBucket": lambda _: "arn:aws:s3:::bucket",
    "sqs:SendMessage": lambda owner: f"arn:aws:sqs:eu-west-1:{owner}:queue",
    "kms:Decrypt": lambda owner: f"arn:aws:kms:eu-west-1:{owner}:{KEY}",
    "sts:AssumeRole": lambda owner: f"arn:aws:iam::{owner}:role/target",
    "dynamodb:GetItem": lambda owner: f"arn:aws:dynamodb:eu-west-1:{owner}:table/alice",
}
# Key → values that requests have.
KEYS: dict[str, Sequence[Any]] = {
    "aws:SourceIp": ("203.0.113.7", "198.51.100.1", "2001:db8::1"),
    "aws:SecureTransport": ("true", "false"),
    "aws:CurrentTime": ("2026-01-31T12:00:00Z", "2020-01-01T00:00:00Z", "2026-06-30"),
    "aws:MultiFactorAuthAge": ("0", "300", "3600", "42.5"),
    "aws:SourceArn": (f"arn:aws:events:eu-west-1:{HOME}:rule/all", "arn:aws:s3:::bucket"),
    "aws:PrincipalTag/team": ("yellow", "blue", "Blue", "alice"),
    "aws:TagKeys": (["team"], ["team", "cost"], ["other", "team"], []),
    "kms:ViaService": ("sns.eu-west-1.amazonaws.com", "sqs.eu-west-1.amazonaws.com"),
}
OPERATORS: dict[str, Sequence[tuple[str, Sequence[str]]]] = {
    "aws:SourceIp": tuple(
        (operator, ("203.0.113.0/24", "198.51.100.1", "2001:db8::/32"))
        for operator in ("IpAddress", "NotIpAddress")
    ),
    "aws:SecureTransport": (("Bool", ("true", "false")), ("StringEquals", ("true", "false"))),
    "aws:CurrentTime": tuple(
        (f"Date{name}", ("2026-01-31T12:00:00Z", "2025-01-01", "1782777600"))
        for name in ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
    ),
    "aws:MultiFactorAuthAge": tuple(
        (f"Numeric{name}", ("300", "42.5", "1000"))
        for name in ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
    ),
    "aws:SourceArn": tuple(
        (
            f"Arn{name}",
            (f"arn:aws:events:*:{HOME}:rule/*", "arn:aws:s3:::buck?t", f"arn:aws:events:*:{OTHER}:rule/*"),
        )
        for name in ("Equals", "Like", "NotEquals", "NotLike")
    ),
    "aws:PrincipalTag/team": tuple(
        (
            f"String{name}",
            ("yellow", "blue", "b*", "b?ue", "${aws:username}", "${aws:PrincipalTag/none, 'blue'}"),
        )
        for name in ("Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike")
    ),
    "aws:TagKeys": tuple(
        (f"{over}:String{name}", ("team", "cost", "t*"))
        for over in ("ForAllValues", "ForAnyValue")
        for name in ("Equals", "NotEquals", "Like", "NotLike", "EqualsIgnoreCase")
    ),
    "kms:ViaService": (
        ("StringEquals", KEYS["kms:ViaService"]),
        ("StringLike", ("sns.*", "*.amazonaws.com")),
    ),
}


class World:
    """One source of chance."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 not for secrets

    def case(self) -> Case:
        """A request with policies that mostly concern it."""
        action = self._pick(list(ACTIONS))
        owner = HOME if self._odds(0.8) else OTHER
        caller = self._pick(CALLERS)
        resource = ACTIONS[action](owner)
        kind = {"kms": Kind.KEY, "sts": Kind.TRUST}.get(action.partition(":")[0], Kind.RESOURCE)
        has_account = bool(caller.account)
        return Case(
            caller=caller,
            action=action,
            resource=resource,
            owner=owner,
            context=self._context(action),
            identity=self._some(0.85, 3, lambda: self._document(action, resource)) if has_account else (),
            boundary=self._maybe(0.2, lambda: self._document(action, resource))
            if self._bounded(caller)
            else None,
            session=self._maybe(0.2, lambda: self._document(action, resource))
            if caller.kind.value == "AssumedRole"
            else None,
            of_resource=self._maybe(
                0.6 if kind is Kind.RESOURCE else 1, lambda: self._document(action, resource, kind)
            ),
            kind=kind,
            service_control=self._levels(action, resource) if has_account else (),
            resource_control=self._some(0.1, 1, lambda: self._resource_control(action)),
            endpoint=self._maybe(0.1, lambda: _to_everyone(self._document(action, resource))),
        )

    @staticmethod
    def _bounded(caller: Caller) -> bool:
        return caller.kind.value in ("AssumedRole", "User")

    def _levels(self, action: str, resource: str) -> tuple[tuple[Document, ...], ...]:
        if not self._odds(0.2):
            return ()
        return tuple(self._some(1, 2, lambda: self._document(action, resource)) for _ in range(2))

    def _document(self, action: str, resource: str, kind: Kind = Kind.IDENTITY) -> Document:
        statements = self._some(1, 3, lambda: self.statement(action, resource, kind))
        version = "2012-10-17" if self._odds(0.95) else "2008-10-17"
        return {"Version": version, "Statement": list(statements)}

    def _resource_control(self, action: str) -> Document:
        """They deny, and name services."""
        statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"}
        return {"Version": "2012-10-17", "Statement": [{**statement, "Condition": self._condition()}]}

    def statement(self, action: str, resource: str, kind: Kind) -> Document:
        found: Document = {"Effect": "Allow" if self._odds(0.85) else "Deny"}
        if kind is not Kind.IDENTITY:
            if found["Effect"] == "Deny" and kind is not Kind.TRUST and self._odds(0.2):
                found["NotPrincipal"] = self._pick(EXEMPT)
            else:
                found["Principal"] = self._pick(PRINCIPALS)
        found["Action" if self._odds(0.9) else "NotAction"] = self._patterns(self._action_patterns(action))
        if kind is not Kind.TRUST:
            patterns = ["*"] if kind is Kind.KEY else self._resource_patterns(resource)
            found["Resource" if kind is Kind.KEY or self._odds(0.9) else "NotResource"] = self._patterns(
                patterns
            )
        if self._odds(0.4):
            found["Condition"] = self._condition()
        return found

    def _action_patterns(self, action: str) -> list[str]:
        service, name = action.split(":")
        return [
            *(action, action.upper(), f"{service}:*", f"{service}:{name[:3]}*", f"{service}:?{name[1:]}"),
            *("*", "ec2:RunInstances", f"{service}:Other*"),
        ]

    def _resource_patterns(self, resource: str) -> list[str]:
        head, _, tail = resource.rpartition(":")
        return [
            *(
                resource,
                "*",
                f"{head}:*",
                f"{head}:{tail[:3]}*",
                f"{head}:{tail[:-1]}?",
                f"{head}:{tail.upper()}",
            ),
            *(
                f"{head}:other",
                f"{head}:${{aws:username}}",
                f"{head}:*/${{aws:username}}",
                f"arn:*:*:*:*:{tail}",
            ),
        ]

    def _condition(self) -> Document:
        found: Document = {}
        for _ in range(self._chance.randint(1, 2)):
            key = self._pick(list(OPERATORS))
            operator, values = self._pick(OPERATORS[key])
            if self._odds(0.15):
                operator += "IfExists"
            elif self._odds(0.1):
                operator, values = "Null", [self._pick(("true", "false"))]
            found.setdefault(operator, {})[key if self._odds(0.9) else key.upper()] = self._patterns(values)
        return found

    def _patterns(self, values: Sequence[str]) -> str | list[str]:
        if self._odds(0.5):
            return self._pick(values)
        return self._chance.sample(list(values), self._chance.randint(1, min(2, len(values))))

    def _context(self, action: str) -> dict[str, Any]:
        """Global keys, and those of the action's service: the oracle takes no others."""
        services = ("aws", action.partition(":")[0])
        known = {key: values for key, values in KEYS.items() if key.partition(":")[0] in services}
        return {key: self._pick(values) for key, values in known.items() if self._odds(0.6)}

    def _some(self, odds: float, most: int, make: Callable[[], T]) -> tuple[T, ...]:
        return tuple(make() for _ in range(self._chance.randint(1, most))) if self._odds(odds) else ()

    def _maybe(self, odds: float, make: Callable[[], T]) -> T | None:
        return make() if self._odds(odds) else None

    def _pick(self, values: Sequence[T]) -> T:
        return self._chance.choice(values)

    def _odds(self, odds: float) -> bool:
        return self._chance.random() < odds


def _to_everyone(document: Document) -> Document:
    """The policy of an endpoint."""
    statements = [{**statement, "Principal": "*"} for statement in document["Statement"]]
    return {**document, "Statement": statements}

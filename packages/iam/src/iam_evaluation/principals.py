"""The elements Principal and NotPrincipal.

Source: IAM User Guide, "AWS JSON policy elements: Principal", "… NotPrincipal"; "Permissions boundaries for
IAM entities" (NotPrincipal with Deny denies every principal that has a boundary).
"""

import re
from dataclasses import dataclass
from enum import IntEnum

from iam_evaluation.callers import Caller, CallerKind

_ACCOUNT = re.compile(r"\d{12}|arn:[\w-]+:iam::(\d{12}):root")
_PRINCIPAL_ARN = re.compile(
    r"arn:[\w-]+:(?:iam::(?:\d{12}|cloudfront):(?:user|role)/[^*?]+|sts::\d{12}:(?:assumed-role/[^*?/]+/[^*?]+|federated-user/[^*?]+))"
)
# How IAM shows a principal that no longer exists: its unique identifier, which matches no caller.
_DELETED = re.compile(r"A(?:ID|RO)A[A-Z0-9]{12,}")
_SERVICE = re.compile(
    r"[a-z0-9.-]+\.amazonaws\.com(?:\.cn)?|[a-z0-9.-]+\.amazon\.com|[a-z0-9-]+\.aws\.internal"
)


class Reach(IntEnum):
    """How a statement reaches a caller: what else has to allow the request depends on it (same account).

    ACCOUNT: the account may delegate: identity-based policies have to allow, too
    ENTITY: the role behind the session: limited by its boundary and session policy
    DIRECT: the session, user, service or everyone: nothing else is needed
    """

    NONE = 0
    ACCOUNT = 1
    ENTITY = 2
    DIRECT = 3


@dataclass(frozen=True)
class Principals:
    """Who is named. Accounts as 12 digits, everything else as written."""

    everyone: bool = False
    accounts: frozenset[str] = frozenset()
    arns: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    providers: frozenset[str] = frozenset()

    def reach(self, caller: Caller) -> Reach:
        """As Principal."""
        if self.everyone or caller.arn in self._named_as(caller.kind):
            return Reach.DIRECT
        if caller.entity in self.arns:
            return Reach.ENTITY
        if caller.account and caller.account in self.accounts:
            return Reach.DIRECT if caller.kind is CallerKind.ROOT else Reach.ACCOUNT
        return Reach.NONE

    def _named_as(self, kind: CallerKind) -> frozenset[str]:
        return {CallerKind.SERVICE: self.services, CallerKind.PROVIDER: self.providers}.get(kind, self.arns)

    def exempts(self, caller: Caller, *, bounded: bool) -> bool:
        """As NotPrincipal with Deny: whether the caller is among those that the statement leaves alone.

        A user or role has to be named, and its account as well. One with a boundary is never exempt.
        """
        if self.everyone:
            return True
        if bounded:
            return False
        reach = self.reach(caller)
        return reach is not Reach.NONE and (not caller.account or self._names_account_and(caller, reach))

    def _names_account_and(self, caller: Caller, reach: Reach) -> bool:
        return caller.account in self.accounts and reach >= Reach.ENTITY


def parse_principals(element: object) -> Principals:
    """Raises ValueError, with what is wrong and allowed."""
    if element == "*":
        return Principals(everyone=True)
    if not isinstance(element, dict) or not element:
        raise ValueError(
            f'{element!r} is neither "*" nor an object with AWS, Service, Federated or CanonicalUser'
        )
    everyone = False
    accounts: set[str] = set()
    named: dict[str, frozenset[str]] = {}
    for type_, value in element.items():
        names = value if isinstance(value, list) else [value]
        if type_ not in ("AWS", "Service", "Federated", "CanonicalUser"):
            raise ValueError(f"{type_!r} is no type of principal: AWS, Service, Federated or CanonicalUser")
        if not names or not all(isinstance(name, str) for name in names):
            raise ValueError(f"{type_} is neither a string nor a list of strings")
        if type_ == "AWS":
            everyone = everyone or "*" in names
            accounts |= {_account(name) for name in names if _ACCOUNT.fullmatch(name)}
            names = [name for name in names if name != "*" and not _ACCOUNT.fullmatch(name)]
        for name in names:
            _check(type_, name)
        named[type_] = frozenset(names)
    return Principals(
        everyone,
        frozenset(accounts),
        named.get("AWS", frozenset()),
        named.get("Service", frozenset()),
        named.get("Federated", frozenset()),
    )


def _account(name: str) -> str:
    match = _ACCOUNT.fullmatch(name)
    return (match and match[1]) or name


def _check(type_: str, name: str) -> None:
    if type_ == "AWS" and not (_PRINCIPAL_ARN.fullmatch(name) or _DELETED.fullmatch(name)):
        raise ValueError(
            f'AWS: {name!r} is neither an account, nor the ARN of a user, role or session, nor "*" alone: '
            "wildcards can't stand for a part of a name"
        )
    if type_ == "Service" and not _SERVICE.fullmatch(name):
        raise ValueError(f"Service: {name!r} is no service principal such as events.amazonaws.com")
    if "*" in name or "?" in name:
        raise ValueError(f"{type_}: {name!r} has a wildcard, which can't stand for a part of a name")

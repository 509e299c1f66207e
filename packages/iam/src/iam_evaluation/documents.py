"""Policy documents, ready to be matched.

Source: IAM User Guide, "IAM JSON policy elements reference".
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from iam_evaluation.callers import Caller
from iam_evaluation.conditions import Condition
from iam_evaluation.context import Context
from iam_evaluation.patterns import Check, glob
from iam_evaluation.principals import Principals, Reach


class Kind(StrEnum):
    """What a document is attached to, and so which elements it has.

    IDENTITY: user, role; also boundaries and session policies: no Principal
    RESOURCE: a resource or a VPC endpoint: Principal; Resource may be missing (this resource)
    KEY: a KMS key; a statement without Resource has no effect
    TRUST: a role: Principal, no Resource, no NotPrincipal
    SERVICE_CONTROL, RESOURCE_CONTROL: an organisation's SCP, RCP
    """

    IDENTITY = "identity"
    RESOURCE = "resource"
    KEY = "key"
    TRUST = "trust"
    SERVICE_CONTROL = "service control"
    RESOURCE_CONTROL = "resource control"


@dataclass(frozen=True)
class Actions:
    """Action or NotAction: `excluded` says which."""

    written: tuple[str, ...]
    excluded: bool

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(text.lower() for text in self.written)

    @cached_property
    def _patterns(self) -> tuple[re.Pattern[str], ...]:
        patterns = (text.lower() for text in self.written if "*" in text or "?" in text)
        return tuple(map(glob, patterns))

    def cover(self, action: str) -> bool:
        """`action` in lower case: service prefix and name aren't case-sensitive."""
        named = action in self._names or any(pattern.fullmatch(action) for pattern in self._patterns)
        return named != self.excluded


@dataclass(frozen=True)
class Resources:
    """Resource or NotResource. A pattern whose variable has no value matches no resource."""

    written: tuple[str, ...]
    excluded: bool
    checks: tuple[Check, ...] = field(repr=False, compare=False)

    def cover(self, resource: str, context: Context) -> bool:
        """`resource`: an ARN, or `*` for an action without resources."""
        return any(check(resource, context) for check in self.checks) != self.excluded


@dataclass(frozen=True, eq=False)
class Statement:
    """One statement. index: its place, from 0. principals: None where the document has none."""

    index: int
    sid: str | None
    allow: bool
    principals: Principals | None
    exempt: bool  # NotPrincipal
    actions: Actions
    resources: Resources | None
    conditions: tuple[Condition, ...]
    ineffective: bool = False

    def covers_resource(self, resource: str, context: Context) -> bool:
        """A statement without Resource covers what it is attached to."""
        return not self.ineffective and (self.resources is None or self.resources.cover(resource, context))

    def reach(self, caller: Caller, *, bounded: bool) -> Reach:
        """How it reaches the caller. A document without principals is attached to the caller itself."""
        if self.principals is None:
            return Reach.DIRECT
        if self.exempt:
            return Reach.NONE if self.principals.exempts(caller, bounded=bounded) else Reach.DIRECT
        return self.principals.reach(caller)

    def unmet(self, context: Context) -> Condition | None:
        """The first condition that doesn't hold. All have to."""
        return next((condition for condition in self.conditions if not condition.holds(context)), None)


_KEPT = 4096


@dataclass(frozen=True, eq=False)
class Policy:
    """A validated document; made by `parse_policy`. Immutable, and meant to be used for many requests."""

    name: str
    kind: Kind
    statements: tuple[Statement, ...]
    _by_action: dict[str, "Covering"] = field(default_factory=dict, init=False, repr=False)

    def covering(self, action: str) -> "Covering":
        """Statements whose Action element covers `action` (lower case)."""
        found = self._by_action.get(action)
        if found is None:
            covering = [statement for statement in self.statements if statement.actions.cover(action)]
            found = Covering(
                tuple(statement for statement in covering if not statement.allow),
                tuple(statement for statement in covering if statement.allow),
            )
            if len(self._by_action) >= _KEPT:
                self._by_action.clear()
            self._by_action[action] = found
        return found


class Covering(NamedTuple):
    """Statements of a policy that are about an action."""

    denying: tuple[Statement, ...]
    allowing: tuple[Statement, ...]

"""What came out of an evaluation, and why."""

from dataclasses import dataclass
from enum import StrEnum

from iam_evaluation.context import Values


class Layer(StrEnum):
    """Which policies. The value is what AWS calls them in its messages."""

    IDENTITY = "identity-based policy"
    RESOURCE = "resource-based policy"
    KEY = "KMS key policy"
    TRUST = "role trust policy"
    GRANT = "KMS grant"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    ENDPOINT = "VPC endpoint policy"
    SERVICE_CONTROL = "service control policy"
    RESOURCE_CONTROL = "resource control policy"


@dataclass(frozen=True)
class StatementRef:
    """Which statement: of the policy `policy`, at place `index` (from 0), with its Sid, if it has one."""

    layer: Layer
    policy: str
    index: int
    sid: str | None = None

    def __str__(self) -> str:
        sid = f" ({self.sid})" if self.sid else ""
        return f"{self.layer} {self.policy!r}, Statement[{self.index}]{sid}"


@dataclass(frozen=True)
class UnmetCondition:
    """A condition that failed: what the policy wants of `key`, and what the request had (empty: nothing)."""

    operator: str
    key: str
    wanted: Values
    found: Values

    def __str__(self) -> str:
        had = (
            f"the request has {', '.join(map(repr, self.found))}"
            if self.found
            else "the request doesn't have the key"
        )
        return f"{self.operator} {self.key} wants {' or '.join(map(repr, self.wanted)) or 'nothing'}; {had}"


class Failed(StrEnum):
    """The element of an Allow statement that didn't match, after those before it did."""

    RESOURCE = "Resource"
    PRINCIPAL = "Principal"
    CONDITION = "Condition"


@dataclass(frozen=True)
class NearMiss:
    """The Allow statement that came nearest: its action matched, `failed` didn't.

    written: what the element says: its resource patterns; empty for principals and conditions
    """

    statement: StatementRef
    failed: Failed
    written: Values = ()
    unmet: tuple[UnmetCondition, ...] = ()

    def __str__(self) -> str:
        detail = {
            Failed.RESOURCE: f"it is for {', '.join(self.written)}",
            Failed.PRINCIPAL: "it is for other principals",
            Failed.CONDITION: "; ".join(map(str, self.unmet)),
        }[self.failed]
        return f"{self.statement}: {detail}"


@dataclass(frozen=True)
class Decision:
    """Whether a request is allowed, and why.

    explicit: it is denied by a Deny statement
    by: the Deny statement that decided, or all statements that allowed together (none: the root user, or no
        permission is needed)
    missing: of an implicit denial: which policies hold no Allow that applies
    nearest: … and the statement of them that came nearest, if the action of one matched
    """

    allowed: bool
    explicit: bool = False
    by: tuple[StatementRef, ...] = ()
    missing: Layer | None = None
    nearest: NearMiss | None = None

    def explain(self) -> str:
        """One line, or two for an implicit denial with a near miss."""
        if self.allowed:
            return "allowed by " + (" and ".join(map(str, self.by)) or "being who it is")
        if self.explicit:
            return f"explicitly denied by {' and '.join(map(str, self.by))}"
        text = f"implicitly denied: no {self.missing} allows it"
        return text + (f"\n  nearest: {self.nearest}" if self.nearest else "")

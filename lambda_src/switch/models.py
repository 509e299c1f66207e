"""Values that the switch function works with, frozen. `to_json` gives what callers, SSM and logs get."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum

FULL = 100


class Colour(StrEnum):
    BLUE = "blue"
    GREEN = "green"

    @property
    def other(self) -> Colour:
        return Colour.GREEN if self is Colour.BLUE else Colour.BLUE


class Action(StrEnum):
    STATUS = "status"
    HISTORY = "history"
    PREFLIGHT = "preflight"
    SWITCH = "switch"
    SHIFT = "shift"
    ROLLBACK = "rollback"
    RECONCILE = "reconcile"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    APPROVE = "approve"
    ABORT = "abort"
    # These are the state machine's.
    BEGIN = "begin"
    ASK = "ask"
    VERIFY = "verify"
    FINALIZE = "finalize"


class MigrationStatus(StrEnum):
    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True)
class Weights:
    """Relative weights of a forward action, 0 to 999 each; in a healthy platform percentages, which sum to
    100.
    """

    blue: int
    green: int

    @classmethod
    def giving(cls, colour: Colour, percent: int) -> Weights:
        rest = FULL - percent
        return cls(percent, rest) if colour is Colour.BLUE else cls(rest, percent)

    def of(self, colour: Colour) -> int:
        return self.blue if colour is Colour.BLUE else self.green

    @property
    def valid(self) -> bool:
        return min(self.blue, self.green) >= 0 and self.blue + self.green == FULL

    @property
    def holder(self) -> Colour | None:
        """The side that has all the traffic; None while it is shared."""
        return next((colour for colour in Colour if self == Weights.giving(colour, FULL)), None)

    def __str__(self) -> str:
        return f"blue {self.blue} / green {self.green}"

    def to_json(self) -> dict[str, int]:
        return {"blue": self.blue, "green": self.green}


@dataclass(frozen=True)
class Target:
    """One registered target. `state` and `reason` are AWS's words (API reference, TargetHealth)."""

    id: str
    port: int
    state: str
    reason: str
    description: str


@dataclass(frozen=True)
class TargetGroupHealth:
    """The targets of one side's target group. Only the state `healthy` counts as healthy: `initial`,
    `draining` don't.
    """

    target_group_arn: str
    targets: tuple[Target, ...]

    @property
    def healthy(self) -> int:
        return sum(target.state == "healthy" for target in self.targets)

    @property
    def total(self) -> int:
        return len(self.targets)


@dataclass(frozen=True)
class Verdict:
    """What a gate says. `value` is what was found and `threshold` what it is held against, in words.
    `fix`: the step that makes it pass, where the gate knows one.
    """

    gate: str
    passed: bool
    value: str
    threshold: str
    side: Colour | None = None
    fix: str = ""

    def to_json(self) -> dict[str, object]:
        return asdict(self)

    def __str__(self) -> str:
        of = f" of {self.side}" if self.side else ""
        return f"{self.gate}{of}: {self.value}, wanted: {self.threshold}"


@dataclass(frozen=True)
class SideState:
    """All that `status` tells about one colour. Weights are None when the listener can't be read as blue
    and green.
    """

    weight: int | None
    test_weight: int | None
    health: TargetGroupHealth

    def to_json(self) -> dict[str, object]:
        return {
            "weight": self.weight,
            "test_weight": self.test_weight,
            "target_group_arn": self.health.target_group_arn,
            "healthy": self.health.healthy,
            "total": self.health.total,
            "targets": [asdict(target) for target in self.health.targets],
        }

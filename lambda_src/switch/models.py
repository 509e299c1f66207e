"""Values that the switch function works with, frozen. `to_json` gives what callers, SSM and logs get."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum


class MigrationStatus(StrEnum):
    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    ROLLED_BACK = "rolled_back"


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
    """The targets of one colour's target group. Only the state `healthy` counts as healthy: `initial`,
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
class ColourState:
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

"""What the function answers. The shapes are a contract with the CLI and the workflow: add keys, never
change them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .models import Action, Colour, SideState, TargetGroupHealth, Weights
from .records import Migration, Records


@dataclass(frozen=True)
class Gate:
    """A side that was about to gain traffic, and passed."""

    health: TargetGroupHealth
    required: int

    def to_json(self) -> dict[str, object]:
        return {"healthy": self.health.healthy, "total": self.health.total, "required": self.required}


@dataclass(frozen=True)
class Outcome:
    """Of switch, shift and rollback. `writes` names what was really written, in order; empty when all was
    right before.
    """

    action: Action
    before: Weights
    after: Weights
    active: Colour
    test_weights: Weights
    migration: Migration | None
    health: Mapping[Colour, Gate]
    writes: tuple[str, ...]

    def to_json(self, request_id: str) -> dict[str, object]:
        return {
            "action": self.action.value,
            "request_id": request_id,
            "changed": self.before != self.after,
            "before": self.before.to_json(),
            "after": self.after.to_json(),
            "active": self.active,
            "test_weights": self.test_weights.to_json(),
            "migration": self.migration.to_json() if self.migration else None,
            "health": {colour.value: gate.to_json() for colour, gate in self.health.items()},
            "writes": list(self.writes),
        }


@dataclass(frozen=True)
class Report:
    """Of status. `differences` holds one sentence for each disagreement between listeners and records."""

    active: Colour | None
    weights: Weights | None
    test_weights: Weights | None
    sides: Mapping[Colour, SideState]
    records: Records
    differences: tuple[str, ...]

    def to_json(self, request_id: str) -> dict[str, object]:
        return {
            "action": Action.STATUS.value,
            "request_id": request_id,
            "active": self.active,
            "recorded_active": self.records.active,
            "weights": self.weights.to_json() if self.weights else None,
            "test_weights": self.test_weights.to_json() if self.test_weights else None,
            "sides": {colour.value: side.to_json() for colour, side in self.sides.items()},
            "migration": self.records.migration.to_json() if self.records.migration else None,
            "consistent": not self.differences,
            "differences": list(self.differences),
        }

"""What the function answers. The shapes are a contract with the CLI and the workflow: add keys, never
change them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..contract.actions import Action
from ..contract.values import Colour, Verdict, Weights
from .models import ColourState
from .move import Move
from .records import Migration, Records
from .routing import Finding


@dataclass(frozen=True)
class Outcome:
    """Of a request that moves traffic or records. `writes` names what was really written of the platform,
    in order; empty when all was right before. `before`: of the request's first attempt. `test_weights`: None
    where the test listener could not be set. `findings`: what may still send clients elsewhere.
    """

    action: Action
    move: Move
    before: Weights
    findings: tuple[Finding, ...]
    test_weights: Weights | None
    migration: Migration | None
    gates: tuple[Verdict, ...]
    writes: tuple[str, ...]

    def to_json(self, request_id: str, workflow: str | None) -> dict[str, object]:
        before, after = self.before, self.move.after
        return {
            "action": self.action.value,
            "request_id": request_id,
            "changed": before != after,
            "before": before.to_json(),
            "after": after.to_json(),
            "active": self.move.active,
            "findings": [finding.to_json() for finding in self.findings],
            "test_weights": self.test_weights.to_json() if self.test_weights else None,
            "migration": self.migration.to_json() if self.migration else None,
            "gates": [verdict.to_json() for verdict in self.gates],
            "writes": list(self.writes),
            "workflow": workflow,
            "repeated": False,
        }


@dataclass(frozen=True)
class Report:
    """The platform's part of status. `differences` holds one sentence for each disagreement between listeners
    and records; those of `findings`, which say how to remove them, come first.
    """

    active: Colour | None
    weights: Weights | None
    test_weights: Weights | None
    colours: Mapping[Colour, ColourState]
    records: Records
    differences: tuple[str, ...]
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, object]:
        return {
            "active": self.active,
            "recorded_active": self.records.active,
            "weights": self.weights.to_json() if self.weights else None,
            "test_weights": self.test_weights.to_json() if self.test_weights else None,
            "colours": {colour.value: state.to_json() for colour, state in self.colours.items()},
            "migration": self.records.migration.to_json() if self.records.migration else None,
            "consistent": not self.differences,
            "differences": list(self.differences),
            "findings": [finding.to_json() for finding in self.findings],
        }

"""One entry an action: who did what, why, from where to where, what the gates said, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from ..contract.errors import SwitchError
from ..contract.request import Request
from ..contract.values import Verdict, Weights


class Result(StrEnum):
    DONE = "done"
    REFUSED = "refused"  # a gate or a rule said no, no traffic was moved
    FAILED = "failed"
    INTERRUPTED = "interrupted"  # it died; what it had begun stands in it


@dataclass(frozen=True)
class Entry:
    """Times are ISO 8601, UTC. `before` and `after` are None where it never came to deciding them. `ledger`:
    of its move, `from`, `to`, `epoch`, `pause_ms`; the last two None where nothing was moved. `schema`: the
    statements of a migration. `deployment`: the images of the target, `from` and `to`.
    """

    id: str
    action: str
    started_at: str
    outcome: Result | None = None  # None: it is at work
    by: str = ""
    reason: str = ""
    target: str | None = None
    workflow: str | None = None
    before: Weights | None = None
    after: Weights | None = None
    gates: tuple[Verdict, ...] = ()
    finished_at: str | None = None
    error: Mapping[str, str] | None = None
    ledger: Mapping[str, Any] | None = None
    deployment: Mapping[str, Any] | None = None
    schema: tuple[str, ...] = ()

    @classmethod
    def begun(cls, request: Request, at: datetime) -> Entry:
        return cls(
            id=request.id,
            action=request.action.value,
            started_at=stamp(at),
            by=request.by,
            reason=request.reason,
            target=request.target,
            workflow=request.workflow,
        )

    def ended(self, outcome: Result, at: datetime, error: SwitchError | None = None) -> Entry:
        told = {"type": type(error).__name__, "what": error.what} if error else None
        return replace(self, outcome=outcome, finished_at=stamp(at), error=told)

    @property
    def duration_ms(self) -> int | None:
        if self.finished_at is None:
            return None
        taken = datetime.fromisoformat(self.finished_at) - datetime.fromisoformat(self.started_at)
        return round(taken.total_seconds() * 1000)

    def to_json(self) -> dict[str, object]:
        shown = asdict(self)
        shown["from"], shown["to"] = shown.pop("before"), shown.pop("after")
        return shown | {"duration_ms": self.duration_ms}


def read_entry(document: Mapping[str, Any]) -> Entry:
    """Of what `to_json` gave."""
    fields = {key: value for key, value in document.items() if key not in ("from", "to", "duration_ms")}
    before, after = document["from"], document["to"]
    return Entry(
        **fields
        | {
            "outcome": Result(document["outcome"]) if document["outcome"] else None,
            "before": Weights(**before) if before else None,
            "after": Weights(**after) if after else None,
            "schema": tuple(document.get("schema", ())),
            "gates": tuple(Verdict.read(gate) for gate in document["gates"]),
        }
    )


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")

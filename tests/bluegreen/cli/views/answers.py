"""Answers of the switch function, as its contract has them, for views to show."""

from typing import Any

BY = "arn:aws:sts::123456789012:assumed-role/operators/ann"
GREEN_GATES: list[dict[str, Any]] = [
    {
        "gate": "targets",
        "colour": "green",
        "passed": True,
        "value": "3 of 3 healthy",
        "threshold": "at least 2",
    },
    {"gate": "alarms", "colour": "green", "passed": False, "value": "ALARM", "threshold": "OK"},
    {"gate": "frozen", "colour": None, "passed": True, "value": "not frozen", "threshold": "not frozen"},
]
BLUE_GATES: list[dict[str, Any]] = [
    {
        "gate": "targets",
        "colour": "blue",
        "passed": True,
        "value": "3 of 3 healthy",
        "threshold": "at least 2",
    },
    {"gate": "alarms", "colour": "blue", "passed": True, "value": "OK", "threshold": "OK"},
    {"gate": "frozen", "colour": None, "passed": True, "value": "not frozen", "threshold": "not frozen"},
]
LOCK = {"holder": "shift-1", "request": "abc", "until": "2026-11-25T18:00:00.000+00:00"}
FROZEN = {"by": BY, "reason": "end of quarter", "at": "2026-11-25T17:00:00.000Z"}
APPROVAL = {
    "percent": 50,
    "asked_at": "2026-11-25T17:30:00.000Z",
    "expires_at": "2026-11-25T18:30:00.000Z",
    "approved_by": None,
}


def workflow(**changes: Any) -> dict[str, Any]:
    """A shift to green that bakes at 25 %, of four steps."""
    return {
        "id": "shift-1",
        "state": "baking",
        "target": "green",
        "source": "blue",
        "steps": [5, 25, 50, 100],
        "approve_at": [50],
        "step": 1,
        "percent": 25,
        "bake_seconds": 600,
        "baking_until": "2026-11-25T17:40:00.000Z",
        "deadline_at": "2026-11-25T20:00:00.000Z",
        "started_at": "2026-11-25T17:10:00.000Z",
        "finished_at": None,
        "by": BY,
        "reason": "release 42",
        "approval": None,
        "abort": None,
        "cause": None,
    } | changes


def entry(action: str, **changes: Any) -> dict[str, Any]:
    """An action that was done."""
    return {
        "id": "r",
        "action": action,
        "outcome": "done",
        "by": BY,
        "reason": "release 42",
        "target": "green",
        "workflow": None,
        "from": {"blue": 100, "green": 0},
        "to": {"blue": 75, "green": 25},
        "gates": [],
        "started_at": "2026-11-25T17:10:00.123+00:00",
        "finished_at": "2026-11-25T17:10:01.000+00:00",
        "duration_ms": 877,
        "error": None,
    } | changes


REFUSED = entry(
    "switch",
    outcome="refused",
    to={"blue": 100, "green": 0},
    reason=None,
    gates=GREEN_GATES,
    error={"type": "GatesNotPassedError", "what": "green does not pass its gates"},
)

"""A shift in lines."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bluegreen.cli.views.narration import Narrator
from tests.bluegreen.cli.views.answers import APPROVAL, BY, GREEN_GATES, workflow

NOW = datetime(2026, 11, 25, 17, 35, tzinfo=UTC)
WEIGHTS = {"blue": 75, "green": 25}
BAKING = "green has reached 25 %: baking until 2026-11-25 17:40:00 UTC"


class Listener:
    """Looks again after some seconds."""

    def __init__(self) -> None:
        self._narrator = Narrator()
        self._now = NOW

    def after(
        self,
        seconds: float,
        found: dict[str, Any] | None,
        *,
        gates: list[dict[str, Any]] | None = None,
        trouble: str | None = None,
    ) -> list[str]:
        self._now += timedelta(seconds=seconds)
        return self._narrator.lines(self._now, found, gates or [], WEIGHTS, trouble)


def test_what_changes_is_told_once() -> None:
    listener = Listener()
    assert listener.after(0, None) == ["starting"]
    assert listener.after(5, workflow()) == ["weights: blue 75, green 25", BAKING]
    assert listener.after(5, workflow()) == []
    waiting = workflow(state="waiting_for_approval", approval=APPROVAL)
    assert listener.after(5, waiting) == [
        "green has reached 25 %: waiting for approval",
        "50 % waits for approval until 2026-11-25 18:30:00 UTC: `bluegreen approve shift-1`",
    ]
    aborted = waiting | {"state": "aborting", "abort": {"by": "ann", "reason": None, "at": "x"}}
    assert listener.after(5, aborted) == [
        "green has reached 25 %: aborting",
        "abort wanted by ann: no reason given",
    ]
    assert listener.after(5, waiting | {"approval": APPROVAL | {"approved_by": BY}}) == [
        "green has reached 25 %: waiting for approval",
        f"50 % approved by {BY}",
    ]


def test_a_gate_that_fails_and_recovers() -> None:
    listener = Listener()
    listener.after(0, workflow())
    failing = "alarms of green: NOT PASSED, ALARM (needed: OK)"
    assert listener.after(1, workflow(), gates=GREEN_GATES) == [failing]
    assert listener.after(1, workflow(), gates=GREEN_GATES) == []
    well = [verdict | {"passed": True} for verdict in GREEN_GATES]
    assert listener.after(1, workflow(), gates=well) == ["gate alarms: recovered"]


def test_looks_that_fail() -> None:
    listener = Listener()
    listener.after(0, workflow())
    assert listener.after(1, workflow(), trouble="no answer\nmore") == ["no news: no answer"]
    assert listener.after(1, workflow()) == ["looking: recovered"]


def test_a_sign_of_life_every_minute() -> None:
    listener = Listener()
    listener.after(0, workflow())
    assert listener.after(59, workflow()) == []
    assert listener.after(1, workflow()) == [BAKING]
    assert listener.after(59, workflow()) == []

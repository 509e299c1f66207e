"""Literal output of how a shift ended."""

from bluegreen.cli.views.outcome import outcome_view
from bluegreen.shifting import Outcome
from tests.bluegreen.cli.rendering import rendered
from tests.bluegreen.cli.views.answers import GREEN_GATES

WEIGHTS = {"blue": 100, "green": 0}
TAKEN_BACK = Outcome("rolled_back", "GatesNotPassedError: alarms", WEIGHTS, None, GREEN_GATES[1:2])


def test_taken_back() -> None:
    assert (
        rendered(outcome_view("shift-1", TAKEN_BACK))
        == """\
shift-1 rolled back: all traffic is where it was
Weights: blue 100, green 0
Cause: GatesNotPassedError: alarms
┏━━━━━━━━┳━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━┳━━━━━━━━┓
┃ Gate   ┃ Side  ┃            ┃ Value ┃ Needed ┃
┡━━━━━━━━╇━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━╇━━━━━━━━┩
│ alarms │ green │ NOT PASSED │ ALARM │ OK     │
└────────┴───────┴────────────┴───────┴────────┘"""
    )


def test_started() -> None:
    assert rendered(outcome_view("shift-1", Outcome("started", None, None, None))) == "shift-1 started"

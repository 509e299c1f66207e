"""Literal output of how a shift ended."""

from dataclasses import replace

from bluegreen.cli.views.outcome import outcome_view
from bluegreen.operate.shifting import Outcome
from tests.bluegreen.cli.rendering import rendered
from tests.bluegreen.cli.views.answers import GREEN_GATES

WEIGHTS = {"blue": 100, "green": 0}
TAKEN_BACK = Outcome("rolled_back", "GatesNotPassedError: alarms", WEIGHTS, None, GREEN_GATES[1:2])


def test_rolled_back() -> None:
    assert (
        rendered(outcome_view("shift-1", TAKEN_BACK))
        == """\
shift-1 rolled back: all traffic is where it was
Weights: blue 100, green 0
Cause: GatesNotPassedError: alarms
┏━━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━┳━━━━━━━━┓
┃ Gate   ┃ Colour ┃            ┃ Value ┃ Needed ┃
┡━━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━╇━━━━━━━━┩
│ alarms │ green  │ NOT PASSED │ ALARM │ OK     │
└────────┴────────┴────────────┴───────┴────────┘"""
    )


def test_rolled_back_while_clients_go_elsewhere() -> None:
    rule = {"reach": "production", "what": "a rule forwards to green", "fix": "aws elbv2 delete-rule"}
    outcome = replace(TAKEN_BACK, gates=(), findings=(rule,))
    assert outcome.elsewhere
    assert rendered(outcome_view("shift-1", outcome)).splitlines()[-3:] == [
        "Clients may go elsewhere than the weights say:",
        "  a rule forwards to green",
        "    fix: aws elbv2 delete-rule",
    ]


def test_started() -> None:
    assert rendered(outcome_view("shift-1", Outcome("started", None, None, None))) == "shift-1 started"

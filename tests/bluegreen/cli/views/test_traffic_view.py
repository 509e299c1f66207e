"""Literal output: what an operator reads."""

from typing import Any

import pytest

from bluegreen.cli.views.traffic import migration, move_view, status_view
from tests.bluegreen.cli.rendering import rendered
from tests.bluegreen.cli.views.answers import BLUE_GATES, FROZEN, GREEN_GATES, LOCK, entry, workflow

NOT_STARTED = {"status": "not_started", "source": None, "target": None, "weights": None, "reason": ""}
COMPLETED = {
    "status": "completed",
    "source": "blue",
    "target": "green",
    "weights": {"blue": 0, "green": 100},
    "reason": "release 42",
    "updated_at": "2026-11-23T18:55:01+00:00",
}


def targets(octet: int, *states: tuple[str, str, str]) -> list[dict[str, Any]]:
    return [
        {"id": f"10.20.{octet}.{10 + n}", "port": 8443, "state": state, "reason": reason, "description": text}
        for n, (state, reason, text) in enumerate(states)
    ]


def colour_document(
    weight: int | None, test_weight: int | None, found: list[dict[str, Any]]
) -> dict[str, Any]:
    healthy = sum(target["state"] == "healthy" for target in found)
    return {
        "weight": weight,
        "test_weight": test_weight,
        "healthy": healthy,
        "total": len(found),
        "targets": found,
    }


def test_status() -> None:
    unwell = targets(
        1,
        ("healthy", "", ""),
        ("unhealthy", "Target.Timeout", "Request timed out"),
        ("draining", "Target.DeregistrationInProgress", ""),
    )
    status = {
        "active": "blue",
        "recorded_active": "blue",
        "colours": {
            "blue": colour_document(100, 0, targets(0, ("healthy", "", ""))),
            "green": colour_document(0, 100, unwell),
        },
        "migration": NOT_STARTED,
        "consistent": True,
        "differences": [],
    }
    assert (
        rendered(status_view(status, "function payments-local-switch in us-east-1 (AWS)"))
        == """\
function payments-local-switch in us-east-1 (AWS)
┏━━━━━━━━┳━━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━┓
┃ Colour ┃ Active ┃ Weight ┃ Test weight ┃ Targets        ┃
┡━━━━━━━━╇━━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━┩
│ blue   │ active │    100 │           0 │ 1 of 1 healthy │
│ green  │        │      0 │         100 │ 1 of 3 healthy │
└────────┴────────┴────────┴─────────────┴────────────────┘
green 10.20.1.11:8443 unhealthy (Request timed out)
green 10.20.1.12:8443 draining (Target.DeregistrationInProgress)
Active environment: blue (recorded: blue)
Migration: not started
Listeners and records agree."""
    )


def test_status_of_a_platform_that_does_not_agree_with_itself() -> None:
    status = {
        "active": None,
        "recorded_active": None,
        "colours": {"blue": colour_document(None, 0, []), "green": colour_document(None, 100, [])},
        "migration": None,
        "consistent": False,
        "differences": ["the listener is no weighted forward", "the parameter /x is missing"],
    }
    assert (
        rendered(status_view(status, "here"))
        == """\
here
┏━━━━━━━━┳━━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━┓
┃ Colour ┃ Active ┃ Weight ┃ Test weight ┃ Targets        ┃
┡━━━━━━━━╇━━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━┩
│ blue   │        │      ? │           0 │ 0 of 0 healthy │
│ green  │        │      ? │         100 │ 0 of 0 healthy │
└────────┴────────┴────────┴─────────────┴────────────────┘
Active environment: ? (recorded: nothing)
Migration: no readable record
Listeners and records disagree:
  the listener is no weighted forward
  the parameter /x is missing"""
    )


def test_status_while_a_shift_goes_on() -> None:
    status = {
        "active": "blue",
        "recorded_active": "blue",
        "colours": {"blue": colour_document(75, 0, []), "green": colour_document(25, 100, [])},
        "migration": NOT_STARTED,
        "consistent": True,
        "differences": [],
        "gates": {"blue": BLUE_GATES, "green": GREEN_GATES},
        "lock": LOCK,
        "frozen": FROZEN | {"by": "ann"},
        "workflow": workflow(),
        "history": [entry("shift"), entry("freeze", target=None)],
    }
    lines = rendered(status_view(status, "here")).splitlines()
    assert (
        lines[lines.index("Listeners and records agree.") + 1 :]
        == """\
┏━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
┃ Gate    ┃ blue                   ┃ green                          ┃
┡━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┩
│ targets │ passed: 3 of 3 healthy │ passed: 3 of 3 healthy         │
│ alarms  │ passed: OK             │ NOT PASSED: ALARM (needed: OK) │
│ frozen  │ passed: not frozen     │ passed: not frozen             │
└─────────┴────────────────────────┴────────────────────────────────┘
Locked by shift-1 and request abc until 2026-11-25 18:00:00 UTC
Frozen since 2026-11-25 17:00:00 UTC by ann: end of quarter
Shift shift-1: baking
  from blue to green: 25 % reached, steps 5, 25, 50, 100
  baking until 2026-11-25 17:40:00 UTC
  deadline: 2026-11-25 20:00:00 UTC
  reason: release 42
┏━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━┳━━━━━━━━━┳━━━━━━━━━━━━━━━┳━━━━━┳━━━━━━━━━━━━┓
┃ Started (UTC)       ┃ Action         ┃ Outcome ┃ Blue / green  ┃ By  ┃ Reason     ┃
┡━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━╇━━━━━━━━━╇━━━━━━━━━━━━━━━╇━━━━━╇━━━━━━━━━━━━┩
│ 2026-11-25 17:10:00 │ shift to green │ done    │ 100/0 → 75/25 │ ann │ release 42 │
│ 2026-11-25 17:10:00 │ freeze         │ done    │ 100/0 → 75/25 │ ann │ release 42 │
└─────────────────────┴────────────────┴─────────┴───────────────┴─────┴────────────┘""".splitlines()
    )


def moved(*, changed: bool, writes: list[str]) -> dict[str, Any]:
    return {
        "action": "switch",
        "changed": changed,
        "before": {"blue": 100, "green": 0} if changed else {"blue": 0, "green": 100},
        "after": {"blue": 0, "green": 100},
        "active": "green",
        "migration": COMPLETED,
        "gates": GREEN_GATES[:1] if changed else [],
        "writes": writes,
        "notified": True,
    }


def test_a_move() -> None:
    result = moved(
        changed=True, writes=["listener", "test_listener", "migration_status", "active_environment"]
    )
    assert (
        rendered(move_view(result, "here"))
        == """\
here
switch: the traffic has moved, all of it is on green
┏━━━━━━━━┳━━━━━━━━┳━━━━━━━┓
┃ Colour ┃ Before ┃ After ┃
┡━━━━━━━━╇━━━━━━━━╇━━━━━━━┩
│ blue   │    100 │     0 │
│ green  │      0 │   100 │
└────────┴────────┴───────┘
┏━━━━━━━━━┳━━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┓
┃ Gate    ┃ Colour ┃        ┃ Value          ┃ Needed     ┃
┡━━━━━━━━━╇━━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━┩
│ targets │ green  │ passed │ 3 of 3 healthy │ at least 2 │
└─────────┴────────┴────────┴────────────────┴────────────┘
Active environment: green
Migration: completed from blue to green, reason: release 42, 2026-11-23T18:55:01+00:00
Written: listener, test_listener, migration_status, active_environment"""
    )


def test_a_move_that_nobody_was_told_of_says_so() -> None:
    result = moved(changed=True, writes=["listener"]) | {"notified": False}
    last = rendered(move_view(result, "here")).splitlines()[-1]
    assert last == "The notification failed: see the function's log"


@pytest.mark.parametrize(
    ("writes", "headline"),
    [
        ([], "switch: nothing to do, the traffic already stood there"),
        (
            ["active_environment"],
            "switch: the traffic already stood there; what was missing beside it has been written",
        ),
    ],
)
def test_a_move_that_moved_nothing_says_so(writes: list[str], headline: str) -> None:
    lines = rendered(move_view(moved(changed=False, writes=writes), "here")).splitlines()
    assert lines[1] == headline
    assert lines[-1] == f"Written: {', '.join(writes) or 'nothing'}"


RULE_ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener-rule/app/payments/0a/2c/4e"
DELETE = f"aws elbv2 delete-rule --rule-arn {RULE_ARN}"
RULE = {
    "reach": "production",
    "resource": RULE_ARN,
    "what": "a rule of the production listener (priority 5, path-pattern /*) forwards to green",
    "fix": DELETE,
}


def test_a_rollback_that_could_not_set_the_test_listener_says_first_that_it_moved() -> None:
    gone = {
        "reach": "test",
        "resource": "arn",
        "what": "the test listener does not exist",
        "fix": "follow it",
    }
    result = moved(changed=True, writes=["listener"]) | {"action": "rollback", "test_weights": None}
    lines = rendered(move_view(result | {"findings": [gone]}, "here")).splitlines()
    assert lines[1:3] == [
        "rollback: the traffic has moved, all of it is on green",
        "The test listener was not set: the test listener does not exist",
    ]


def test_commands_are_not_broken_by_the_terminals_width() -> None:
    result = moved(changed=True, writes=["listener"]) | {"action": "rollback", "findings": [RULE]}
    lines = rendered(move_view(result, "here"), width=80).splitlines()
    assert lines[-3:] == [
        "Clients may go elsewhere than the weights say:",
        f"  {RULE['what']}",
        f"    fix: {DELETE}",
    ]


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (None, "no readable record"),
        (NOT_STARTED, "not started"),
        ({"status": "in_progress", "source": "green", "target": "blue"}, "in progress from green to blue"),
        ({"status": "rolled_back", "source": "blue", "target": "green"}, "rolled back to blue"),
    ],
)
def test_the_record_in_one_line(record: dict[str, Any] | None, line: str) -> None:
    assert migration(record) == line

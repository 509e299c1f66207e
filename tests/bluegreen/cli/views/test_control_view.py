"""Literal output of what guards the traffic."""

from typing import Any

from bluegreen.cli.views.control import blocked_by, freeze_view, preflight_view, reconcile_view
from tests.bluegreen.cli.rendering import rendered
from tests.bluegreen.cli.views.answers import BLUE_GATES, FROZEN, GREEN_GATES, LOCK, workflow

PREFLIGHT: dict[str, Any] = {
    "ready": False,
    "target": "green",
    "percent": 100,
    "weights": {"blue": 100, "green": 0},
    "gates": GREEN_GATES,
    "lock": LOCK,
    "frozen": FROZEN,
    "workflow": workflow(),
}
LOCKED = "Locked by shift-1 and request abc until 2026-11-25 18:00:00 UTC"
FREE: dict[str, Any] = PREFLIGHT | {"lock": None, "frozen": None, "workflow": workflow(state="completed")}


def test_not_ready() -> None:
    assert (
        rendered(preflight_view(PREFLIGHT))
        == """\
green may NOT have 100 % of the traffic now
Weights: blue 100, green 0
┏━━━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┓
┃ Gate    ┃ Colour ┃            ┃ Value          ┃ Needed     ┃
┡━━━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━┩
│ targets │ green  │ passed     │ 3 of 3 healthy │ at least 2 │
│ alarms  │ green  │ NOT PASSED │ ALARM          │ OK         │
│ frozen  │ both   │ passed     │ not frozen     │ not frozen │
└─────────┴────────┴────────────┴────────────────┴────────────┘
Locked by shift-1 and request abc until 2026-11-25 18:00:00 UTC
Frozen since 2026-11-25 17:00:00 UTC by arn:aws:sts::123456789012:assumed-role/operators/ann: end of
quarter
Shift shift-1: baking
  from blue to green: 25 % reached, steps 5, 25, 50, 100
  baking until 2026-11-25 17:40:00 UTC
  deadline: 2026-11-25 20:00:00 UTC
  reason: release 42"""
    )


def test_ready() -> None:
    assert (
        rendered(preflight_view(FREE | {"ready": True, "percent": 25, "gates": BLUE_GATES[:1]}))
        == """\
green may have 25 % of the traffic now
Weights: blue 100, green 0
┏━━━━━━━━━┳━━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┓
┃ Gate    ┃ Colour ┃        ┃ Value          ┃ Needed     ┃
┡━━━━━━━━━╇━━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━┩
│ targets │ blue   │ passed │ 3 of 3 healthy │ at least 2 │
└─────────┴────────┴────────┴────────────────┴────────────┘"""
    )


def test_what_is_in_the_way_in_a_few_words() -> None:
    assert blocked_by(PREFLIGHT) == "alarms of green: NOT PASSED, ALARM (needed: OK)"
    assert blocked_by(PREFLIGHT | {"gates": []}) == LOCKED
    assert blocked_by(FREE | {"gates": []}) == "the function did not say"


def test_a_request_or_a_workflow_alone_may_hold_the_lock() -> None:
    free = FREE | {"gates": []}
    assert blocked_by(free | {"lock": LOCK | {"request": None}}) == LOCKED.replace(" and request abc", "")
    assert blocked_by(free | {"lock": LOCK | {"holder": None}}) == LOCKED.replace("shift-1 and ", "")


def test_frozen_and_not() -> None:
    assert rendered(freeze_view({"frozen": FROZEN | {"by": "ann"}})) == (
        "Frozen since 2026-11-25 17:00:00 UTC by ann: end of quarter\nOnly a rollback moves traffic now."
    )
    assert rendered(freeze_view({"frozen": None})) == "Not frozen: traffic may move."


def test_reconciled() -> None:
    assert rendered(reconcile_view({"writes": ["active_environment", "migration_status"]})) == (
        "Written: active_environment, migration_status"
    )
    assert rendered(reconcile_view({"writes": []})) == "Written: nothing, all agreed"

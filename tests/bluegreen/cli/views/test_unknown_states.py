"""Every view renders whatever the function could not read: weights, test weights, records, of any of them."""

import itertools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from rich.console import RenderableType

from bluegreen.cli.views import control, follow, history, outcome, plan, traffic
from bluegreen.cli.views.local import up_view
from bluegreen.cli.views.narration import Narrator
from bluegreen.cli.views.timeline import Sample
from bluegreen.cli.views.workflow import workflow_view
from bluegreen.operate.shifting import Outcome, parse_plan
from tests.bluegreen.cli.rendering import rendered
from tests.bluegreen.cli.views.answers import BLUE_GATES, GREEN_GATES, entry, workflow
from tests.bluegreen.cli.views.test_traffic_view import COMPLETED, colour_document, targets

NOW = datetime(2026, 11, 25, 17, 35, tzinfo=UTC)
WEIGHTS = {"blue": 75, "green": 25}
UNREADABLE = {
    "gate": "listener",
    "colour": None,
    "passed": False,
    "value": "the production listener has the default actions ['fixed-response'] instead of one forward",
    "threshold": "a weighted forward that sums to 100",
}
PLAN = parse_plan(
    "green", steps_text="5,100", bake="10m", approve_at=None, approval_timeout="1h", deadline=None, reason=""
)
# Whether weights, test weights, records and the workflow are known.
STATES = [
    dict(zip(("weights", "test_weights", "records", "workflow"), known, strict=True))
    for known in itertools.product((True, False), repeat=4)
]


def status(known: Mapping[str, bool]) -> dict[str, Any]:
    found = targets(0, ("healthy", "", ""))
    return {
        "active": "blue" if known["records"] else None,
        "recorded_active": "blue" if known["records"] else None,
        "weights": WEIGHTS if known["weights"] else None,
        "test_weights": WEIGHTS if known["test_weights"] else None,
        "colours": {
            colour: colour_document(
                weight if known["weights"] else None, weight if known["test_weights"] else None, found
            )
            for colour, weight in WEIGHTS.items()
        },
        "migration": COMPLETED if known["records"] else None,
        "consistent": False,
        "differences": ["the production listener has no weights"],
        "gates": {"blue": BLUE_GATES, "green": [*GREEN_GATES, UNREADABLE]},
        "lock": None,
        "frozen": None,
        "workflow": held() if known["workflow"] else None,
        "history": [
            entry("shift", **{"from": None, "to": None}),
            entry("rollback", target=None, reason=None),
        ],
    }


def held() -> dict[str, Any]:
    """A share whose time nobody knows any more."""
    more = {"raw_cause": None, "hold": True, "watched": False}
    return workflow(id="share-1", state="holding", steps=[25], approve_at=[], baking_until=None) | more


def moved(known: Mapping[str, bool]) -> dict[str, Any]:
    return status(known) | {
        "action": "rollback",
        "changed": False,
        "before": WEIGHTS if known["weights"] else None,
        "after": WEIGHTS if known["weights"] else None,
        "gates": [UNREADABLE],
        "writes": [],
        "notified": False,
        "repeated": False,
    }


def preflight(known: Mapping[str, bool]) -> dict[str, Any]:
    answer = {"target": "green", "percent": 5, "ready": False, "gates": [*GREEN_GATES, UNREADABLE]}
    return status(known) | answer


def sampled(known: Mapping[str, bool]) -> Sample:
    return Sample(NOW, 75 if known["weights"] else None, 25 if known["weights"] else None)


def told(known: Mapping[str, bool]) -> RenderableType:
    weights = WEIGHTS if known["weights"] else None
    return "\n".join(Narrator().lines(NOW, held() if known["workflow"] else None, [], weights, None))


VIEWS: dict[str, Callable[[Mapping[str, bool]], RenderableType]] = {
    "status": lambda known: traffic.status_view(status(known), "here"),
    "move": lambda known: traffic.move_view(moved(known), "here"),
    "move that is held": lambda known: traffic.move_view(
        moved(known) | {"held_until": NOW.isoformat(), "workflow": "share-1"}, "here"
    ),
    "preflight": lambda known: control.preflight_view(preflight(known)),
    "reconcile": lambda known: control.reconcile_view(moved(known)),
    "plan": lambda known: plan.plan_view(PLAN, preflight(known), NOW),
    "follow": lambda known: follow.follow_view(
        "share-1", status(known), held() if known["workflow"] else None, [sampled(known)]
    ),
    "narration": told,
    "history": lambda known: history.history_view(status(known)["history"]),
    "workflow": lambda _: workflow_view(held()),
    "outcome": lambda known: outcome.outcome_view(
        "share-1",
        Outcome(
            "interrupted", None, WEIGHTS if known["weights"] else None, held() if known["workflow"] else None
        ),
    ),
    "up": lambda known: up_view(
        {
            "status": status(known),
            "changed": False,
            "deployment": "local",
            "url": "u",
            "test_url": "t",
            "certificates": "c",
        },
        "here",
    ),
}


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("known", STATES, ids=lambda known: ",".join(k for k, v in known.items() if v))
def test_every_view_renders(name: str, known: Mapping[str, bool]) -> None:
    assert rendered(VIEWS[name](known))


def test_a_plan_on_an_unreadable_listener_names_the_gate() -> None:
    shown = rendered(plan.plan_view(PLAN, preflight(STATES[-1]), NOW))
    assert shown.startswith("Shift to green, now not readable\n")
    assert "listener" in shown


def test_a_share_that_nothing_watches_is_told() -> None:
    known = STATES[0] | {"workflow": False}
    shown = rendered(traffic.status_view(status(known), "here"))
    assert "No workflow watches these weights: no gate rolls them back." in shown
    watched = status(known) | {"workflow": held() | {"watched": True}}
    assert "No workflow watches" not in rendered(traffic.status_view(watched, "here"))


def test_a_share_whose_execution_stopped_is_told() -> None:
    shown = rendered(traffic.status_view(status(STATES[0]), "here"))
    assert "Share share-1: holding\n  from blue to green: 25 %, a held share of 10m\n" in shown
    assert "not watched: its execution has stopped calling; run `bluegreen rollback`" in shown

"""Every shape that something else can leave, on either listener, with every verb: what is to come of it.

Green has the traffic, and got it from blue: a switch to blue is a move forward, a rollback leads to blue.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from lambda_src.contract.errors import GatesNotPassedError, ListenerStateError, SwitchError
from lambda_src.contract.values import Colour, Weights
from tests.lambda_src.live_platform import ALL_BLUE, ALL_GREEN, BLUE, GREEN, LivePlatform, State
from tests.lambda_src.recorder import Recorder
from tests.lambda_src.switch.shapes import PRODUCTION, SHAPES, TEST, Shape

COMPLETED = State(
    ALL_GREEN,
    ALL_BLUE,
    "green",
    {"status": "completed", "source": "blue", "target": "green", "weights": ALL_GREEN.to_json()},
)
REPAIR = {"action": "reconcile", "repair": True, "reason": "a console was used"}
PLAN = {"target": "blue", "steps": [100], "bake_seconds": 0}
FORWARD = [
    {"action": "switch", "target": "blue"},
    {"action": "switch", "target": "green"},  # moves nothing, but would say that all is as asked for
    {"action": "shift", "target": "blue", "percent": 30},
    {"action": "begin", "workflow": "shift-one", "plan": PLAN},
]


def cases() -> Iterator[Any]:
    for shape in SHAPES:
        for variable in (PRODUCTION,) if shape.both else (PRODUCTION, TEST):
            name = "both" if shape.both else {PRODUCTION: "production", TEST: "test"}[variable]
            yield pytest.param(shape, variable, id=f"{shape.name}-{name}")


each = pytest.mark.parametrize(("shape", "variable"), list(cases()))


@pytest.fixture
def left(platform: LivePlatform) -> Callable[[Shape, str], LivePlatform]:
    def leave(shape: Shape, variable: str) -> LivePlatform:
        platform.put(COMPLETED)
        shape.put(platform, variable)
        return platform

    return leave


Left = Callable[[Shape, str], LivePlatform]


def routed(platform: LivePlatform) -> list[Any]:
    """All of the load balancer that the switch could change."""
    balancer = platform.environment[PRODUCTION].replace(":listener/", ":loadbalancer/").rpartition("/")[0]
    listeners = platform.elbv2.describe_listeners(LoadBalancerArn=balancer)["Listeners"]
    return [(item["ListenerArn"], item["DefaultActions"]) for item in listeners]


def declared(platform: LivePlatform, variable: str, weights: Weights) -> bool:
    """Whether the listener has the declared action, with these weights."""
    action = platform.action(variable)
    groups = {g["TargetGroupArn"]: g["Weight"] for g in action["ForwardConfig"]["TargetGroups"]}
    wanted = {platform.environment[f"{c.upper()}_TG_ARN"]: weights.of(c) for c in (BLUE, GREEN)}
    return groups == wanted and action["Type"] == "forward"


def back(shape: Shape, variable: str) -> Colour:
    """Where a rollback leads: from a share to the active colour, else to where the migration came from."""
    shared = variable == PRODUCTION and shape.share and shape.share.holder is None
    return GREEN if shared else BLUE


def whats(answer: dict[str, Any], reach: str | None = None) -> list[str]:
    return [f["what"] for f in answer["findings"] if reach in (None, f["reach"])]


@each
@pytest.mark.sampled(3)
def test_status_and_preflight_name_it(left: Left, shape: Shape, variable: str) -> None:
    platform = left(shape, variable)
    status = platform.invoke({"action": "status"})
    reach = "test" if variable == TEST else "production"
    (finding,) = [f for f in status["findings"] if shape.found in f["what"]]
    assert finding["reach"] == reach
    assert finding["fix"]
    assert "terraform" not in finding["fix"]
    assert finding["what"] in status["differences"]
    assert not status["consistent"]
    preflight = platform.invoke({"action": "preflight", "target": "blue"})
    assert preflight["ready"] is False
    (gate,) = [gate for gate in preflight["gates"] if gate["gate"] == "listener"]
    assert (gate["passed"], shape.found in gate["value"]) == (False, True)
    assert finding["fix"] in gate["fix"]


@each
@pytest.mark.sampled(6)
@pytest.mark.parametrize("event", FORWARD, ids=["switch", "no move", "share", "begin"])
def test_nothing_moves_forward(left: Left, shape: Shape, variable: str, event: dict[str, Any]) -> None:
    platform = left(shape, variable)
    before = routed(platform)
    with Recorder.listening_to(*platform.clients) as recorder, pytest.raises(SwitchError) as refused:
        platform.invoke(event)
    expected = GatesNotPassedError if shape.lasts and not shape.both else ListenerStateError
    assert isinstance(refused.value, expected) or shape.both
    assert shape.found in str(json.loads(str(refused.value))["what"]) or shape.name == "sticky group"
    assert routed(platform) == before
    assert {call.iam_action.split(":")[0] for call in recorder.writes} == {"dynamodb"}
    assert "busy_until" not in platform.control


@each
@pytest.mark.sampled(3)
def test_a_rollback_goes_back_as_far_as_it_can(left: Left, shape: Shape, variable: str) -> None:
    platform = left(shape, variable)
    if shape.gone and variable == PRODUCTION:
        with pytest.raises(ListenerStateError, match="does not exist"):
            platform.invoke({"action": "rollback"})
        return
    before = shape.share if variable == PRODUCTION and shape.share else ALL_GREEN
    if shape.neither and variable == PRODUCTION:
        before = Weights(0, 0)
    there = back(shape, variable)
    weights, test_weights = Weights.giving(there, 100), Weights.giving(there.other, 100)
    answer = platform.invoke({"action": "rollback"})
    assert (answer["before"], answer["after"]) == (before.to_json(), weights.to_json())
    assert (answer["changed"], answer["active"]) == (True, there)
    assert answer["migration"]["status"] == "rolled_back"
    assert declared(platform, PRODUCTION, weights)
    gone = shape.gone and variable == TEST
    assert gone or declared(platform, TEST, test_weights)
    assert answer["test_weights"] == (None if gone else test_weights.to_json())
    lasting = [what for what in whats(answer) if shape.found in what]
    assert len(lasting) == len(whats(answer)) == (shape.lasts or gone)
    assert len(whats(answer, "production")) == (shape.lasts and (shape.both or variable == PRODUCTION))
    name = platform.environment["SSM_PARAM_NAME"]
    assert platform.ssm.get_parameter(Name=name)["Parameter"]["Value"] == there
    again = platform.invoke({"action": "rollback"})
    assert (again["changed"], again["after"], whats(again)) == (False, weights.to_json(), whats(answer))


@each
@pytest.mark.sampled(3)
def test_a_repair_writes_the_declared_shape_and_moves_nothing_else(
    left: Left, shape: Shape, variable: str
) -> None:
    platform = left(shape, variable)
    if shape.gone and variable == PRODUCTION:
        with pytest.raises(ListenerStateError, match="does not exist"):
            platform.invoke(REPAIR)
        return
    # What is live, where clients get any of both; else what is recorded: green.
    weights = shape.share if variable == PRODUCTION and shape.share else ALL_GREEN
    answer = platform.invoke(REPAIR)
    gone = shape.gone and variable == TEST
    assert answer["after"] == weights.to_json()
    assert declared(platform, PRODUCTION, weights)
    assert gone or declared(platform, TEST, ALL_BLUE)
    left_over = [what for what in whats(answer) if shape.found in what]
    assert len(left_over) == len(whats(answer)) == (shape.lasts or gone)
    again = platform.invoke(REPAIR)
    assert again["writes"] == [] or shape.name == "sticky group"
    status = platform.invoke({"action": "status"})
    assert status["weights"] == weights.to_json()
    assert shape.lasts or gone or status["consistent"]


@each
@pytest.mark.sampled(3)
def test_reconcile_alone_writes_no_shape_and_says_so(left: Left, shape: Shape, variable: str) -> None:
    platform = left(shape, variable)
    before = routed(platform)
    if variable == PRODUCTION and not shape.lasts:
        with pytest.raises(ListenerStateError) as refused:
            platform.invoke({"action": "reconcile"})
        assert ("reconcile --repair" in refused.value.fix) is not shape.gone
        assert routed(platform) == before
        return
    if shape.name == "sticky group":  # its forwards are sticky, too
        with pytest.raises(ListenerStateError):
            platform.invoke({"action": "reconcile"})
        return
    answer = platform.invoke({"action": "reconcile"})
    only_weights = variable == TEST and shape.name in ("0/1", "1/1", "0/0")
    assert [shape.found in what for what in whats(answer)] == ([] if only_weights else [True])
    assert (routed(platform) == before) is not only_weights


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape.of_the_action], ids=lambda s: s.name)
def test_both_listeners_may_have_it(left: Left, shape: Shape) -> None:
    platform = left(shape, PRODUCTION)
    shape.put(platform, TEST)
    there = back(shape, PRODUCTION)
    platform.invoke({"action": "rollback"})
    assert declared(platform, PRODUCTION, Weights.giving(there, 100))
    assert declared(platform, TEST, Weights.giving(there.other, 100))
    assert platform.invoke({"action": "status"})["consistent"]


def test_a_repair_asks_for_a_healthy_target_of_each_colour_that_it_serves(left: Left) -> None:
    half = next(shape for shape in SHAPES if shape.name == "1/1")
    platform = left(half, PRODUCTION)
    for colour in (BLUE, GREEN):
        platform.register(colour, 0)
        before = routed(platform)
        with pytest.raises(GatesNotPassedError) as refused:
            platform.invoke(REPAIR)
        assert [(gate.colour, gate.passed) for gate in refused.value.gates if not gate.passed] == [
            (colour, False)
        ]
        assert routed(platform) == before
        platform.register(colour, 1)
    assert platform.invoke(REPAIR)["after"] == {"blue": 50, "green": 50}


def test_a_repair_of_what_serves_neither_needs_a_record(left: Left) -> None:
    fixed = next(shape for shape in SHAPES if shape.name == "fixed response")
    platform = left(fixed, PRODUCTION)
    platform.ssm.delete_parameters(
        Names=[platform.environment["SSM_PARAM_NAME"], platform.environment["STATUS_PARAM_NAME"]]
    )
    with pytest.raises(SwitchError, match="no parameter says which colour was active"):
        platform.invoke(REPAIR)
    assert platform.invoke({"action": "rollback", "target": "green"})["after"] == ALL_GREEN.to_json()


def test_the_live_shape_is_kept_where_only_weights_are_wrong(platform: LivePlatform) -> None:
    """Order, and the stickiness that is off: a plan that follows sees no change (P5)."""
    platform.put(replace(COMPLETED, weights=Weights(0, 1)))
    before = platform.action(PRODUCTION)
    platform.invoke(REPAIR)
    after = platform.action(PRODUCTION)
    for action in (before, after):
        for group in action["ForwardConfig"]["TargetGroups"]:
            del group["Weight"]
    assert after == before

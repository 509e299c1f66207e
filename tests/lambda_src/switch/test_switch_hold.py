"""A held share: watched by an execution, limited in time, rolled back when a gate fails."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import boto3
import pytest

from lambda_src.contract.errors import (
    AbortedError,
    AwsCallError,
    GatesNotPassedError,
    LockedError,
    LockLostError,
    NotWatchedError,
    StepOrderError,
    SwitchError,
    WeightsChangedError,
)
from lambda_src.contract.values import Weights
from tests.lambda_src.live_platform import ALL_BLUE, ALL_GREEN, BLUE, GREEN, LivePlatform, State
from tests.lambda_src.switch.faults import Call, Fault, Killed
from tests.lambda_src.switch.holding import held as held_at
from tests.lambda_src.switch.scenarios import COMPLETED, LEASE_SECONDS, LOCK_SECONDS, having, later
from tests.lambda_src.switch.steps import Machine, plan, workflow_of
from tests.lambda_src.switch.wire import Wire

SHARE = {"action": "shift", "target": "green", "percent": 25}
START = Call("stepfunctions", "StartExecution", "STATE_MACHINE_ARN", 0)
Happening = Callable[[LivePlatform], object]


def verify(platform: LivePlatform, id_: str, ahead: float = 0) -> dict[str, Any]:
    return platform.invoke({"action": "verify", "workflow": id_, "step": 0}, clock=later(ahead))


def roll_back(platform: LivePlatform, id_: str) -> dict[str, Any]:
    return platform.invoke({"action": "rollback", "workflow": id_, "cause": "it failed"})


@pytest.fixture
def share(platform: LivePlatform) -> str:
    """25 % of green are held; the workflow's id."""
    answer = platform.invoke({**SHARE, "hold_seconds": 600, "reason": "canary", "by": "alice"})
    assert (answer["after"], answer["changed"]) == ({"blue": 75, "green": 25}, True)
    return str(answer["workflow"])


@pytest.fixture
def started(platform: LivePlatform) -> Iterator[list[dict[str, Any]]]:
    """The parameters of the executions that the function starts."""
    found: list[dict[str, Any]] = []

    def hear(params: dict[str, Any], **_: Any) -> None:
        found.append(dict(params))

    events = platform.account.clients("stepfunctions").meta.events
    events.register("before-parameter-build", hear)
    yield found
    events.unregister("before-parameter-build", hear)


def test_a_share_is_a_workflow_that_an_execution_watches(
    platform: LivePlatform, started: list[dict[str, Any]]
) -> None:
    answer = platform.invoke({**SHARE, "reason": "canary", "by": "alice"})
    (execution,) = started
    assert (execution["stateMachineArn"], execution["name"]) == (
        platform.environment["STATE_MACHINE_ARN"],
        answer["workflow"],
    )
    assert json.loads(execution["input"]) == {
        "hold": True,
        "step": 0,
        "last": 0,
        "look": {"wait_seconds": 30},
    }
    found = workflow_of(platform)
    told = {name: found[name] for name in ("id", "state", "hold", "steps", "target", "source", "percent")}
    assert told == {
        "id": answer["workflow"],
        "state": "holding",
        "hold": True,
        "steps": [25],
        "target": "green",
        "source": "blue",
        "percent": 25,
    }
    assert (found["reason"], found["by"], found["watched"]) == ("canary", "alice", True)
    assert (found["bake_seconds"], found["baking_until"]) == (1800, answer["held_until"])
    described = boto3.client("stepfunctions").list_executions(stateMachineArn=execution["stateMachineArn"])
    assert answer["workflow"] in [each["name"] for each in described["executions"]]


def test_it_stands_for_its_time_and_is_then_rolled_back(platform: LivePlatform, share: str) -> None:
    assert (verify(platform, share)["next"], verify(platform, share)["wait_seconds"]) == ("wait", 30)
    assert verify(platform, share, ahead=590)["wait_seconds"] <= 10
    over = verify(platform, share, ahead=601)
    assert (over["next"], over["cause"]) == ("roll_back", "the share's time limit is over: 25 % for 600 s")
    roll_back(platform, share)
    assert platform.state.told[:3] == (ALL_BLUE, ALL_GREEN, "blue")
    assert (workflow_of(platform)["state"], workflow_of(platform)["cause"]) == ("rolled_back", "it failed")


@pytest.mark.parametrize(
    ("happens", "error", "cause"),
    [
        (lambda p: p.colours.alarm(GREEN, "ALARM"), GatesNotPassedError, "alarms of green"),
        (lambda p: p.register(GREEN, 0), GatesNotPassedError, "targets of green"),
        (lambda p: p.invoke({"action": "freeze", "reason": "sale"}), GatesNotPassedError, "frozen"),
        (lambda p: p.invoke({"action": "abort", "reason": "odd"}), AbortedError, "odd"),
        (lambda p: p.set_listener("LISTENER_ARN", Weights(40, 60)), WeightsChangedError, "left it at"),
    ],
)
def test_what_ends_a_bake_ends_a_held_share(
    platform: LivePlatform, share: str, happens: Happening, error: type[SwitchError], cause: str
) -> None:
    happens(platform)
    with pytest.raises(error, match=cause):
        verify(platform, share)
    roll_back(platform, share)
    assert platform.state.weights == ALL_BLUE


def test_what_is_over_yields_to_nobody(platform: LivePlatform, share: str) -> None:
    """What says that an operator's shift goes before it is gone with it."""
    assert "yields" in platform.control
    roll_back(platform, share)
    assert "yields" not in platform.control


def test_it_is_never_promoted(platform: LivePlatform, share: str) -> None:
    """Whoever may call the function could send the state machine's other requests in its name."""
    step = {"workflow": share, "step": 0}
    requests: list[dict[str, Any]] = [
        {"action": "finalize", "workflow": share},
        {"action": "ask", **step},
        {"action": "shift", **step, "target": "green", "percent": 25},
    ]
    for event in requests:
        for ahead in (0, 601):
            with pytest.raises(StepOrderError):
                platform.invoke(event, clock=later(ahead))
    assert platform.state.weights == Weights(75, 25)


@pytest.mark.parametrize(
    ("event", "after"),
    [
        ({"action": "switch", "target": "green"}, ALL_GREEN),
        ({"action": "switch", "target": "blue"}, ALL_BLUE),
        ({"action": "shift", "target": "green", "percent": 0}, ALL_BLUE),
        ({"action": "rollback"}, ALL_BLUE),
    ],
)
def test_what_moves_all_traffic_ends_it(
    platform: LivePlatform, share: str, event: dict[str, Any], after: Weights
) -> None:
    platform.invoke(event)
    assert platform.state.weights == after
    assert (workflow_of(platform)["id"], workflow_of(platform)["state"]) == (share, "superseded")
    assert verify(platform, share)["next"] == "ended"
    with pytest.raises(LockLostError):
        roll_back(platform, share)


@pytest.mark.parametrize("percent", [10, 25, 60])
def test_the_next_share_takes_its_place(platform: LivePlatform, share: str, percent: int) -> None:
    following = platform.invoke({**SHARE, "percent": percent})["workflow"]
    assert following != share
    assert platform.state.weights == Weights(100 - percent, percent)
    assert verify(platform, share)["next"] == "ended"
    assert verify(platform, following)["next"] == "wait"


def test_a_shift_takes_its_place_and_goes_on_from_there(platform: LivePlatform, share: str) -> None:
    machine = Machine(platform, plan(60, 100))
    machine.begin()
    assert verify(platform, share)["next"] == "ended"
    with pytest.raises(LockedError):  # a shift doesn't yield, as a share does
        platform.invoke({"action": "switch", "target": "green"})
    machine.shift(0)
    machine.shift(1)
    machine.finalize()
    assert platform.state.weights == ALL_GREEN


def test_what_does_not_move_traffic_does_not_end_it(platform: LivePlatform, share: str) -> None:
    with pytest.raises(LockedError, match=share):
        platform.invoke({"action": "reconcile"})
    platform.colours.alarm(GREEN, "ALARM")
    with pytest.raises(GatesNotPassedError):
        platform.invoke({"action": "switch", "target": "green"})
    with pytest.raises(GatesNotPassedError):
        Machine(platform, plan(60, 100)).begin()
    assert workflow_of(platform)["state"] == "holding"
    platform.colours.fix()
    preflight = platform.invoke({"action": "preflight", "target": "green"})
    assert preflight["ready"] is True  # it yields the lock
    assert verify(platform, share)["next"] == "wait"


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("before", [ALL_BLUE, Weights(75, 25)])
def test_without_a_watch_nothing_moves(platform: LivePlatform, before: Weights) -> None:
    if before != ALL_BLUE:
        platform.invoke(SHARE)
    control = platform.control
    with (
        Wire.of(platform, START, Fault.ERROR),
        pytest.raises(NotWatchedError, match="StartExecution") as raised,
    ):
        platform.invoke({**SHARE, "percent": 60})
    assert (platform.state.weights, raised.value.weights) == (before, before)
    kept = ("workflow", "holder", "yields", "abort")
    assert [platform.control.get(name) for name in kept] == [control.get(name) for name in kept]
    assert platform.invoke({"action": "history"})["entries"][0]["outcome"] == "refused"


def test_a_state_machine_that_is_not_there_is_named(platform: LivePlatform) -> None:
    arn = "arn:aws:states:us-east-1:123456789012:stateMachine:gone"
    platform.environment["STATE_MACHINE_ARN"] = arn
    with pytest.raises(NotWatchedError, match="StateMachineDoesNotExist") as raised:
        platform.invoke(SHARE)
    assert raised.value.where == arn


def test_a_look_that_comes_before_the_share_stands_waits(
    platform: LivePlatform, started: list[dict[str, Any]]
) -> None:
    """The execution begins before the share is registered, and before the traffic moves."""
    registered = Call("dynamodb", "UpdateItem", "traffic", 1)
    modify = Call("elbv2", "ModifyListener", "LISTENER_ARN", 0)
    for call in (registered, modify):
        with held_at(platform, SHARE, call) as late:
            id_ = started[-1]["name"]
            assert verify(platform, id_) | {"request_id": ""} == {
                "action": "verify",
                "request_id": "",
                "next": "wait",
                "wait_seconds": 30,
                "cause": None,
                "gates": [],
            }
            late.result()
        assert verify(platform, id_)["gates"] != []
        platform.invoke({"action": "rollback"})


@pytest.mark.parametrize("operation", ["ModifyListener", "PutParameter"])
def test_a_share_whose_request_died_is_rolled_back(platform: LivePlatform, operation: str) -> None:
    def find(call: Call) -> None:
        if call.operation == operation:
            wire.call, wire.fault = call, Fault.KILLED_AFTER

    with Wire.of(platform) as wire, suppress(Killed):
        wire.on_begin = find
        platform.invoke(SHARE)
    id_ = platform.control["yields"]["S"]
    assert verify(platform, id_)["next"] == "wait"  # it may be still at work
    with pytest.raises(AbortedError, match="ended before the share stood"):
        verify(platform, id_, ahead=LOCK_SECONDS)
    platform.invoke({"action": "rollback", "workflow": id_, "cause": "death"}, clock=later(LOCK_SECONDS))
    assert platform.state.told[:3] == (ALL_BLUE, ALL_GREEN, "blue")


@pytest.mark.usefixtures("no_waiting")
def test_a_share_whose_request_failed_is_rolled_back(platform: LivePlatform) -> None:
    record = Call("ssm", "PutParameter", "STATUS_PARAM_NAME", 0)
    with Wire.of(platform, record, Fault.ERROR), pytest.raises(AwsCallError):
        platform.invoke(SHARE)
    id_ = platform.control["yields"]["S"]
    with pytest.raises(
        AbortedError, match="the switch function aborts it: AwsCallError: PutParameter failed"
    ):
        verify(platform, id_)
    roll_back(platform, id_)
    assert platform.state.weights == ALL_BLUE


def test_a_share_whose_execution_died_is_told_and_can_be_moved(platform: LivePlatform, share: str) -> None:
    status = platform.invoke({"action": "status"}, clock=later(LEASE_SECONDS))
    assert (status["workflow"]["state"], status["workflow"]["watched"]) == ("holding", False)
    platform.invoke({"action": "reconcile"}, clock=later(LEASE_SECONDS))
    assert workflow_of(platform)["state"] == "interrupted"
    assert verify(platform, share)["next"] == "ended"


def test_a_share_of_the_active_colour_is_one_of_the_other(platform: LivePlatform) -> None:
    """`blue 80` while blue is active: what is held, and rolled back, is green's 20."""
    answer = platform.invoke({"action": "shift", "target": "blue", "percent": 80})
    found = workflow_of(platform)
    assert (found["target"], found["source"], found["steps"]) == ("green", "blue", [20])
    roll_back(platform, answer["workflow"])
    assert platform.state.weights == ALL_BLUE


def test_a_share_on_the_way_back_is_rolled_back_to_the_active_colour(platform: LivePlatform) -> None:
    COMPLETED(platform)
    answer = platform.invoke({"action": "shift", "target": "blue", "percent": 30})
    assert workflow_of(platform)["source"] == "green"
    roll_back(platform, answer["workflow"])
    assert platform.state.weights == ALL_GREEN


def test_a_share_that_stands_already_is_held_anew(platform: LivePlatform) -> None:
    half = Weights(50, 50)
    having(State(half, ALL_GREEN, "blue", {"status": "in_progress", "source": "blue", "target": "green",
                                           "weights": half.to_json()}))(platform)  # fmt: skip
    answer = platform.invoke({**SHARE, "percent": 50})
    assert (answer["changed"], answer["writes"]) == (False, [])
    assert verify(platform, answer["workflow"])["next"] == "wait"


@pytest.mark.parametrize("percent", [0, 100])
def test_all_and_nothing_is_not_held(platform: LivePlatform, started: list[Any], percent: int) -> None:
    answer = platform.invoke({**SHARE, "percent": percent})
    assert (answer["workflow"], started) == (None, [])
    assert "held_until" not in answer


def test_a_repeated_request_holds_nothing_anew(platform: LivePlatform, started: list[Any]) -> None:
    first = platform.invoke({**SHARE, "request_id": "one"})
    control = {name: value for name, value in platform.control.items() if name != "token"}
    assert platform.invoke({**SHARE, "request_id": "one"}) == first | {"repeated": True}
    assert {name: value for name, value in platform.control.items() if name != "token"} == control
    assert len(started) == 1


def test_the_day_is_not_looked_at_more_often_than_an_execution_may(platform: LivePlatform) -> None:
    answer = platform.invoke({**SHARE, "hold_seconds": 86_400})
    assert verify(platform, answer["workflow"])["wait_seconds"] == 86_400 // 2000 + 1


def test_gates_of_the_colour_that_gains_are_asked_first(platform: LivePlatform, started: list[Any]) -> None:
    platform.put(State(Weights(50, 50)))
    platform.register(BLUE, 0)
    with pytest.raises(GatesNotPassedError):
        platform.invoke(SHARE)
    assert started == []

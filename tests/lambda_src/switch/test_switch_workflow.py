"""A workflow, step by step as the state machine sends it: its road, its ends, and who has the lock."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambda_src.contract.errors import (
    AbortedError,
    ApprovalExpiredError,
    ApprovalMissingError,
    DeadlineError,
    GatesNotPassedError,
    LockedError,
    LockLostError,
    NothingToShiftError,
    NoWorkflowError,
    StepOrderError,
    SwitchError,
    ValidationError,
    WeightsChangedError,
)
from lambda_src.contract.values import Weights
from tests.lambda_src.live_platform import ALL_BLUE, ALL_GREEN, GREEN, LivePlatform, State
from tests.lambda_src.switch.steps import Machine, plan, workflow_of

Requests = Sequence[Callable[[], object]]


def later(**delta: float) -> Any:
    """A clock that is ahead."""
    return lambda: datetime.now(UTC) + timedelta(**delta)


def test_a_workflow_goes_through_its_steps(platform: LivePlatform) -> None:
    machine = Machine(platform, plan(5, 50, 100, reason="release 42", by="alice"))
    handed_over = machine.begin()
    assert handed_over["percents"] == [5, 50, 100]
    assert handed_over["approvals"] == [False, False, False]
    assert platform.state.weights == ALL_BLUE
    assert (workflow_of(platform)["step"], workflow_of(platform)["percent"]) == (0, 0)
    seen = []
    for step in range(3):
        machine.shift(step)
        seen.append((platform.state.weights.green, workflow_of(platform)["state"]))
        assert machine.verify(step)["next"] == ("finalize" if step == 2 else "next_step")
    answer = machine.finalize()

    assert seen == [(5, "baking"), (50, "baking"), (100, "baking")]
    assert answer["after"] == {"blue": 0, "green": 100}
    status = platform.invoke({"action": "status"})
    assert (status["active"], status["recorded_active"], status["lock"]) == ("green", "green", None)
    ended = status["workflow"]
    assert (ended["state"], ended["percent"], ended["reason"], ended["by"]) == (
        "completed",
        100,
        "release 42",
        "alice",
    )
    assert ended["finished_at"] is not None
    assert [entry["action"] for entry in status["history"]] == [
        "finalize",
        "shift",
        "shift",
        "shift",
        "begin",
    ]
    told = {(entry["workflow"], entry["by"], entry["reason"], entry["target"]) for entry in status["history"]}
    assert told == {(machine.id, "alice", "release 42", "green")}


def test_a_bake_is_looked_at_until_it_is_over(platform: LivePlatform) -> None:
    machine = Machine(platform, plan(50, 100, bake=70))
    machine.begin()
    assert machine.shift(0)["wait_seconds"] == 30
    early = machine.verify(0)
    assert (early["next"], early["wait_seconds"]) == ("wait", 30)
    machine.options["clock"] = later(seconds=60)
    nearly = machine.verify(0)
    assert (nearly["next"], 8 <= nearly["wait_seconds"] <= 10) == ("wait", True)
    machine.options["clock"] = later(seconds=71)
    assert machine.verify(0)["next"] == "next_step"


def test_long_bakes_are_looked_at_less_often_and_keep_the_lock_meanwhile(platform: LivePlatform) -> None:
    # One look is nine events of the execution's history, which ends at 25,000.
    day = 24 * 3600
    machine = Machine(platform, plan(5, 25, 50, 100, bake=day))
    machine.begin()
    wait = machine.shift(0)["wait_seconds"]
    assert machine.verify(0)["wait_seconds"] == wait == 4 * day // 2000 + 1
    machine.options["clock"] = later(seconds=wait + 200)
    with pytest.raises(LockedError):
        platform.invoke({"action": "switch", "target": "green"}, clock=machine.options["clock"])
    assert machine.verify(0)["wait_seconds"] == wait


@pytest.mark.parametrize("shifted", [0, 1])
def test_a_rollback_goes_back_to_where_it_began(platform: LivePlatform, shifted: int) -> None:
    machine = Machine(platform, plan(25, 100))
    machine.begin()
    for step in range(shifted):
        machine.shift(step)
    machine.roll_back("GatesNotPassedError")
    assert platform.state.told[:3] == (ALL_BLUE, Weights(0, 100), "blue")
    ended = workflow_of(platform)
    assert [ended[name] for name in ("state", "cause", "raw_cause")] == [
        "rolled_back",
        "GatesNotPassedError",
        "GatesNotPassedError",
    ]
    assert platform.invoke({"action": "status"})["lock"] is None


def test_nobody_else_moves_traffic_meanwhile(platform: LivePlatform) -> None:
    machine = Machine(platform, plan(25, 100))
    machine.begin()
    machine.shift(0)
    other = Machine(platform, plan(50, 100))
    for request in (
        other.begin,
        lambda: platform.invoke({"action": "switch", "target": "green"}),
        lambda: platform.invoke({"action": "reconcile"}),
    ):
        with pytest.raises(LockedError, match=machine.id):
            request()
    with pytest.raises(LockLostError):
        other.shift(0)
    assert platform.state.weights == Weights(75, 25)
    machine.shift(1)
    machine.finalize()
    other.plan = plan(100, target="blue")
    other.begin()


def test_an_operator_s_rollback_goes_before_it_and_ends_it(platform: LivePlatform) -> None:
    machine = Machine(platform, plan(25, 100))
    machine.begin()
    machine.shift(0)
    platform.invoke({"action": "rollback", "reason": "complaints"})
    assert platform.state.weights == ALL_BLUE
    assert workflow_of(platform)["state"] == "superseded"
    late: Requests = (
        lambda: machine.shift(1),
        machine.finalize,
        machine.roll_back,
        lambda: machine.verify(0),
    )
    for request in late:
        with pytest.raises(LockLostError):
            request()
    assert platform.state.weights == ALL_BLUE


def test_a_rollback_that_is_refused_leaves_the_workflow_alone(platform: LivePlatform) -> None:
    machine = Machine(platform, plan(25, 100))
    machine.begin()
    machine.shift(0)
    platform.register(GREEN.other, 0)
    with pytest.raises(GatesNotPassedError):
        platform.invoke({"action": "rollback"})
    platform.register(GREEN.other, 2)
    machine.shift(1)
    assert platform.state.weights == ALL_GREEN


def test_a_workflow_that_died_is_succeeded_after_its_lease(platform: LivePlatform) -> None:
    machine = Machine(platform, plan(25, 100))
    machine.begin()
    machine.shift(0)
    with pytest.raises(LockedError):
        platform.invoke({"action": "switch", "target": "blue"}, clock=later(seconds=200))
    platform.invoke({"action": "reconcile"}, clock=later(seconds=400))
    assert workflow_of(platform)["state"] == "interrupted"
    with pytest.raises(LockLostError):
        machine.shift(1)
    assert platform.state.weights == Weights(75, 25)


@pytest.fixture
def asking(platform: LivePlatform) -> Machine:
    """25 % stand, and an approval is wanted for all."""
    machine = Machine(platform, plan(25, 100, approve_at=[100]))
    assert machine.begin()["approvals"] == [False, True]
    machine.shift(0)
    with pytest.raises(NoWorkflowError):
        platform.invoke({"action": "approve"})
    machine.ask(1)
    return machine


def test_an_approval_is_waited_for_and_lets_the_step_pass(platform: LivePlatform, asking: Machine) -> None:
    asked = workflow_of(platform)
    assert (asked["state"], asked["approval"]["percent"]) == ("waiting_for_approval", 100)
    begun, ends = (datetime.fromisoformat(asked["approval"][name]) for name in ("asked_at", "expires_at"))
    assert ends - begun == timedelta(seconds=3600)  # where the plan doesn't say
    assert (asking.verify(1)["next"], asking.verify(1)["wait_seconds"]) == ("wait", 30)
    approved = platform.invoke({"action": "approve", "by": "bob"})["workflow"]["approval"]
    assert approved == asked["approval"] | {"approved_by": "bob"}
    entry = platform.invoke({"action": "history"})["entries"][0]
    assert (entry["action"], entry["workflow"]) == ("approve", asking.id)
    assert asking.verify(1)["next"] == "shift"
    asking.shift(1)
    assert platform.state.weights == ALL_GREEN
    assert workflow_of(platform)["approval"] is None
    with pytest.raises(NoWorkflowError, match="not wait for an approval"):
        platform.invoke({"action": "approve", "by": "bob"})


def test_approving_again_changes_nothing(platform: LivePlatform, asking: Machine) -> None:
    first = platform.invoke({"action": "approve", "by": "bob", "request_id": "one"})
    again = platform.invoke({"action": "approve", "by": "carol"})
    assert again["workflow"]["approval"]["approved_by"] == "bob"
    asking.shift(1)
    repeated = platform.invoke({"action": "approve", "by": "bob", "request_id": "one"})
    assert {**repeated, "notified": True} == {**first, "repeated": True}


def test_asking_again_keeps_the_approval_and_its_time(platform: LivePlatform, asking: Machine) -> None:
    platform.invoke({"action": "approve", "by": "bob"})
    before = workflow_of(platform)["approval"]
    asking.options["clock"] = later(seconds=100)
    asking.ask(1)
    assert workflow_of(platform)["approval"] == before


def test_an_approval_that_does_not_come_in_time_ends_it(platform: LivePlatform, asking: Machine) -> None:
    asking.options["clock"] = later(seconds=3590)
    assert asking.verify(1)["wait_seconds"] <= 10
    asking.options["clock"] = later(seconds=3601)
    with pytest.raises(ApprovalExpiredError, match="did not come within 3600 s") as raised:
        asking.verify(1)
    assert raised.value.weights == Weights(75, 25)
    with pytest.raises(NoWorkflowError):
        platform.invoke({"action": "approve"}, clock=later(seconds=3601))
    asking.roll_back()
    assert platform.state.weights == ALL_BLUE


def test_an_approval_of_before_the_timeout_counts_after_it(platform: LivePlatform, asking: Machine) -> None:
    platform.invoke({"action": "approve", "by": "bob"}, clock=later(seconds=3599))
    asking.options["clock"] = later(seconds=3601)
    assert asking.verify(1)["next"] == "shift"


def test_an_approval_is_for_its_own_step(platform: LivePlatform) -> None:
    machine = Machine(platform, plan(25, 60, 100, approve_at=[60, 100]))
    machine.begin()
    machine.shift(0)
    machine.ask(1)
    platform.invoke({"action": "approve"})
    machine.shift(1)
    assert platform.state.weights == Weights(40, 60)
    with pytest.raises(ApprovalMissingError):
        machine.shift(2)


@pytest.mark.usefixtures("asking")
@pytest.mark.parametrize(
    ("happens", "error"),
    [
        (lambda p: p.colours.alarm(GREEN, "ALARM"), GatesNotPassedError),
        (lambda p: p.invoke({"action": "freeze", "reason": "sale"}), GatesNotPassedError),
        (lambda p: p.invoke({"action": "abort", "reason": "odd"}), AbortedError),
        (lambda p: p.set_listener("LISTENER_ARN", Weights(40, 60)), WeightsChangedError),
    ],
)
def test_what_ends_a_bake_ends_the_wait_for_an_approval(
    platform: LivePlatform,
    asking: Machine,
    happens: Callable[[LivePlatform], object],
    error: type[SwitchError],
) -> None:
    """Whether the approval has come or not."""
    happens(platform)
    with pytest.raises(error):
        asking.verify(1)


@pytest.mark.parametrize("asked", [False, True])
def test_no_step_goes_past_an_approval(platform: LivePlatform, asked: bool) -> None:
    """Whoever may call the function could send the step; the approval has to be on record."""
    machine = Machine(platform, plan(25, 100, approve_at=[100]))
    machine.begin()
    machine.shift(0)
    if asked:
        machine.ask(1)
    with pytest.raises(ApprovalMissingError):
        machine.shift(1)
    assert platform.state.weights == Weights(75, 25)


@pytest.mark.parametrize("step", [0, 1])
def test_an_abort_is_found_at_the_next_look(platform: LivePlatform, step: int) -> None:
    machine = Machine(platform, plan(25, 100))
    machine.begin()
    for number in range(step):
        machine.shift(number)
    answer = platform.invoke({"action": "abort", "workflow": machine.id, "by": "carol", "reason": "odd"})
    assert answer["workflow"]["state"] == "aborting"
    before = platform.state
    requests: Requests = (lambda: machine.shift(step), lambda: machine.verify(0), machine.finalize)
    for request in requests:
        with pytest.raises(AbortedError, match="carol aborts it: odd"):
            request()
    assert platform.state == before
    machine.roll_back("AbortedError")
    assert platform.state.weights == ALL_BLUE
    assert platform.invoke({"action": "status"})["workflow"]["state"] == "rolled_back"


@pytest.mark.parametrize("action", ["approve", "abort"])
def test_there_is_nothing_to_approve_or_abort_without_a_workflow(platform: LivePlatform, action: str) -> None:
    with pytest.raises(NoWorkflowError):
        platform.invoke({"action": action})
    machine = Machine(platform, plan(100))
    machine.begin()
    with pytest.raises(NoWorkflowError):
        platform.invoke({"action": action, "workflow": "another"})


def test_a_colour_that_fails_while_it_bakes_is_told_with_the_weights(platform: LivePlatform) -> None:
    machine = Machine(platform, plan(25, 100))
    machine.begin()
    machine.shift(0)
    platform.colours.alarm(GREEN, "ALARM")
    with pytest.raises(GatesNotPassedError) as raised:
        machine.verify(0)
    assert raised.value.weights == Weights(75, 25)


def test_after_the_deadline_it_moves_no_further(platform: LivePlatform) -> None:
    machine = Machine(platform, plan(25, 100, deadline_seconds=60))
    machine.begin()
    machine.shift(0)
    machine.options["clock"] = later(seconds=61)
    requests: Requests = (lambda: machine.shift(1), lambda: machine.verify(0))
    for request in requests:
        with pytest.raises(DeadlineError):
            request()
    machine.roll_back()
    assert platform.state.weights == ALL_BLUE


def test_weights_that_somebody_else_moved_are_noticed(platform: LivePlatform) -> None:
    machine = Machine(platform, plan(25, 100))
    machine.begin()
    machine.shift(0)
    platform.set_listener("LISTENER_ARN", Weights(40, 60))
    requests: Requests = (lambda: machine.shift(1), lambda: machine.verify(0))
    for request in requests:
        with pytest.raises(WeightsChangedError) as raised:
            request()
        assert raised.value.weights == Weights(40, 60)
    machine.roll_back()
    assert platform.state.weights == ALL_BLUE


def test_a_gate_that_no_longer_passes_is_found_while_it_bakes(platform: LivePlatform) -> None:
    machine = Machine(platform, plan(25, 100))
    machine.begin()
    machine.shift(0)
    platform.colours.alarm(GREEN, "ALARM")
    requests: Requests = (lambda: machine.verify(0), lambda: machine.shift(1))
    for request in requests:
        with pytest.raises(GatesNotPassedError) as raised:
            request()
        assert [gate.gate for gate in raised.value.gates if not gate.passed] == ["alarms"]
    machine.roll_back()
    assert platform.state.weights == ALL_BLUE


def test_begin_is_refused_whole(platform: LivePlatform) -> None:
    platform.colours.alarm(GREEN, "ALARM")
    machine = Machine(platform, plan(25, 100))
    with pytest.raises(GatesNotPassedError):
        machine.begin()
    status = platform.invoke({"action": "status"})
    assert (status["lock"], status["workflow"]) == (None, None)
    assert status["history"][0]["outcome"] == "refused"


@pytest.mark.parametrize("first", [10, 30])
def test_a_plan_has_to_lead_towards_its_target(platform: LivePlatform, first: int) -> None:
    platform.put(State(Weights(70, 30)))
    with pytest.raises(NothingToShiftError, match="green has 30 % already"):
        Machine(platform, plan(first, 100)).begin()
    Machine(platform, plan(first + 30, 100)).begin()


def test_the_way_back_of_a_share_is_a_rollback(platform: LivePlatform) -> None:
    """A shift back to the active colour that fails would move all traffic to the other one."""
    platform.invoke({"action": "shift", "target": "green", "percent": 25})
    with pytest.raises(NothingToShiftError, match="blue is the active colour"):
        Machine(platform, plan(100, target="blue")).begin()
    assert (platform.state.weights, workflow_of(platform)["state"]) == (Weights(75, 25), "holding")


def test_steps_come_in_the_plan_s_order_and_size(platform: LivePlatform) -> None:
    machine = Machine(platform, plan(25, 50, 100))
    machine.begin()
    wrong: list[tuple[dict[str, Any], type[SwitchError]]] = [
        ({"step": 2, "target": "green", "percent": 100}, StepOrderError),
        ({"step": 9, "target": "green", "percent": 100}, StepOrderError),
        ({"step": 0, "target": "green", "percent": 100}, ValidationError),
        ({"step": 0, "target": "blue", "percent": 25}, ValidationError),
    ]
    for keys, error in wrong:
        with pytest.raises(error, match=r"out of order|no step of the workflow"):
            machine.send("shift", **keys)
    assert platform.state.weights == ALL_BLUE


def test_the_function_holds_the_times(platform: LivePlatform) -> None:
    """Whoever may call the function could send a step, or the end, before the last one has baked."""
    machine = Machine(platform, plan(25, 60, 100, bake=600, approve_at=[60]))
    machine.begin()
    machine.shift(0)
    machine.options["clock"] = later(seconds=590)
    early: Requests = (lambda: machine.ask(1), lambda: machine.shift(1))
    for request in early:
        with pytest.raises(StepOrderError, match="before 25 % has baked"):
            request()
    with pytest.raises(StepOrderError, match="verify of step 2 is out of order"):
        machine.verify(2)
    with pytest.raises(StepOrderError, match="finalize came"):
        machine.finalize()
    machine.options["clock"] = later(seconds=600)
    with pytest.raises(StepOrderError, match="finalize is out of order"):
        machine.finalize()
    assert platform.state.weights == Weights(75, 25)
    assert machine.verify(0)["next"] == "next_step"
    with pytest.raises(StepOrderError, match="verify of step 1, not asked for"):
        machine.verify(1)
    machine.ask(1)


def test_a_step_without_approval_is_not_asked_for(platform: LivePlatform) -> None:
    machine = Machine(platform, plan(25, 100))
    machine.begin()
    with pytest.raises(StepOrderError, match="needs no approval"):
        machine.ask(0)


def test_every_request_of_it_can_be_repeated(platform: LivePlatform) -> None:
    machine = Machine(platform, plan(25, 100))
    for request in (
        machine.begin,
        lambda: machine.shift(0),
        lambda: machine.shift(1),
        machine.finalize,
    ):
        first = request()
        assert request() == first | {"repeated": True}
    assert [entry["action"] for entry in platform.invoke({"action": "history"})["entries"]] == [
        "finalize",
        "shift",
        "shift",
        "begin",
    ]

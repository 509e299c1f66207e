"""The ledger of a shift: after a step, or after its end; and the record of its writer."""

import json
from typing import Any

import pytest

from lambda_src.contract.errors import (
    AbortedError,
    GatesNotPassedError,
    LockLostError,
    NoWorkflowError,
    StepOrderError,
    ValidationError,
)
from tests.lambda_src.live_platform import ALL_BLUE, ALL_GREEN, GREEN, LivePlatform
from tests.lambda_src.switch.steps import Machine, plan, workflow_of

ROW = {"writer": "blue", "epoch": 7, "state": "open"}
MOVED = {"writer": "green", "epoch": 8, "pause_ms": 41}


def machine(platform: LivePlatform, *steps: int, after: int) -> Machine:
    return Machine(platform, plan(*steps, ledger_after=after, by="alice", reason="release 42"))


def baked(machine: Machine, count: int) -> str:
    """So many steps are taken and verified; what follows the last one."""
    machine.begin()
    for step in range(count):
        machine.shift(step)
        following: str = machine.verify(step)["next"]
    return following


def begin(machine: Machine) -> dict[str, Any]:
    return machine.send("begin_ledger", plan=machine.plan, ledger=ROW)


def refused(machine: Machine, error: str = "MoveRefusedError") -> dict[str, Any]:
    return machine.send("ledger", error=error, cause="{}")


def recorded(platform: LivePlatform) -> dict[str, Any]:
    name = platform.environment["LEDGER_PARAM_NAME"]
    found: dict[str, Any] = json.loads(platform.ssm.get_parameter(Name=name)["Parameter"]["Value"])
    return found


def last(platform: LivePlatform, action: str = "ledger") -> dict[str, Any]:
    entries = platform.invoke({"action": "history", "limit": 20})["entries"]
    return next(entry for entry in entries if entry["action"] == action)


def test_it_moves_after_the_end_under_the_shifts_lock(platform: LivePlatform) -> None:
    shift = machine(platform, 50, 100, after=100)
    assert baked(shift, 2) == "finalize"
    assert shift.finalize()["next"] == "move_ledger"
    assert platform.state.weights == ALL_GREEN
    assert platform.state.active == "green"
    assert workflow_of(platform)["state"] == "moving_ledger"
    assert platform.invoke({"action": "status"})["lock"]["holder"] == shift.id
    begin(shift)
    assert recorded(platform)["writer"] is None
    assert shift.send("ledger", moved=MOVED)["next"] == "shifted"
    assert workflow_of(platform)["state"] == "completed"
    assert platform.invoke({"action": "status"})["lock"] is None
    entry = last(platform)
    assert (entry["by"], entry["reason"], entry["workflow"]) == ("alice", "release 42", shift.id)
    assert entry["ledger"] == {"from": "blue", "to": "green", "epoch": 8, "pause_ms": 41}


def test_without_a_ledger_the_end_frees_the_lock(platform: LivePlatform) -> None:
    shift = Machine(platform, plan(100))
    baked(shift, 1)
    assert shift.finalize()["next"] == "end"
    assert platform.invoke({"action": "status"})["lock"] is None


def test_a_ledger_that_is_refused_after_the_end_leaves_the_traffic(platform: LivePlatform) -> None:
    shift = machine(platform, 100, after=100)
    baked(shift, 1)
    shift.finalize()
    begin(shift)
    assert refused(shift)["next"] == "refused"
    assert platform.state.weights == ALL_GREEN
    shown = platform.invoke({"action": "status"})
    assert (shown["lock"], shown["workflow"]["state"]) == (None, "ledger_not_moved")
    assert last(platform)["outcome"] == "refused"
    # The row is what it was.
    assert (recorded(platform)["writer"], recorded(platform)["epoch"]) == ("blue", 7)
    # The event rule's call after the execution has failed finds nothing to roll back.
    assert platform.invoke({"action": "rollback", "workflow": shift.id, "cause": "FAILED"})["ended"]
    assert platform.state.weights == ALL_GREEN


def test_a_freeze_after_the_end_keeps_the_ledger_where_it_is(platform: LivePlatform) -> None:
    shift = machine(platform, 100, after=100)
    baked(shift, 1)
    shift.finalize()
    platform.invoke({"action": "freeze", "reason": "end of year"})
    with pytest.raises(GatesNotPassedError):
        begin(shift)
    assert refused(shift, "GatesNotPassedError")["next"] == "refused"
    assert platform.state.weights == ALL_GREEN
    assert (last(platform)["outcome"], last(platform)["target"]) == ("refused", "green")


def test_an_execution_that_is_stopped_after_the_end_rolls_no_traffic_back(platform: LivePlatform) -> None:
    shift = machine(platform, 100, after=100)
    baked(shift, 1)
    shift.finalize()
    platform.invoke({"action": "rollback", "workflow": shift.id, "cause": "ABORTED"})
    assert platform.state.weights == ALL_GREEN
    shown = platform.invoke({"action": "status"})
    assert (shown["lock"], shown["workflow"]["state"]) == (None, "interrupted")


def test_an_operators_rollback_is_possible_while_the_ledger_moves(platform: LivePlatform) -> None:
    shift = machine(platform, 100, after=100)
    baked(shift, 1)
    shift.finalize()
    begin(shift)
    platform.invoke({"action": "rollback", "reason": "errors"})
    assert platform.state.weights == ALL_BLUE
    with pytest.raises(LockLostError):
        shift.send("ledger", moved=MOVED)
    assert last(platform)["outcome"] == "done"
    assert recorded(platform)["writer"] == "green"


def test_it_moves_after_a_step_and_the_shift_goes_on(platform: LivePlatform) -> None:
    shift = machine(platform, 25, 50, 100, after=50)
    assert baked(shift, 2) == "move_ledger"
    begin(shift)
    assert shift.send("ledger", moved=MOVED)["next"] == "next_step"
    assert shift.verify(1)["next"] == "next_step"
    shift.shift(2)
    assert shift.verify(2)["next"] == "finalize"
    assert shift.finalize()["next"] == "end"
    assert workflow_of(platform)["state"] == "completed"


def test_a_ledger_that_does_not_move_after_a_step_rolls_back(platform: LivePlatform) -> None:
    shift = machine(platform, 25, 100, after=25)
    baked(shift, 1)
    platform.colours.alarm(GREEN, "ALARM")
    with pytest.raises(GatesNotPassedError):
        begin(shift)
    assert refused(shift, "GatesNotPassedError")["next"] == "roll_back"
    shift.roll_back("the ledger")
    assert platform.state.weights == ALL_BLUE
    assert workflow_of(platform)["state"] == "rolled_back"


def test_an_abort_while_the_ledger_moves_after_a_step_takes_effect_at_the_next_step(
    platform: LivePlatform,
) -> None:
    shift = machine(platform, 25, 100, after=25)
    baked(shift, 1)
    begin(shift)
    platform.invoke({"action": "abort", "by": "carol"})
    assert shift.send("ledger", moved=MOVED)["next"] == "next_step"
    with pytest.raises(AbortedError):
        shift.shift(1)


def test_nothing_is_left_to_abort_after_the_end(platform: LivePlatform) -> None:
    shift = machine(platform, 100, after=100)
    baked(shift, 1)
    shift.finalize()
    with pytest.raises(NoWorkflowError, match="moves the ledger"):
        platform.invoke({"action": "abort"})


@pytest.mark.parametrize(("steps", "after", "count"), [((25, 100), 100, 1), ((25, 100), 25, 0)])
def test_a_move_out_of_order_is_refused(
    platform: LivePlatform, steps: tuple[int, ...], after: int, count: int
) -> None:
    shift = machine(platform, *steps, after=after)
    if count:
        baked(shift, count)
    else:
        shift.begin()
    with pytest.raises(StepOrderError):
        begin(shift)


def test_a_step_out_of_order_is_refused_after_the_end(platform: LivePlatform) -> None:
    shift = machine(platform, 100, after=100)
    baked(shift, 1)
    shift.finalize()
    with pytest.raises(StepOrderError):
        shift.shift(0)
    with pytest.raises(StepOrderError):
        shift.verify(0)


@pytest.mark.parametrize("after", [0, 101, 30, "100"])
def test_a_plan_whose_ledger_moves_at_no_step_is_refused(platform: LivePlatform, after: Any) -> None:
    with pytest.raises(ValidationError, match="ledger_after"):
        machine(platform, 25, 100, after=after).begin()


def test_without_a_ledger_nothing_moves_one(platform: LivePlatform) -> None:
    platform.environment["LEDGER_PARAM_NAME"] = "none"
    with pytest.raises(ValidationError, match="no ledger"):
        machine(platform, 100, after=100).begin()
    event = {"action": "begin_ledger", "workflow": "ledger-x", "ledger": ROW}
    with pytest.raises(ValidationError, match="no ledger"):
        platform.invoke(event | {"plan": {"only_ledger": True, "target": "green"}})
    assert platform.invoke({"action": "status"})["ledger"] is None


def test_status_and_preflight_show_the_record(platform: LivePlatform) -> None:
    assert platform.invoke({"action": "preflight", "target": "green"})["ledger"]["writer"] is None
    shift = machine(platform, 100, after=100)
    baked(shift, 1)
    shift.finalize()
    begin(shift)
    shift.send("ledger", moved=MOVED)
    shown = platform.invoke({"action": "status"})["ledger"]
    assert (shown["writer"], shown["epoch"], shown["workflow"]) == ("green", 8, shift.id)


def test_an_unreadable_record_is_none(platform: LivePlatform) -> None:
    name = platform.environment["LEDGER_PARAM_NAME"]
    for text in ("green", "{}", '{"writer": "red"}', '{"writer": "blue", "epoch": "7"}'):
        platform.ssm.put_parameter(Name=name, Value=text, Type="String", Overwrite=True)
        assert platform.invoke({"action": "status"})["ledger"]["writer"] is None

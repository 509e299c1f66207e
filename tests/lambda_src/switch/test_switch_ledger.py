"""A move of the ledger, in the eyes of the switch: lock, gates, history, notifications."""

import json
from typing import Any

import pytest

from lambda_src.contract.errors import (
    GatesNotPassedError,
    LockedError,
    NoWorkflowError,
    StepOrderError,
    SwitchError,
    ValidationError,
)
from lambda_src.contract.values import Weights
from tests.lambda_src.live_platform import ALL_BLUE, GREEN, LivePlatform
from tests.lambda_src.switch.scenarios import later
from tests.lambda_src.switch.steps import Machine, plan, workflow_of

NAME = "ledger-20261129T180000-0a1b"
PLAN = {"only_ledger": True, "target": "green", "by": "alice", "reason": "release 42"}
OPEN = {"writer": "blue", "epoch": 7, "state": "open"}
HANDED = {"writer": "green", "epoch": 8, "state": "handed"}
MOVED = {"writer": "green", "epoch": 8, "pause_ms": 41}
REFUSED = {"Error": "MoveRefusedError", "Cause": json.dumps({"errorType": "MoveRefusedError",
           "errorMessage": json.dumps({"what": "a guard fails"})})}  # fmt: skip


def begin(platform: LivePlatform, row: dict[str, Any] = OPEN, **more: Any) -> dict[str, Any]:
    event = {"action": "begin_ledger", "workflow": NAME, "plan": PLAN, "ledger": row}
    return platform.invoke(event | more)


def end(platform: LivePlatform, **more: Any) -> dict[str, Any]:
    return platform.invoke({"action": "ledger", "workflow": NAME, **(more or {"moved": MOVED})})


def refused(platform: LivePlatform) -> dict[str, Any]:
    return end(platform, error="MoveRefusedError", cause=json.dumps(REFUSED))


def entries(platform: LivePlatform) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = platform.invoke({"action": "history"})["entries"]
    return found


def status(platform: LivePlatform) -> dict[str, Any]:
    return platform.invoke({"action": "status"})


def test_a_move_holds_the_lock_until_it_is_recorded(platform: LivePlatform) -> None:
    assert begin(platform)["locked"] is True
    shown = status(platform)
    assert shown["lock"]["holder"] == NAME
    assert (shown["workflow"]["state"], shown["workflow"]["only_ledger"]) == ("moving_ledger", True)
    for event in (
        {"action": "switch", "target": "green"},
        {"action": "shift", "target": "green", "percent": 9},
    ):
        with pytest.raises(LockedError, match=NAME):
            platform.invoke(event)
    with pytest.raises(LockedError, match=NAME):
        Machine(platform, plan(25, 100)).begin()
    assert end(platform)["next"] == "moved"
    shown = status(platform)
    assert (shown["lock"], shown["workflow"]["state"]) == (None, "completed")
    assert platform.state.weights == ALL_BLUE


def test_the_history_says_who_from_where_to_where_and_how_long_writes_paused(platform: LivePlatform) -> None:
    begin(platform)
    end(platform)
    entry = entries(platform)[0]
    assert (entry["action"], entry["outcome"], entry["by"]) == ("ledger", "done", "alice")
    assert (entry["reason"], entry["workflow"], entry["target"]) == ("release 42", NAME, "green")
    assert entry["ledger"] == {"from": "blue", "to": "green", "epoch": 8, "pause_ms": 41}
    assert (entry["from"], entry["to"]) == (None, None)
    assert entry["duration_ms"] >= 0


def test_a_shift_in_progress_refuses_a_move(platform: LivePlatform) -> None:
    machine = Machine(platform, plan(25, 100))
    machine.begin()
    with pytest.raises(LockedError, match=machine.id):
        begin(platform)
    assert workflow_of(platform)["id"] == machine.id


def test_a_held_share_refuses_a_move_and_stays_watched(platform: LivePlatform) -> None:
    share = platform.invoke({"action": "shift", "target": "green", "percent": 25})["workflow"]
    with pytest.raises(LockedError, match=share):
        begin(platform)
    assert (workflow_of(platform)["id"], workflow_of(platform)["state"]) == (share, "holding")


def _freeze(platform: LivePlatform) -> None:
    platform.invoke({"action": "freeze", "reason": "end of year"})


def _close(platform: LivePlatform) -> None:
    platform.environment["WINDOWS"] = f"{later(172800)():%a} 10:00-10:01".lower()


def _alarm(platform: LivePlatform) -> None:
    platform.colours.alarm(GREEN, "ALARM")


def _no_targets(platform: LivePlatform) -> None:
    platform.register(GREEN, 0)


@pytest.mark.parametrize(
    ("forbid", "gate"),
    [(_freeze, "frozen"), (_close, "window"), (_alarm, "alarms"), (_no_targets, "targets")],
)
def test_what_refuses_a_shift_refuses_a_move(platform: LivePlatform, forbid: Any, gate: str) -> None:
    forbid(platform)
    with pytest.raises(GatesNotPassedError) as caught:
        begin(platform)
    assert {verdict.gate for verdict in caught.value.gates if not verdict.passed} == {gate}
    entry = entries(platform)[0]
    assert (entry["action"], entry["outcome"], entry["by"]) == ("begin_ledger", "refused", "alice")
    assert status(platform)["lock"] is None


@pytest.mark.parametrize("row", [HANDED, HANDED | {"state": "moving"}, HANDED | {"state": "open"}])
def test_a_move_past_its_fence_is_finished_whatever_the_gates_say(
    platform: LivePlatform, row: dict[str, Any]
) -> None:
    """And one that has nothing to move asks none either."""
    _freeze(platform)
    _alarm(platform)
    assert begin(platform, row)["locked"] is True
    assert end(platform)["next"] == "moved"


def test_a_move_past_its_fence_is_finished_while_a_shift_has_the_lock(platform: LivePlatform) -> None:
    machine = Machine(platform, plan(25, 100))
    machine.begin()
    assert begin(platform, HANDED)["locked"] is False
    assert end(platform)["next"] == "moved"
    assert [entry["action"] for entry in entries(platform)] == ["ledger", "begin_ledger", "begin"]
    machine.shift(0)
    assert machine.verify(0)["next"] == "next_step"


def test_a_move_that_the_mover_refused_is_recorded_and_frees_the_lock(platform: LivePlatform) -> None:
    begin(platform)
    assert refused(platform)["next"] == "refused"
    entry, shown = entries(platform)[0], status(platform)
    assert (entry["outcome"], entry["error"]) == (
        "refused",
        {"type": "MoveRefusedError", "what": "a guard fails"},
    )
    assert (shown["lock"], shown["workflow"]["state"]) == (None, "refused")
    assert shown["workflow"]["cause"] == "a guard fails"


def test_a_move_that_stays_unfinished_is_a_failure(platform: LivePlatform) -> None:
    begin(platform)
    answer = end(platform, error="MoveIncompleteError", cause="{}")
    assert (answer["next"], answer["outcome"]) == ("unfinished", "failed")
    assert status(platform)["workflow"]["state"] == "failed"


def test_a_rollback_takes_the_lock_and_the_move_is_recorded_all_the_same(platform: LivePlatform) -> None:
    platform.invoke({"action": "switch", "target": "green"})
    begin(platform)
    assert platform.invoke({"action": "rollback", "reason": "errors"})["after"] == {"blue": 100, "green": 0}
    assert workflow_of(platform)["state"] == "superseded"
    assert end(platform)["next"] == "moved"
    recorded = {entry["action"]: entry["outcome"] for entry in entries(platform)}
    assert (recorded["ledger"], recorded["rollback"]) == ("done", "done")
    assert workflow_of(platform)["state"] == "superseded"


def test_an_execution_that_was_stopped_frees_the_lock_and_moves_no_traffic(platform: LivePlatform) -> None:
    platform.set_listener("LISTENER_ARN", Weights(70, 30))
    begin(platform)
    answer = platform.invoke({"action": "rollback", "workflow": NAME, "cause": "ABORTED"})
    assert answer["ended"] is True
    entry, shown = entries(platform)[0], status(platform)
    assert (entry["action"], entry["outcome"], entry["target"]) == ("ledger", "interrupted", "green")
    assert (shown["lock"], shown["workflow"]["state"]) == (None, "interrupted")
    assert platform.state.weights == Weights(70, 30)


def test_a_move_that_died_frees_the_lock_by_itself(platform: LivePlatform) -> None:
    begin(platform)
    moved = platform.invoke({"action": "switch", "target": "green"}, clock=later(1000))
    assert moved["after"] == {"blue": 0, "green": 100}
    assert workflow_of(platform)["state"] == "interrupted"


def test_both_requests_can_be_repeated(platform: LivePlatform) -> None:
    first = begin(platform)
    assert begin(platform) == first | {"repeated": True}
    ended = end(platform)
    assert end(platform) == ended | {"repeated": True}
    assert begin(platform)["repeated"] is True
    assert [entry["action"] for entry in entries(platform)] == ["ledger", "begin_ledger"]


def test_the_end_of_a_move_that_never_began_records_nothing(platform: LivePlatform) -> None:
    with pytest.raises(NoWorkflowError):
        end(platform)
    assert entries(platform) == []


@pytest.mark.parametrize("action", ["abort", "approve"])
def test_a_move_is_neither_aborted_nor_approved(platform: LivePlatform, action: str) -> None:
    begin(platform)
    with pytest.raises(NoWorkflowError, match="moves the ledger"):
        platform.invoke({"action": action, "by": "carol"})


@pytest.mark.parametrize(
    "event",
    [
        {"action": "shift", "step": 0, "target": "green", "percent": 100},
        {"action": "ask", "step": 0},
        {"action": "verify", "step": 0},
        {"action": "finalize"},
    ],
)
def test_a_move_takes_no_step_of_a_shift(platform: LivePlatform, event: dict[str, Any]) -> None:
    begin(platform)
    with pytest.raises(StepOrderError):
        platform.invoke({"workflow": NAME, **event})
    assert platform.state.weights == ALL_BLUE


@pytest.mark.parametrize(
    "event",
    [
        {"action": "begin", "plan": PLAN},
        {"action": "begin_ledger", "plan": PLAN},
        {"action": "begin_ledger", "plan": PLAN | {"only_ledger": False}, "ledger": OPEN},
        {"action": "begin_ledger", "plan": PLAN | {"steps": [100]}, "ledger": OPEN},
        {"action": "begin_ledger", "plan": PLAN, "ledger": OPEN | {"state": "shut"}},
        {"action": "begin_ledger", "plan": PLAN, "ledger": OPEN | {"epoch": "7"}},
        {"action": "begin_ledger", "plan": PLAN, "ledger": {"writer": "blue"}},
        {"action": "ledger", "moved": MOVED | {"pause_ms": "41"}},
        {"action": "ledger", "moved": MOVED | {"writer": None}},
        {"action": "ledger", "moved": []},
    ],
)
def test_what_is_malformed_is_refused(platform: LivePlatform, event: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        platform.invoke({"workflow": NAME, **event})
    assert platform.control == {}


def test_a_move_is_told_to_the_topic(platform: LivePlatform) -> None:
    assert begin(platform)["notified"] is True
    assert end(platform)["notified"] is True


def test_a_lost_answer_of_an_aws_call_ends_the_same(platform: LivePlatform) -> None:
    with pytest.raises(SwitchError):
        platform.invoke(
            {"action": "begin_ledger", "workflow": NAME, "plan": PLAN, "ledger": OPEN},
            seconds_left=lambda: 1.0,
        )
    assert begin(platform)["locked"] is True

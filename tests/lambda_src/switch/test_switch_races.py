"""Two that meet: neither loses what the other was told."""

from types import SimpleNamespace
from typing import Any

import pytest

from lambda_src.contract.errors import (
    AbortedError,
    AwsCallError,
    GatesNotPassedError,
    LockedError,
    LockLostError,
    NoWorkflowError,
    OutOfTimeError,
    StepOrderError,
    SwitchError,
    ValidationError,
)
from lambda_src.switch import writes
from lambda_src.switch.aws import LONGEST_CALL_SECONDS
from tests.lambda_src.live_platform import ALL_BLUE, LivePlatform
from tests.lambda_src.switch.faults import Call, Fault
from tests.lambda_src.switch.holding import held
from tests.lambda_src.switch.scenarios import (
    BEGIN,
    FIRST,
    LOCK_SECONDS,
    PLAN,
    SECOND,
    SWITCH,
    later,
    step,
)
from tests.lambda_src.switch.wire import Wire

_FENCE = Call("dynamodb", "UpdateItem", "traffic", 1)
_LATE = Call("dynamodb", "TransactWriteItems", "traffic + late", 0)
_ASKED = Call("dynamodb", "UpdateItem", "traffic", 0)
FREEZE = {"action": "freeze", "reason": "holidays"}
ASKING = step("begin", plan=PLAN | {"approve_at": [25, 100]})


def refusal(
    platform: LivePlatform, event: dict[str, Any], kind: type[SwitchError], **options: Any
) -> SwitchError:
    with pytest.raises(kind) as raised:
        platform.invoke(event, **options)
    return raised.value


def test_a_freeze_that_comes_after_the_lock_was_taken_is_found_before_the_move(
    platform: LivePlatform,
) -> None:
    with held(platform, SWITCH, _FENCE) as late:
        platform.invoke(FREEZE)
        with pytest.raises(GatesNotPassedError, match="frozen"):
            late.result()
    assert platform.state.weights == ALL_BLUE
    newest = platform.invoke({"action": "history"})["entries"][0]
    assert {newest["outcome"]} <= {"refused", "done"}


def test_nor_does_it_keep_a_rollback_from_moving(platform: LivePlatform) -> None:
    platform.invoke(SWITCH)
    with held(platform, {"action": "rollback"}, _FENCE) as late:
        platform.invoke(FREEZE)
        assert late.result()["after"] == ALL_BLUE.to_json()


def test_an_abort_that_comes_while_approval_is_asked_for_is_not_waited_past(platform: LivePlatform) -> None:
    platform.invoke(ASKING)
    with held(platform, step("ask", step=0), _ASKED) as asking:
        platform.invoke({"action": "abort", "by": "carol"})
        asking.result()
    with pytest.raises(AbortedError, match="carol"):
        platform.invoke(step("verify", step=0))


def test_an_approval_that_comes_too_late_does_not_undo_the_next_question(platform: LivePlatform) -> None:
    platform.invoke(ASKING)
    platform.invoke(step("ask", step=0))
    with held(platform, {"action": "approve", "request_id": "late"}, _LATE) as late:
        platform.invoke({"action": "approve"})
        platform.invoke(FIRST)
        platform.invoke(step("ask", step=1))
        with pytest.raises(NoWorkflowError):
            late.result()
    asked = platform.invoke({"action": "status"})["workflow"]["approval"]
    assert (asked["percent"], asked["approved_by"]) == (100, None)


def test_who_is_refused_is_told_until_when(platform: LivePlatform) -> None:
    platform.invoke(BEGIN)
    _told_until_when(platform)
    platform.invoke({"action": "rollback"})
    with held(platform, SWITCH, _FENCE):
        _told_until_when(platform)


def _told_until_when(platform: LivePlatform) -> None:
    error = refusal(platform, SWITCH, LockedError)
    until = platform.invoke({"action": "status"})["lock"]["until"]
    assert f"until {until} " in error.what


def test_who_was_overtaken_on_the_last_way_does_not_call_it_done(platform: LivePlatform) -> None:
    with held(platform, SWITCH | {"request_id": "late"}, _LATE) as late:
        platform.invoke({"action": "rollback"}, clock=later(LOCK_SECONDS))
        with pytest.raises(LockLostError):
            late.result()
    outcomes = {e["action"]: e["outcome"] for e in platform.invoke({"action": "history"})["entries"]}
    assert outcomes == {"rollback": "done", "switch": "interrupted"}


def test_an_abort_that_comes_as_the_workflow_ends_says_that_there_is_none(platform: LivePlatform) -> None:
    platform.invoke(BEGIN)
    with held(platform, {"action": "abort", "request_id": "late"}, _LATE) as aborting:
        platform.invoke({"action": "rollback"})
        with pytest.raises(NoWorkflowError):
            aborting.result()
    assert "abort" not in platform.control


@pytest.mark.parametrize("first", [0, 1])
def test_no_step_is_left_out(platform: LivePlatform, first: int) -> None:
    steps = [25, 50, 100]
    events = [step("shift", step=n, target="green", percent=p) for n, p in enumerate(steps)]
    platform.invoke(step("begin", plan=PLAN | {"steps": steps}))
    for event in events[:first]:
        platform.invoke(event)
    error = refusal(platform, events[first + 1], StepOrderError)
    assert f"step {first + 1} is out of order" in error.what
    platform.invoke(events[first])


@pytest.mark.parametrize(
    "event", [FREEZE, {"action": "unfreeze"}, {"action": "abort"}], ids=lambda event: event["action"]
)
def test_what_is_repeated_is_answered_as_before_and_does_nothing(
    platform: LivePlatform, event: dict[str, Any]
) -> None:
    platform.invoke(BEGIN)
    first = platform.invoke(event | {"request_id": "one"})
    assert "repeated" not in first
    platform.invoke({"action": "unfreeze"} if event is FREEZE else FREEZE)
    control = platform.control
    again = platform.invoke(event | {"request_id": "one"})
    assert {**first, "repeated": True} == {**again, "notified": True}
    assert platform.control == control


@pytest.mark.parametrize("event", [FREEZE, {"action": "abort"}, SWITCH], ids=lambda event: event["action"])
def test_an_id_that_was_used_for_something_else_is_refused(
    platform: LivePlatform, event: dict[str, Any]
) -> None:
    platform.invoke({"action": "shift", "target": "green", "percent": 30, "request_id": "one"})
    if event["action"] == "abort":
        platform.invoke(step("begin", plan=PLAN | {"steps": [60, 100]}))
    before = platform.control
    error = refusal(platform, event | {"request_id": "one"}, ValidationError)
    assert "used before" in error.what
    told = {name: value for name, value in platform.control.items() if name not in ("token", "lease_until")}
    assert told == {name: value for name, value in before.items() if name not in ("token", "lease_until")}
    entries = platform.invoke({"action": "history"})["entries"]
    assert [entry["action"] for entry in entries if entry["id"] == "one"] == ["shift"]


def test_an_approval_that_comes_while_it_is_asked_for_again_is_kept(platform: LivePlatform) -> None:
    """The state machine sends `ask` again when it heard no answer."""
    platform.invoke(ASKING)
    with held(platform, step("ask", step=0), _ASKED) as late:
        platform.invoke(step("ask", step=0))
        platform.invoke({"action": "approve", "by": "bob"})
        assert late.result()["workflow"]["approval"]["approved_by"] == "bob"
    assert platform.invoke(step("verify", step=0))["next"] == "shift"


@pytest.mark.usefixtures("no_waiting")
def test_who_meets_others_waits_longer_each_time(
    platform: LivePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(writes, "time", SimpleNamespace(sleep=pauses.append))
    call = Call("dynamodb", "TransactWriteItems", "traffic + one", 0)
    with Wire.of(platform, call, Fault.MET):
        refusal(platform, FREEZE | {"request_id": "one"}, AwsCallError)
    assert pauses == sorted(pauses)
    assert pauses[0] > 0
    assert 16 * pauses[0] <= pauses[-1]
    assert sum(pauses) < LONGEST_CALL_SECONDS  # so that whoever has time for two calls has time for it


def test_what_is_recorded_leaves_time_for_the_report_of_its_failure(platform: LivePlatform) -> None:
    refusal(platform, FREEZE, OutOfTimeError, seconds_left=lambda: 2 * LONGEST_CALL_SECONDS - 1)
    assert "frozen" not in platform.control
    platform.invoke(FREEZE, seconds_left=lambda: 2 * LONGEST_CALL_SECONDS)


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("fault", [Fault.MET, Fault.CROWDED])
def test_who_meets_others_again_and_again_has_not_lost_the_lock(platform: LivePlatform, fault: Fault) -> None:
    """LockLostError would make the state machine leave the traffic where it is."""
    platform.invoke(BEGIN)
    platform.invoke(FIRST)
    call = Call("dynamodb", "TransactWriteItems", "traffic + shift-one/shift/1", 0)
    with Wire.of(platform, call, fault) as wire:
        refusal(platform, SECOND, AwsCallError)
    assert wire.hit

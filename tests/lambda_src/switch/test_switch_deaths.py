"""Who dies with the lock is succeeded, and writes nothing more; from any state, the same request goes on."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambda_src.contract.errors import (
    LockedError,
    LockLostError,
    OutOfTimeError,
    RollbackRefusedError,
    SwitchError,
)
from lambda_src.contract.values import Weights
from tests.lambda_src.live_platform import ALL_BLUE, ALL_GREEN, LivePlatform, State
from tests.lambda_src.switch.faults import Call, Fault, Killed
from tests.lambda_src.switch.holding import held
from tests.lambda_src.switch.scenarios import (
    BEGIN,
    FIRST,
    HALF,
    LOCK_SECONDS,
    SECOND,
    SWITCH,
    died_after,
    later,
    record,
    sent,
)
from tests.lambda_src.switch.wire import Wire

PAST = LOCK_SECONDS  # a clock this far ahead finds no lock of ours


_colours = st.sampled_from(["blue", "green"])
_weights = st.sampled_from([ALL_BLUE, ALL_GREEN, HALF, Weights(70, 30)])
_histories = st.none() | st.just({"status": "not_started"}) | st.just("no record")
_histories |= st.builds(
    lambda status, colours, weights: record(status, colours[0], colours[1], weights),
    st.sampled_from(["in_progress", "completed", "rolled_back"]),
    st.permutations(["blue", "green"]),
    _weights,
)
_events = st.one_of(
    st.builds(lambda colour: {"action": "switch", "target": colour}, _colours),
    st.builds(lambda colour: {"action": "shift", "target": colour, "percent": 30}, _colours),
    st.builds(lambda colour: {"action": "rollback", "target": colour}, _colours),
    st.just({"action": "reconcile"}),
)


@given(
    start=st.builds(State, _weights, _weights, st.none() | _colours, _histories),
    event=_events,
    data=st.data(),
)
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
def test_a_request_survives_a_death_from_any_state_whatsoever(
    platform: LivePlatform, start: State, event: dict[str, Any], data: st.DataObject
) -> None:
    """Records that are missing, stale, or contradict the listener included."""
    event = event | {"request_id": "one"}
    platform.forget()
    platform.put(start)
    try:
        with Wire.of(platform) as wire:
            platform.invoke(event)
    except SwitchError:
        assert platform.state == start
        return
    end = platform.state
    platform.forget()
    platform.put(start)
    call = data.draw(st.sampled_from(wire.calls))
    fault = data.draw(st.sampled_from([Fault.KILLED_BEFORE, Fault.KILLED_AFTER]))
    with Wire.of(platform, call, fault), pytest.raises(Killed):
        platform.invoke(event)
    platform.invoke(event, clock=later(PAST))
    assert platform.state.told == end.told
    entry = platform.invoke({"action": "history", "limit": 1})["entries"][0]
    assert (entry["outcome"], entry["to"]) == ("done", end.weights.to_json())
    assert entry["from"] == start.weights.to_json()


def test_the_lock_of_a_dead_one_lasts_until_lambda_has_killed_it_for_sure(platform: LivePlatform) -> None:
    move = Call("elbv2", "ModifyListener", "LISTENER_ARN", 0)
    with Wire.of(platform, move, Fault.KILLED_AFTER), pytest.raises(Killed):
        platform.invoke(SWITCH | {"request_id": "dead"}, seconds_left=lambda: 60.0)
    for ahead in (0, 59):
        with pytest.raises(LockedError, match=r"request dead \(switch\)"):
            platform.invoke({"action": "rollback"}, clock=later(ahead))
    answer = platform.invoke({"action": "rollback"}, clock=later(66))
    assert answer["after"] == {"blue": 100, "green": 0}
    done, dead = platform.invoke({"action": "history"})["entries"]
    assert (done["action"], done["outcome"]) == ("rollback", "done")
    assert (dead["action"], dead["outcome"], dead["error"]) == ("switch", "interrupted", None)
    assert (dead["from"], dead["to"]) == ({"blue": 100, "green": 0}, {"blue": 0, "green": 100})


def test_a_repetition_tells_where_the_traffic_came_from(platform: LivePlatform) -> None:
    """However often it died, before and after it moved the traffic."""
    for number, operation in enumerate(("ModifyListener", "UpdateItem", "PutParameter")):
        died_after(operation, SWITCH, ahead=number * PAST)(platform)
    platform.invoke(SWITCH | {"request_id": "somebody"}, clock=later(3 * PAST))
    (entry,) = platform.invoke({"action": "history"})["entries"]
    assert (entry["outcome"], entry["from"], entry["to"]) == ("done", ALL_BLUE.to_json(), ALL_GREEN.to_json())


def test_each_of_several_deaths_is_in_the_history(platform: LivePlatform) -> None:
    fence = Call("dynamodb", "UpdateItem", "traffic", 1)
    for number, ahead in enumerate((0, PAST, 2 * PAST)):
        with Wire.of(platform, fence, Fault.KILLED_AFTER), pytest.raises(Killed):
            platform.invoke(SWITCH | {"request_id": f"dead-{number}"}, clock=later(ahead))
    platform.invoke({"action": "reconcile", "request_id": "alive"}, clock=later(3 * PAST))
    entries = platform.invoke({"action": "history"})["entries"]
    told = {(entry["id"].partition("#")[0], entry["outcome"]) for entry in entries}
    assert told == {("alive", "done"), *((f"dead-{number}", "interrupted") for number in range(3))}
    assert len(entries) == 4


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("between", [None, {"action": "reconcile"}], ids=["at once", "after a reconcile"])
@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.KILLED_BEFORE])
def test_the_way_back_outlasts_a_failure_and_a_refusal(
    platform: LivePlatform, fault: Fault, between: dict[str, Any] | None
) -> None:
    """A rollback moved the traffic and recorded nothing; what was refused since has recorded nothing, either.
    Each is in the history once.
    """
    platform.invoke(SWITCH | {"request_id": "there"})
    record_ = Call("ssm", "PutParameter", "STATUS_PARAM_NAME", 0)
    with Wire.of(platform, record_, fault) as wire, pytest.raises((SwitchError, Killed)):
        platform.invoke({"action": "rollback", "request_id": "back"})
    assert wire.hit
    assert platform.state.weights == ALL_BLUE
    with pytest.raises(RollbackRefusedError):
        platform.invoke({"action": "rollback", "target": "green", "request_id": "no"}, clock=later(PAST))
    if between:
        platform.invoke(between | {"request_id": "between"}, clock=later(PAST))
    platform.invoke({"action": "rollback", "request_id": "again"}, clock=later(PAST))
    state = platform.state
    assert (state.weights, state.active) == (ALL_BLUE, "blue")
    assert "died" not in platform.control
    entries = platform.invoke({"action": "history"})["entries"]
    told = sorted(entry["id"].partition("#")[0] for entry in entries)
    assert told == sorted(["there", "back", "no", "again", *(["between"] if between else [])])


_FENCE = Call("dynamodb", "UpdateItem", "traffic", 1)


@pytest.mark.parametrize(
    "event",
    [
        {"action": "switch", "target": "blue"},
        {"action": "rollback"},
        {"action": "shift", "target": "blue", "percent": 40},
        {"action": "reconcile"},
    ],
    ids=lambda event: event["action"],
)
def test_the_next_request_ends_as_if_nobody_had_died(platform: LivePlatform, event: dict[str, Any]) -> None:
    """Where the traffic came from is recorded before it is moved on."""
    platform.invoke(SWITCH)
    platform.invoke(event)
    end = platform.state.told
    platform.forget()
    platform.put(State())
    died_after("ModifyListener", SWITCH)(platform)
    platform.invoke(event, clock=later(PAST))
    assert platform.state.told == end


@pytest.mark.parametrize(
    ("start", "event"),
    [
        ([], SWITCH),
        ([], {"action": "shift", "target": "green", "percent": 30}),
        ([SWITCH], {"action": "rollback"}),
        ([BEGIN], FIRST),
        ([BEGIN, FIRST], SECOND),
    ],
)
def test_the_late_write_of_one_that_was_succeeded_is_fenced_off(
    platform: LivePlatform, start: list[dict[str, Any]], event: dict[str, Any]
) -> None:
    sent(*start)(platform)
    own = {} if "workflow" in event else {"request_id": "late"}
    id_ = own.get("request_id", f"{event.get('workflow')}/shift/{event.get('step')}")
    with held(platform, event | own, _FENCE) as late:
        platform.invoke({"action": "rollback", "target": "blue"}, clock=later(PAST))
        after, item = platform.state, platform.control
        with pytest.raises(LockLostError) as raised:
            late.result()
    assert (platform.state, platform.control) == (after, item)
    assert late.writes == []  # but for the fence itself, which was refused
    assert raised.value.weights == after.weights
    entries = platform.invoke({"action": "history"})["entries"]
    assert [e["outcome"] for e in entries if e["id"].startswith(id_)] == ["interrupted"]


def test_it_is_fenced_off_while_the_other_is_at_work(platform: LivePlatform) -> None:
    with held(platform, SWITCH, _FENCE) as late:
        late.wire.call, late.wire.fault = Call("dynamodb", "UpdateItem", "traffic", 2), Fault.KILLED_AFTER
        with pytest.raises(Killed):
            platform.invoke({"action": "switch", "target": "green"}, clock=later(PAST))
        late.wire.dead, late.wire.fault = False, None
        after, item = platform.state, platform.control
        with pytest.raises(LockLostError):
            late.result()
    assert (platform.state, platform.control) == (after, item)


def test_nor_does_it_complete_what_another_died_of(platform: LivePlatform) -> None:
    """The records that it would have caught up with are no longer what they were."""
    platform.put(State(ALL_GREEN, ALL_GREEN, "blue"))
    with held(platform, {"action": "switch", "target": "blue"}, _FENCE) as late:
        platform.invoke({"action": "rollback", "target": "blue"}, clock=later(PAST))
        after = platform.state
        with pytest.raises(LockLostError):
            late.result()
    assert platform.state == after


@pytest.mark.parametrize(
    "call",
    [
        _FENCE,
        Call("elbv2", "ModifyListener", "LISTENER_ARN", 0),
        Call("elbv2", "ModifyListener", "TEST_LISTENER_ARN", 0),
        Call("ssm", "PutParameter", "STATUS_PARAM_NAME", 0),
    ],
    ids=str,
)
def test_past_the_fence_it_stops_by_itself_before_its_lock_is_over(
    platform: LivePlatform, call: Call
) -> None:
    """No call begins that the time left doesn't allow for: so none of its writes is in another's lock."""
    left = 60.0
    with held(platform, SWITCH, call, "on_effect", seconds_left=lambda: left) as late:
        left = 1.0
        platform.invoke({"action": "rollback", "target": "blue"}, clock=later(66))
        after, item = platform.state, platform.control
        with pytest.raises(OutOfTimeError):
            late.result()
    assert late.writes == []
    assert (platform.state, platform.control) == (after, item)
    assert platform.state.weights == ALL_BLUE

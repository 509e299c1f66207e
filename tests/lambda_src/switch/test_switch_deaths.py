"""A function is killed after any number of AWS calls: the same request, sent again, ends as if it had lived.

Killed after call n and killed before call n + 1 are one case: nothing that AWS can see lies between them.
The calls are counted, not listed: a new one is covered by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambda_src.switch.models import Weights
from tests.lambda_src.live_platform import ALL_BLUE, ALL_GREEN, LivePlatform, State
from tests.lambda_src.recorder import Recorder

HALF = Weights(50, 50)


class Killed(BaseException):
    """Not an Exception: nothing in the function may survive it."""


@contextmanager
def killed_after(platform: LivePlatform, calls: int) -> Iterator[None]:
    """Let `calls` AWS calls have their effect, then die before anything else happens."""
    done = 0

    def before(**_: Any) -> None:
        if done == calls:
            raise Killed

    def after(**_: Any) -> None:
        nonlocal done
        done += 1
        if done == calls:
            raise Killed

    clients = platform.clients
    for client in clients:
        client.meta.events.register("before-call", before)
        client.meta.events.register("after-call", after)
    try:
        yield
    finally:
        for client in clients:
            client.meta.events.unregister("before-call", before)
            client.meta.events.unregister("after-call", after)


def record(status: str, source: str, target: str, weights: Weights) -> dict[str, Any]:
    return {"status": status, "source": source, "target": target, "weights": weights.to_json()}


def uninterrupted(platform: LivePlatform, start: State, event: dict[str, Any]) -> tuple[State, int]:
    """The end, and the number of calls on the way."""
    platform.put(start)
    with Recorder.listening_toplatform.clients as recorder:
        platform.invoke(event)
    return platform.state, len(recorder.calls)


def assert_survives_every_death(platform: LivePlatform, start: State, event: dict[str, Any]) -> None:
    end, calls = uninterrupted(platform, start, event)
    assert calls >= 2
    for survived in range(calls + 1):
        platform.put(start)
        with killed_after(platform, survived), pytest.raises(Killed):
            platform.invoke(event)
        assert platform.state.weights in (start.weights, end.weights)
        answer = platform.invoke(event)
        assert platform.state.told == end.told, f"killed after {survived} of {calls} calls"
        assert (answer["after"], answer["active"]) == (end.weights.to_json(), end.active)
        assert platform.invoke(event)["writes"] == []


STARTS = {
    "new": State(),
    "shared": State(HALF, ALL_GREEN, "blue", record("in_progress", "blue", "green", HALF)),
    "completed": State(ALL_GREEN, ALL_BLUE, "green", record("completed", "blue", "green", ALL_GREEN)),
    "switched, not recorded": State(ALL_GREEN, ALL_GREEN, "blue"),
}
EVENTS = {
    "switch": {"action": "switch", "target": "green"},
    "switch back": {"action": "switch", "target": "blue"},
    "shift": {"action": "shift", "target": "green", "percent": 30},
    "rollback": {"action": "rollback"},
}


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_a_request_survives_death_at_every_call(
    platform: LivePlatform, start: State, event: dict[str, Any]
) -> None:
    assert_survives_every_death(platform, start, event)


_sides = st.sampled_from(["blue", "green"])
_weights = st.sampled_from([ALL_BLUE, ALL_GREEN, HALF, Weights(70, 30)])
_histories = st.none() | st.just({"status": "not_started"}) | st.just("no record")
_histories |= st.builds(
    lambda status, sides, weights: record(status, sides[0], sides[1], weights),
    st.sampled_from(["in_progress", "completed", "rolled_back"]),
    st.permutations(["blue", "green"]),
    _weights,
)
_events = st.one_of(
    st.builds(lambda side: {"action": "switch", "target": side}, _sides),
    st.builds(
        lambda side, percent: {"action": "shift", "target": side, "percent": percent}, _sides, st.just(30)
    ),
    st.builds(lambda side: {"action": "rollback", "target": side}, _sides),
)


@given(
    start=st.builds(State, _weights, _weights, st.none() | _sides, _histories),
    event=_events,
    data=st.data(),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_request_survives_a_death_from_any_state_whatsoever(
    platform: LivePlatform, start: State, event: dict[str, Any], data: st.DataObject
) -> None:
    """Records that are missing, stale, or contradict the listener included."""
    if start.active is None and event["action"] == "shift" and not start.weights.holder:
        return  # refused, see test_switch_refusals.py
    end, calls = uninterrupted(platform, start, event)
    platform.put(start)
    with killed_after(platform, data.draw(st.integers(0, calls))), pytest.raises(Killed):
        platform.invoke(event)
    platform.invoke(event)
    assert platform.state.told == end.told

"""Random sequences of requests, deaths, targets that come and go: what must hold, holds."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from lambda_src.switch.errors import RollbackTargetUnknownError, SwitchError, UnhealthyTargetError
from lambda_src.switch.models import Colour, Weights
from tests.lambda_src.live_platform import LivePlatform, State
from tests.lambda_src.recorder import Recorder
from tests.lambda_src.switch.test_switch_deaths import Killed, killed_after

_colours = st.sampled_from(Colour)
_events = st.one_of(
    st.builds(lambda side: {"action": "switch", "target": side}, _colours),
    st.builds(
        lambda side, percent: {"action": "shift", "target": side, "percent": percent},
        _colours,
        st.integers(0, 100),
    ),
    st.just({"action": "rollback"}),
    st.builds(lambda side: {"action": "rollback", "target": side}, _colours),
)


class Operations(RuleBasedStateMachine):
    """One platform, many operators."""

    platform: LivePlatform  # set by the test

    def __init__(self) -> None:
        super().__init__()
        self.platform.put(State())
        self.healthy = dict.fromkeys(Colour, 2)
        for colour in Colour:
            self.platform.register(colour, 2)

    @rule(colour=_colours, count=st.integers(0, 2))
    def targets_come_and_go(self, colour: Colour, count: int) -> None:
        self.platform.register(colour, count)
        self.healthy[colour] = count

    @rule(event=_events)
    def request(self, event: dict[str, Any]) -> None:
        before = self.platform.state
        try:
            answer = self.platform.invoke(event)
        except UnhealthyTargetError:
            assert self.platform.state == before
            assert 0 in self.healthy.values()
            return
        after = self.platform.state
        assert (answer["before"], answer["after"]) == (before.weights.to_json(), after.weights.to_json())
        self._traffic_went_only_to_healthy_sides(before.weights, after.weights)
        self._agrees(answer)
        self._repeating_changes_nothing(event, after)

    @rule(event=_events, calls=st.integers(0, 9))
    def request_that_dies(self, event: dict[str, Any], calls: int) -> None:
        before = self.platform.state.weights
        with killed_after(self.platform, calls), suppress(Killed, UnhealthyTargetError):
            self.platform.invoke(event)
        self._traffic_went_only_to_healthy_sides(before, self.platform.state.weights)

    @rule(
        event=st.dictionaries(
            st.sampled_from(["action", "target", "percent", "force"]), st.text() | st.none()
        )
    )
    def malformed_request(self, event: dict[str, Any]) -> None:
        clients = self.platform.clients
        with Recorder.listening_to(clients.elbv2, clients.ssm) as recorder, pytest.raises(SwitchError):
            self.platform.invoke(event)
        assert recorder.calls == []

    @invariant()
    def weights_serve(self) -> None:
        state = self.platform.state
        assert state.weights.valid
        assert state.test_weights.holder

    def _traffic_went_only_to_healthy_sides(self, before: Weights, after: Weights) -> None:
        assert all(self.healthy[side] for side in Colour if after.of(side) > before.of(side))

    def _agrees(self, answer: dict[str, Any]) -> None:
        status = self.platform.invoke({"action": "status"})
        assert status["differences"] == []
        assert status["test_weights"][status["active"]] == 0
        for key in ("active", "migration", "test_weights"):
            assert status[key] == answer[key]

    def _repeating_changes_nothing(self, event: dict[str, Any], state: State) -> None:
        again = self.platform.invoke(event)
        assert (again["changed"], again["writes"]) == (False, [])
        assert self.platform.state == state


def test_invariants_hold_over_random_operations(platform: LivePlatform) -> None:
    Operations.platform = platform
    run_state_machine_as_test(
        Operations,
        settings=settings(
            max_examples=12, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_a_rollback_that_nothing_tells_the_target_of_is_the_only_other_refusal(
    platform: LivePlatform,
) -> None:
    """Why the machine above expects no other error: records are never lost there."""
    platform.put(State(migration=None))
    with pytest.raises(RollbackTargetUnknownError):
        platform.invoke({"action": "rollback"})

"""Random sequences of all that can happen: what must hold, holds after each step, and rest can be had.

Operators and several state machines send what they can send; requests die and calls fail at any point;
alarms ring, are lost or without data; targets come and go, databases and secrets are lost; traffic is
frozen, windows close, somebody modifies the listener by hand, time passes. What must hold is in world.py.
"""

import itertools
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from lambda_src.contract.errors import (
    AwsCallError,
    LockedError,
    LockLostError,
    NoWorkflowError,
    OutOfTimeError,
    StepOrderError,
    SwitchError,
)
from lambda_src.contract.values import Colour
from tests.lambda_src.live_platform import LivePlatform
from tests.lambda_src.switch.faults import Fault
from tests.lambda_src.switch.world import Strike, World

_serial = itertools.count()
_colours = st.sampled_from(Colour)
_events = st.one_of(
    st.builds(lambda colour: {"action": "switch", "target": colour}, _colours),
    st.builds(
        lambda colour, percent: {"action": "shift", "target": colour, "percent": percent},
        _colours,
        st.sampled_from([0, 10, 60, 100]),
    ),
    st.sampled_from(
        [
            {"action": "rollback"},
            {"action": "rollback", "target": "blue"},
            {"action": "rollback", "target": "green"},
            {"action": "rollback", "target": "blue", "force": True, "reason": "fire"},
            {"action": "reconcile"},
            {"action": "reconcile", "repair": True, "reason": "console"},
            {"action": "freeze", "reason": "holidays"},
            {"action": "unfreeze"},
            {"action": "approve"},
            {"action": "abort"},
            {"action": "history"},
            {"action": "preflight", "target": "green"},
        ]
    ),
)
_strikes = st.sampled_from([None, None]) | st.builds(Strike, st.integers(0, 20), st.sampled_from(Fault))
_plans = st.builds(
    lambda steps, bake, approve: {
        "steps": steps,
        "bake_seconds": bake,
        "approve_at": steps[-1:] if approve else [],
    },
    st.sampled_from([[100], [60, 100], [20, 60, 100]]),
    st.sampled_from([0, 0, 50]),
    st.booleans(),
)
# A method of World, and its arguments.
_changes = st.one_of(
    st.just(("fix",)),
    st.tuples(st.just("register"), _colours, st.integers(0, 2)),
    st.tuples(st.just("set_alarm"), _colours, st.sampled_from(["OK", "ALARM", "INSUFFICIENT_DATA"])),
    st.tuples(
        st.just("damage"),
        _colours,
        st.sampled_from(["lose_alarm", "lose_instance", "stop_database", "lose_credentials"]),
    ),
    st.tuples(st.just("set_window"), st.booleans()),
    st.tuples(st.just("wait"), st.sampled_from([60, 130, 400, 5000])),
    st.tuples(st.just("modify_listener"), st.sampled_from([0, 20, 100])),
)
# What the state machine sends again; after anything else it rolls back, or keeps its hands off.
_AGAIN = (AwsCallError, OutOfTimeError, LockedError)
_NOT_OURS = (LockLostError, NoWorkflowError)


class Execution:
    """What one execution of the state machine sends next, by what it was answered before."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.id = f"shift-{next(_serial)}"
        self.next, self.step, self.over = "begin", 0, False

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = {"action": self.next, "workflow": self.id}
        if self.next in ("ask", "shift", "verify"):
            event["step"] = self.step
        more: dict[str, dict[str, Any]] = {
            "begin": {"plan": self.plan},
            "shift": {"target": self.plan["target"], "percent": self.plan["steps"][self.step]},
            "rollback": {"cause": "whatever"},
        }
        return event | more.get(self.next, {})

    def go_on(self, result: Any) -> None:
        again = result is None or isinstance(result, _AGAIN)
        if again and not (self.next == "begin" and isinstance(result, LockedError)):
            return
        if isinstance(result, SwitchError):
            refused = self.next == "begin" or isinstance(result, _NOT_OURS)
            self.over = refused
            self.next = self.next if refused else "rollback"
        elif self.next in ("finalize", "rollback"):
            self.over = True
        elif self.next in ("ask", "shift"):
            self.next = "verify"
        elif self.next == "begin":
            self.next = self._takes()
        else:
            self._looked(result["next"])

    def _looked(self, following: str) -> None:
        """As the state machine's choice after `verify`."""
        if following == "next_step":
            self.step += 1
            self.next = self._takes()
        elif following != "wait":
            self.next = following

    def _takes(self) -> str:
        return "ask" if self.plan["steps"][self.step] in self.plan["approve_at"] else "shift"


class Operations(RuleBasedStateMachine):
    """One platform, many who work on it."""

    platform: LivePlatform  # set by the test

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.platform)
        self.executions: list[Execution] = []
        self.last: dict[str, Any] | None = None

    @rule(event=_events, strike=_strikes)
    def somebody_asks(self, event: dict[str, Any], strike: Strike | None) -> None:
        self.last = event | {"request_id": f"one-{next(_serial)}"}
        result = self.world.send(self.last, strike)
        if strike is None and not isinstance(result, SwitchError):
            self._repeats(self.last, result)

    @precondition(lambda self: self.last is not None)
    @rule(strike=_strikes)
    def somebody_asks_again(self, strike: Strike | None) -> None:
        assert self.last is not None
        self.world.send(self.last, strike)

    @rule(plan=_plans, requests=st.integers(1, 9), strike=_strikes)
    def a_workflow_begins(self, plan: dict[str, Any], requests: int, strike: Strike | None) -> None:
        weights = self.platform.state.weights
        target = min(Colour, key=weights.of)
        self.executions.append(Execution(plan | {"target": target}))
        self._goes_on(self.executions[-1], requests, strike)

    @precondition(lambda self: any(not execution.over for execution in self.executions))
    @rule(number=st.integers(0, 5), requests=st.integers(1, 6), strike=_strikes)
    def a_workflow_goes_on(self, number: int, requests: int, strike: Strike | None) -> None:
        going = [execution for execution in self.executions if not execution.over]
        self._goes_on(going[-1 - number % len(going)], requests, strike)

    @precondition(lambda self: "yields" in self.platform.control)
    @rule(looks=st.integers(1, 3), strike=_strikes)
    def a_held_share_is_watched(self, looks: int, strike: Strike | None) -> None:
        """As its execution does: it looks, and rolls back when a look fails for good."""
        id_ = self.platform.control["yields"]["S"]
        for left in reversed(range(looks)):
            event = {"action": "verify", "workflow": id_, "step": 0}
            result = self.world.send(event, None if left else strike)
            if isinstance(result, dict) and result["next"] == "roll_back":
                self.world.send({"action": "rollback", "workflow": id_, "cause": result["cause"]})
                return
            if isinstance(result, dict):
                assert result["next"] in ("wait", "ended")
            elif isinstance(result, SwitchError) and not isinstance(result, (*_AGAIN, *_NOT_OURS)):
                self.world.send({"action": "rollback", "workflow": id_, "cause": str(result)})
                return

    @precondition(lambda self: "approval" in self.platform.control)
    @rule(decision=st.sampled_from(["approve", "approve", "abort"]), strike=_strikes)
    def somebody_decides(self, decision: str, strike: Strike | None) -> None:
        self.world.send({"action": decision, "request_id": f"one-{next(_serial)}"}, strike)

    @rule(change=_changes)
    def something_changes(self, change: tuple[Any, ...]) -> None:
        name, *arguments = change
        getattr(self.world, name)(*arguments)
        self.world.status()

    def teardown(self) -> None:
        """Whatever happened, rest can be had."""
        self.world.fix()
        self.world.set_window(True)
        self.world.wait(90_000)  # all locks and leases have ended
        weights = self.platform.state.weights
        answer = self.world.send({"action": "reconcile"})
        assert isinstance(answer, dict), answer
        assert self.platform.state.weights == weights
        self._at_rest()
        back = self.world.send({"action": "rollback"})
        assert isinstance(back, dict), back
        assert self.platform.state.weights.holder == back["active"]
        self._at_rest()

    def _at_rest(self) -> None:
        status = self.world.status()
        assert (status["differences"], status["lock"]) == ([], None)
        ended = {"completed", "rolled_back", "superseded", "interrupted"}
        assert status["workflow"] is None or status["workflow"]["state"] in ended
        ids = [entry["id"] for entry in self.platform.invoke({"action": "history", "limit": 50})["entries"]]
        assert len(ids) == len(set(ids))

    def _goes_on(self, execution: Execution, requests: int, strike: Strike | None) -> None:
        """That many requests, the last of them with the strike."""
        for left in reversed(range(requests)):
            if execution.over:
                return
            event = execution.event
            result = self.world.send(event, None if left else strike)
            assert not isinstance(result, StepOrderError)  # the state machine never meets it
            once = event["action"] in ("begin", "shift", "finalize", "rollback")
            if once and isinstance(result, dict) and not left and strike is None:
                self._repeats(event, result)
            execution.go_on(result)

    def _repeats(self, event: dict[str, Any], answer: Any) -> None:
        """Sent once more, it is answered the same, and changes nothing."""
        if event["action"] in ("history", "preflight", "approve", "abort", "freeze", "unfreeze"):
            return
        state, control = self.platform.state, self.platform.control
        again = self.world.send(event)
        assert isinstance(again, dict), again
        assert again == answer | {"repeated": True}
        told = {name: value for name, value in self.platform.control.items() if name != "token"}
        assert (self.platform.state, told) == (state, {k: v for k, v in control.items() if k != "token"})


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("many", [2, pytest.param(60, marks=pytest.mark.long)])
def test_invariants_hold_over_random_operations(platform: LivePlatform, many: int) -> None:
    Operations.platform = platform
    run_state_machine_as_test(
        Operations,
        settings=settings(max_examples=many, stateful_step_count=15, suppress_health_check=list(HealthCheck)),
    )

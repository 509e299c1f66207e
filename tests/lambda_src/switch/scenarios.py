"""Every action from the situations that matter, for the tests of faults: what is sent, and what it meets."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from lambda_src.contract.values import Weights
from tests.lambda_src.live_platform import ALL_BLUE, ALL_GREEN, BLUE, GREEN, LivePlatform, State
from tests.lambda_src.switch.faults import Call, Fault, Killed
from tests.lambda_src.switch.wire import Wire

HALF = Weights(50, 50)
LOCK_SECONDS = 120  # more than any lock lasts that a dead request left behind
LEASE_SECONDS = 2000  # as that, of a workflow
REST_SECONDS = 10_000  # as both, and of a workflow that waits for an approval
WORKFLOW = "shift-one"
SHARE = "share"  # stands for the id of the held share, which each run gives anew


def later(seconds: float) -> Callable[[], datetime]:
    """A clock that is ahead."""
    return lambda: datetime.now(UTC) + timedelta(seconds=seconds)


def record(status: str, source: str, target: str, weights: Weights) -> dict[str, Any]:
    return {"status": status, "source": source, "target": target, "weights": weights.to_json()}


def _nothing(_: LivePlatform) -> None:
    """What most starts need."""


@dataclass(frozen=True)
class Scenario:
    """`event` as sent `ahead` seconds from now. `anew`: what no snapshot of the start brings back."""

    name: str
    event: Mapping[str, Any]
    start: Callable[[LivePlatform], None] = _nothing
    ahead: float = 0
    anew: Callable[[LivePlatform], None] = _nothing

    def send(self, platform: LivePlatform, ahead: float = 0) -> dict[str, Any]:
        own = {"request_id": self.id} if self.of_an_operator else {}
        event = {**own, **self.event}
        if event.get("workflow") == SHARE:
            event["workflow"] = json.loads(platform.control["workflow"]["S"])["id"]
        return platform.invoke(event, clock=later(self.ahead + ahead))

    @property
    def comes_anew(self) -> bool:
        return self.anew is not _nothing

    @property
    def id(self) -> str:
        """The state machine's requests have ids of their own, which the function gives them."""
        if self.of_an_operator:
            return self.name.replace(" ", "-")
        action, number = self.event["action"], self.event.get("step")
        return f"{self.event['workflow']}/{action}" + (f"/{number}" if number is not None else "")

    @property
    def of_an_operator(self) -> bool:
        return "workflow" not in self.event


def step(action: str, **keys: Any) -> dict[str, Any]:
    """What the state machine sends."""
    return {"action": action, "workflow": WORKFLOW, **keys}


PLAN = {"target": "green", "steps": [25, 100], "bake_seconds": 0, "reason": "release", "by": "alice"}
BEGIN = step("begin", plan=PLAN)
FIRST = step("shift", step=0, target="green", percent=25)
SECOND = step("shift", step=1, target="green", percent=100)
SWITCH = {"action": "switch", "target": "green"}


def having(state: State) -> Callable[[LivePlatform], None]:
    return lambda platform: platform.put(state)


def sent(*events: Mapping[str, Any]) -> Callable[[LivePlatform], None]:
    def start(platform: LivePlatform) -> None:
        for event in events:
            platform.invoke(event)

    return start


def both(*starts: Callable[[LivePlatform], None]) -> Callable[[LivePlatform], None]:
    def start(platform: LivePlatform) -> None:
        for each in starts:
            each(platform)

    return start


def died_after(
    operation: str, event: Mapping[str, Any], *, ahead: float = 0
) -> Callable[[LivePlatform], None]:
    """Somebody's request was killed after that call, and left its lock, and what it was at."""

    def start(platform: LivePlatform) -> None:
        def find(call: Call) -> None:
            if call.operation == operation:
                wire.call, wire.fault = call, Fault.KILLED_AFTER

        with Wire.of(platform) as wire, suppress(Killed):
            wire.on_begin = find
            own = {} if "workflow" in event else {"request_id": "somebody"}
            platform.invoke({**own, **event}, clock=later(ahead))
        assert wire.dead

    return start


SHARED = having(State(HALF, ALL_GREEN, "blue", record("in_progress", "blue", "green", HALF)))
COMPLETED = having(State(ALL_GREEN, ALL_BLUE, "green", record("completed", "blue", "green", ALL_GREEN)))
MOVED = died_after("ModifyListener", SWITCH)
HALF_MOVED = died_after("ModifyListener", {"action": "shift", "target": "green", "percent": 30})
FROZEN = sent({"action": "freeze", "reason": "holidays"})


def _empty(platform: LivePlatform) -> None:
    platform.register(GREEN, 0)


def _no_blue(platform: LivePlatform) -> None:
    platform.register(BLUE, 0)


def _plain(platform: LivePlatform) -> None:
    """A plain forward to green on both listeners."""
    for shape in ("LISTENER_ARN", "TEST_LISTENER_ARN"):
        forward = {"Type": "forward", "TargetGroupArn": platform.environment["GREEN_TG_ARN"]}
        platform.replace_action(shape, forward)


def _alarm(platform: LivePlatform) -> None:
    platform.colours.alarm(GREEN, "ALARM")


def _no_record(platform: LivePlatform) -> None:
    platform.put(State(HALF, ALL_GREEN, None, None))


_BEGUN, _AT_25, _AT_100 = sent(BEGIN), sent(BEGIN, FIRST), sent(BEGIN, FIRST, SECOND)
_OUTSIDE = both(_AT_25, lambda platform: platform.set_listener("LISTENER_ARN", HALF))
_ABORTED = both(_AT_25, sent({"action": "abort", "by": "carol", "reason": "odd"}))
_WAITING = sent(step("begin", plan=PLAN | {"approve_at": [25]}), step("ask", step=0))
_APPROVED = both(_WAITING, sent({"action": "approve"}))
_HELD = sent({"action": "shift", "target": "green", "percent": 25})
_DIED_AT_25 = both(_BEGUN, died_after("ModifyListener", FIRST))


def _of(action: str, **keys: Any) -> dict[str, Any]:
    return {"action": action, **keys}


ROW = {"writer": "blue", "epoch": 7, "state": "open"}
MOVED_LEDGER = {"writer": "green", "epoch": 8, "pause_ms": 41}
_ALONE = {"only_ledger": True, "target": "green", "reason": "release", "by": "alice"}
BEGIN_LEDGER = step("begin_ledger", plan=_ALONE, ledger=ROW)
_LEDGER_BEGUN = sent(BEGIN_LEDGER)


SCENARIOS = [
    Scenario("status", _of("status"), MOVED, LOCK_SECONDS),
    Scenario("status of a workflow", _of("status"), _AT_25),
    Scenario("history", _of("history"), _AT_25),
    Scenario("preflight", _of("preflight", target="green", percent=30)),
    Scenario("switch", SWITCH),
    Scenario("switch of what is shared", SWITCH, SHARED),
    Scenario("switch after a death", SWITCH, MOVED, LOCK_SECONDS),
    Scenario("switch back after a death", _of("switch", target="blue"), MOVED, LOCK_SECONDS),
    Scenario("switch after a dead workflow", SWITCH, _AT_25, LEASE_SECONDS),
    Scenario("switch refused by a workflow", SWITCH, _AT_25),
    Scenario("switch refused by a freeze", SWITCH, FROZEN),
    Scenario("switch refused by targets", SWITCH, _empty),
    Scenario("switch refused by an alarm", SWITCH, _alarm),
    Scenario("shift", _of("shift", target="green", percent=30)),
    Scenario("shift of what is held", _of("shift", target="green", percent=40), _HELD),
    Scenario("shift down", _of("shift", target="green", percent=10), _HELD),
    Scenario("shift of what stands already", _of("shift", target="green", percent=25), _HELD),
    Scenario("shift refused by an alarm", _of("shift", target="green", percent=30), _alarm),
    Scenario("switch of what is held", SWITCH, _HELD),
    Scenario("rollback of what is held", _of("rollback"), _HELD),
    Scenario("begin with what is held", step("begin", plan=PLAN | {"steps": [60, 100]}), _HELD),
    Scenario("shift after a death", _of("shift", target="green", percent=60), HALF_MOVED, LOCK_SECONDS),
    Scenario("shift refused by records", _of("shift", target="green", percent=60), _no_record),
    Scenario("rollback", _of("rollback"), SHARED),
    Scenario("rollback of all", _of("rollback"), COMPLETED),
    Scenario("rollback after a death", _of("rollback"), MOVED, LOCK_SECONDS),
    Scenario("rollback of a workflow by hand", _of("rollback"), _AT_25),
    Scenario("rollback by force", _of("rollback", target="blue", force=True, reason="fire"),
             both(COMPLETED, _no_blue)),
    Scenario("rollback from another shape", _of("rollback"), both(COMPLETED, _plain), anew=_plain),
    Scenario("rollback refused", _of("rollback", target="green"), COMPLETED),
    Scenario("repair", _of("reconcile", repair=True, reason="console"), both(COMPLETED, _plain), anew=_plain),
    Scenario("reconcile", _of("reconcile"), MOVED, LOCK_SECONDS),
    Scenario("reconcile a dead workflow", _of("reconcile"), _DIED_AT_25, LEASE_SECONDS),
    Scenario("freeze", _of("freeze", reason="holidays", by="carol")),
    Scenario("unfreeze", _of("unfreeze"), FROZEN),
    Scenario("approve", _of("approve", by="bob"), _WAITING),
    Scenario("abort", _of("abort", by="carol"), _AT_25),
    Scenario("abort while it waits", _of("abort", by="carol"), _WAITING),
    Scenario("begin", BEGIN),
    Scenario("begin with what is shared", step("begin", plan=PLAN | {"steps": [60, 100]}), SHARED),
    Scenario("begin after a dead workflow", step("begin", plan=PLAN | {"steps": [60, 100]}) | {
        "workflow": "shift-two"}, _DIED_AT_25, LEASE_SECONDS),
    Scenario("begin refused by an alarm", BEGIN, _alarm),
    Scenario("ask", step("ask", step=0), sent(step("begin", plan=PLAN | {"approve_at": [25]}))),
    Scenario("ask again", step("ask", step=0), _WAITING),
    Scenario("first step", FIRST, _BEGUN),
    Scenario("first step approved", FIRST, _APPROVED),
    Scenario("first step after a death", FIRST, _DIED_AT_25, LOCK_SECONDS),
    Scenario("last step", SECOND, _AT_25),
    Scenario("step refused after an abort", SECOND, _ABORTED),
    Scenario("step refused by an alarm", SECOND, both(_AT_25, _alarm)),
    Scenario("verify", step("verify", step=0), _AT_25),
    Scenario("verify an approval", step("verify", step=0), _WAITING),
    Scenario("verify a held share", _of("verify", workflow=SHARE, step=0), _HELD),
    Scenario("verify refused by moved weights", step("verify", step=0), _OUTSIDE),
    Scenario("finalize", step("finalize"), _AT_100),
    Scenario("begin a move of the ledger", BEGIN_LEDGER),
    Scenario("begin a move of the ledger, refused by a freeze", BEGIN_LEDGER, FROZEN),
    Scenario("end of a move of the ledger", step("ledger", moved=MOVED_LEDGER), _LEDGER_BEGUN),
    Scenario("end of a move of the ledger that was refused",
             step("ledger", error="MoveRefusedError", cause="{}"), _LEDGER_BEGUN),
    Scenario("rollback of a workflow", step("rollback", cause="alarm"), _AT_25),
    Scenario("rollback of a workflow that died", step("rollback", cause="death"), _DIED_AT_25, LOCK_SECONDS),
    Scenario("rollback of a workflow that moved nothing", step("rollback", cause="alarm"), _BEGUN),
]  # fmt: skip

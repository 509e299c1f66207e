"""The platform and what a test knows about it: who is fit for traffic, what time it is, who works on it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from lambda_src.contract.errors import SwitchError
from lambda_src.contract.values import Colour, Weights
from lambda_src.switch.window import DAYS
from tests.lambda_src.live_platform import LivePlatform, State
from tests.lambda_src.switch.faults import Call, Fault, Killed
from tests.lambda_src.switch.scenarios import later
from tests.lambda_src.switch.wire import Wire

GRACE_SECONDS = 300
# Its wall clock runs on, too: how much of it a test may have taken until it looks.
SLACK_SECONDS = 100
MOVERS = frozenset({"switch", "shift", "rollback"})


@dataclass
class World:
    platform: LivePlatform
    ahead: float = 0  # seconds of its clock
    targets: dict[Colour, int] = field(default_factory=lambda: dict.fromkeys(Colour, 2))
    alarms: dict[Colour, str] = field(default_factory=lambda: dict.fromkeys(Colour, "OK"))
    broken: set[tuple[str, Colour]] = field(default_factory=set)
    open: bool = True

    def __post_init__(self) -> None:
        self.platform.colours.fix()
        self.platform.forget()
        self.platform.put(State())
        for colour in Colour:
            self.platform.register(colour, 2)
        self.set_window(True)

    def fit(self, colour: Colour) -> bool | None:
        """Whether its gates are to pass; None where the wall clock decides."""
        if not self.targets[colour] or any(broken is colour for _, broken in self.broken):
            return False
        if self.alarms[colour] == "INSUFFICIENT_DATA":
            if GRACE_SECONDS - SLACK_SECONDS <= self.ahead <= GRACE_SECONDS:
                return None
            return self.ahead < GRACE_SECONDS
        return self.alarms[colour] == "OK"

    def set_window(self, open_: bool) -> None:
        """A closed one is of the day after tomorrow."""
        self.open = open_
        day = DAYS[(later(self.ahead)() + timedelta(days=2)).weekday()]
        self.platform.environment["WINDOWS"] = "always" if open_ else f"{day} 10:00-10:01"

    def wait(self, seconds: float) -> None:
        self.ahead += seconds
        self.set_window(self.open)

    def set_alarm(self, colour: Colour, state: str) -> None:
        if ("lose_alarm", colour) in self.broken:
            return
        self.platform.colours.alarm(colour, state)
        self.alarms[colour] = state

    def damage(self, colour: Colour, what: str) -> None:
        """By that method of Colours; one thing of a colour at a time."""
        if not any(broken is colour for _, broken in self.broken):
            getattr(self.platform.colours, what)(colour)
            self.broken.add((what, colour))

    def modify_listener(self, blue: int) -> None:
        """Somebody does it by hand."""
        self.platform.set_listener("LISTENER_ARN", Weights(blue, 100 - blue))

    def fix(self) -> None:
        self.platform.colours.fix()
        self.broken.clear()
        self.alarms = dict.fromkeys(Colour, "OK")
        for colour in Colour:
            self.register(colour, 2)

    def register(self, colour: Colour, count: int) -> None:
        self.platform.register(colour, count)
        self.targets[colour] = count

    def send(
        self, event: Mapping[str, Any], fault: "Strike | None" = None
    ) -> dict[str, Any] | SwitchError | None:
        """The answer or the error, judged; None of a request that was killed."""
        before, control = self.platform.state, self.platform.control
        clock = later(self.ahead)
        with struck(self.platform, fault) as wire:
            try:
                result: Any = self.platform.invoke(event, clock=clock)
            except SwitchError as error:
                result = error
            except Killed:
                result = None
        assert wire.afterwards == []
        self._judge(event, before, control, result)
        return result  # type: ignore[no-any-return]

    def _judge(self, event: Mapping[str, Any], before: State, control: dict[str, Any], result: Any) -> None:
        state, action = self.platform.state, event["action"]
        assert state.weights.valid
        assert state.test_weights.holder
        if isinstance(result, SwitchError):
            assert result.weights in (None, state.weights)
        elif result is not None and "after" in result and not result["repeated"]:
            assert result["after"] == state.weights.to_json()
            if not result["findings"]:
                assert self.status()["differences"] == []
            if action == "rollback" and "workflow" not in event:  # one of a workflow may have moved nothing
                self._can_go_back_again(result)
        gaining = [colour for colour in Colour if state.weights.of(colour) > before.weights.of(colour)]
        if not gaining:
            return
        assert action in MOVERS
        (colour,) = gaining
        if event.get("force"):
            return
        assert self.targets[colour]
        if action != "rollback":
            assert self.open
            assert self.fit(colour) is not False
            assert "frozen" not in control
        now = later(self.ahead)().timestamp()
        assert float(control.get("busy_until", {"N": "0"})["N"]) < now
        leased = "holder" in control and float(control["lease_until"]["N"]) > now
        own = control.get("holder", {}).get("S") == event.get("workflow")
        yields = "yields" in control  # a held share, to whatever an operator or a shift does next
        assert not leased or own or yields or (action == "rollback" and "workflow" not in event)
        if action == "shift" and "workflow" in event:
            assert "abort" not in control
            assert _allowed(control, event["percent"])

    def _can_go_back_again(self, result: Mapping[str, Any]) -> None:
        """What the next rollback would decide, from what this one left: to stay."""
        read = self.platform.invoke({"action": "status"}, clock=later(self.ahead))
        migration = read["migration"]
        assert read["recorded_active"] == read["active"] == result["active"]
        assert migration["status"] == "not_started" or migration["source"] == result["active"]

    def status(self) -> dict[str, Any]:
        """What `status` says; it always says the truth."""
        told, state = self.platform.invoke({"action": "status"}, clock=later(self.ahead)), self.platform.state
        assert told["weights"] == state.weights.to_json()
        assert told["test_weights"] == state.test_weights.to_json()
        assert told["recorded_active"] == state.active
        assert (told["frozen"] is not None) == ("frozen" in self.platform.control)
        for colour in Colour:
            passed = all(gate["passed"] for gate in told["gates"][colour] if gate["colour"])
            assert passed is self.fit(colour) or self.fit(colour) is None
            assert told["colours"][colour]["healthy"] == self.targets[colour]
        return told


def _allowed(control: Mapping[str, Any], percent: int) -> bool:
    """Whether the workflow may take this step: nobody is to be asked, or somebody has approved it."""
    if percent not in json.loads(control["workflow"]["S"])["plan"]["approve_at"]:
        return True
    approval = json.loads(control["approval"]["S"])
    return approval["percent"] == percent and bool(approval["approved_by"])


@dataclass(frozen=True)
class Strike:
    """That fault, at that call of whatever request it is for; none where it makes fewer."""

    number: int
    fault: Fault


@contextmanager
def struck(platform: LivePlatform, strike: Strike | None) -> Iterator[Wire]:
    begun = 0

    def find(call: Call) -> None:
        nonlocal begun
        if strike and begun == strike.number and strike.fault in call.faults:
            wire.call, wire.fault = call, strike.fault
        begun += 1

    with Wire.of(platform, on_begin=find) as wire:
        yield wire

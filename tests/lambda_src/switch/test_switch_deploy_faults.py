"""Every fault at every AWS call of a deployment: of its request, of a look, of the way back and of its end.

Asserted of each case: no traffic moves, and the other colour is as it was; the answer is an answer or a
SwitchError; a request that was killed writes nothing afterwards. Then the state machine goes on, and again
once all leases are over `reconcile` does: each leaves parameter, newest revision and service of the colour
with one image, that of before or the new one, and no lock.

`make test` takes a part of a request and of its end, as of the other actions (test_switch_faults.py);
`make test-long` all.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from embedded_aws import LocalAws

from lambda_src.contract.errors import SwitchError
from tests.conftest import CASES
from tests.default_session import led_to
from tests.lambda_src import versions
from tests.lambda_src.live_platform import ALL_BLUE, BLUE, GREEN, LivePlatform
from tests.lambda_src.switch.faults import Call, Fault, Killed
from tests.lambda_src.switch.scenarios import LOCK_SECONDS, REST_SECONDS, later
from tests.lambda_src.switch.test_switch_faults import every, some
from tests.lambda_src.switch.wire import Wire
from tests.lambda_src.versions import image

DEPLOY = {"action": "deploy", "target": "green", "image": image(2), "request_id": "release"}
Start = Callable[[LivePlatform], str]
Event = Callable[[str], dict[str, Any]]
# A round of the state machine: looks of a rollout are steps of it, in the embedded AWS.
MOST_LOOKS = 12


def begun(platform: LivePlatform) -> str:
    return str(platform.invoke(DEPLOY)["workflow"])


def complete(platform: LivePlatform) -> str:
    id_ = begun(platform)
    versions.await_rollout(GREEN)
    return id_


def going_back(platform: LivePlatform) -> str:
    id_ = complete(platform)
    platform.invoke({"action": "rollback", "workflow": id_, "cause": "odd"})
    versions.await_rollout(GREEN)
    return id_


def of(action: str, **keys: Any) -> Event:
    return lambda id_: {"action": action, "workflow": id_, **keys}


PARTS: dict[str, tuple[Start, Event]] = {
    "the request": (lambda _: "", lambda _: dict(DEPLOY)),
    "a look": (begun, of("verify", step=0)),
    "the way back": (complete, of("rollback", cause="odd")),
    "the end": (complete, of("finalize")),
    "the end of the way back": (going_back, of("finalize")),
}

OFTEN = ("the request", "the end")


@pytest.fixture(scope="module")
def shared_platform(embedded_aws: LocalAws) -> Iterator[LivePlatform]:
    with pytest.MonkeyPatch.context() as patch:
        led_to(embedded_aws, patch)
        platform = LivePlatform.create()
        platform.colours.will_deploy()
        yield platform
        platform.colours.fix()


class Bench:
    """One part, again and again from its start."""

    def __init__(self, platform: LivePlatform, start: Start, event: Event) -> None:
        self.platform, self._start, self._event = platform, start, event
        self.cases = 0
        id_ = self._again()
        with Wire.of(platform) as wire:
            platform.invoke(self._event(id_))
        self.calls = wire.calls

    def run(self, call: Call, fault: Fault, *, all_ways: bool) -> None:
        """One case, gone on by the state machine; and by `reconcile` alone, or by one of them in turn."""
        ways = (self._drive, self._reconcile)
        for recover in ways if all_ways else (ways[self.cases % 2],):
            self.cases += 1
            id_ = self._again()
            with Wire.of(self.platform, call, fault) as wire, suppress(SwitchError, Killed):
                self.platform.invoke(self._event(id_))
            assert wire.hit
            assert wire.afterwards == []
            self._untouched()
            recover(self._workflow() or id_)
            self._untouched()
            assert versions.standing(GREEN).agreed in (image(1), image(2))
            status = self.platform.invoke({"action": "status"}, clock=later(REST_SECONDS))
            assert (status["differences"], status["lock"]) == ([], None)

    def _again(self) -> str:
        versions.reset(GREEN)
        self.platform.forget()
        return self._start(self.platform)

    def _untouched(self) -> None:
        assert self.platform.state.weights == ALL_BLUE
        assert versions.standing(BLUE).agreed == image(1)

    def _workflow(self) -> str | None:
        """The one in progress."""
        found = self.platform.control.get("holder")
        return str(found["S"]) if found else None

    def _drive(self, id_: str) -> None:
        """What the state machine does from here on, until it has ended; nothing, where none was begun."""
        for _ in range(MOST_LOOKS if self._workflow() else 0):
            found = self._send("verify", id_, step=0)
            if found["next"] == "roll_back":
                self._send("rollback", id_, cause=found["cause"])
            elif found["next"] == "finalize":
                self._send("finalize", id_)
                return
        assert self._workflow() is None

    def _send(self, action: str, id_: str, **keys: Any) -> dict[str, Any]:
        event = {"action": action, "workflow": id_, **keys}
        return self.platform.invoke(event, clock=later(LOCK_SECONDS))

    def _reconcile(self, _: str) -> None:
        """When nothing else goes on: the execution died, and its lease is over."""
        versions.await_rollout(GREEN)
        self.platform.invoke({"action": "reconcile"}, clock=later(REST_SECONDS))
        versions.await_rollout(GREEN)


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("cases", [some, pytest.param(every, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "part", [pytest.param(part, marks=() if part in OFTEN else pytest.mark.long) for part in PARTS]
)
def test_every_fault_at_every_call_of_a_deployment(
    shared_platform: LivePlatform,
    part: str,
    cases: Callable[[list[Call], int], Iterator[tuple[Call, Fault]]],
    record_property: Callable[[str, object], None],
) -> None:
    bench = Bench(shared_platform, *PARTS[part])
    failures = []
    for call, fault in cases(bench.calls, list(PARTS).index(part)):
        try:
            bench.run(call, fault, all_ways=cases is every)
        except Exception as error:  # noqa: BLE001 - all cases are tried, and those that failed are named
            failures.append(f"{call}, {fault.value}: {error!r:.600}")
    record_property(CASES, bench.cases)
    assert not failures, "\n".join(failures)

"""Guards hold while a share is on the new colour: an alarm, a freeze and a deadline, each while a step bakes,
while an approval is waited for, and while a share is held. Each is rolled back by the deployed workflow.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from lambda_src.contract.aliases import Alias
from lambda_src.contract.attestation import KEY
from tests.e2e.platform import Platform
from tests.e2e.shifts import wait_for, waiting

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: operated")]

ALL_BLUE, SHARED = {"blue": 100, "green": 0}, {"blue": 75, "green": 25}
# From the event to the rollback's end, at the most: the promise that these tests hold.
LONGEST_SECONDS = 30
DEADLINE_SECONDS = 8  # long enough to get there, short enough to wait for
PLAN = {"target": "green", "steps": [25, 100], "bake_seconds": 0, "reason": "rehearsal"}


def start(platform: Platform, **plan: Any) -> None:
    """As `bluegreen shift` does, with a deadline that it would call too early."""
    name, given = f"shift-{time.time_ns()}", PLAN | plan
    attested = given | {KEY: platform.function.attest(Alias.WORKFLOW, name, given)}
    platform.aws.client("stepfunctions").start_execution(
        stateMachineArn=platform.outputs["shift_state_machine_arn"],
        name=name,
        input=json.dumps(attested),
    )


def bake(platform: Platform, deadline: int | None) -> dict[str, Any]:
    start(platform, bake_seconds=600, **({"deadline_seconds": deadline} if deadline else {}))
    return wait_for(platform, lambda workflow: workflow["state"] == "baking")


def approval(platform: Platform, deadline: int | None) -> dict[str, Any]:
    start(platform, approve_at=[100], **({"deadline_seconds": deadline} if deadline else {}))
    return wait_for(platform, waiting(100))


def share(platform: Platform, deadline: int | None) -> dict[str, Any]:
    limit = f"{deadline or 600}s"
    answer = platform.json("switch", "--to", "green", "--percent", "25", "--for", limit)
    return wait_for(platform, lambda workflow: workflow["id"] == answer["workflow"])


@contextmanager
def alarm(platform: Platform) -> Iterator[None]:
    with platform.ringing("green-server-errors"):
        yield


@contextmanager
def freeze(platform: Platform) -> Iterator[None]:
    platform.json("freeze", "--reason", "end of quarter")
    try:
        yield
    finally:
        platform.json("unfreeze")


@contextmanager
def time_passes(_: Platform) -> Iterator[None]:
    yield


STATE_NAMES = ("bake", "approval", "share")
EVENTS = {
    "alarm": (alarm, dict.fromkeys(STATE_NAMES, "alarms of green: ")),
    "freeze": (freeze, dict.fromkeys(STATE_NAMES, "frozen: frozen since ")),
    "deadline": (
        time_passes,
        {
            "bake": "it was to be done by ",
            "approval": "it was to be done by ",
            "share": "the share's time limit is over: 25 % for 8 s",
        },
    ),
}
STATES: dict[str, Callable[[Platform, int | None], dict[str, Any]]] = {
    "bake": bake,
    "approval": approval,
    "share": share,
}


def pairs() -> Iterator[Any]:
    """Each event in each state; `make test` has each event and each state once."""
    for first, event in enumerate(EVENTS):
        for second, state in enumerate(STATES):
            marks = () if first == second else pytest.mark.long
            yield pytest.param(event, state, id=f"{event}-{state}", marks=marks)


@pytest.mark.parametrize(("event", "state"), list(pairs()))
def test_a_guard_rolls_back(
    on_blue: Platform, capsys: pytest.CaptureFixture[str], event: str, state: str
) -> None:
    happens, causes = EVENTS[event]
    reached = STATES[state](on_blue, DEADLINE_SECONDS if event == "deadline" else None)
    assert on_blue.weights() == SHARED
    with happens(on_blue):
        begun = time.monotonic()
        if event == "deadline":
            begun += DEADLINE_SECONDS  # roughly: it counts from the start of the workflow
        ended = rolled_back(on_blue, reached["id"])
        seconds = max(0.0, time.monotonic() - begun)

    assert (ended["state"], on_blue.weights()) == ("rolled_back", ALL_BLUE)
    assert ended["cause"].startswith(causes[state])
    assert "{" not in ended["cause"]
    status = on_blue.json("status")
    assert (status["recorded_active"], status["consistent"], status["lock"]) == ("blue", True, None)
    last = on_blue.json("history", "--limit", "3")["entries"]
    assert ("rollback", "done", reached["id"]) in [(e["action"], e["outcome"], e["workflow"]) for e in last]
    with capsys.disabled():
        print(f"\n{event} during {state}: rolled back after {seconds:.1f} s")  # noqa: T201


def rolled_back(platform: Platform, id_: str) -> dict[str, Any]:
    """The workflow at its end. Fails if that takes longer than promised."""
    deadline = time.monotonic() + LONGEST_SECONDS + DEADLINE_SECONDS
    while True:
        workflow: dict[str, Any] = platform.function.invoke({"action": "status"})["workflow"]
        assert workflow["id"] == id_
        if workflow["finished_at"]:
            return workflow
        assert time.monotonic() < deadline, workflow
        time.sleep(0.2)


@pytest.mark.parametrize("following", ["switch", pytest.param("shift", marks=pytest.mark.long)])
def test_an_operator_goes_on_from_a_held_share(on_blue: Platform, following: str) -> None:
    held = on_blue.json("switch", "--to", "green", "--percent", "25", "--for", "10m")
    assert on_blue.weights() == SHARED
    if following == "switch":
        on_blue.json("switch", "--to", "green")
    else:
        on_blue.json("shift", "--to", "green", "--steps", "50,100", "--bake", "1s", "--yes")
    assert on_blue.weights() == {"blue": 0, "green": 100}
    followed = on_blue.bluegreen("follow", held["workflow"], "--interval", "0.5", "--output", "json")
    assert json.loads(followed.stdout)["outcome"] == "superseded"
    assert on_blue.weights() == {"blue": 0, "green": 100}


def test_a_held_share_whose_execution_is_stopped_is_rolled_back(on_blue: Platform) -> None:
    held = on_blue.json("switch", "--to", "green", "--percent", "25", "--for", "10m")
    machine = on_blue.outputs["shift_state_machine_arn"]
    execution = f"{machine.replace(':stateMachine:', ':execution:')}:{held['workflow']}"
    on_blue.aws.client("stepfunctions").stop_execution(executionArn=execution)
    ended = rolled_back(on_blue, held["workflow"])
    assert (ended["state"], on_blue.weights()) == ("rolled_back", ALL_BLUE)
    assert ended["cause"] == "the execution was stopped (StopExecution)"

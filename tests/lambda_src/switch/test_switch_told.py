"""Notifications, the history of a workflow, and what gates say that pass."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lambda_src.contract.errors import GatesNotPassedError, StepOrderError
from lambda_src.contract.values import Weights
from tests.lambda_src.live_platform import BLUE, LivePlatform, State
from tests.lambda_src.switch.faults import Call, Fault
from tests.lambda_src.switch.steps import Machine, plan
from tests.lambda_src.switch.wire import Wire


def heard(platform: LivePlatform, called: str) -> Iterator[list[dict[str, Any]]]:
    """The parameters of the function's calls to a service, or to `SERVICE.OPERATION` alone."""
    told: list[dict[str, Any]] = []

    def hear(params: dict[str, Any], **_: Any) -> None:
        told.append(dict(params))

    service, _, operation = called.partition(".")
    events = platform.account.clients(service).meta.events
    heard_of = f"before-parameter-build.{called}" if operation else "before-parameter-build"
    events.register(heard_of, hear)
    yield told
    events.unregister(heard_of, hear)


@pytest.fixture
def published(platform: LivePlatform) -> Iterator[list[dict[str, Any]]]:
    """What the topic was told."""
    yield from heard(platform, "sns.Publish")


@pytest.fixture
def waiting(platform: LivePlatform) -> Machine:
    """A workflow that waits for an approval before all traffic."""
    machine = Machine(platform, plan(25, 100, approve_at=[100], reason="release 42", by="alice"))
    machine.begin()
    machine.shift(0)
    machine.ask(1)
    return machine


def test_the_topic_is_told_who_and_why(platform: LivePlatform, published: list[dict[str, Any]]) -> None:
    platform.invoke({"action": "switch", "target": "green", "reason": "release 42", "by": "alice"})
    Machine(platform, plan(25, 100, target="blue", reason="back again")).begin()
    platform.invoke({"action": "rollback", "by": "bob"})
    messages = [json.loads(call["Message"]) for call in published]
    assert [(each["action"], each["by"], each["reason"]) for each in messages] == [
        ("switch", "alice", "release 42"),
        ("begin", "", "back again"),
        ("rollback", "bob", ""),
    ]
    assert published[0]["Subject"] == "switch: switch green"
    assert {call["TopicArn"] for call in published} == {platform.environment["TOPIC_ARN"]}


@pytest.mark.usefixtures("no_waiting")
def test_the_answer_says_whether_the_topic_was_told(platform: LivePlatform) -> None:
    with Wire.of(platform, Call("sns", "Publish", "TOPIC_ARN", 0), Fault.ERROR):
        assert platform.invoke({"action": "freeze", "reason": "holidays"})["notified"] is False
    assert platform.invoke({"action": "unfreeze"})["notified"] is True


@pytest.mark.parametrize("action", ["status", "history"])
def test_of_what_only_reads_nobody_is_told(
    platform: LivePlatform, published: list[dict[str, Any]], action: str
) -> None:
    platform.invoke({"action": action})
    platform.invoke({"action": "preflight", "target": "green"})
    assert published == []


def test_the_history_says_of_a_workflow_s_requests_what_its_plan_says(
    platform: LivePlatform, waiting: Machine
) -> None:
    waiting.roll_back("errors rise")
    back, _, begun = platform.invoke({"action": "history"})["entries"]
    assert (begun["action"], begun["target"], begun["by"], begun["reason"]) == (
        "begin",
        "green",
        "alice",
        "release 42",
    )
    assert (back["action"], back["target"], back["by"], back["reason"]) == (
        "rollback",
        "blue",
        "alice",
        "errors rise",
    )


def test_after_the_last_step_there_is_none(platform: LivePlatform) -> None:
    machine = Machine(platform, plan(25, 100))
    machine.begin()
    machine.shift(0)
    machine.shift(1)
    with pytest.raises(StepOrderError, match="step 2 is out of order"):
        machine.ask(2)


def test_a_step_down_asks_the_colour_that_gains(platform: LivePlatform) -> None:
    """Which is not the one that is named."""
    platform.put(State(Weights(50, 50)))
    platform.register(BLUE, 0)
    with pytest.raises(GatesNotPassedError) as refused:
        platform.invoke({"action": "shift", "target": "green", "percent": 25})
    assert {gate.colour for gate in refused.value.gates if not gate.passed} == {BLUE}
    platform.register(BLUE, 2)
    answer = platform.invoke({"action": "shift", "target": "green", "percent": 25})
    assert answer["after"] == {"blue": 75, "green": 25}
    assert {gate["colour"] for gate in answer["gates"]} == {"blue", None}


def test_a_gate_that_passes_says_what_it_saw(platform: LivePlatform) -> None:
    gates = platform.invoke({"action": "preflight", "target": "green"})["gates"]
    values = {gate["gate"]: gate["value"] for gate in gates}
    cluster = platform.environment["GREEN_CLUSTER"]
    assert all(gate["passed"] for gate in gates)
    assert values["credentials"] == "there is a current version"
    assert values["targets"] == values["capacity"] == "2 of 2 healthy"
    assert values["database"] == f"{cluster} and its 2 instances are available"
    assert (values["frozen"], values["lock"]) == ("not frozen", "free")

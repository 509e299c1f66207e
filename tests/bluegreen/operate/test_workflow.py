"""The client of the state machine, against one that really runs and against servers that misbehave."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import embedded_aws as local_aws
import pytest

from bluegreen.aws import Access
from bluegreen.operate import workflow
from bluegreen.operate.client import NotReachableError, OutcomeUnknownError
from bluegreen.operate.workflow import NameTakenError, NoExecutionError, ShiftMachine
from packages.embedded_aws.tests.roles import role_of_anything
from tests.bluegreen.answering import Answer, answering, answering_in_turn

WAITING = {"StartAt": "W", "States": {"W": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "F"}}}
FAILING: dict[str, Any] = {"F": {"Type": "Fail", "Error": "RolledBack", "Cause": "an alarm"}}
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:payments-shift"
STARTED = json.dumps({"executionArn": "arn:of:it", "startDate": 1764000000.0}).encode()


@pytest.fixture(scope="module")
def machine(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShiftMachine]:
    """Waits as long as its input says, and fails."""
    definition = WAITING | {"States": {**WAITING["States"], **FAILING}}  # type: ignore[dict-item]
    with local_aws.running(tmp_path_factory.mktemp("aws")) as aws:
        role = role_of_anything(aws.client("iam"), "probe", "states.amazonaws.com")
        arn = aws.client("stepfunctions").create_state_machine(
            name="probe", definition=json.dumps(definition), roleArn=role
        )["stateMachineArn"]
        yield ShiftMachine(arn, Access(local_aws.REGION, aws.endpoint, aws.environment()))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts that follow each other at once."""
    monkeypatch.setattr(workflow, "PAUSES_SECONDS", (0, 0, 0))


def at(endpoint: str) -> ShiftMachine:
    return ShiftMachine(ARN, Access("us-east-1", endpoint, KEYS))


def failure(status: int, code: str) -> Answer:
    return status, json.dumps({"__type": code, "message": "no"}).encode()


def test_an_execution_has_the_name_and_the_plan_that_it_was_started_with(machine: ShiftMachine) -> None:
    started = machine.start("first", {"seconds": 600})
    found = machine.describe("first")
    assert (started.arn, started.running) == (found.arn, True)
    assert found.arn.endswith(":execution:probe:first")


def test_the_same_start_again_is_the_same_execution(machine: ShiftMachine) -> None:
    assert machine.start("again", {"seconds": 600}) == machine.start("again", {"seconds": 600})


def test_a_start_whose_execution_has_ended_already_is_found(machine: ShiftMachine) -> None:
    machine.start("over", {"seconds": 0})
    while machine.describe("over").running:
        pass
    found = machine.start("over", {"seconds": 0})
    assert (found.status, found.error, found.cause) == ("FAILED", "RolledBack", "an alarm")


def test_another_plan_under_the_same_name_is_refused(machine: ShiftMachine) -> None:
    machine.start("taken", {"seconds": 600})
    with pytest.raises(NameTakenError, match="has had an execution of that name"):
        machine.start("taken", {"seconds": 601})


def test_an_execution_that_never_was(machine: ShiftMachine) -> None:
    with pytest.raises(NoExecutionError, match="has no such execution"):
        machine.describe("never")


def test_a_state_machine_that_is_not_there(machine: ShiftMachine) -> None:
    missing = replace(machine, arn=ARN)
    with pytest.raises(
        NotReachableError, match=r"StateMachineDoesNotExist.*\n.*fix: check account and region"
    ):
        missing.start("x", {"seconds": 0})


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "first",
    [None, failure(500, "InternalFailure"), failure(503, ""), failure(400, "ThrottlingException")],
    ids=["no answer", "500", "503", "throttled"],
)
def test_a_start_is_repeated(first: Answer) -> None:
    with answering_in_turn([first, (200, STARTED)]) as (endpoint, paths):
        assert at(endpoint).start("x", {}).arn == "arn:of:it"
    assert len(paths) == 2


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (None, OutcomeUnknownError),
        (failure(500, "InternalFailure"), OutcomeUnknownError),
        (failure(400, "ThrottlingException"), NotReachableError),
    ],
    ids=["no answer", "500", "throttled"],
)
def test_it_is_not_repeated_for_ever(answer: Answer, expected: type[Exception]) -> None:
    with answering_in_turn([answer]) as (endpoint, paths):
        with pytest.raises(expected):
            at(endpoint).start("x", {})
        assert len(paths) == 4


@pytest.mark.usefixtures("quick")
def test_what_may_have_begun_stays_unknown_whatever_comes_after() -> None:
    answers = [failure(500, "InternalFailure"), failure(400, "ThrottlingException")]
    with answering_in_turn(answers) as (endpoint, _), pytest.raises(OutcomeUnknownError):
        at(endpoint).start("x", {})


def test_a_refusal_is_not_repeated() -> None:
    with answering_in_turn([failure(400, "AccessDeniedException")]) as (endpoint, paths):
        with pytest.raises(NotReachableError, match="fix: use an identity that may StartExecution"):
            at(endpoint).start("x", {})
        assert len(paths) == 1


@pytest.mark.usefixtures("quick")
def test_nothing_listens_there() -> None:
    with answering(200) as (endpoint, _):
        pass  # the port was free a moment ago and is closed now
    with pytest.raises(NotReachableError, match="was not reached: Could not connect"):
        at(endpoint).start("x", {})


def test_an_endpoint_that_is_none() -> None:
    with pytest.raises(NotReachableError, match="Invalid endpoint"):
        at("nowhere").start("x", {})

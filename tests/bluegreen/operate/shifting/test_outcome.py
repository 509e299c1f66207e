"""What a shift ended with, from what Step Functions and the function say."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bluegreen.operate.shifting import Observation, causes, conclude
from bluegreen.operate.workflow import Execution

NAME = "shift-1"
VERDICT = {"gate": "alarms", "colour": "green", "passed": False, "value": "ALARM", "threshold": "OK"}
REFUSAL = {"what": "shift-0 holds the lock", "weights": {"blue": 100, "green": 0}, "gates": [VERDICT]}
PAYLOAD = json.dumps({"errorType": "LockedError", "errorMessage": json.dumps(REFUSAL)})
HANDED_ON = json.dumps({"Error": "LockedError", "Cause": PAYLOAD})


def seen(
    status: str,
    error: str | None = None,
    *,
    cause: str | None = None,
    state: str | None = None,
    green: int = 0,
    history: tuple[dict[str, Any], ...] = (),
) -> Observation:
    """`state` None: the function knows of another workflow only."""
    workflow = {
        "id": NAME if state else "other",
        "state": state,
        "source": "blue",
        "cause": "why" if state else "",
    }
    answer = {"weights": {"blue": 100 - green, "green": green}, "workflow": workflow, "history": history}
    return Observation(datetime.now(UTC), Execution(NAME, "arn", status, error, cause), answer)


@pytest.mark.parametrize(
    ("observation", "name", "rolled_back"),
    [
        (seen("SUCCEEDED", state="completed", green=100), "completed", False),
        (seen("SUCCEEDED"), "completed", False),
        (seen("FAILED", "RolledBack", state="rolled_back"), "rolled_back", True),
        (seen("FAILED", "RolledBack"), "rolled_back", True),
        (seen("FAILED", "RollbackFailed", state="failed", green=25), "failed", False),
        (seen("FAILED", "RollbackFailed", green=25), "failed", False),
        (seen("FAILED", "Superseded", state="superseded"), "superseded", True),
        (seen("FAILED", "Superseded", state="superseded", green=25), "superseded", False),
        (seen("FAILED", "Superseded"), "superseded", False),
        (seen("FAILED", "Refused"), "refused", False),
        (seen("FAILED", "States.Runtime"), "interrupted", False),
        (seen("ABORTED", state="baking", green=25), "interrupted", False),
        (seen("TIMED_OUT", state="interrupted", green=25), "interrupted", False),
        (seen("ABORTED"), "interrupted", False),
    ],
    ids=lambda value: str(value) if not isinstance(value, Observation) else "",
)
def test_the_name_of_the_end(observation: Observation, name: str, rolled_back: bool) -> None:
    outcome = conclude(NAME, observation)
    assert (outcome.name, outcome.rolled_back) == (name, rolled_back)


def test_a_refusal_is_told_as_the_function_raised_it() -> None:
    outcome = conclude(NAME, seen("FAILED", "Refused", cause=HANDED_ON))
    assert outcome.cause == "LockedError: shift-0 holds the lock"
    assert list(outcome.gates) == [VERDICT]


def test_without_a_cause_of_the_execution_the_functions_record_tells() -> None:
    assert conclude(NAME, seen("FAILED", "RolledBack", state="rolled_back")).cause == "why"


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (PAYLOAD, "LockedError: shift-0 holds the lock"),
        (HANDED_ON, "LockedError: shift-0 holds the lock"),
        (json.dumps({"Error": "States.Timeout", "Cause": ""}), "States.Timeout"),
        (json.dumps({"Error": "AbortedError", "Cause": "ann aborts it"}), "AbortedError: ann aborts it"),
        ("stopped by ann", "stopped by ann"),
        ("[1]", "[1]"),
        ('{"a": 1}', '{"a": 1}'),
        (HANDED_ON[:80], HANDED_ON[:80]),
        ('{"Error": "' + "x" * 400, '{"Error": "' + "x" * 289 + "…"),
    ],
)
def test_causes_in_words(cause: str, told: str) -> None:
    assert causes.read(cause)[0] == told


def test_the_gates_are_those_of_the_action_that_failed() -> None:
    def entry(workflow: str, outcome: str, *gates: dict[str, Any]) -> dict[str, Any]:
        return {"workflow": workflow, "outcome": outcome, "gates": list(gates)}

    history = (entry(NAME, "done"), entry("other", "refused"), entry(NAME, "refused", VERDICT))
    assert list(conclude(NAME, seen("FAILED", "RolledBack", state="rolled_back", history=history)).gates) == [
        VERDICT
    ]

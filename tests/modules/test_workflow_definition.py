"""The workflow's definition as Step Functions reads it: nothing can wait for ever, nothing fails unseen."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lambda_src.contract.errors import UNHEARD, Meaning, SwitchError
from modules.switch.workflow_definition import LONGEST_SECONDS, UNTIL_MOVED, Mover, definition

ARN = "arn:aws:lambda:us-east-1:123456789012:function:payments-local-switch"
MOVER = "arn:aws:lambda:us-east-1:123456789012:function:payments-local-ledger"
MACHINE: dict[str, Any] = json.loads(
    json.dumps(
        definition(
            function_arn=ARN, function_timeout_seconds=60, mover=Mover(arn=MOVER, timeout_seconds=60)
        ).to_json()
    )
)
STATES: dict[str, dict[str, Any]] = MACHINE["States"]
ALL_TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
OF_MOVER = {"CompareSchemas": "compare", "SeeLedger": "see", "LookAtLedger": "see", "MoveLedger": "move"}
# Those of the switch function.
TASKS = {name: task for name, task in ALL_TASKS.items() if name not in OF_MOVER}
# Those that move the shift on: whatever they fail of, it is rolled back.
STEPS = ["Ask", "Finalize", "Shift", "Verify"]
A_YEAR = 365 * 24 * 3600


def transitions(state: dict[str, Any]) -> Iterator[str]:
    """The states that may follow."""
    for part in (state, *state.get("Choices", ()), *state.get("Catch", ())):
        yield from (part[key] for key in ("Next", "Default") if key in part)


def retried(state: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Error → how it is tried again."""
    return {error: retry for retry in state["Retry"] for error in retry["ErrorEquals"]}


def test_it_goes_as_the_contract_says() -> None:
    assert {name: sorted(set(transitions(state))) for name, state in STATES.items()} == {
        "SelectWork": ["CompareSchemas", "SeeLedger", "Wait", "WaitForTasks"],
        "CompareSchemas": ["Begin", "Refused"],
        "Begin": ["Refused", "SelectStep", "Withdraw"],
        "Withdraw": ["Refused"],
        "SelectStep": ["NeedsApproval"],
        "NeedsApproval": ["Ask", "Shift"],
        "Ask": ["RollBack", "Superseded", "Wait"],
        "Shift": ["RollBack", "Superseded", "Wait"],
        "Wait": ["Verify"],
        "Verify": ["Next", "RollBack", "Superseded"],
        "Next": ["EndShare", "Finalize", "LookAtLedger", "NextStep", "ShareEnded", "Shift", "Wait"],
        "NextStep": ["SelectStep"],
        "Finalize": ["AfterFinalize", "RollBack", "Superseded"],
        "AfterFinalize": ["LookAtLedger", "Shifted"],
        "LookAtLedger": ["RecordNoMove", "StartMove"],
        "StartMove": ["MoveLedger", "RecordNoMove", "Superseded"],
        "RollBack": ["RollbackFailed", "RolledBack", "Superseded"],
        "EndShare": ["RollbackFailed", "ShareEnded"],
        "WaitForTasks": ["LookAtRollout"],
        "LookAtRollout": ["AfterRollout", "GoBackUnseen", "Superseded"],
        "AfterRollout": ["FinishDeployment", "GoBack", "ShareEnded", "WaitForTasks"],
        "GoBack": ["RollbackFailed", "Superseded", "WaitForTasks"],
        "GoBackUnseen": ["RollbackFailed", "Superseded", "WaitForTasks"],
        "FinishDeployment": ["GoBackUnseen", "HowItEnded", "Superseded"],
        "HowItEnded": ["Deployed", "RollbackFailed", "RolledBack"],
        "SeeLedger": ["BeginMove", "Refused"],
        "BeginMove": ["MoveLedger", "Refused", "Withdraw"],
        "MoveLedger": ["RecordMove", "RecordNoMove"],
        "RecordMove": ["AfterMove", "LedgerUnfinished", "Superseded"],
        "RecordNoMove": ["AfterMove", "LedgerUnfinished", "Superseded"],
        "AfterMove": [
            *("LedgerMoved", "LedgerRefused", "LedgerUnfinished"),
            *("NextStep", "RollBack", "Shifted"),
        ],
        **{
            end: []
            for end in (
                *("Refused", "RolledBack", "RollbackFailed", "Shifted", "ShareEnded", "Superseded"),
                *("LedgerMoved", "LedgerRefused", "LedgerUnfinished", "Deployed"),
            )
        },
    }
    assert MACHINE["StartAt"] == "SelectWork"
    assert {name: state["Error"] for name, state in STATES.items() if state["Type"] == "Fail"} == {
        name: name
        for name in (
            *("Refused", "RolledBack", "RollbackFailed", "Superseded"),
            *("LedgerRefused", "LedgerUnfinished"),
        )
    }


def test_every_task_calls_the_function_in_the_name_of_the_execution() -> None:
    for name, task in TASKS.items():
        assert task["Parameters"]["FunctionName"] == ARN
        assert task["Parameters"]["Payload"]["workflow.$"] == "$$.Execution.Name"
        # No task waits for a token: all waiting is looked at.
        assert task["Resource"] == "arn:aws:states:::lambda:invoke", name
    assert {name: task["Parameters"]["Payload"]["action"] for name, task in TASKS.items()} == {
        "Begin": "begin",
        "Withdraw": "rollback",
        "Ask": "ask",
        "Shift": "shift",
        "Verify": "verify",
        "EndShare": "rollback",
        "Finalize": "finalize",
        "RollBack": "rollback",
        "LookAtRollout": "verify",
        "GoBack": "rollback",
        "GoBackUnseen": "rollback",
        "FinishDeployment": "finalize",
        "BeginMove": "begin_ledger",
        "StartMove": "begin_ledger",
        "RecordMove": "ledger",
        "RecordNoMove": "ledger",
    }
    for name, action in OF_MOVER.items():
        assert ALL_TASKS[name]["Parameters"]["FunctionName"] == MOVER
        assert ALL_TASKS[name]["Parameters"]["Payload"]["action"] == action


def test_nothing_waits_for_ever() -> None:
    for task in ALL_TASKS.values():  # longer than the function may take: it says itself why it took too long
        assert task["TimeoutSeconds"] > 60
    assert MACHINE["TimeoutSeconds"] == LONGEST_SECONDS
    # Step Functions developer guide, "Quotas": an execution lasts a year at most.
    assert 50 * (2 * 86400 + 300) < LONGEST_SECONDS < A_YEAR


def test_what_nobody_heard_of_is_tried_again() -> None:
    for name in ("Begin", *STEPS):
        assert {*UNHEARD, "AwsCallError", "OutOfTimeError"} <= set(retried(TASKS[name])), name
    # A refusal by the lock is an answer to who begins, and an accident to who holds it.
    assert "LockedError" not in retried(TASKS["Begin"])
    assert all("LockedError" in retried(TASKS[name]) for name in STEPS)


def test_a_move_is_tried_for_as_long_as_another_mover_could_be_alive() -> None:
    (retry,) = STATES["MoveLedger"]["Retry"]
    waits = [
        min(retry["MaxDelaySeconds"], retry["IntervalSeconds"] * retry["BackoffRate"] ** number) / 2
        for number in range(retry["MaxAttempts"])
    ]
    # Each wait is a random part: half of it on average. The function is ended after 60 s.
    assert sum(waits) >= 2 * 60
    assert {"MoveIncompleteError", "DatabaseUnreachableError", *UNHEARD} <= set(retry["ErrorEquals"])
    assert "MoveRefusedError" not in retry["ErrorEquals"]
    assert UNTIL_MOVED.attempts == retry["MaxAttempts"]


def test_without_a_ledger_nothing_calls_a_mover() -> None:
    states = definition(function_arn=ARN, function_timeout_seconds=60).to_json()["States"]
    assert not {name for name in states if "Ledger" in name or "Move" in name or "Schema" in name}
    assert [rule["Next"] for rule in states["SelectWork"]["Choices"]] == ["Wait", "WaitForTasks"]
    assert states["Finalize"]["Next"] == "Shifted"


def test_every_try_waits_a_bounded_and_random_time() -> None:
    for task in ALL_TASKS.values():
        for retry in task["Retry"]:
            assert retry["JitterStrategy"] == "FULL"
            assert retry["MaxDelaySeconds"] > retry["IntervalSeconds"]
            assert retry["ErrorEquals"] == ["States.ALL"] or "States.ALL" not in retry["ErrorEquals"]


def test_the_rollback_is_tried_for_an_hour_whatever_fails() -> None:
    *others, persistent = TASKS["RollBack"]["Retry"]
    seconds = [
        min(
            persistent["MaxDelaySeconds"], persistent["IntervalSeconds"] * persistent["BackoffRate"] ** number
        )
        for number in range(persistent["MaxAttempts"])
    ]

    assert persistent["ErrorEquals"] == ["States.ALL"]
    assert 3000 <= sum(seconds) <= 4000
    assert [retry["MaxAttempts"] for retry in others] == [0]  # somebody took over: theirs now


@pytest.mark.parametrize("name", STEPS)
def test_whatever_fails_after_the_beginning_is_rolled_back(name: str) -> None:
    *others, last = TASKS[name]["Catch"]

    assert (last["ErrorEquals"], last["Next"]) == (["States.ALL"], "RollBack")
    assert [(sorted(catch["ErrorEquals"]), catch["Next"]) for catch in others] == [
        (["LockLostError"], "Superseded")
    ]


def test_what_begins_unheard_is_rolled_back() -> None:
    refusals, last = TASKS["Begin"]["Catch"]

    assert refusals["Next"] == "Refused"
    assert not {*UNHEARD, "AwsCallError", "OutOfTimeError", "States.Timeout"} & set(refusals["ErrorEquals"])
    assert (last["ErrorEquals"], last["Next"]) == (["States.ALL"], "Withdraw")


def test_errors_do_what_they_mean() -> None:
    """Each error of the function, in each state: retried, ended as Superseded, refused, or rolled back."""
    refusals = TASKS["Begin"]["Catch"][0]["ErrorEquals"]
    superseding = {name: TASKS[name]["Catch"][0]["ErrorEquals"] for name in (*STEPS, "RollBack", "EndShare")}
    for kind in SwitchError.__subclasses__():
        error, meaning = kind.__name__, kind.meaning
        nothing_begun = meaning in (Meaning.INVALID, Meaning.NOTHING_BEGUN)
        assert (error in refusals) is nothing_begun, error
        for name in ("Begin", *STEPS):
            unfinished = retried(TASKS[name]).keys() - {"LockedError"}
            assert (error in unfinished) is (meaning is Meaning.REPEATABLE), (name, error)
        assert all((error in found) is (meaning is Meaning.NOT_OURS) for found in superseding.values()), error


def test_every_state_tells_the_operator_what_happens() -> None:
    for name, state in STATES.items():
        assert len(state["Comment"]) >= 5, name


def test_it_is_small_enough() -> None:
    # Step Functions developer guide, "Quotas": a definition has at most a megabyte.
    assert len(json.dumps(MACHINE)) < 30_000

"""The workflow of a shift, run as it is deployed, against a function that does as it is told."""

import json
from pathlib import Path
from typing import Any

import pytest
from embedded_aws import LocalAws

from lambda_src.contract.errors import Meaning, named
from modules.switch.interruptions import INPUT_PATHS, INPUT_TEMPLATE, interruptions
from packages.embedded_aws.tests.machines import describe, eventually, has_entered, history
from packages.embedded_aws.tests.roles import let_in
from tests.modules.state_machine.stand_in import PLAN, StandIn, stand_in

WAIT: dict[str, Any] = {"next": "wait", "wait_seconds": 0, "cause": None}
NEXT = WAIT | {"next": "next_step"}
ALL_WELL = ["begin", "shift:0", "verify:0", "shift:1", "verify:1", "shift:2", "verify:2", "finalize"]


@pytest.fixture
def shift(aws: LocalAws, tmp_path: Path) -> StandIn:
    """A function and its workflow."""
    return stand_in(aws, tmp_path)


@pytest.fixture
def hurried(aws: LocalAws, tmp_path: Path) -> StandIn:
    """The same, which gives up soon."""
    return stand_in(aws, tmp_path, hurried=True)


def failed(description: dict[str, Any]) -> tuple[str, str]:
    """How the execution failed, and the error that is its cause."""
    assert description["status"] == "FAILED"
    return description["error"], json.loads(description["cause"])["Error"]


def test_a_shift_completes_step_by_step(shift: StandIn) -> None:
    execution = shift.run()

    assert execution["status"] == "SUCCEEDED"
    assert json.loads(execution["output"]) == {"weights": {"blue": 0, "green": 100}, "next": "end"}
    assert shift.called() == ALL_WELL
    calls = shift.calls()
    assert calls.pop(0) == {"action": "compare"}
    assert {call["workflow"] for call in calls} == {execution["name"]}
    assert calls[0] == {"action": "begin", "workflow": execution["name"], "plan": PLAN}
    moves = [call for call in calls if call["action"] == "shift"]
    assert [(move["percent"], move["step"]) for move in moves] == [(5, 0), (25, 1), (100, 2)]
    assert {(move["target"], move["reason"], move["by"]) for move in moves} == {("green", "release 42", "me")}


def test_a_shift_of_one_step_without_reason_completes(shift: StandIn) -> None:
    assert shift.run({"target": "green", "steps": [100]})["status"] == "SUCCEEDED"
    assert shift.called() == ["begin", "shift:0", "verify:0", "finalize"]
    assert shift.calls()[2]["reason"] is None


def test_a_shift_between_databases_of_different_schemas_does_not_begin(hurried: StandIn) -> None:
    hurried.script({"compare": ["SchemaDiffersError"]})

    assert failed(hurried.run()) == ("Refused", "SchemaDiffersError")
    assert hurried.calls() == [{"action": "compare"}]


def test_a_comparison_without_an_answer_is_tried_again(hurried: StandIn) -> None:
    hurried.script({"compare": ["DatabaseUnreachableError", {"tables": 3}]})

    assert hurried.run()["status"] == "SUCCEEDED"


def test_a_step_bakes_until_the_function_says_that_it_has(shift: StandIn) -> None:
    shift.script(
        {
            "shift:0": [{"wait_seconds": 1}],
            "verify:0": [WAIT | {"wait_seconds": 1}, NEXT],
        }
    )
    execution = shift.run()
    waited = [e["type"] for e in history(shift.aws, execution["executionArn"])].count("WaitStateExited")

    assert execution["status"] == "SUCCEEDED"
    assert shift.called()[:5] == ["begin", "shift:0", "verify:0", "verify:0", "shift:1"]
    assert waited == 4


@pytest.mark.parametrize("where", ["shift:2", "verify:0", "finalize"])
def test_a_gate_that_fails_rolls_back(shift: StandIn, where: str) -> None:
    shift.script({where: ["GatesNotPassedError"]})
    execution = shift.run()

    assert failed(execution) == ("RolledBack", "GatesNotPassedError")
    assert shift.called() == [*ALL_WELL[: ALL_WELL.index(where) + 1], "rollback"]
    rollback = shift.calls()[-1]
    assert rollback["workflow"] == execution["name"]
    assert json.loads(rollback["cause"])["Error"] == "GatesNotPassedError"


def test_a_refused_beginning_ends_there(shift: StandIn) -> None:
    refusals = named(Meaning.INVALID, Meaning.NOTHING_BEGUN)
    for error in refusals:
        shift.script({"begin": [error]})
        assert failed(shift.run()) == ("Refused", error)
    assert shift.called() == ["begin"] * len(refusals)


@pytest.mark.parametrize("answer", ["AwsCallError", "NoSuchErrorYet", {"workflow": "and nothing else"}])
def test_a_beginning_of_unknown_outcome_is_rolled_back(hurried: StandIn, answer: Any) -> None:
    hurried.script({"begin": [answer], "rollback": ["LockLostError"]})
    error, _ = failed(hurried.run())

    assert error == "Refused"
    assert set(hurried.called()) == {"begin", "rollback"}
    assert hurried.called().count("begin") == (2 if answer == "AwsCallError" else 1)


def test_an_approval_is_looked_at_until_it_has_come(shift: StandIn) -> None:
    shift.script({"verify:1": [WAIT, WAIT, WAIT | {"next": "shift"}, NEXT]})
    execution = shift.run({**PLAN, "approve_at": [25]})

    assert execution["status"] == "SUCCEEDED"
    waited = ["ask:1", "verify:1", "verify:1", "verify:1"]
    assert shift.called() == [*ALL_WELL[:3], *waited, *ALL_WELL[3:]]


def test_an_approval_before_the_first_step(shift: StandIn) -> None:
    assert shift.run({**PLAN, "approve_at": [5]})["status"] == "SUCCEEDED"
    assert shift.called() == ["begin", "ask:0", "verify:0", *ALL_WELL[1:]]


@pytest.mark.parametrize(
    "error", ["ApprovalExpiredError", "GatesNotPassedError", "AbortedError", "DeadlineError"]
)
def test_what_happens_while_it_waits_for_an_approval_rolls_back(shift: StandIn, error: str) -> None:
    shift.script({"verify:1": [WAIT, error]})
    execution = shift.run({**PLAN, "approve_at": [25]})

    assert failed(execution) == ("RolledBack", error)
    assert shift.called() == ["begin", "shift:0", "verify:0", "ask:1", "verify:1", "verify:1", "rollback"]


def test_a_question_that_could_not_be_asked_is_asked_again(shift: StandIn) -> None:
    shift.script({"ask": ["AwsCallError", {"wait_seconds": 0}]})
    assert shift.run({**PLAN, "approve_at": [5]})["status"] == "SUCCEEDED"
    assert shift.called().count("ask:0") == 2


def held(shift: StandIn, seconds: int = 0) -> dict[str, Any]:
    """An execution as the function starts it for a share that it has set, from its start to its end."""
    given = {"hold": True, "step": 0, "last": 0, "look": {"wait_seconds": seconds}}
    return shift.run(given)


def test_a_held_share_is_looked_at_until_it_ends_and_is_rolled_back(shift: StandIn) -> None:
    over = WAIT | {"next": "roll_back", "cause": "the time limit is over"}
    shift.script({"verify": [WAIT, WAIT, over]})
    execution = held(shift)

    assert (execution["status"], json.loads(execution["output"])) == ("SUCCEEDED", over)
    assert shift.called() == ["verify:0", "verify:0", "verify:0", "rollback"]
    assert shift.calls()[-1]["cause"] == "the time limit is over"
    assert {call["workflow"] for call in shift.calls()} == {execution["name"]}


def test_a_held_share_that_an_operator_moved_on_is_left_alone(shift: StandIn) -> None:
    shift.script({"verify": [WAIT | {"next": "ended"}]})

    assert held(shift)["status"] == "SUCCEEDED"
    assert shift.called() == ["verify:0"]


def test_a_held_share_that_an_operator_moves_on_at_its_limit_is_left_alone(shift: StandIn) -> None:
    shift.script({"verify": [WAIT | {"next": "roll_back"}], "rollback": ["LockLostError"]})

    assert held(shift)["status"] == "SUCCEEDED"
    assert shift.called() == ["verify:0", "rollback"]


def test_a_held_share_whose_gate_fails_is_a_failure(shift: StandIn) -> None:
    """It is what the alarm `shift-failed` is about, other than the ends that were planned."""
    shift.script({"verify": ["GatesNotPassedError"]})

    assert failed(held(shift)) == ("RolledBack", "GatesNotPassedError")
    assert shift.called() == ["verify:0", "rollback"]


@pytest.mark.parametrize("where", ["shift:1", "verify:0", "finalize"])
def test_whoever_took_over_is_left_alone(shift: StandIn, where: str) -> None:
    shift.script({where: ["LockLostError"]})

    assert failed(shift.run()) == ("Superseded", "LockLostError")
    assert "rollback" not in shift.called()


def test_a_rollback_that_somebody_else_did_first_is_superseded(shift: StandIn) -> None:
    shift.script({"shift:0": ["GatesNotPassedError"], "rollback": ["LockLostError"]})

    assert failed(shift.run()) == ("Superseded", "LockLostError")
    assert shift.called().count("rollback") == 1


def test_what_did_not_finish_is_tried_again(shift: StandIn) -> None:
    shift.script(
        {
            "begin": ["AwsCallError", shift_of_one_step()],
            "shift": ["LockedError", {"wait_seconds": 0}],
            "verify": ["OutOfTimeError", WAIT | {"next": "finalize"}],
        }
    )
    assert shift.run({"target": "green", "steps": [100]})["status"] == "SUCCEEDED"
    assert shift.called() == ["begin", "begin", "shift:0", "shift:0", "verify:0", "verify:0", "finalize"]


def shift_of_one_step() -> dict[str, Any]:
    return {
        "workflow": "w",
        "target": "green",
        "reason": None,
        "by": None,
        "percents": [100],
        "approvals": [False],
        "step": 0,
        "last": 0,
    }


def test_a_rollback_that_fails_is_tried_until_it_succeeds(shift: StandIn) -> None:
    shift.script(
        {
            "shift:0": ["GatesNotPassedError"],
            "rollback": ["GatesNotPassedError", "AwsCallError", {"weights": {"blue": 100, "green": 0}}],
        }
    )
    assert failed(shift.run()) == ("RolledBack", "GatesNotPassedError")
    assert shift.called().count("rollback") == 3


def test_a_rollback_that_fails_for_ever_says_so(hurried: StandIn) -> None:
    hurried.script({"shift:0": ["GatesNotPassedError"], "rollback": ["AwsCallError"]})

    assert failed(hurried.run()) == ("RollbackFailed", "AwsCallError")


@pytest.fixture
def netted(hurried: StandIn) -> StandIn:
    """The function is told of executions that ended other than by their states."""
    events, name = hurried.aws.client("events"), f"net-{hurried.function}"[:64]
    events.put_rule(Name=name, EventPattern=json.dumps(interruptions(hurried.machine)))
    arn = hurried.aws.client("lambda").get_function(FunctionName=hurried.function)["Configuration"][
        "FunctionArn"
    ]
    let_in(hurried.aws, arn, "events.amazonaws.com")
    transformer = {"InputPathsMap": INPUT_PATHS, "InputTemplate": INPUT_TEMPLATE}
    events.put_targets(Rule=name, Targets=[{"Id": "switch", "Arn": arn, "InputTransformer": transformer}])
    return hurried


def rolled_back_from_outside(shift: StandIn) -> list[dict[str, Any]]:
    """Wait for the call that the event rule makes: its cause is no error of the states."""

    def found() -> list[dict[str, Any]]:
        return [call for call in shift.calls() if call["action"] == "rollback"]

    return eventually(found, "rollback")


def test_a_stopped_execution_is_rolled_back_from_outside(netted: StandIn) -> None:
    netted.script({"shift:0": [{"wait_seconds": 600}]})
    execution = netted.start(name="shift-20261125T180000-0a1b")
    has_entered(netted.aws, execution, "Wait")
    netted.aws.client("stepfunctions").stop_execution(executionArn=execution)

    assert rolled_back_from_outside(netted) == [
        {"action": "rollback", "workflow": "shift-20261125T180000-0a1b", "cause": "ABORTED"}
    ]
    assert describe(netted.aws, execution)["status"] == "ABORTED"


def test_a_failure_that_no_state_can_catch_is_rolled_back_from_outside(netted: StandIn) -> None:
    netted.script({"shift:0": [{"wait_seconds": "soon"}]})
    execution = netted.run()

    assert execution["error"] == "States.Runtime"
    assert rolled_back_from_outside(netted) == [
        {"action": "rollback", "workflow": execution["name"], "cause": "FAILED"}
    ]


def test_the_function_is_asked_after_every_shift_that_failed(netted: StandIn) -> None:
    """It finds nothing to roll back where the states have ended the shift (test_switch_ends.py)."""
    for script, ending in (
        ({"begin": ["LockedError"]}, "Refused"),
        ({"shift:0": ["LockLostError"]}, "Superseded"),
        ({"shift:0": ["ValidationError"]}, "RolledBack"),
        ({"shift:0": ["ValidationError"], "rollback": ["AwsCallError"]}, "RollbackFailed"),
    ):
        netted.script(script)
        execution = netted.run()
        assert execution["error"] == ending

        def asked(name: str = execution["name"]) -> list[dict[str, Any]]:
            request = {"action": "rollback", "workflow": name, "cause": "FAILED"}
            return [call for call in netted.calls() if call == request]

        eventually(asked, f"the rule's call after {ending}")

"""Executions of state machines: what they make of functions' errors, how they are started, how they end."""

import json
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import embedded_aws
import pytest
from botocore.exceptions import ClientError
from embedded_aws import LocalAws

from packages.embedded_aws.tests.conftest import Deploy
from packages.embedded_aws.tests.invoking import HOLDS_THE_LINE, is_cut, listening, pick_up, port_of
from packages.embedded_aws.tests.machines import (
    create_machine,
    describe,
    ended,
    has_entered,
    history,
    run,
    start,
    task,
)

FAILS_TWICE = """
class AwsCallError(Exception):
    pass

calls = []

def handler(event, context):
    calls.append(event)
    if len(calls) < 3:
        raise AwsCallError('{"what": "throttled"}')
    return {"calls": len(calls)}
"""
FAILS = """
class LockedError(Exception):
    pass

def handler(event, context):
    raise LockedError('{"what": "shift-1 holds the lock"}')
"""
ENDS = "import os\ndef handler(event, context): os._exit(1)"
SLEEPS = "import time\ndef handler(event, context): time.sleep(60)"
ECHOES = "def handler(event, context): return event"
WAITS = {"Wait": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "Done"}, "Done": {"Type": "Succeed"}}
CAUGHT = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "Caught"}


def caught(aws: LocalAws, state: dict[str, Any]) -> dict[str, Any]:
    """Error and cause with which a task fails."""
    machine = create_machine(
        aws, {"Try": {**state, "Catch": [CAUGHT], "End": True}, "Caught": {"Type": "Succeed"}}
    )
    failure: dict[str, Any] = json.loads(run(aws, machine)["output"])["failure"]
    return failure


def test_an_error_of_a_function_has_the_name_of_its_type(aws: LocalAws, deploy: Deploy) -> None:
    failure = caught(aws, task(deploy(FAILS)))

    assert failure["Error"] == "LockedError"
    cause = json.loads(failure["Cause"])
    assert cause["errorType"] == "LockedError"
    assert json.loads(cause["errorMessage"]) == {"what": "shift-1 holds the lock"}


@pytest.mark.parametrize(
    ("source", "settings", "error"),
    [(ENDS, {}, "Runtime.ExitError"), (SLEEPS, {"Timeout": 1}, "Sandbox.Timedout")],
)
def test_a_function_that_dies_or_takes_too_long_says_so(
    aws: LocalAws, deploy: Deploy, source: str, settings: dict[str, Any], error: str
) -> None:
    assert caught(aws, task(deploy(source, **settings)))["Error"] == error


def test_a_function_that_may_not_run_is_throttled(aws: LocalAws, deploy: Deploy) -> None:
    name = deploy(ECHOES)
    aws.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)

    assert caught(aws, task(name))["Error"] == "Lambda.TooManyRequestsException"


def test_a_task_that_takes_too_long_times_out(aws: LocalAws, deploy: Deploy) -> None:
    assert caught(aws, task(deploy(SLEEPS), TimeoutSeconds=1))["Error"] == "States.Timeout"


def retry(errors: list[str], attempts: int) -> dict[str, Any]:
    return {
        "ErrorEquals": errors,
        "IntervalSeconds": 1,
        "BackoffRate": 2,
        "MaxAttempts": attempts,
        "MaxDelaySeconds": 2,
        "JitterStrategy": "FULL",
    }


def test_a_listed_error_is_tried_again(aws: LocalAws, deploy: Deploy) -> None:
    tried = task(deploy(FAILS_TWICE), Retry=[retry(["LockedError"], 5), retry(["AwsCallError"], 2)], End=True)
    output = json.loads(run(aws, create_machine(aws, {"Try": tried}))["output"])

    assert output["Payload"] == {"calls": 3}


def test_an_error_is_tried_again_as_often_as_allowed_and_others_never(aws: LocalAws, deploy: Deploy) -> None:
    for tries, name in (([retry(["AwsCallError"], 1)], FAILS_TWICE), ([retry(["AwsCallError"], 5)], FAILS)):
        execution = run(aws, create_machine(aws, {"Try": task(deploy(name), Retry=tries, End=True)}))
        failed = [e for e in history(aws, execution["executionArn"]) if e["type"] == "TaskFailed"]

        assert execution["status"] == "FAILED"
        assert len(failed) == (2 if name == FAILS_TWICE else 1)


def test_each_visit_of_a_state_has_its_own_tries(aws: LocalAws, deploy: Deploy) -> None:
    source = """
class AwsCallError(Exception):
    pass

calls = []

def handler(event, context):
    calls.append(event)
    if len(calls) % 2:
        raise AwsCallError("every other call")
    return len(calls)
"""
    visit = task(
        deploy(source),
        Retry=[retry(["AwsCallError"], 1)],
        ResultSelector={"calls.$": "$.Payload"},
        Next="Again",
    )
    again = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.calls", "NumericLessThan": 6, "Next": "Try"}],
        "Default": "Done",
    }
    machine = create_machine(aws, {"Try": visit, "Again": again, "Done": {"Type": "Succeed"}})

    assert json.loads(run(aws, machine)["output"]) == {"calls": 6}


def test_the_functions_of_the_language_that_the_workflow_uses(aws: LocalAws) -> None:
    pick = {
        "Type": "Pass",
        "Parameters": {
            "percent.$": "States.ArrayGetItem($.percents, $.step)",
            "step.$": "States.MathAdd($.step, 1)",
            "text.$": "States.JsonToString($.nested)",
            "name.$": "$$.Execution.Name",
            "input.$": "$$.Execution.Input",
        },
        "ResultPath": "$.now",
        "Next": "Compare",
    }
    compare = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.step", "NumericLessThanPath": "$.last", "Next": "Fail"}],
        "Default": "Done",
    }
    fail = {"Type": "Fail", "Error": "Failed", "CausePath": "States.JsonToString($.now)"}
    machine = create_machine(
        aws,
        {"Pick": pick, "Compare": compare, "Fail": fail, "Done": {"Type": "Succeed", "OutputPath": "$.now"}},
    )
    given = {"percents": [5, 25, 100], "step": 1, "last": 2, "nested": {"a": [1, None]}}
    failed = ended(aws, start(aws, machine, given, name="shift-20261125T180000-0a1b"))

    found = json.loads(failed["cause"])
    assert failed["error"] == "Failed"
    assert (found["percent"], found["step"], found["name"]) == (25, 2, "shift-20261125T180000-0a1b")
    assert json.loads(found["text"]) == {"a": [1, None]}
    assert found["input"] == given
    assert json.loads(run(aws, machine, given | {"last": 1})["output"])["percent"] == 25


def test_many_executions_at_once(aws: LocalAws, deploy: Deploy) -> None:
    machine = create_machine(aws, {"Echo": task(deploy(ECHOES), {"number.$": "$.number"}, End=True)})
    executions = [start(aws, machine, {"number": number}) for number in range(12)]

    outputs = [json.loads(ended(aws, execution)["output"])["Payload"] for execution in executions]
    assert outputs == [{"number": number} for number in range(12)]


def refusal(action: Any, **arguments: Any) -> str:
    """The code with which a call is refused."""
    with pytest.raises(ClientError) as refused:
        action(**arguments)
    code: str = refused.value.response["Error"]["Code"]
    return code


def test_a_name_is_for_one_execution(aws: LocalAws) -> None:
    states, machine = aws.client("stepfunctions"), create_machine(aws, WAITS)
    arguments = {"stateMachineArn": machine, "name": "shift-1", "input": '{"seconds": 600}'}
    first = states.start_execution(**arguments)["executionArn"]

    assert states.start_execution(**arguments)["executionArn"] == first
    other = arguments | {"input": '{"seconds": 601}'}
    assert refusal(states.start_execution, **other) == "ExecutionAlreadyExists"
    states.stop_execution(executionArn=first)
    assert refusal(states.start_execution, **arguments) == "ExecutionAlreadyExists"
    for bad in ("with space", "a:b"):
        assert refusal(states.start_execution, **arguments | {"name": bad}) == "InvalidName"
    assert refusal(states.start_execution, **arguments | {"name": "a" * 81}) == "ValidationException"


def test_of_many_starts_with_one_name_one_wins(aws: LocalAws) -> None:
    machine, line = create_machine(aws, WAITS), threading.Barrier(8)

    def attempt(number: int) -> bool:
        states = aws.client("stepfunctions")
        given = json.dumps({"seconds": 600 + number})
        line.wait()
        try:
            states.start_execution(stateMachineArn=machine, name="shift-1", input=given)
        except states.exceptions.ExecutionAlreadyExists:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(attempt, range(8)))
    assert sum(won) == 1


def test_an_execution_without_a_name_gets_one(aws: LocalAws) -> None:
    described = describe(aws, start(aws, create_machine(aws, WAITS), {"seconds": 600}))

    assert described["executionArn"].endswith(f":{described['name']}")
    assert uuid.UUID(described["name"])


def test_a_stopped_execution_is_aborted_at_once_and_stays_so(aws: LocalAws) -> None:
    execution = start(aws, create_machine(aws, WAITS), {"seconds": 600})
    has_entered(aws, execution, "Wait")
    aws.client("stepfunctions").stop_execution(executionArn=execution, error="Stop", cause="by hand")

    described = describe(aws, execution)
    assert (described["status"], described["error"], described["cause"]) == ("ABORTED", "Stop", "by hand")
    assert described["stopDate"] >= described["startDate"]
    assert "output" not in described
    assert history(aws, execution)[-1]["type"] == "ExecutionAborted"
    aws.client("stepfunctions").stop_execution(executionArn=execution, error="Again")
    assert describe(aws, execution) == described


def test_an_execution_can_be_stopped_before_it_has_begun_to_run(aws: LocalAws) -> None:
    machine, states = create_machine(aws, WAITS), aws.client("stepfunctions")
    for _ in range(5):
        execution = start(aws, machine, {"seconds": 600})
        states.stop_execution(executionArn=execution)
        assert describe(aws, execution)["status"] == "ABORTED"


def test_what_takes_longer_than_the_machine_allows_times_out(aws: LocalAws) -> None:
    described = run(aws, create_machine(aws, WAITS, TimeoutSeconds=1), {"seconds": 600})

    assert described["status"] == "TIMED_OUT"
    assert described["stopDate"] >= described["startDate"]


def test_stopping_does_not_wait_for_the_function_that_runs(aws: LocalAws, deploy: Deploy) -> None:
    with listening() as listener:
        held = task(deploy(HOLDS_THE_LINE), {"port": port_of(listener)}, Next="Then")
        machine = create_machine(aws, {"Hold": held, "Then": {"Type": "Pass", "End": True}})
        execution = start(aws, machine)
        with pick_up(listener) as line:
            aws.client("stepfunctions").stop_execution(executionArn=execution)
            stopped = describe(aws, execution)
            line.sendall(b"done")
            assert is_cut(line)  # its function has ended, and so will its state

    assert stopped["status"] == "ABORTED"
    assert describe(aws, execution)["stopDate"] == stopped["stopDate"]
    assert history(aws, execution)[-1]["type"] == "ExecutionAborted"


@pytest.mark.integration
def test_no_execution_keeps_the_server_alive(tmp_path: Any) -> None:
    with embedded_aws.running(tmp_path / "aws") as aws:
        waits = create_machine(aws, {"Wait": {"Type": "Wait", "Seconds": 600, "End": True}})
        executions = [start(aws, waits) for _ in range(3)]
        assert {describe(aws, execution)["status"] for execution in executions} == {"RUNNING"}
    assert embedded_aws.find(tmp_path / "aws") is None

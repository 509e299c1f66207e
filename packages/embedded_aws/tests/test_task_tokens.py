"""Tasks that wait for somebody: their tokens, their timeouts, and what ends them early."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import embedded_aws
import pytest
from botocore.exceptions import ClientError
from embedded_aws import LocalAws
from moto.core.config import default_user_config

from packages.embedded_aws.tests.conftest import Deploy
from packages.embedded_aws.tests.invoking import HOLDS_THE_LINE, is_cut, listening, pick_up, port_of
from packages.embedded_aws.tests.machines import (
    create_machine,
    describe,
    ended,
    eventually,
    has_submitted,
    history,
    start,
    task,
)

ASKED = "def handler(event, context): return 'asked'"
FAILS = "def handler(event, context): raise ValueError(event['token'])"
TOKEN = {"token.$": "$$.Task.Token"}
CAUGHT = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.failure", "Next": "Caught"}


@pytest.fixture
def asks(aws: LocalAws, deploy: Deploy) -> str:
    """A state machine that asks, and waits `seconds` of its input for an answer."""
    ask = task(deploy(ASKED), TOKEN, wait=True, TimeoutSecondsPath="$.seconds", ResultPath="$.answer")
    return create_machine(
        aws, {"Ask": {**ask, "Catch": [CAUGHT], "End": True}, "Caught": {"Type": "Succeed"}}
    )


@contextmanager
def stock_that_runs_executions(stock: LocalAws) -> Iterator[None]:
    """Stock moto pretends to run state machines unless it is told to."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(default_user_config, "stepfunctions", {"execute_state_machine": True})
        patch.setenv("MOTO_PORT", stock.endpoint.rsplit(":", 1)[1])
        yield


def refusal(action: Any, **arguments: Any) -> str:
    """The code with which an answer is refused."""
    with pytest.raises(ClientError) as refused:
        action(**arguments)
    code: str = refused.value.response["Error"]["Code"]
    return code


def test_an_answer_is_the_tasks_result(aws: LocalAws, asks: str) -> None:
    execution = start(aws, asks, {"seconds": 600})
    token, states = has_submitted(aws, execution), aws.client("stepfunctions")
    states.send_task_success(taskToken=token, output='{"by": "me"}')

    assert json.loads(ended(aws, execution)["output"]) == {"seconds": 600, "answer": {"by": "me"}}
    assert refusal(states.send_task_success, taskToken=token, output="{}") == "TaskTimedOut"


def test_a_failure_is_the_tasks_error(aws: LocalAws, asks: str) -> None:
    execution = start(aws, asks, {"seconds": 600})
    token, states = has_submitted(aws, execution), aws.client("stepfunctions")
    states.send_task_failure(taskToken=token, error="AbortedError", cause="by me")

    failure = json.loads(ended(aws, execution)["output"])["failure"]
    assert failure == {"Error": "AbortedError", "Cause": "by me"}
    assert refusal(states.send_task_failure, taskToken=token, error="Again") == "TaskTimedOut"


def test_silence_is_a_timeout_after_the_time_of_the_input(aws: LocalAws, asks: str) -> None:
    execution = start(aws, asks, {"seconds": 1})
    token = has_submitted(aws, execution)

    assert json.loads(ended(aws, execution)["output"])["failure"]["Error"] == "States.Timeout"
    states = aws.client("stepfunctions")
    assert refusal(states.send_task_success, taskToken=token, output="{}") == "TaskTimedOut"


def test_an_unknown_token_is_refused(aws: LocalAws) -> None:
    states = aws.client("stepfunctions")

    assert refusal(states.send_task_success, taskToken="unknown", output="{}") == "InvalidToken"
    assert refusal(states.send_task_failure, taskToken="unknown") == "InvalidToken"


def test_nobody_waits_for_the_token_of_a_task_that_failed(aws: LocalAws, deploy: Deploy) -> None:
    ask = task(deploy(FAILS), TOKEN, wait=True, TimeoutSeconds=600)
    machine = create_machine(
        aws,
        {
            "Ask": {**ask, "Catch": [CAUGHT], "End": True},
            "Caught": {"Type": "Wait", "Seconds": 600, "End": True},
        },
    )
    execution = start(aws, machine)

    def failed() -> str | None:
        causes = [
            event["taskFailedEventDetails"]["cause"]
            for event in history(aws, execution)
            if event["type"] == "TaskFailed"
        ]
        return json.loads(causes[0])["errorMessage"] if causes else None

    token = eventually(failed, "failure")
    states = aws.client("stepfunctions")
    assert refusal(states.send_task_success, taskToken=token, output="{}") == "TaskTimedOut"


def test_a_stopped_execution_waits_no_more(aws: LocalAws, asks: str) -> None:
    execution = start(aws, asks, {"seconds": 600})
    token, states = has_submitted(aws, execution), aws.client("stepfunctions")
    states.stop_execution(executionArn=execution)

    assert describe(aws, execution)["status"] == "ABORTED"
    assert refusal(states.send_task_success, taskToken=token, output="{}") == "TaskTimedOut"


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


def test_stock_moto_still_does_not_stop_what_waits_for_an_answer(stock: LocalAws) -> None:
    with stock_that_runs_executions(stock):
        queue = stock.client("sqs").create_queue(QueueName="approvals")["QueueUrl"]
        ask = {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl": queue, "MessageBody": TOKEN},
            "TimeoutSeconds": 600,
            "End": True,
        }
        execution = start(stock, create_machine(stock, {"Ask": ask}))
        eventually(lambda: [e for e in history(stock, execution) if e["type"] == "TaskSubmitted"], "task")
        stock.client("stepfunctions").stop_execution(executionArn=execution)

        assert describe(stock, execution)["status"] == "RUNNING"

"""What makes functions run, and what is heard of them: events, dead letters, rules, workflows, logs."""

import json
import uuid
from typing import Any

import embedded_aws
import pytest
from botocore.exceptions import ClientError

from packages.embedded_aws.tests.conftest import Deploy
from packages.embedded_aws.tests.invoking import HOLDS_THE_LINE, invoke, listening, pick_up, port_of
from packages.embedded_aws.tests.machines import role_of_machines
from packages.embedded_aws.tests.roles import let_in

LONG_POLL_SECONDS = 20
FAILS_AND_COUNTS = """
import boto3

def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=event["attempts"], MessageBody="tried")
    raise RuntimeError("no healthy target")
"""
SENDS_ON = """
import boto3, json, os

def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=json.dumps(event))
"""


@pytest.fixture
def queue(aws: embedded_aws.LocalAws) -> str:
    """The URL of a new queue."""
    return str(aws.client("sqs").create_queue(QueueName=f"queue-{uuid.uuid4()}")["QueueUrl"])


def arn_of(aws: embedded_aws.LocalAws, queue: str) -> str:
    """The ARN of a queue."""
    found = aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    return str(found["Attributes"]["QueueArn"])


def take(aws: embedded_aws.LocalAws, queue: str) -> dict[str, Any]:
    """Wait for a message of a queue, and remove it."""
    sqs = aws.client("sqs")
    (message,) = sqs.receive_message(
        QueueUrl=queue, WaitTimeSeconds=LONG_POLL_SECONDS, MessageAttributeNames=["All"]
    )["Messages"]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return dict(message)


def waiting(aws: embedded_aws.LocalAws, queue: str) -> int:
    """The number of messages in a queue."""
    name = "ApproximateNumberOfMessages"
    found = aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=[name])
    return int(found["Attributes"][name])


def test_an_event_runs_without_its_sender_waiting(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    with listening() as listener:
        event = b'{"port": %d}' % port_of(listener)
        answer = aws.client("lambda").invoke(
            FunctionName=deploy(HOLDS_THE_LINE), InvocationType="Event", Payload=event
        )
        assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")
        pick_up(listener).sendall(b"done")


@pytest.mark.parametrize(("settings", "attempts"), [({}, 3), ({"MaximumRetryAttempts": 0}, 1)])
def test_an_event_that_keeps_failing_is_a_dead_letter(
    aws: embedded_aws.LocalAws, deploy: Deploy, queue: str, settings: dict[str, int], attempts: int
) -> None:
    tried = str(aws.client("sqs").create_queue(QueueName=f"tried-{uuid.uuid4()}")["QueueUrl"])
    name, client = (
        deploy(FAILS_AND_COUNTS, DeadLetterConfig={"TargetArn": arn_of(aws, queue)}),
        aws.client("lambda"),
    )
    if settings:
        client.put_function_event_invoke_config(FunctionName=name, **settings)
    event = {"attempts": tried}
    client.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event))
    letter = take(aws, queue)
    assert json.loads(letter["Body"]) == event
    attributes = {key: value["StringValue"] for key, value in letter["MessageAttributes"].items()}
    assert len(attributes.pop("RequestID")) == 36
    assert attributes == {"ErrorCode": "200", "ErrorMessage": "no healthy target"}
    assert waiting(aws, tried) == attempts


def test_an_event_for_a_stopped_function_is_a_dead_letter(
    aws: embedded_aws.LocalAws, deploy: Deploy, queue: str
) -> None:
    name, client = (
        deploy("raise SystemExit", DeadLetterConfig={"TargetArn": arn_of(aws, queue)}),
        aws.client("lambda"),
    )
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    client.invoke(FunctionName=name, InvocationType="Event", Payload=b"1")
    assert take(aws, queue)["Body"] == "1"


def put_event_for(aws: embedded_aws.LocalAws, target: str, **settings: Any) -> None:
    """Make a rule with one target that lets EventBridge in, and put an event that it matches."""
    let_in(aws, target, "events.amazonaws.com")
    put_matching(aws, target, **settings)


def put_matching(aws: embedded_aws.LocalAws, target: str, **settings: Any) -> None:
    """Make a rule with one target, and put an event that it matches."""
    events, source = aws.client("events"), f"test.{uuid.uuid4()}"
    events.put_rule(Name=source, EventPattern=json.dumps({"source": [source]}))
    events.put_targets(Rule=source, Targets=[{"Id": "1", "Arn": target, **settings}])
    events.put_events(Entries=[{"Source": source, "DetailType": "shift", "Detail": '{"to": "green"}'}])


def test_a_rule_runs_a_function(aws: embedded_aws.LocalAws, deploy: Deploy, queue: str) -> None:
    name = deploy(SENDS_ON, Environment={"Variables": {"QUEUE_URL": queue}})
    arn = aws.client("lambda").get_function_configuration(FunctionName=name)["FunctionArn"]
    put_event_for(aws, arn)
    event = json.loads(take(aws, queue)["Body"])
    assert (event["detail-type"], event["detail"], event["account"]) == (
        "shift",
        {"to": "green"},
        embedded_aws.ACCOUNT_ID,
    )
    put_event_for(aws, arn, Input='{"action": "status"}')
    assert json.loads(take(aws, queue)["Body"]) == {"action": "status"}
    transformer = {
        "InputPathsMap": {"to": "$.detail.to"},
        "InputTemplate": '{"action": "shift", "target": "<to>"}',
    }
    put_event_for(aws, arn, InputTransformer=transformer)
    assert json.loads(take(aws, queue)["Body"]) == {"action": "shift", "target": "green"}


def test_a_rule_publishes_to_a_topic(aws: embedded_aws.LocalAws, queue: str) -> None:
    sns = aws.client("sns")
    topic = sns.create_topic(Name=f"topic-{uuid.uuid4()}")["TopicArn"]
    let_in(aws, arn_of(aws, queue), "sns.amazonaws.com")
    sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=arn_of(aws, queue), Attributes={"RawMessageDelivery": "true"}
    )
    put_event_for(aws, topic)
    assert json.loads(take(aws, queue)["Body"])["detail"] == {"to": "green"}


def test_stock_moto_still_lacks_targets(stock: embedded_aws.LocalAws) -> None:
    with pytest.raises(ClientError, match="500"):
        put_matching(stock, f"arn:aws:lambda:{embedded_aws.REGION}:{embedded_aws.ACCOUNT_ID}:function:any")


RETURNS_OR_RAISES = """
class Locked(Exception):
    pass

def handler(event, context):
    if not event:
        raise Locked("by you")
    return event
"""


def run_workflow(aws: embedded_aws.LocalAws, function: str, given: Any, queue: str) -> Any:
    """Let Step Functions call a function; what it returned, or its error (Error, Cause), through a queue."""
    tell = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": queue, "MessageBody.$": "$"},
        "End": True,
    }
    call = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": function, "Payload.$": "$"},
        "OutputPath": "$.Payload",
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Tell"}],
        "Next": "Tell",
    }
    client = aws.client("stepfunctions")
    machine = client.create_state_machine(
        name=f"machine-{uuid.uuid4()}",
        definition=json.dumps({"StartAt": "Call", "States": {"Call": call, "Tell": tell}}),
        roleArn=role_of_machines(aws),
    )
    client.start_execution(stateMachineArn=machine["stateMachineArn"], input=json.dumps(given))
    return json.loads(take(aws, queue)["Body"])


def test_a_workflow_gets_result_and_error(aws: embedded_aws.LocalAws, deploy: Deploy, queue: str) -> None:
    name = deploy(RETURNS_OR_RAISES)
    assert run_workflow(aws, name, {"to": "green"}, queue) == {"to": "green"}
    error = run_workflow(aws, name, {}, queue)
    assert (error["Error"], json.loads(error["Cause"])["errorMessage"]) == ("Locked", "by you")


def log_messages(aws: embedded_aws.LocalAws, group: str) -> list[str]:
    """Everything in a log group, oldest first."""
    return [event["message"] for event in aws.client("logs").filter_log_events(logGroupName=group)["events"]]


LOGS = """
import logging

def handler(event, context):
    print("printed")
    logging.getLogger("app").info("not shown")
    logging.getLogger("app").warning("shown")
    return context.log_stream_name
"""


def test_logs_are_lambdas(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    name = deploy(LOGS)
    answer = invoke(aws, name, LogType="Tail")
    found = log_messages(aws, f"/aws/lambda/{name}")
    assert found == answer.log
    start, printed, warning, end, report = found
    request = start.removeprefix("START RequestId: ").removesuffix(" Version: $LATEST")
    assert printed == "printed"
    level, _, by, text = warning.split("\t")
    assert (level, by, text) == ("[WARNING]", request, "shown")
    assert end == f"END RequestId: {request}"
    names = [field.partition(":")[0] for field in report.split("\t")]
    assert names == [
        "REPORT RequestId",
        "Duration",
        "Billed Duration",
        "Memory Size",
        "Max Memory Used",
        "Init Duration",
    ]
    (stream,) = aws.client("logs").describe_log_streams(logGroupName=f"/aws/lambda/{name}")["logStreams"]
    assert stream["logStreamName"] == answer.payload


def test_json_logs_go_to_the_group_that_is_named(aws: embedded_aws.LocalAws, deploy: Deploy) -> None:
    group = f"/payments/{uuid.uuid4()}"
    invoke(aws, deploy(LOGS, LoggingConfig={"LogFormat": "JSON", "LogGroup": group}))
    start, printed, info, warning, report = log_messages(aws, group)
    assert json.loads(start)["type"] == "platform.start"
    assert printed == "printed"
    fields = ("level", "logger", "message")
    assert [json.loads(info)[field] for field in fields] == ["INFO", "app", "not shown"]
    assert [json.loads(warning)[field] for field in fields] == ["WARNING", "app", "shown"]
    record = json.loads(report)["record"]
    assert (record["status"], record["metrics"]["memorySizeMB"]) == ("success", 128)

"""An alarm publishes to its topics when its state changes, and only then."""

import json
import uuid

from embedded_aws import LocalAws


def told(aws: LocalAws, *, enabled: bool = True) -> list[tuple[str, str]]:
    """(state, state before) of each notification of an alarm that rings twice and is over."""
    name = f"alarm-{uuid.uuid4()}"
    topic = aws.client("sns").create_topic(Name=name)["TopicArn"]
    queue = aws.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    arn = aws.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["QueueArn"])
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="Test",
        MetricName=name,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        ActionsEnabled=enabled,
        AlarmActions=[topic],
        OKActions=[topic],
    )
    for state in ("OK", "ALARM", "ALARM", "OK"):
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")
    found = []
    while batch := aws.client("sqs").receive_message(QueueUrl=queue).get("Messages"):
        for message in batch:
            body = json.loads(json.loads(message["Body"])["Message"])
            found.append((body["NewStateValue"], body["OldStateValue"]))
            aws.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return found[-2:]


def test_it_notifies_of_each_change(aws: LocalAws) -> None:
    assert told(aws) == [("ALARM", "OK"), ("OK", "ALARM")]


def test_it_is_silent_while_its_actions_are_off(aws: LocalAws) -> None:
    assert told(aws, enabled=False) == []


def test_stock_moto_still_notifies_no_one(stock: LocalAws) -> None:
    assert told(stock) == []

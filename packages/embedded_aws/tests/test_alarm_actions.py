"""An alarm publishes to its topics when its state changes, and only then."""

import json
import uuid
from typing import Any

from embedded_aws import LocalAws

from packages.embedded_aws.tests.machines import eventually
from packages.embedded_aws.tests.roles import let_in

CHANGES = ("OK", "ALARM", "ALARM", "OK")


class Notified:
    """A queue behind a topic, and alarms that publish to it."""

    def __init__(self, aws: LocalAws) -> None:
        name = f"alarm-{uuid.uuid4()}"
        self._sqs, self._cloudwatch = aws.client("sqs"), aws.client("cloudwatch")
        self._topic = aws.client("sns").create_topic(Name=name)["TopicArn"]
        self._queue = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        queue = self._topic.replace(":sns:", ":sqs:")
        let_in(aws, self._topic, "cloudwatch.amazonaws.com")
        let_in(aws, queue, "sns.amazonaws.com")
        aws.client("sns").subscribe(TopicArn=self._topic, Protocol="sqs", Endpoint=queue)

    def alarm(self, name: str, *states: str, enabled: bool = True) -> None:
        """Put an alarm, and set its states one after another."""
        self._cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace="Test",
            MetricName=name,
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
            ActionsEnabled=enabled,
            AlarmActions=[self._topic],
            OKActions=[self._topic],
        )
        for state in states:
            self._cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")

    def messages(self) -> list[dict[str, Any]]:
        """All that have come since the last call."""
        found = []
        while batch := self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in batch:
                found.append(json.loads(json.loads(message["Body"])["Message"]))
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return found


def told(aws: LocalAws, *, enabled: bool = True) -> list[tuple[str, str]]:
    """(state, state before) of each notification of an alarm that rings twice and is over.

    Notifications keep their order: all have come when that of a later alarm has.
    """
    notified, name, last = Notified(aws), f"alarm-{uuid.uuid4()}", f"last-{uuid.uuid4()}"
    notified.alarm(name, *CHANGES, enabled=enabled)
    notified.alarm(last, "ALARM")
    found: list[dict[str, Any]] = []

    def all_have_come() -> bool:
        found.extend(notified.messages())
        return any(message["AlarmName"] == last for message in found)

    eventually(all_have_come, "notification of the last alarm")
    own = [message for message in found if message["AlarmName"] == name]
    return [(message["NewStateValue"], message["OldStateValue"]) for message in own][-2:]


def test_it_notifies_of_each_change(aws: LocalAws) -> None:
    assert told(aws) == [("ALARM", "OK"), ("OK", "ALARM")]


def test_it_is_silent_while_its_actions_are_off(aws: LocalAws) -> None:
    assert told(aws, enabled=False) == []


def test_stock_moto_still_notifies_no_one(stock: LocalAws) -> None:
    notified = Notified(stock)
    notified.alarm(f"alarm-{uuid.uuid4()}", *CHANGES)
    assert notified.messages() == []

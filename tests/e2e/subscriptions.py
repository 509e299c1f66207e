"""Listens to the platform's topic."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from embedded_aws import LocalAws

from packages.embedded_aws.tests.roles import let_in

AT_MOST = 10  # SQS gives no more at once


@dataclass(frozen=True)
class Subscription:
    """A queue that gets what the topic is told."""

    sqs: Any
    url: str
    kept: list[dict[str, Any]] = field(default_factory=list)

    def messages(self) -> list[dict[str, Any]]:
        """All that came since the last call, in order, but for notifications of alarms."""
        return self._come(lambda message: "AlarmName" not in message)

    def alarms(self) -> list[dict[str, Any]]:
        """CloudWatch's notifications since the last call; other messages stay."""
        return self._come(lambda message: "AlarmName" in message)

    def _come(self, wanted: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        while batch := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=AT_MOST).get(
            "Messages"
        ):
            self.kept.extend(json.loads(json.loads(message["Body"])["Message"]) for message in batch)
            for message in batch:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        found = [message for message in self.kept if wanted(message)]
        self.kept[:] = [message for message in self.kept if not wanted(message)]
        return found


@contextmanager
def subscribed(aws: LocalAws) -> Iterator[Subscription]:
    """For the time of the block."""
    sqs, sns = aws.client("sqs"), aws.client("sns")
    url = sqs.create_queue(QueueName="on-call")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    (topic,) = [
        t["TopicArn"] for t in sns.list_topics()["Topics"] if t["TopicArn"].endswith("-notifications")
    ]
    let_in(aws, arn, "sns.amazonaws.com")
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)
    try:
        yield Subscription(sqs, url)
    finally:
        sns.unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])
        sqs.delete_queue(QueueUrl=url)

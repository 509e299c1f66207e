"""Who is notified: each topic has a subscriber, and every subscription is confirmed.

https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
"""

import re
from collections.abc import Iterator

from stack_gate.stack import strings

from bluegreen.operate.doctor.findings import Answer, Check, failed, not_needed, passed
from bluegreen.operate.doctor.subject import Subject

TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w.-]+")
PENDING = "PendingConfirmation"


def subscribers(subject: Subject) -> Iterator[Answer]:
    """Of the stack's topics, and of those that `[monitoring] action_arns` names."""
    if subject.backend is None:
        yield not_needed("a deployment on the embedded AWS notifies no on-call team")
        return
    for topic in subject.stack.resources("aws_sns_topic"):
        if subject.exists(topic):
            yield _topic(subject, subject.attributes(topic)["arn"])
        else:
            yield not_needed("the apply makes the topic; subscribe then", about=topic.called)
    for arn in sorted(_named(subject)):
        yield _topic(subject, arn)


def _named(subject: Subject) -> set[str]:
    alarms = subject.stack.resources("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")
    return {arn for alarm in alarms for arn in strings(alarm.get("alarm_actions")) if TOPIC.fullmatch(arn)}


def _topic(subject: Subject, arn: str) -> Answer:
    name = arn.rpartition(":")[2]
    sns = subject.client("sns")
    try:
        found = subject.pages("sns", "list_subscriptions_by_topic", "Subscriptions", TopicArn=arn)
    except sns.exceptions.NotFoundException:
        return failed("there is no such topic", "correct [monitoring] action_arns", about=name)
    pending = [one["Endpoint"] for one in found if one["SubscriptionArn"] == PENDING]
    if pending:
        fix = "confirm from the message that SNS has sent there"
        return failed(f"{len(pending)} of {len(found)} not confirmed", fix, about=name)
    if not found:
        subscribe = "--protocol email --notification-endpoint ADDRESS"
        fix = f"aws sns subscribe --region {subject.region} --topic-arn {arn} {subscribe}"
        return failed("no subscribers", fix, about=name)
    return passed(f"{len(found)} confirmed", about=name)


CHECKS = (Check("subscribers", "one or more, all confirmed", ("sns:ListSubscriptionsByTopic",), subscribers),)

"""Every service that acts in its own name is allowed to, with the keys that AWS documents that it sends."""

import json
from collections.abc import Iterator

import pytest

from tests.iam.service_calls import ALARMS, EVENTS, Call, calls
from tests.stack_reader import Stack

FOREIGN = "444455556666"
# They say nothing of the account that they act for: no condition can tell another one's use of them.
UNNAMED = {
    (EVENTS, "sns:Publish"),
    ("backup.amazonaws.com", "sts:AssumeRole"),
    ("logdelivery.elasticloadbalancing.amazonaws.com", "s3:PutObject"),
}


def test_no_call_of_a_service_is_refused(stack: Stack) -> None:
    refused = [
        f"{call.service} {call.action} on {call.on}: {decision.explain()}"
        for call in calls(stack)
        if not (decision := call.decide(stack)).allowed
    ]
    assert refused == []


def test_every_event_rule_and_alarm_has_its_way(stack: Stack) -> None:
    """A target that nobody asked about would be mute unnoticed."""
    asked = [call for call in calls(stack) if call.action in ("sns:Publish", "lambda:InvokeFunction")]
    of_rules = sum(call.service == EVENTS for call in asked)
    assert of_rules == len(stack.all("aws_cloudwatch_event_target")) >= 15
    alarms = len(stack.all("aws_cloudwatch_metric_alarm")) + len(stack.all("aws_cloudwatch_composite_alarm"))
    assert sum(call.service == ALARMS for call in asked) >= alarms > 0


def test_every_service_principal_of_every_policy_is_asked_about(stack: Stack) -> None:
    asked = {(call.policy.type, call.service) for call in calls(stack)}
    assert set(_principals(stack)) == asked


def _principals(stack: Stack) -> Iterator[tuple[str, str]]:
    for permission in stack.all("aws_lambda_permission"):
        if permission["principal"].endswith(".amazonaws.com"):
            yield permission.type, permission["principal"]
    for type_ in stack.document["resource"]:
        for resource in stack.all(type_):
            texts = [v for v in resource.block.values() if isinstance(v, str) and '"Statement"' in v]
            for statement in (s for text in texts for s in json.loads(text)["Statement"]):
                services = statement.get("Principal", {}).get("Service", [])
                for service in [services] if isinstance(services, str) else services:
                    yield type_, service


def test_no_service_acts_for_another_account(stack: Stack) -> None:
    allowed = [
        f"{call.service} {call.action} on {call.on}"
        for call in calls(stack)
        if (call.service, call.action) not in UNNAMED and call.decide(stack, **_of_another(call)).allowed
    ]
    assert allowed == []


def _of_another(call: Call) -> dict[str, str]:
    own = "123456789012"
    return {key: value.replace(own, FOREIGN) for key, value in call.context.items() if isinstance(value, str)}


@pytest.mark.parametrize("service", [EVENTS, ALARMS])
def test_the_key_serves_no_topic_of_another_deployment(stack: Stack, service: str) -> None:
    topic = "kms:EncryptionContext:aws:sns:topicArn"
    uses = [call for call in calls(stack) if call.service == service and topic in call.context]
    assert uses
    assert not any(
        call.decide(stack, **{topic: "arn:aws:sns:us-east-1:123456789012:other"}).allowed for call in uses
    )

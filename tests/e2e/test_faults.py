"""What a real account refuses is refused here: faults of policies, put into the applied platform."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import embedded_aws
import pytest
from botocore.exceptions import ClientError

from bluegreen.cli.exit_codes import ExitCode
from tests.e2e.platform import Platform
from tests.e2e.subscriptions import subscribed

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: applied")]

Document = dict[str, Any]


def without(document: Document, *actions: str) -> Document:
    """The policy, in which no statement names these actions."""
    kept = [
        {**statement, "Action": [one for one in _list(statement["Action"]) if one not in actions]}
        for statement in document["Statement"]
    ]
    return {**document, "Statement": [statement for statement in kept if statement["Action"]]}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@contextmanager
def key_policy(platform: Platform, document: Document) -> Iterator[str]:
    """The key of the platform with another policy; its ARN."""
    kms = platform.aws.client("kms")
    key = kms.describe_key(KeyId="alias/payments-local")["KeyMetadata"]["Arn"]
    before = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(document))
    try:
        yield key
    finally:
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=before)


def policy_of_the_key(platform: Platform) -> Document:
    """As it was applied."""
    kms = platform.aws.client("kms")
    key = kms.describe_key(KeyId="alias/payments-local")["KeyMetadata"]["KeyId"]
    found: Document = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    return found


def test_a_key_policy_without_aliases_ends_an_apply_at_the_alias(platform: Platform) -> None:
    document = without(policy_of_the_key(platform), "kms:CreateAlias", "kms:UpdateAlias")
    creates = embedded_aws.as_deploying_role(platform.aws).client("kms")
    with (
        key_policy(platform, document) as key,
        pytest.raises(ClientError, match=r"not authorized to perform: kms:CreateAlias on resource: .*key/"),
    ):
        creates.create_alias(AliasName="alias/payments-local-again", TargetKeyId=key)
    creates.create_alias(AliasName="alias/payments-local-again", TargetKeyId=key)
    creates.delete_alias(AliasName="alias/payments-local-again")


def test_a_switch_that_may_read_only_its_own_alarms_is_denied(on_blue: Platform) -> None:
    """CloudWatch API reference, DescribeAlarms: composite alarms need a permission for every resource."""
    iam, role, name = on_blue.aws.client("iam"), "payments-local-switch", _policy_with_alarms(on_blue)
    before = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    narrow = json.loads(json.dumps(before))
    for statement in narrow["Statement"]:
        if "cloudwatch:DescribeAlarms" in _list(statement["Action"]):
            statement["Resource"] = ["arn:aws:cloudwatch:us-east-1:123456789012:alarm:payments-local-*"]
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(narrow))
    try:
        refused = on_blue.bluegreen("switch", "--to", "green")
        listed = on_blue.json("local", "denials")["denials"]
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(before))
    assert refused.returncode not in (ExitCode.OK, ExitCode.UNMOVED)
    assert "DescribeAlarms" in refused.stderr
    assert on_blue.weights() == {"blue": 100, "green": 0}
    last = [one for one in listed if one["action"] == "cloudwatch:DescribeAlarms"][-1]
    assert last["caller"].endswith("assumed-role/payments-local-switch/payments-local-switch")
    assert "alarm:payments-local-*" in last["reason"]


def _policy_with_alarms(platform: Platform) -> str:
    iam, role = platform.aws.client("iam"), "payments-local-switch"
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        if "cloudwatch:DescribeAlarms" in json.dumps(document):
            return str(name)
    raise AssertionError("no policy of the switch reads alarms")


def test_a_topic_that_asks_events_for_their_account_hears_none(platform: Platform) -> None:
    """EventBridge user guide, "Using resource-based policies"."""
    aws = platform.aws
    sns, entry = aws.client("sns"), {"Source": "aws.health", "DetailType": "AWS Health Event"}
    (topic,) = [
        t["TopicArn"] for t in sns.list_topics()["Topics"] if t["TopicArn"].endswith("-notifications")
    ]
    before = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"]
    narrow = json.loads(before)
    for statement in narrow["Statement"]:
        if "events.amazonaws.com" in json.dumps(statement.get("Principal")):
            statement["Condition"] = {"StringEquals": {"aws:SourceAccount": embedded_aws.ACCOUNT_ID}}

    def heard() -> list[str]:
        with subscribed(aws) as subscription:
            aws.client("events").put_events(Entries=[{**entry, "Detail": '{"eventTypeCategory": "issue"}'}])
            return [event["source"] for event in subscription.messages()]

    assert heard() == ["aws.health"]
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(narrow))
    try:
        assert heard() == []
    finally:
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=before)

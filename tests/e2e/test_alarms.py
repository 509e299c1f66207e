"""R05 on the applied platform: each alarm rings its side's and nobody else's, and events reach the topic."""

import json
from typing import Any

import pytest

from bluegreen.local_aws import LocalAws
from tests.e2e.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform")]

COLOURS = ("blue", "green")


def ringing_sides(platform: Platform) -> list[str]:
    """The colours whose composite alarm rings."""
    outputs = platform.terraform.output()
    names = {outputs[f"{colour}_alarm_name"]: colour for colour in COLOURS}
    found = platform.aws.client("cloudwatch").describe_alarms(
        AlarmNames=list(names), AlarmTypes=["CompositeAlarm"]
    )["CompositeAlarms"]
    assert len(found) == len(COLOURS)
    return sorted(names[alarm["AlarmName"]] for alarm in found if alarm["StateValue"] == "ALARM")


def test_each_alarm_of_a_side_rings_that_side_and_no_other(platform: Platform) -> None:
    client = platform.aws.client("cloudwatch")
    alarms = client.get_paginator("describe_alarms").paginate().build_full_result()["MetricAlarms"]
    assert {colour for colour in COLOURS for a in alarms if f"-{colour}-" in a["AlarmName"]} == set(COLOURS)

    # Only one of each side and a shared one: that the rule has all of them is a test of the stack.
    for name, sides in (
        ("blue-database-failover", ["blue"]),
        ("green-server-errors", ["green"]),
        ("nat-ports", []),
    ):
        (alarm,) = [a["AlarmName"] for a in alarms if a["AlarmName"].endswith(f"-{name}")]
        client.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="end-to-end test")
        assert ringing_sides(platform) == sides
        client.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="end-to-end test")
    assert ringing_sides(platform) == []


def subscribed_queue(aws: LocalAws) -> tuple[str, str]:
    """A queue that gets what the topic is told: its URL and the subscription's ARN."""
    sqs, sns = aws.client("sqs"), aws.client("sns")
    url = sqs.create_queue(QueueName="on-call")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    (topic,) = [
        t["TopicArn"] for t in sns.list_topics()["Topics"] if t["TopicArn"].endswith("-notifications")
    ]
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, ReturnSubscriptionArn=True)
    return url, subscription["SubscriptionArn"]


def events(platform: Platform) -> list[tuple[str, str, dict[str, Any]]]:
    """Source, type and detail of one event a kind, with the platform's ARNs; the last concerns nobody."""
    aws, key = platform.aws, platform.terraform.output()["kms_key_id"]
    clusters = aws.client("rds").describe_db_clusters(DBClusterIdentifier="payments-local-blue")["DBClusters"]
    database = {"SourceArn": clusters[0]["DBClusterArn"]}
    secret = aws.client("secretsmanager").describe_secret(SecretId="payments-local/blue/database")["ARN"]
    rotation = {"eventSource": "secretsmanager.amazonaws.com", "eventName": "RotationFailed"}
    deletion = {"eventSource": "kms.amazonaws.com", "eventName": "ScheduleKeyDeletion"}
    return [
        ("aws.rds", "RDS DB Cluster Event", database | {"EventCategories": ["failover"]}),
        (
            "aws.secretsmanager",
            "AWS Service Event via CloudTrail",
            rotation | {"additionalEventData": {"SecretId": secret}},
        ),
        ("aws.kms", "AWS API Call via CloudTrail", deletion | {"requestParameters": {"keyId": key}}),
        ("aws.health", "AWS Health Event", {"eventTypeCategory": "issue"}),
        ("aws.rds", "RDS DB Cluster Event", database | {"EventCategories": ["backup"]}),
    ]


def test_events_reach_whoever_subscribed_to_the_topic(platform: Platform) -> None:
    aws, sent = platform.aws, events(platform)
    queue, subscription = subscribed_queue(aws)
    aws.client("events").put_events(
        Entries=[{"Source": s, "DetailType": kind, "Detail": json.dumps(detail)} for s, kind, detail in sent]
    )

    received = aws.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    told = [json.loads(json.loads(message["Body"])["Message"]) for message in received]
    assert sorted(event["source"] for event in told) == sorted(source for source, *_ in sent[:-1])

    aws.client("sns").unsubscribe(SubscriptionArn=subscription)
    aws.client("sqs").delete_queue(QueueUrl=queue)

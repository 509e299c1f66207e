"""R05 on the applied platform: each alarm rings its side's and nobody else's, and events reach the topic."""

import json
from typing import Any

import pytest

from tests.e2e.platform import Platform
from tests.e2e.subscriptions import subscribed

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: operated")]

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
        with platform.ringing(name):
            assert ringing_sides(platform) == sides
    assert ringing_sides(platform) == []


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
    with subscribed(aws) as subscription:
        aws.client("events").put_events(
            Entries=[
                {"Source": s, "DetailType": kind, "Detail": json.dumps(detail)} for s, kind, detail in sent
            ]
        )
        told = subscription.messages()
    assert sorted(event["source"] for event in told) == sorted(source for source, *_ in sent[:-1])

"""R05 on the applied platform: each alarm rings its own colour's only, and events reach the topic."""

import json
from typing import Any

import pytest

from packages.embedded_aws.tests.machines import eventually
from tests.e2e.platform import Platform
from tests.e2e.subscriptions import subscribed

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: operated")]

COLOURS = ("blue", "green")


def ringing_colours(platform: Platform) -> list[str]:
    """The colours whose composite alarm rings."""
    outputs = platform.outputs
    names = {outputs[f"{colour}_alarm_name"]: colour for colour in COLOURS}
    found = platform.aws.client("cloudwatch").describe_alarms(
        AlarmNames=list(names), AlarmTypes=["CompositeAlarm"]
    )["CompositeAlarms"]
    assert len(found) == len(COLOURS)
    return sorted(names[alarm["AlarmName"]] for alarm in found if alarm["StateValue"] == "ALARM")


def test_each_alarm_of_a_colour_rings_that_colour_and_no_other(platform: Platform) -> None:
    client = platform.aws.client("cloudwatch")
    alarms = client.get_paginator("describe_alarms").paginate().build_full_result()["MetricAlarms"]
    assert {colour for colour in COLOURS for a in alarms if f"-{colour}-" in a["AlarmName"]} == set(COLOURS)

    # Only one of each colour and a shared one: that the rule has all of them is a test of the stack.
    for name, colours in (
        ("blue-database-failover", ["blue"]),
        ("green-server-errors", ["green"]),
        ("nat-ports", []),
    ):
        with platform.ringing(name):
            assert ringing_colours(platform) == colours
    assert ringing_colours(platform) == []


def matching(pattern: Any) -> Any:
    """An event that matches an event pattern, as the deployed rule has it."""
    if isinstance(pattern, list):
        first = pattern[0]
        if not isinstance(first, dict):
            return first
        return f"{first['prefix']}x" if "prefix" in first else "another"  # else anything-but
    found = {key: matching(value) for key, value in pattern.items() if key != "$or"}
    return found | (matching(pattern["$or"][0]) if "$or" in pattern else {})


def test_every_event_rule_reaches_whoever_subscribed_to_the_topic(platform: Platform) -> None:
    """With the events that the deployed patterns ask for; the rule of interrupted shifts has no topic."""
    client = platform.aws.client("events")
    rules = client.get_paginator("list_rules").paginate().build_full_result()["Rules"]
    sent = [matching(json.loads(rule["EventPattern"])) for rule in rules if _notifies(client, rule)]
    assert len(sent) >= 18
    concerns_no_one = {**sent[0], "detail": {"other": "x"}}
    with subscribed(platform.aws) as subscription:
        for event in [*sent, concerns_no_one]:
            entry = {"Source": event["source"], "DetailType": event["detail-type"]}
            resources = event.get("resources")
            more = {"Resources": [resources]} if resources else {}
            client.put_events(Entries=[{**entry, "Detail": json.dumps(event["detail"]), **more}])
        told = [message["detail"] for message in subscription.messages() if "detail" in message]
    assert sorted(map(json.dumps, told)) == sorted(json.dumps(event["detail"]) for event in sent)


def _notifies(client: Any, rule: dict[str, Any]) -> bool:
    if "EventPattern" not in rule:
        return False
    targets = client.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    return any(target["Arn"].endswith("-notifications") for target in targets)


def test_every_alarm_reaches_whoever_subscribed_to_the_topic(platform: Platform) -> None:
    """Those of the stack: Application Auto Scaling has some of its own, which scale and notify no one."""
    client = platform.aws.client("cloudwatch")
    found = client.get_paginator("describe_alarms").paginate(
        AlarmTypes=["MetricAlarm", "CompositeAlarm"], AlarmNamePrefix="payments-local-"
    )
    alarms = [one for kind in found.build_full_result().values() for one in kind]
    names = sorted(alarm["AlarmName"] for alarm in alarms)
    metric = [alarm["AlarmName"] for alarm in alarms if "AlarmRule" not in alarm]
    with subscribed(platform.aws) as subscription:
        for state in ("ALARM", "OK"):
            for name in metric:  # composite ones follow
                client.set_alarm_state(AlarmName=name, StateValue=state, StateReason="end-to-end test")
        missing = {(state, name) for state in ("ALARM", "OK") for name in names}
        while missing:
            come = eventually(subscription.alarms, f"notification of {sorted(missing)[:3]}")
            missing -= {(one["NewStateValue"], one["AlarmName"]) for one in come}

"""R05: every alarm on the applied platform sees the data that AWS would publish, and rings for it.

The embedded AWS keeps data and answers queries, but doesn't evaluate metric alarms: what CloudWatch would do
with the answers is done here.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import embedded_aws
import pytest

from tests.e2e import published_data
from tests.e2e.platform import Platform
from tests.e2e.published_data import Publisher

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: operated")]

LARGE = 100.0
# Of an alarm on an expression: what there is in any case, and what is missing where there is trouble.
USUAL = {"allowed", "desired", "requests"}
MISSED = {"running"}


@pytest.fixture(scope="module")
def alarms(platform: Platform) -> Iterator[list[dict[str, Any]]]:
    """Every metric alarm of ours, as CloudWatch describes it: scaling makes some for itself."""
    pages = platform.aws.client("cloudwatch").get_paginator("describe_alarms")
    found = pages.paginate(AlarmNamePrefix="payments-local-").build_full_result()["MetricAlarms"]
    yield [dict(alarm) for alarm in found]
    embedded_aws.forget_metrics(platform.aws)  # or they would ring, now that there is data


def data(alarm: Mapping[str, Any], *, trouble: bool) -> dict[str, float]:
    """A value for each metric of the alarm, with which it rings or doesn't; without one: nothing happened."""
    if "MetricName" in alarm:
        step = 1 if alarm["ComparisonOperator"] == "GreaterThanThreshold" else -1
        return {"m": alarm["Threshold"] + (step if trouble else 0)}
    ids = [query["Id"] for query in published_data.queries(alarm)]
    return {id_: LARGE for id_ in ids if (id_ not in MISSED if trouble else id_ in USUAL | MISSED)}


def observed(
    publisher: Publisher, alarm: Mapping[str, Any], values: Mapping[str, float], hour: int
) -> float | None:
    """What the alarm measures in a period of its own, in which these values were published."""
    asked = published_data.queries(alarm)
    (period,) = {query["MetricStat"]["Period"] for query in asked}
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(
        seconds=period * (hour + 1)
    )
    for query in asked:
        if query["Id"] in values:
            publisher.publish(
                query["MetricStat"]["Metric"], values[query["Id"]], start + timedelta(seconds=1)
            )
    return published_data.measure(alarm, publisher.read(asked, start, period))


def test_every_alarm_rings_for_the_data_of_its_own_resources(
    platform: Platform, alarms: list[dict[str, Any]]
) -> None:
    publisher = Publisher(platform.aws)
    assert len(alarms) > 50

    wrong = {}
    for alarm in alarms:
        trouble = observed(publisher, alarm, data(alarm, trouble=True), hour=1)
        calm = observed(publisher, alarm, data(alarm, trouble=False), hour=3)
        silence = observed(publisher, alarm, {}, hour=5)
        states = (
            published_data.rings(alarm, trouble),
            published_data.rings(alarm, calm),
            published_data.rings(alarm, silence),
        )
        if (
            trouble is None
            or states[:2] != (True, False)
            or states[2] is not (alarm["TreatMissingData"] == "breaching")
        ):
            wrong[alarm["AlarmName"]] = (trouble, calm, silence, states)

    assert wrong == {}


@pytest.mark.parametrize("colour", ["blue", "green"])
def test_the_age_of_a_secret_becomes_the_metric_that_is_alarmed(
    platform: Platform, alarms: list[dict[str, Any]], colour: str
) -> None:
    """What the schedule asks, the function logs, and the metric filter reads."""
    aws, name = platform.aws, f"payments-local-{colour}-secret-age"
    (target,) = aws.client("events").list_targets_by_rule(Rule=name)["Targets"]
    answer = aws.client("lambda").invoke(FunctionName=target["Arn"], Payload=target["Input"])
    assert "FunctionError" not in answer

    (found,) = aws.client("logs").describe_metric_filters(filterNamePrefix=name)["metricFilters"]
    assert found["filterPattern"] == "{ $.age_days >= 0 }"
    events = aws.client("logs").filter_log_events(logGroupName=found["logGroupName"])["events"]
    lines = [json.loads(event["message"]) for event in events if event["message"].startswith("{")]
    line = next(line for line in reversed(lines) if line.get("age_days", -1) >= 0)

    (transformation,) = found["metricTransformations"]
    (alarm,) = [alarm for alarm in alarms if alarm["AlarmName"] == name]
    assert (transformation["metricNamespace"], transformation["metricName"]) == (
        alarm["Namespace"],
        alarm["MetricName"],
    )
    assert line[transformation["metricValue"].removeprefix("$.")] < alarm["Threshold"]
    dimensions = {key: line[path.removeprefix("$.")] for key, path in transformation["dimensions"].items()}
    assert dimensions == {d["Name"]: d["Value"] for d in alarm["Dimensions"]}


def test_what_aws_does_not_publish_is_not_accepted(platform: Platform) -> None:
    """Else the test above could not fail."""
    publisher, now = Publisher(platform.aws), datetime.now(UTC)
    lag = {"Namespace": "AWS/RDS", "MetricName": "AuroraReplicaLagMaximum"}
    for named in ({"DBClusterIdentifier": "somebody-elses"}, {"ClusterIdentifier": "payments-local-blue"}):
        dimensions = [{"Name": name, "Value": value} for name, value in named.items()]
        with pytest.raises(AssertionError):
            publisher.publish({**lag, "Dimensions": dimensions}, 1, now)

"""The local load balancer's metrics reach the deployed alarms, and the alarms ring."""

import time
from typing import Any

import embedded_aws
import pytest

from tests.e2e.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: operated")]

NAMESPACE = "AWS/ApplicationELB"
SENT = 60
PATIENCE_SECONDS = 150  # a minute is published when it is over


def alarm(platform: Platform, name: str) -> dict[str, Any]:
    """A deployed alarm by the end of its name."""
    client = platform.aws.client("cloudwatch")
    found = client.get_paginator("describe_alarms").paginate().build_full_result()["MetricAlarms"]
    (deployed,) = [item for item in found if item["AlarmName"].endswith(f"-{name}")]
    return dict(deployed)


def metrics_of(platform: Platform, *names: str) -> dict[str, dict[str, Any]]:
    """The metrics that deployed alarms read, by their names: namespace, name and dimensions."""
    metrics: dict[str, dict[str, Any]] = {}
    for name in names:
        deployed = alarm(platform, name)
        own = {key: deployed[key] for key in ("Namespace", "MetricName", "Dimensions") if key in deployed}
        for metric in [own, *(query.get("MetricStat", {}).get("Metric") for query in deployed["Metrics"])]:
            if metric and "MetricName" in metric:
                metrics[metric["MetricName"]] = metric
    return metrics


def total(platform: Platform, metric: dict[str, Any], statistic: str, since: float) -> float | None:
    """The sum of a statistic over the minutes since then; None without data."""
    found = platform.aws.client("cloudwatch").get_metric_statistics(
        **metric, StartTime=since - 60, EndTime=time.time() + 60, Period=60, Statistics=[statistic]
    )["Datapoints"]
    return sum(point[statistic] for point in found) if found else None


def test_alarms_read_what_the_load_balancer_publishes(on_blue: Platform) -> None:
    metrics = metrics_of(
        on_blue, "blue-healthy-hosts", "blue-unhealthy-hosts", "blue-server-errors", "blue-response-time"
    )
    assert {metric["Namespace"] for metric in metrics.values()} == {NAMESPACE}
    assert set(metrics) == {
        "HealthyHostCount",
        "UnHealthyHostCount",
        "HTTPCode_Target_5XX_Count",
        "RequestCount",
        "TargetResponseTime",
    }
    begun = time.time()
    before = total(on_blue, metrics["RequestCount"], "Sum", begun) or 0
    on_blue.json("local", "load", "--requests", str(SENT), "--rate", "100")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (total(on_blue, metrics["RequestCount"], "Sum", begun) or 0) < before + SENT:
        assert time.monotonic() < deadline
        time.sleep(1)
    assert (total(on_blue, metrics["TargetResponseTime"], "SampleCount", begun) or 0) >= SENT
    assert total(on_blue, metrics["HTTPCode_Target_5XX_Count"], "Sum", begun) is None
    assert (total(on_blue, metrics["HealthyHostCount"], "Minimum", begun) or 0) >= 3
    assert total(on_blue, metrics["UnHealthyHostCount"], "Maximum", begun) == 0


def test_failing_payments_ring_their_colour(on_blue: Platform) -> None:
    client = on_blue.aws.client("cloudwatch")
    metrics = metrics_of(on_blue, "green-server-errors")
    outputs = on_blue.outputs
    colours = [outputs[f"{colour}_alarm_name"] for colour in ("blue", "green")]
    assert ringing(client, colours) == []
    for minute in range(1, 5):  # as if it had gone on for a while
        for name, value in (("RequestCount", 100), ("HTTPCode_Target_5XX_Count", 2)):
            datum = {
                "MetricName": name,
                "Dimensions": metrics[name]["Dimensions"],
                "Timestamp": time.time() - 60 * minute,
                "Value": value,
            }
            client.put_metric_data(Namespace=NAMESPACE, MetricData=[datum])
    deadline = time.monotonic() + PATIENCE_SECONDS
    while ringing(client, colours) != [outputs["green_alarm_name"]]:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert embedded_aws.forget_metrics(on_blue.aws) == [alarm(on_blue, "green-server-errors")["AlarmName"]]
    assert ringing(client, colours) == []


def ringing(client: Any, names: list[str]) -> list[str]:
    """Those of the composite alarms that ring."""
    found = client.describe_alarms(AlarmNames=names, AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert len(found) == len(names)
    return sorted(alarm["AlarmName"] for alarm in found if alarm["StateValue"] == "ALARM")

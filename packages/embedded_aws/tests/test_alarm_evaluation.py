"""Alarms on metrics follow their data; what has none, and what somebody sets, stays."""

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import embedded_aws
import pytest
from botocore.parsers import ResponseParserError
from embedded_aws import LocalAws
from embedded_aws.extensions.alarm_verdicts import LATE_SECONDS, by_metric, verdict
from embedded_aws.extensions.metric_distributions import Distribution, percentile
from moto.cloudwatch.models import (
    Alarm,
    CloudWatchBackend,
    Dimension,
    Metric,
    MetricAggregatedDatum,
    MetricDataQuery,
    MetricDatum,
    MetricStat,
)

NOW = 1_790_000_040 + LATE_SECONDS  # the end of a minute, and of the time that its data may take to come
PATIENCE_SECONDS = 60
NAMESPACE = "Test"
DIMENSIONS = [{"Name": "TargetGroup", "Value": "green"}, {"Name": "LoadBalancer", "Value": "pay"}]
DEFAULTS: dict[str, Any] = {
    "name": "alarm",
    "namespace": NAMESPACE,
    "metric_name": "m",
    "comparison_operator": "GreaterThanThreshold",
    "evaluation_periods": 5,
    "datapoints_to_alarm": 3,
    "period": 60,
    "threshold": 1,
    "statistic": "Sum",
    "description": "",
    "dimensions": DIMENSIONS,
    "alarm_actions": [],
    "treat_missing_data": "notBreaching",
}


def put(backend: CloudWatchBackend, minute: int, name: str = "m", **datum: Any) -> None:
    """A datum in the middle of a minute, counted back from NOW: 1 is the last complete one."""
    stamp = datetime.fromtimestamp(NOW - LATE_SECONDS - 60 * minute + 30, UTC)
    backend.put_metric_data(
        NAMESPACE,
        [{"MetricName": name, "Dimensions": DIMENSIONS[::-1], "Timestamp": stamp, "Unit": "Count", **datum}],
    )


def state(values: dict[int, float], **alarm: Any) -> str | None:
    """The state of an alarm whose metric has those values by minute."""
    backend = CloudWatchBackend("us-east-1", "123456789012")
    for minute, value in values.items():
        put(backend, minute, Value=value)
    return verdict(backend.put_metric_alarm(**(DEFAULTS | alarm)), by_metric(backend.metric_data), NOW)


def test_m_of_n_datapoints_ring() -> None:
    assert state({1: 2, 3: 2, 5: 2, 2: 0, 4: 1}) == "ALARM"
    assert state({1: 2, 3: 2, 2: 0, 4: 1, 5: 1}) == "OK"
    assert state({1: 2, 3: 2, 6: 2, 2: 0, 4: 0, 5: 0}) == "OK"  # the third is too long ago
    assert state({0: 2, 1: 2, 2: 2, 3: 0, 4: 0, 5: 0}) == "OK"  # the third is not complete


@pytest.mark.parametrize(
    ("operator", "breaching", "fine"),
    [
        ("GreaterThanThreshold", 2, 1),
        ("GreaterThanOrEqualToThreshold", 1, 0),
        ("LessThanThreshold", 0, 1),
        ("LessThanOrEqualToThreshold", 1, 2),
    ],
)
def test_operators(operator: str, breaching: float, fine: float) -> None:
    assert state(dict.fromkeys(range(1, 6), breaching), comparison_operator=operator) == "ALARM"
    assert state(dict.fromkeys(range(1, 6), fine), comparison_operator=operator) == "OK"


@pytest.mark.parametrize(
    ("treatment", "expected"),
    [("breaching", "ALARM"), ("notBreaching", "OK"), ("ignore", None), ("missing", "INSUFFICIENT_DATA")],
)
def test_missing_data_are_what_the_alarm_says(treatment: str, expected: str | None) -> None:
    assert state({100: 0}, treat_missing_data=treatment) == expected


def test_before_the_first_datum_nothing_is_missing() -> None:
    assert state({1: 0}, treat_missing_data="breaching") == "OK"
    assert state({4: 0}, treat_missing_data="breaching") == "ALARM"  # three that should have been there since


def test_an_alarm_without_data_is_not_evaluated() -> None:
    assert state({}, treat_missing_data="breaching") is None
    assert state({1: 9}, metric_name="another", treat_missing_data="breaching") is None
    assert state({1: 9}, dimensions=DIMENSIONS[:1], treat_missing_data="breaching") is None


def test_a_percentile_is_of_all_values_of_a_period() -> None:
    backend = CloudWatchBackend("us-east-1", "123456789012")
    for minute in range(1, 4):
        stamp = datetime.fromtimestamp(NOW - LATE_SECONDS - 60 * minute, UTC)
        datum = {"MetricName": "m", "Dimensions": DIMENSIONS, "Timestamp": stamp}
        backend.metric_data.append(
            Distribution(NAMESPACE, {**datum, "Values": [0.1, 5], "Counts": [985, 15]})
        )
    named = DEFAULTS | {"statistic": None}
    for statistic, expected in (("p98", "OK"), ("p99", "ALARM")):
        alarm = backend.put_metric_alarm(**named, extended_statistic=statistic)
        assert verdict(alarm, by_metric(backend.metric_data), NOW) == expected


def test_a_percentile_is_had_only_of_single_values() -> None:
    plain = [MetricDatum(NAMESPACE, "m", value, [], None) for value in (1.0, 2.0, 9.0)]
    alike = MetricAggregatedDatum(NAMESPACE, "m", 4.0, 4.0, 7, 28.0, [], None)  # seven times 4
    mixed = MetricAggregatedDatum(NAMESPACE, "m", 1.0, 4.0, 7, 20.0, [], None)
    assert percentile(plain, "p50") == 2
    assert percentile([*plain, alike], "p80") == 4
    assert percentile([*plain, alike], "p100") == 9
    assert percentile([*plain, mixed], "p50") is None
    assert percentile(plain, "Average") is None
    assert percentile([], "p99") is None


def share_alarm(backend: CloudWatchBackend) -> Alarm:
    """The platform's `server-errors`: more than one percent of answers."""
    dimensions = [Dimension(item["Name"], item["Value"]) for item in DIMENSIONS]
    queries = [
        MetricDataQuery("result", "share", "", "true", expression="100 * FILL(errors, 0) / requests"),
        *(
            MetricDataQuery(
                name, "", "", "false", None, MetricStat(Metric(name, NAMESPACE, dimensions), "60", "Sum", "")
            )
            for name in ("errors", "requests")
        ),
    ]
    named = DEFAULTS | {"metric_name": None, "namespace": None, "statistic": None, "period": None}
    return backend.put_metric_alarm(**named, metric_data_queries=queries)


@pytest.mark.parametrize(("errors", "expected"), [(1, "OK"), (2, "ALARM")])
def test_metric_math_decides(errors: int, expected: str) -> None:
    backend = CloudWatchBackend("us-east-1", "123456789012")
    for minute in range(1, 6):
        put(backend, minute, "requests", Value=100)
    for minute in (1, 2, 4):
        put(backend, minute, "errors", Value=errors)
    assert verdict(share_alarm(backend), by_metric(backend.metric_data), NOW) == expected


def test_an_alarm_rings_with_its_composite_and_a_state_set_by_hand_stays(aws: LocalAws) -> None:
    client, name, metric = aws.client("cloudwatch"), uuid.uuid4().hex, uuid.uuid4().hex
    ring_above_one(client, name, metric, periods=2)
    client.put_composite_alarm(AlarmName=f"{name}-any", AlarmRule=f'ALARM("{name}")')
    now = time.time()
    data = [  # those to come, too: on a busy machine the test takes minutes
        {"MetricName": metric, "Timestamp": now + 60 * minute, "Values": [0.0, 3.0], "Counts": [9, 1]}
        for minute in range(-4, 10)
    ]
    client.put_metric_data(Namespace=NAMESPACE, MetricData=data)
    eventually(lambda: states(client, name) == {name: "ALARM", f"{name}-any": "ALARM"})

    client.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="by hand")
    canary = uuid.uuid4().hex  # once this one has been evaluated, so has the other again
    ring_above_one(client, canary, metric, periods=1)
    eventually(lambda: states(client, canary) == {canary: "ALARM"})
    assert states(client, name) == {name: "OK", f"{name}-any": "OK"}

    client.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="by hand")
    assert set(embedded_aws.forget_metrics(aws)) >= {name, canary}
    assert {*states(client, name).values(), *states(client, canary).values()} == {"OK"}
    client.put_metric_data(Namespace=NAMESPACE, MetricData=data)  # and what comes afterwards rings again
    eventually(lambda: states(client, name) == {name: "ALARM", f"{name}-any": "ALARM"})
    client.delete_alarms(AlarmNames=[name, f"{name}-any", canary])


def test_values_with_counts_are_one_datum_with_percentiles(aws: LocalAws) -> None:
    client, metric = aws.client("cloudwatch"), uuid.uuid4().hex
    begin = int(time.time()) // 60 * 60 - 60
    client.put_metric_data(
        Namespace=NAMESPACE,
        MetricData=[
            {"MetricName": metric, "Timestamp": begin, "Values": [1.0, 4.0], "Counts": [900000, 100000]}
        ],
    )
    query = {"Namespace": NAMESPACE, "MetricName": metric}
    found = client.get_metric_data(
        StartTime=begin,
        EndTime=begin + 60,
        MetricDataQueries=[
            {"Id": f"q{index}", "MetricStat": {"Metric": query, "Period": 60, "Stat": stat}}
            for index, stat in enumerate(("Sum", "SampleCount", "Maximum", "p90", "p91"))
        ],
    )["MetricDataResults"]
    assert [result["Values"] for result in found] == [[1_300_000], [1_000_000], [4], [1], [4]]


def test_stock_moto_still_lacks_it(stock: LocalAws) -> None:
    client, name = stock.client("cloudwatch"), uuid.uuid4().hex
    begin = int(time.time()) // 60 * 60 - 60
    client.put_metric_data(
        Namespace=NAMESPACE, MetricData=[{"MetricName": name, "Timestamp": begin, "Values": [1.0]}]
    )
    metric = {"Metric": {"Namespace": NAMESPACE, "MetricName": name}, "Period": 60, "Stat": "p99"}
    with pytest.raises(ResponseParserError):  # status 500
        client.get_metric_data(
            StartTime=begin, EndTime=begin + 60, MetricDataQueries=[{"Id": "q", "MetricStat": metric}]
        )


def ring_above_one(client: Any, name: str, metric: str, periods: int) -> None:
    """Put an alarm that rings after so many minutes."""
    client.put_metric_alarm(
        AlarmName=name,
        Namespace=NAMESPACE,
        MetricName=metric,
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=periods,
        Period=60,
        Threshold=1,
        Statistic="Maximum",
        TreatMissingData="notBreaching",
    )


def states(client: Any, prefix: str) -> dict[str, str]:
    """State of each alarm whose name begins like that."""
    found = client.describe_alarms(AlarmNamePrefix=prefix, AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    return {
        alarm["AlarmName"]: alarm["StateValue"]
        for kind in ("MetricAlarms", "CompositeAlarms")
        for alarm in found[kind]
    }


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until that holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)

"""What the load balancer publishes of a minute."""

from typing import Any

from embedded_aws.load_balancer.measures import Measures
from hypothesis import given
from hypothesis import strategies as st

MINUTE = 1_790_000_040
Row = dict[str, Any]


def published(measures: Measures) -> dict[tuple[str, ...], dict[str, Row]]:
    """Data by the values of their dimensions, then by metric."""
    found: dict[tuple[str, ...], dict[str, Row]] = {}
    for datum in measures.take(MINUTE):
        assert datum.pop("Timestamp") == MINUTE
        dimensions = {item["Name"]: item["Value"] for item in datum.pop("Dimensions")}
        assert list(dimensions) in (["LoadBalancer"], ["LoadBalancer", "TargetGroup"])
        found.setdefault(tuple(dimensions.values()), {})[datum.pop("MetricName")] = datum
    return found


def test_a_minute_is_told_of_the_load_balancer_and_of_each_target_group() -> None:
    measures = Measures()
    for status, seconds in ((201, 0.0123), (201, 0.0124), (500, 1.26)):
        measures.chosen("lb", "green")
        measures.answered("lb", "green", status, seconds)
    measures.chosen("lb", "blue")
    measures.unreachable("lb", "blue")
    measures.own("lb", 502)
    measures.own("lb", 200)
    measures.hosts("lb", "green", 3, 0)
    measures.hosts("lb", "green", 1, 2)

    def count(value: int) -> Row:
        return {"Unit": "Count", "Value": value}

    times = {"Unit": "Seconds", "Values": (0.012, 1.3), "Counts": (2, 1)}
    assert published(measures) == {
        ("lb", "green"): {
            "RequestCount": count(3),
            "HTTPCode_Target_2XX_Count": count(2),
            "HTTPCode_Target_5XX_Count": count(1),
            "TargetResponseTime": times,
            "HealthyHostCount": {
                "Unit": "Count",
                "StatisticValues": {"SampleCount": 2, "Sum": 4, "Minimum": 1, "Maximum": 3},
            },
            "UnHealthyHostCount": {
                "Unit": "Count",
                "StatisticValues": {"SampleCount": 2, "Sum": 2, "Minimum": 0, "Maximum": 2},
            },
        },
        ("lb", "blue"): {"RequestCount": count(1), "TargetConnectionErrorCount": count(1)},
        ("lb",): {
            "RequestCount": count(4),
            "HTTPCode_Target_2XX_Count": count(2),
            "HTTPCode_Target_5XX_Count": count(1),
            "TargetResponseTime": times,
            "TargetConnectionErrorCount": count(1),
            "HTTPCode_ELB_5XX_Count": count(1),
            "HTTPCode_ELB_502_Count": count(1),
        },
    }


def test_a_minute_without_requests_has_no_metric_of_them() -> None:
    measures = Measures()
    measures.chosen("lb", "blue")
    measures.take(MINUTE)
    measures.hosts("lb", "blue", 3, 0)
    assert {key: set(metrics) for key, metrics in published(measures).items()} == {
        ("lb", "blue"): {"HealthyHostCount", "UnHealthyHostCount"}
    }


@given(st.lists(st.floats(min_value=0, max_value=10_000), min_size=1, max_size=50))
def test_rounded_times_stay_close_and_few(times: list[float]) -> None:
    measures = Measures()
    for seconds in times:
        measures.answered("lb", "blue", 200, seconds)
    told = published(measures)["lb", "blue"]["TargetResponseTime"]
    values = [
        value for value, count in zip(told["Values"], told["Counts"], strict=True) for _ in range(count)
    ]
    assert len(values) == len(times)
    for value, seconds in zip(sorted(values), sorted(times), strict=True):
        assert abs(value - seconds) <= max(0.05 * seconds, 0.00005) + 1e-9

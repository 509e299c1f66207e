"""Stock moto keeps each of many equal values as one datum, and knows no percentiles.

Here PutMetricData with `Values` and `Counts` is one datum, however many values it stands for, and statistics
such as p99 can be asked for.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from moto.cloudwatch.models import (
    CloudWatchBackend,
    MetricAggregatedDatum,
    MetricDatum,
    MetricDatumBase,
    Statistics,
)

from embedded_aws.extensions import Server, replace

PERCENTILE = re.compile(r"p(\d{1,3}(?:\.\d+)?)")


class Distribution(MetricAggregatedDatum):
    """Values and how often each of them occurred. Stock's statistics take it as a statistic set."""

    def __init__(self, namespace: str, metric: dict[str, Any]) -> None:
        values = [float(value) for value in metric["Values"]]
        counts = [float(count) for count in metric.get("Counts") or [1] * len(values)]
        self.occurrences = Counter(dict(zip(values, counts, strict=True)))
        super().__init__(
            namespace=namespace,
            name=metric["MetricName"],
            min_stat=min(values),
            max_stat=max(values),
            sample_count=sum(counts),
            sum_stat=sum(value * count for value, count in zip(values, counts, strict=True)),
            dimensions=metric.get("Dimensions", []),
            timestamp=metric.get("Timestamp"),
            unit=metric.get("Unit"),
        )


def install(_: Server) -> None:
    """Extend moto's metrics."""
    replace(CloudWatchBackend, "put_metric_data", _put_metric_data)
    replace(Statistics, "get_statistics_for_type", _get_statistics_for_type)


def percentile(data: Iterable[MetricDatumBase], statistic: str) -> float | None:
    """A statistic such as p99 of those data. None without any, or where they don't tell single values."""
    occurrences: Counter[float] = Counter()
    for datum in data:
        if isinstance(datum, Distribution):
            occurrences.update(datum.occurrences)
        elif isinstance(datum, MetricDatum):
            occurrences[datum.value] += 1
        elif isinstance(datum, MetricAggregatedDatum) and datum.min == datum.max:
            occurrences[datum.min] += int(datum.sample_count)
        else:
            return None
    match = PERCENTILE.fullmatch(statistic)
    if not occurrences or match is None:
        return None
    wanted, seen = occurrences.total() * float(match[1]) / 100, 0.0
    for value, count in sorted(occurrences.items()):
        seen += count
        if seen >= wanted:
            return value
    return max(occurrences)


def _put_metric_data(
    stock: Callable[..., None], backend: CloudWatchBackend, namespace: str, metric_data: list[dict[str, Any]]
) -> None:
    many = [metric for metric in metric_data if metric.get("Values")]
    stock(backend, namespace, [metric for metric in metric_data if metric not in many])
    backend.metric_data += [Distribution(namespace, metric) for metric in many]


def _get_statistics_for_type(
    stock: Callable[..., float | None], statistics: Statistics, stat: str
) -> float | None:
    if stat.startswith("p"):
        return percentile(statistics.metric_data, stat)
    return stock(statistics, stat)

"""The state that an alarm's data give it: threshold, M of N datapoints, missing data, percentiles, math.

Source: CloudWatch user guide, "Evaluating an alarm" and "Configuring how alarms treat missing data".
"""

import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from moto.cloudwatch.models import Alarm, Dimension, MetricDatumBase, Statistics

from embedded_aws.extensions.metric_distributions import percentile
from embedded_aws.extensions.metric_math import Series, evaluate

LATE_SECONDS = 10  # so long after its end a period is taken to be complete
OPERATORS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
INSUFFICIENT = "INSUFFICIENT_DATA"

Pairs = tuple[tuple[str, str], ...]
# Namespace, name and dimensions of a metric → its data.
Data = Mapping[tuple[str, str, Pairs], list[MetricDatumBase]]


@dataclass(frozen=True)
class Input:
    """One metric of an alarm. `metric`: namespace, name and sorted dimensions."""

    id: str
    metric: tuple[str, str, Pairs]
    statistic: str
    period: int


def by_metric(data: Iterable[MetricDatumBase]) -> Data:
    """Sort data by their metrics."""
    found: dict[tuple[str, str, Pairs], list[MetricDatumBase]] = defaultdict(list)
    for datum in data:
        found[datum.namespace, datum.name, _pairs(datum.dimensions)].append(datum)
    return found


def verdict(alarm: Alarm, data: Data, now: float) -> str | None:
    """The state that `data` gives an alarm at `now`; None where they tell nothing of it, or can't.

    Raises MathError.
    """
    inputs = _inputs(alarm)
    operator_ = OPERATORS.get(alarm.comparison_operator)
    if not inputs or operator_ is None or alarm.threshold is None:
        return None
    own = {item: data.get(item.metric, []) for item in inputs}
    times = [_time(datum) for found in own.values() for datum in found]
    if not times:
        return None
    periods = _periods(inputs[0].period, int(alarm.evaluation_periods), now, since=min(times))
    metrics = {item.id: _series(found, item, periods) for item, found in own.items()}
    return _judge(alarm, _result(alarm, metrics, periods), periods, operator_)


def _judge(
    alarm: Alarm, values: Series, periods: list[int], breaches: Callable[[float, float], bool]
) -> str | None:
    """How many of the periods breach, a missing one as the alarm has it."""
    missing = alarm.treat_missing_data or "missing"
    present = [period for period in periods if period in values]
    if not periods or (missing == "ignore" and not present):
        return None
    if missing == "missing" and not present:
        return INSUFFICIENT
    breaching = sum(breaches(values[period], float(alarm.threshold)) for period in present)
    if missing == "breaching":
        breaching += len(periods) - len(present)
    needed = int(alarm.datapoints_to_alarm or alarm.evaluation_periods)
    return "ALARM" if breaching >= needed else "OK"


def _result(alarm: Alarm, metrics: dict[str, Series], periods: list[int]) -> Series:
    returned = [query for query in alarm.metric_data_queries if _is_true(query.return_data)]
    if not returned:
        (series,) = metrics.values()
        return series
    (query,) = returned
    return evaluate(query.expression, metrics, periods) if query.expression else metrics[query.id]


def _inputs(alarm: Alarm) -> list[Input]:
    """The metrics of an alarm: of its own, or of its queries."""
    if alarm.metric_name:
        statistic = alarm.statistic or alarm.extended_statistic or ""
        own = (alarm.namespace, alarm.metric_name, _pairs(alarm.dimensions))
        return [Input("m", own, statistic, int(alarm.period))]
    stats = [(query.id, query.metric_stat) for query in alarm.metric_data_queries if query.metric_stat]
    return [
        Input(
            id_,
            (stat.metric.namespace, stat.metric.metric_name, _pairs(stat.metric.dimensions)),
            stat.stat,
            int(stat.period),
        )
        for id_, stat in stats
    ]


def _periods(length: int, count: int, now: float, since: float) -> list[int]:
    """The beginnings of the last `count` complete periods that end after `since`, oldest first."""
    last = int(now - LATE_SECONDS) // length * length - length
    wanted = [last - length * back for back in reversed(range(count))]
    return [begin for begin in wanted if begin + length > since]


def _series(data: list[MetricDatumBase], item: Input, periods: list[int]) -> Series:
    series: Series = {}
    for begin in periods:
        found = [datum for datum in data if begin <= _time(datum) < begin + item.period]
        value = _statistic(found, item.statistic) if found else None
        if value is not None:
            series[begin] = value
    return series


def _statistic(data: list[MetricDatumBase], name: str) -> float | None:
    if name.startswith("p"):
        return percentile(data, name)
    statistics = Statistics([name], data[0].timestamp)
    statistics.metric_data = data
    value = statistics.get_statistics_for_type(name)
    return None if value is None else float(value)


def _pairs(dimensions: Iterable[Dimension]) -> Pairs:
    return tuple(sorted((str(d.name), str(d.value)) for d in dimensions))


def _time(datum: MetricDatumBase) -> float:
    """Moto's times are naive where it made them itself."""
    stamp = datum.timestamp
    return (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)).timestamp()


def _is_true(value: Any) -> bool:
    return value is None or str(value).lower() == "true"

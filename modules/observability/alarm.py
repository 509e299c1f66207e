"""An alarm as data, and the CloudWatch alarm made of it.

No alarm names a `unit`: CloudWatch would then see data of no other, and a wrong one would silence it. The
unit of the threshold stands in the description instead, where a test compares it with what AWS publishes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import (
    CloudwatchMetricAlarm,
    CloudwatchMetricAlarmMetricQuery,
    CloudwatchMetricAlarmMetricQueryMetric,
)
from constructs import Construct

Unit = Literal["Bytes", "Count", "Count/Second", "Days", "Milliseconds", "Percent", "Seconds"]
Section = Literal["Service", "Database", "Entrance", "Sessions"]
# What the threshold is to the value that rings → CloudWatch's operator.
OPERATORS = {"above": "GreaterThanThreshold", "below": "LessThanThreshold"}
PERCENTILE = "p"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric as AWS publishes it, with its statistic (such as Sum or p99) over `period` seconds."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str
    period: int = 60


@dataclass(frozen=True, kw_only=True)
class Math:
    """An expression over metrics by id. Source: CloudWatch user guide, "Using math expressions"."""

    expression: str
    label: str
    metrics: Mapping[str, Metric]


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """Rings when `datapoints` of the last `periods` are above or below the threshold.

    `name` is what it is called beneath its colour; `what` says in a sentence what happened and `fix` what to
    do. `section`: beneath which heading the dashboard draws it; None for what has no curve to look at.
    """

    name: str
    measure: Metric | Math
    rings: Literal["above", "below"] = "above"
    threshold: float
    unit: Unit
    datapoints: int = 1
    periods: int = 1
    missing: Literal["breaching", "notBreaching"] = "notBreaching"
    what: str
    fix: str
    section: Section | None = None

    @property
    def metrics(self) -> Mapping[str, Metric]:
        """The metrics that it is computed from, by id."""
        return {"m": self.measure} if isinstance(self.measure, Metric) else self.measure.metrics

    @property
    def description(self) -> str:
        """The text of the notification: at most 1,024 characters (PutMetricAlarm)."""
        period = next(iter(self.metrics.values())).period
        rule = f"Threshold: {self.rings} {self.threshold:.15g} {self.unit}"
        return f"{self.what} {self.fix} {rule}, {self.datapoints} of {self.periods} periods of {period} s."


def total(id_: str, metrics: Sequence[Metric], label: str) -> Math:
    """The sum of metrics that AWS publishes only when there is something to count.

    Not with `+`, which gives no result for a period in which one of them has no data.
    """
    by_id = {f"{id_}{index}": metric for index, metric in enumerate(metrics)}
    filled = ", ".join(f"FILL({name}, 0)" for name in by_id)
    return Math(expression=f"SUM([{filled}])", label=label, metrics=by_id)


def metric_alarm(
    scope: Construct, alarm: Alarm, *, name: str, actions: Sequence[str], tags: Mapping[str, str]
) -> CloudwatchMetricAlarm:
    """The CloudWatch alarm called `name`: `actions` (ARNs) are told when it rings and when it is over."""
    return CloudwatchMetricAlarm(
        scope,
        alarm.name,
        alarm_name=name,
        alarm_description=alarm.description,
        comparison_operator=OPERATORS[alarm.rings],
        threshold=alarm.threshold,
        evaluation_periods=alarm.periods,
        datapoints_to_alarm=alarm.datapoints,
        treat_missing_data=alarm.missing,
        actions_enabled=True,
        alarm_actions=list(actions),
        ok_actions=list(actions),
        tags={"Name": name, **tags},
        **_measured(alarm.measure),
    )


def _measured(measure: Metric | Math) -> dict[str, Any]:
    """The arguments of the alarm that say what it looks at."""
    if isinstance(measure, Math):
        return {"metric_query": _queries(measure)}
    percentile = measure.statistic.startswith(PERCENTILE)
    return {
        "namespace": measure.namespace,
        "metric_name": measure.name,
        "dimensions": dict(measure.dimensions),
        "period": measure.period,
        "extended_statistic" if percentile else "statistic": measure.statistic,
    }


def _queries(math: Math) -> list[CloudwatchMetricAlarmMetricQuery]:
    result = CloudwatchMetricAlarmMetricQuery(
        id="result", expression=math.expression, label=math.label, return_data=True
    )
    inputs = [
        CloudwatchMetricAlarmMetricQuery(
            id=id_,
            return_data=False,
            metric=CloudwatchMetricAlarmMetricQueryMetric(
                namespace=metric.namespace,
                metric_name=metric.name,
                dimensions=dict(metric.dimensions),
                stat=metric.statistic,
                period=metric.period,
            ),
        )
        for id_, metric in math.metrics.items()
    ]
    return [result, *inputs]

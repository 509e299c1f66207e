"""An alarm's threshold is one that its metric reaches."""

from collections.abc import Iterator

from stack_gate.stack import Block, number

from policies._alarms import metrics
from policies._policy import ResourcePolicy
from policies._published import SCALES

_BELOW = ("LessThanThreshold", "LessThanOrEqualToThreshold")


class ThresholdHasTheMetricsUnit(ResourcePolicy):
    policy = "CKV_BG_207"
    title = "Alarms on connections, response time and throttling have thresholds that are reached from below"
    requirement = "R05"
    pci = "10.7.2"
    severity = "MEDIUM"
    why = "The alarm exists and never rings"
    fix = (
        "give the threshold in the metric's unit (response time is in seconds), with "
        "GreaterThanThreshold and no other unit"
    )
    types = ("aws_cloudwatch_metric_alarm",)

    def defects(self, resource: Block) -> Iterator[str]:
        for metric in metrics(resource):
            scale = SCALES.get((metric.namespace, metric.name))
            if scale is None or not metric.is_alone:
                continue
            if metric.unit and metric.unit != scale.unit:
                yield f"asks for data in {metric.unit}, where {metric.name} is in {scale.unit}"
            threshold = number(resource.get("threshold"))
            if threshold is not None and threshold > scale.most:
                yield f"has a threshold of {threshold:g} {scale.unit} on {metric.name}"
            if str(resource.get("comparison_operator")) in _BELOW:
                yield f"rings when {metric.name} is low"


check = ThresholdHasTheMetricsUnit()

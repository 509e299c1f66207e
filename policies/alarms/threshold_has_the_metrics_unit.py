"""An alarm can ring: its metric reaches the threshold, in time, and missing data is no good news."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies._ringing import silent


class ThresholdHasTheMetricsUnit(ResourcePolicy):
    policy = "CKV_BG_207"
    title = "Each alarm has a threshold, statistic, unit and time with which it can ring"
    requirement = "R05"
    pci = "10.7.2"
    severity = "MEDIUM"
    why = "The alarm exists and never rings"
    fix = (
        "give the threshold in the metric's unit and within what it reaches, a statistic that shows the "
        'fault, at most an hour of periods, and treat_missing_data = "breaching" for hosts and lag'
    )
    types = ("aws_cloudwatch_metric_alarm",)

    def defects(self, resource: Block) -> Iterator[str]:
        yield from silent(resource)


check = ThresholdHasTheMetricsUnit()

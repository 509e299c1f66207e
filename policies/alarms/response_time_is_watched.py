"""An alarm rings when answers take long."""

from collections.abc import Iterator

from stack_gate.stack import LOAD_BALANCERS, TARGET_GROUPS, Block, Stack, Traffic

from policies._alarms import Alarms, target_groups
from policies._policy import StackPolicy

METRIC = ("AWS/ApplicationELB", "TargetResponseTime")


class ResponseTimeIsWatched(StackPolicy):
    policy = "CKV2_BG_206"
    title = "The load balancer has an alarm on response time, for each colour that it forwards to"
    requirement = "R05"
    pci = "10.7.2"
    severity = "HIGH"
    why = "A colour that answers too slowly gets more traffic, and customers are the first to notice"
    fix = (
        "add an aws_cloudwatch_metric_alarm on AWS/ApplicationELB TargetResponseTime with the dimension "
        "LoadBalancer = the load balancer's arn_suffix; for one colour also TargetGroup = the target group's "
        "arn_suffix"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        alarms = stack.derived(Alarms)
        balancers = [
            b
            for b in stack.resources(*LOAD_BALANCERS)
            if b.get("load_balancer_type") in (None, "application")
        ]
        if not balancers and not alarms.on(*METRIC):
            yield None, "has no alarm on response time"
        unwatched = [balancer for balancer in balancers if not alarms.watching(balancer, *METRIC)]
        yield from ((balancer, "has no alarm on its response time") for balancer in unwatched)
        if not unwatched:
            yield from (
                (colour, "has no alarm on its response time") for colour in _unwatched_colours(stack, alarms)
            )


def _unwatched_colours(stack: Stack, alarms: Alarms) -> list[Block]:
    limited = [target_groups(metric, *TARGET_GROUPS) for metric in alarms.on(*METRIC)]
    if not all(limited):  # one that is not limited to a colour watches all
        return []
    return [
        colour
        for colour in stack.derived(Traffic).coloured_groups
        if not any(colour in groups for groups in limited)
    ]


check = ResponseTimeIsWatched()

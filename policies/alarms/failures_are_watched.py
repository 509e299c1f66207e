"""What can fail without a client noticing at once has an alarm on it, whichever colour it is of."""

from collections.abc import Iterator

from stack_gate.stack import LISTENERS, Block, Stack

from policies._alarms import Alarms, Metric
from policies._policy import StackPolicy
from policies.alarms._watched import WATCHED, Watch


class FailuresAreWatched(StackPolicy):
    policy = "CKV2_BG_456"
    title = (
        "Each function, queue, database, service, gateway, vault, workflow and topic has alarms on its "
        "failures"
    )
    requirement = "R05"
    pci = "10.7.2"
    severity = "HIGH"
    yields = True
    why = "It fails, and the first to notice is a client, or an auditor"
    fix = "add an aws_cloudwatch_metric_alarm on the metric, with the resource in its dimensions"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        alarms = stack.derived(Alarms)
        if not alarms.metrics:
            return  # CKV2_BG_205 to 207 say so
        for type_, rows in WATCHED.items():
            for block in stack.resources(type_):
                for row in rows:
                    watching = alarms.watching(block, row.namespace, *row.metrics)
                    watching += [
                        metric
                        for name in row.metrics
                        for metric in alarms.on(row.namespace, name)
                        if not stack.referred(list(metric.dimensions.values()))
                    ]  # of nothing in the stack: another policy's finding
                    if row.where(block) and not any(_rings(metric, row) for metric in watching):
                        yield block, f"has no alarm on {row.what} ({', '.join(row.metrics)})"
        for listener in stack.resources(*LISTENERS):
            certificate = listener.get("certificate_arn")
            if certificate and not any(
                metric.dimensions.get("CertificateArn") == certificate
                for metric in alarms.on("AWS/CertificateManager", "DaysToExpiry")
            ):
                yield listener, "has no alarm on the days until its certificate expires (DaysToExpiry)"


def _rings(metric: Metric, row: Watch) -> bool:
    operator = str(metric.alarm.get("comparison_operator") or "")
    return not (row.operator and metric.is_alone) or operator.startswith(row.operator)


check = FailuresAreWatched()

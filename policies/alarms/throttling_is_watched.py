"""An alarm rings when DynamoDB refuses requests."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._alarms import Alarms, Metric
from policies._policy import StackPolicy

_NAMESPACE = "AWS/DynamoDB"
_BY_OPERATION = "ThrottledRequests"
_READING = ("BatchGetItem", "GetItem", "GetRecords", "Query", "Scan", "TransactGetItems")


class ThrottlingIsWatched(StackPolicy):
    policy = "CKV2_BG_207"
    title = "Each DynamoDB table has alarms on throttled reads and on throttled writes"
    requirement = "R05"
    pci = "10.7.2"
    severity = "HIGH"
    why = "Refused requests are lost sessions: customers are logged out in the middle of a payment"
    fix = (
        "add aws_cloudwatch_metric_alarm on AWS/DynamoDB ReadThrottleEvents and WriteThrottleEvents with the "
        "dimension TableName = the table's name (ThrottledRequests has data with Operation only)"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        alarms, tables = stack.derived(Alarms), stack.resources("aws_dynamodb_table")
        if not tables and not any(metric.namespace == _NAMESPACE for metric in alarms.metrics):
            yield None, "has no alarm on throttling"
        for table in tables:
            for what, metric in (("reads", "ReadThrottleEvents"), ("writes", "WriteThrottleEvents")):
                watching = alarms.watching(table, _NAMESPACE, metric, _BY_OPERATION)
                if not any(_counts(what, found) for found in watching):
                    yield table, f"has no alarm on throttled {what}"


def _counts(what: str, metric: Metric) -> bool:
    operation = metric.dimensions.get("Operation")
    return metric.name != _BY_OPERATION or operation is None or (operation in _READING) == (what == "reads")


check = ThrottlingIsWatched()

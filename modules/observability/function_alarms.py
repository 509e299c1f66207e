"""What may go wrong with a Lambda function and its dead-letter queue.

Sources: Lambda developer guide, "Types of metrics for Lambda functions"; SQS developer guide, "Available
CloudWatch metrics for Amazon SQS".
"""

from modules.functions.function import Function
from modules.observability.alarm import Alarm, Metric

NEAR_TIMEOUT = 0.8


def function_alarms(function: Function, *, called: str, fix: str) -> list[Alarm]:
    """The alarms on one function, called `called` in names; `fix` says what a failure of it asks for."""
    return [
        Alarm(
            name=f"{called}-errors",
            measure=_metric(function, "Errors", "Sum", period=300),
            threshold=0,
            unit="Count",
            what=f"The {called} function failed or refused.",
            fix=f"Its log group says why (level ERROR). {fix}",
        ),
        Alarm(
            name=f"{called}-throttles",
            measure=_metric(function, "Throttles", "Sum", period=300),
            threshold=0,
            unit="Count",
            what=f"Calls of the {called} function were refused for lack of concurrency.",
            fix="Find who calls it so often; its reserved concurrency is in modules/functions/function.py.",
        ),
        Alarm(
            name=f"{called}-duration",
            measure=_metric(function, "Duration", "Maximum", period=300),
            threshold=function.timeout_seconds * 1000 * NEAR_TIMEOUT,
            unit="Milliseconds",
            what=f"The {called} function nearly ran into its timeout of {function.timeout_seconds} s.",
            fix="Its trace in X-Ray shows which call is slow; raise the timeout before it is reached.",
        ),
        Alarm(
            name=f"{called}-dead-letters",
            measure=Metric(
                namespace="AWS/SQS",
                name="ApproximateNumberOfMessagesVisible",
                dimensions={"QueueName": function.dead_letters.name},
                statistic="Maximum",
                period=300,
            ),
            threshold=0,
            unit="Count",
            what=f"Events that the {called} function could not handle lie in its dead-letter queue.",
            fix=f"Read them, fix the cause, invoke the function again, then delete them. {fix}",
        ),
        Alarm(
            name=f"{called}-dead-letter-errors",
            measure=_metric(function, "DeadLetterErrors", "Sum", period=300),
            threshold=0,
            unit="Count",
            what=f"A failed event of the {called} function did not reach its dead-letter queue: it is lost.",
            fix="Check the role's and the key's permissions for the queue; the log has the request id.",
        ),
    ]


def _metric(function: Function, name: str, statistic: str, *, period: int) -> Metric:
    return Metric(
        namespace="AWS/Lambda",
        name=name,
        dimensions={"FunctionName": function.function.function_name},
        statistic=statistic,
        period=period,
    )

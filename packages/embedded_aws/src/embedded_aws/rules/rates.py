"""How many requests a service takes, and with which code of its own it refuses more.

Token buckets, one for each account, region and group of operations, while conditions are set; the seed says
how full each is at first: others have made requests, too.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from embedded_aws.access.codes import Error
from embedded_aws.authorisation.calls import PREFIXES, Call
from embedded_aws.rules.conditions import Conditions

EXCEEDED = "Rate exceeded"
READS = ("Describe", "Get", "List", "BatchGet")
# Prefix of actions → what a throttled request is answered. Elastic Load Balancing: its user guide, "Request
# throttling"; Lambda, DynamoDB, SQS, S3, EC2: their API references; others: "Common Errors" of each
# reference, and the codes that botocore repeats (botocore/data/_retry.json).
CODES: dict[str, Error] = {
    "cloudwatch": (400, "Throttling", EXCEEDED),
    "dynamodb": (400, "ThrottlingException", EXCEEDED),
    "ec2": (503, "RequestLimitExceeded", "Request limit exceeded."),
    "elasticloadbalancing": (400, "ThrottlingException", EXCEEDED),
    "iam": (400, "Throttling", EXCEEDED),
    "lambda": (429, "TooManyRequestsException", EXCEEDED),
    "rds": (400, "Throttling", EXCEEDED),
    "s3": (503, "SlowDown", "Please reduce your request rate."),
    "sns": (400, "Throttling", EXCEEDED),
    "sqs": (403, "RequestThrottled", "Request is throttled."),
    "sts": (400, "Throttling", EXCEEDED),
}
USUAL: Error = (400, "ThrottlingException", EXCEEDED)


@dataclass(frozen=True)
class Rate:
    """`size`: requests at once; `refill`: tokens a second."""

    size: int
    refill: float


# Service → operation, or kind of operations, → its rate.
RATES: dict[str, dict[str, Rate]] = {
    # CloudWatch user guide, "CloudWatch service quotas".
    "cloudwatch": {
        "DescribeAlarms": Rate(9, 9),
        "PutCompositeAlarm": Rate(3, 3),
        "PutMetricAlarm": Rate(3, 3),
    },
    # Elastic Load Balancing user guide, "Request throttling for the ELB API".
    "elasticloadbalancing": {"reads": Rate(40, 10)},
    # Lambda developer guide, "Lambda quotas": control plane, GetFunction.
    "lambda": {"GetFunction": Rate(100, 100), "control": Rate(15, 15)},
    # Secrets Manager user guide, "Secrets Manager quotas".
    "secretsmanager": {"PutSecretValue": Rate(50, 50), "RotateSecret": Rate(50, 50)},
    # AWS General Reference, "AWS Systems Manager endpoints and quotas": standard throughput.
    "ssm": {"PutParameter": Rate(3, 3), "reads": Rate(40, 40)},
    # Step Functions developer guide, "Quotas related to API action throttling".
    "states": {"DescribeExecution": Rate(300, 15), "StopExecution": Rate(1000, 200)},
}


def throttled(service: str) -> Error:
    """The answer of a service, as its signature or its actions name it, to one request too many."""
    return CODES.get(PREFIXES.get(service, service), USUAL)


def group_of(call: Call) -> str | None:
    """Which bucket a call takes from; None: no rate of it is documented here."""
    rates = RATES.get(call.service, {})
    if call.operation in rates:
        return call.operation
    if "reads" in rates and call.operation.startswith(READS):
        return "reads"
    return "control" if "control" in rates and call.operation not in ("Invoke", "InvokeAsync") else None


class Buckets:
    """Of one server. Thread-safe."""

    def __init__(self, conditions: Conditions, clock: Callable[[], float] = time.monotonic) -> None:
        self._conditions, self._clock = conditions, clock
        self._lock = threading.Lock()
        self._filled: dict[tuple[int, str], tuple[float, float]] = {}  # seed and bucket → tokens, when

    def take(self, call: Call) -> bool:
        """Whether the request is within its rate. Always, while no conditions are set."""
        seed, group = self._conditions.seed, group_of(call)
        if seed is None or group is None:
            return True
        rate = RATES[call.service][group]
        name = f"{call.account} {call.region} {call.service} {group}"
        start = self._conditions.chance(f"bucket {name}") if (seed, name) not in self._filled else 0
        with self._lock:
            now = self._clock()
            tokens, before = self._filled.get((seed, name), (start * rate.size, now))
            tokens = min(rate.size, tokens + (now - before) * rate.refill)
            self._filled[seed, name] = (max(0, tokens - 1) if tokens >= 1 else tokens, now)
            return tokens >= 1

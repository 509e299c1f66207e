"""Alarms: who is told, and when they ring."""

from typing import Annotated

from pydantic import Field

from modules.config.model import Distinct, Model

Percent = Annotated[
    int, Field(strict=True, ge=1, le=99, description="a whole percentage from 1 to 99", examples=[80])
]
Milliseconds = Annotated[
    int, Field(strict=True, ge=1, le=60_000, description="1 to 60000 milliseconds", examples=[100])
]
ActionArn = Annotated[
    str,
    Field(
        pattern=r"^arn:aws:(sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}|"
        r"lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_-]{1,128})?)$",
        description="the ARN of an SNS topic or a Lambda function in the deployment's region",
        examples=["arn:aws:sns:us-east-1:123456789012:payments-on-call"],
    ),
]


class Monitoring(Model):
    """Who else is told, and the thresholds that follow from nothing else in the configuration.

    Further actions may be SNS topics and Lambda functions: those that CloudWatch calls when an alarm rings
    and when it is over. It takes five for an alarm; one is the platform's own topic.
    """

    action_arns: Annotated[tuple[ActionArn, ...], Distinct] = Field(
        default=(),
        max_length=4,
        description="up to 4 ARNs of SNS topics or Lambda functions that every alarm tells besides the topic",
        examples=[["arn:aws:sns:us-east-1:123456789012:payments-on-call"]],
    )
    connections_percent: Percent = 80
    cpu_percent: Percent = 80
    freeable_memory_percent: Percent = 5
    server_error_percent: Annotated[
        float, Field(gt=0, lt=100, description="more than 0, below 100 percent of answers", examples=[1.0])
    ] = 1.0
    response_time_seconds: Annotated[
        float, Field(gt=0, le=60, description="seconds, more than 0, up to 60", examples=[1.0])
    ] = 1.0
    service_memory_percent: Percent = 85
    blocked_percent: Percent = 25
    replica_lag_ms: Milliseconds = 1000
    commit_latency_ms: Milliseconds = 50
    select_latency_ms: Milliseconds = 100


class Audit(Model):
    """CloudTrail: rules on API calls, and failed rotations, hear of them through a trail only."""

    trail: bool = Field(
        default=False,
        strict=True,
        description="true: the stack makes a trail of management events of all regions, and of data events "
        "of the state's bucket; false: the account has one, or rules on API calls stay silent",
        examples=[True],
    )

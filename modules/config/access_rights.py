"""What else of the account a service uses: queues, topics, tables and buckets by ARN, and IAM statements.

A statement is validated by the evaluation of policies: known actions, resources of this account, and nothing
that moves traffic or belongs to a deployment. Source: Service Authorization Reference.
"""

import json
import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from modules.config.model import Distinct, Model
from modules.config.scaling import Named
from modules.config.statement_conditions import Conditions, problems
from modules.config.variables import KeyArn

# Kind of resource → access → what the role may do. A gateway endpoint lets the actions of its service pass.
CALLS: dict[str, dict[str, tuple[str, ...]]] = {
    "sqs": {
        "read": ("ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage"),
        "write": ("GetQueueAttributes", "SendMessage"),
    },
    "sns": {"write": ("Publish",)},
    "dynamodb": {
        "read": ("BatchGetItem", "ConditionCheckItem", "DescribeTable", "GetItem", "Query"),
        "write": ("BatchWriteItem", "DeleteItem", "DescribeTable", "PutItem", "UpdateItem"),
    },
    "s3": {"read": ("GetObject", "ListBucket"), "write": ("GetBucketLocation", "PutObject")},
}
OF_BUCKET = ("s3:GetBucketLocation", "s3:ListBucket")  # the others are about its objects
# The services of statements → their interface endpoint; None: a gateway. Neither IAM, STS nor KMS, nor what
# deploys, routes or schedules.
ENDPOINTS: dict[str, str | None] = {
    "aps": "aps-workspaces",
    "cloudwatch": "monitoring",
    "dynamodb": None,
    "events": "events",
    "firehose": "kinesis-firehose",
    "kinesis": "kinesis-streams",
    "logs": "logs",
    "s3": None,
    "secretsmanager": "secretsmanager",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "xray": "xray",
}
_REGIONAL = r"[a-z0-9-]+:[0-9]{12}"
USED = (
    rf"^arn:aws:(sqs:{_REGIONAL}:[A-Za-z0-9_-]{{1,80}}(\.fifo)?|sns:{_REGIONAL}:[A-Za-z0-9_-]{{1,256}}(\.fifo)?|"
    rf"dynamodb:{_REGIONAL}:table/[A-Za-z0-9_.-]{{3,255}}|s3:::[a-z0-9][a-z0-9.-]{{1,61}}[a-z0-9])$"
)
_NAME = r"[A-Za-z0-9_./:#=@+-]*"
RESOURCE = rf"^(\*|arn:aws:[a-z0-9-]+:[a-z0-9-]*:([0-9]{{12}})?:{_NAME}[A-Za-z0-9]{_NAME}\*?)$"


class Use(Model):
    """One queue, topic, table or bucket: endpoint, egress and IAM statement follow from it."""

    arn: str = Field(
        pattern=USED,
        description="the ARN of an SQS queue, SNS topic, DynamoDB table or S3 bucket of this account",
        examples=["arn:aws:sqs:us-east-1:123456789012:captures"],
    )
    access: Literal["read", "write", "both"] = Field(
        default="both",
        description='"read" (receive, get, query, list), "write" (send, publish, put, update, delete items) '
        'or "both"; a topic takes "write" only',
        examples=["read"],
    )
    key: KeyArn | None = Field(
        default=None,
        description="the ARN of the KMS key of this account that encrypts it; none: AWS manages it",
        examples=["arn:aws:kms:us-east-1:123456789012:key/00000000-0000-4000-8000-000000000005"],
    )

    @model_validator(mode="after")
    def _offered(self) -> Self:
        if self.service == "sns" and self.access != "write":
            raise ValueError(f'{self.arn} is a topic: set access = "write"')
        return self

    @property
    def service(self) -> str:
        """Its service, as IAM names it."""
        return self.arn.split(":")[2]

    @property
    def actions(self) -> list[str]:
        """What the role may do with it, sorted."""
        calls = CALLS[self.service]
        chosen = [call for access in calls if self.access in (access, "both") for call in calls[access]]
        return sorted({f"{self.service}:{call}" for call in chosen})


class RoleStatement(Named):
    """A statement that the task's role has besides."""

    actions: Annotated[tuple[str, ...], Distinct] = Field(
        min_length=1,
        max_length=30,
        description=f"1 to 30 actions without wildcard, of {', '.join(sorted(ENDPOINTS))}",
        examples=[["events:PutEvents"]],
    )
    resources: Annotated[tuple[Annotated[str, Field(pattern=RESOURCE)], ...], Distinct] = Field(
        min_length=1,
        max_length=30,
        description="1 to 30 ARNs of this account and region, perhaps with * at the end, none of the "
        "deployment's own; "
        '["*"] where no action takes a resource',
        examples=[["arn:aws:events:us-east-1:123456789012:event-bus/payments"]],
    )

    conditions: Conditions = Field(default_factory=dict)

    @field_validator("actions")
    @classmethod
    def _known_and_harmless(cls, actions: tuple[str, ...]) -> tuple[str, ...]:
        from iam_evaluation import UnknownActionError, find_action  # noqa: PLC0415 - 50 MB of AWS's reference

        for action in actions:
            service = action.partition(":")[0]
            if "*" in action or "?" in action:
                raise ValueError(f"{action} has a wildcard")
            if service not in ENDPOINTS:
                raise ValueError(f"{action} is of a service that no statement may name")
            try:
                found = find_action(action)
            except UnknownActionError as error:
                raise ValueError(str(error)) from error
            if found.access_level in ("Permissions management", "Tagging"):
                raise ValueError(f"{action} changes who has access ({found.access_level})")
        return actions

    @model_validator(mode="after")
    def _resources_that_the_actions_take(self) -> Self:
        from iam_evaluation import find_action  # noqa: PLC0415

        for action in map(find_action, self.actions):
            if ("*" in self.resources) == action.resource_level:
                raise ValueError(
                    f"{action.name} takes a resource: name its ARN"
                    if action.resource_level
                    else f'{action.name} takes no resource: give it a statement with resources = ["*"]'
                )
            if action.resource_level and not any(map(action.accepts, self.resources)):
                raise ValueError(f"{action.name} applies to none of the resources")
        return self

    @model_validator(mode="after")
    def _conditions_that_can_be_met(self) -> Self:
        if found := list(problems(self.conditions, self.actions)):
            raise ValueError(f"conditions: {found[0]}")
        return self

    @property
    def services(self) -> set[str]:
        """Of its actions."""
        return {action.partition(":")[0] for action in self.actions}


def reaches(statement: RoleStatement, *, prefix: str, region: str, account: str) -> Iterator[str]:
    """What the statement would allow on the deployment's resources, with no conditions: `action on ARN`."""
    from iam_evaluation import Caller, Policies, Request, evaluate, parse_policy  # noqa: PLC0415

    document = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": list(statement.actions), "Resource": list(statement.resources)}
        ],
    }
    identity = parse_policy(json.dumps(document), name=statement.name)
    role = Caller.role(f"arn:aws:iam::{account}:role/{prefix}-blue-application")
    for action in statement.actions:
        for arn in (
            owned(prefix=prefix, region=region, account=account) if "*" not in statement.resources else ()
        ):
            if evaluate(Request(role, action, arn), Policies(identity=(identity,))).allowed:
                yield f"{action} on {arn}"


def owned(*, prefix: str, region: str, account: str) -> list[str]:
    """ARNs of the deployment's own, of each kind that a statement could be about."""
    here = f"{region}:{account}"
    colours = [
        arn
        for colour in ("blue", "green")
        for arn in (
            *(
                f"arn:aws:secretsmanager:{here}:secret:{prefix}/{colour}/{name}-AbCdEf"
                for name in ("database", "ledger/mover")
            ),
            f"arn:aws:secretsmanager:{here}:secret:rds!cluster-00000000-0000-4000-8000-000000000000-AbCdEf",
            f"arn:aws:sqs:{here}:{prefix}-{colour}-rotation-dead-letters",
            f"arn:aws:logs:{here}:log-group:/aws/rds/cluster/{prefix}-{colour}/audit:log-stream:x",
            f"arn:aws:logs:{here}:log-group:/aws/rds/cluster/{prefix}-{colour}/audit",
            f"arn:aws:logs:{here}:log-group:/aws/lambda/{prefix}-switch:log-stream:x",
        )
    ]
    return [
        *colours,
        *(
            f"arn:aws:dynamodb:{here}:table/{prefix}-{table}{part}"
            for table in ("control", "sessions")
            for part in ("", "/index/x")
        ),
        *(
            f"arn:aws:ssm:{here}:parameter/{prefix}/{name}"
            for name in ("active-environment", "migration-status")
        ),
        *(
            f"arn:aws:s3:::{prefix}-{bucket}-{account}{part}"
            for bucket in ("alb-logs", "trail")
            for part in ("", "/x")
        ),
        f"arn:aws:sns:{here}:{prefix}-notifications",
        f"arn:aws:events:{here}:rule/{prefix}-interrupted-shift",
        f"arn:aws:cloudwatch:{here}:alarm:{prefix}-blue",
    ]


def is_owned(arn: str, prefix: str) -> bool:
    """Whether an ARN names something of that deployment."""
    return bool(re.search(rf"[:/]{re.escape(prefix)}(?:$|[-/])", arn))

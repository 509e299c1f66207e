"""The application reads and writes data, and changes nothing that guards it."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from stack_gate.stack import Block, Stack

from policies import _iam
from policies._policy import StackPolicy
from policies._switch import Switches
from policies.service._containers import TASK_DEFINITION

# What tasks, and ECS for them, are allowed to do: data, messages, logs. Everything else changes what others
# rely on, or has no business in a container. Source: Service Authorization Reference, access levels.
_GOOD = (
    "aps:remotewrite", "cloudwatch:getmetricdata", "cloudwatch:putmetricdata", "dynamodb:batchgetitem",
    "dynamodb:batchwriteitem", "dynamodb:conditioncheckitem", "dynamodb:deleteitem",
    "dynamodb:describetable", "dynamodb:getitem", "dynamodb:putitem", "dynamodb:query", "dynamodb:scan",
    "dynamodb:updateitem", "ecr:batchchecklayeravailability", "ecr:batchgetimage",
    "ecr:getauthorizationtoken", "ecr:getdownloadurlforlayer", "elasticfilesystem:clientmount",
    "elasticfilesystem:clientwrite", "events:putevents", "firehose:putrecord", "firehose:putrecordbatch",
    "kinesis:describestreamsummary", "kinesis:getrecords", "kinesis:getsharditerator",
    "kinesis:listshards", "kinesis:putrecord", "kinesis:putrecords", "kms:decrypt", "kms:describekey",
    "kms:encrypt", "kms:generatedatakey", "kms:generatedatakeywithoutplaintext", "logs:createlogstream",
    "logs:describelogstreams", "logs:putlogevents", "rds-db:connect", "s3:deleteobject",
    "s3:getbucketlocation", "s3:getobject", "s3:getobjectversion", "s3:listbucket", "s3:putobject",
    "secretsmanager:describesecret", "secretsmanager:getsecretvalue", "sns:publish",
    "sqs:changemessagevisibility", "sqs:deletemessage", "sqs:getqueueattributes", "sqs:getqueueurl",
    "sqs:receivemessage", "sqs:sendmessage", "ssm:getparameter", "ssm:getparameters",
    "ssm:getparametersbypath", "sts:getcalleridentity", "xray:getsamplingrules",
    "xray:getsamplingtargets", "xray:puttelemetryrecords", "xray:puttracesegments",
)  # fmt: skip
_READING = (
    "dynamodb:batchgetitem",
    "dynamodb:describetable",
    "dynamodb:getitem",
    "dynamodb:query",
    "dynamodb:scan",
)
_OF_AWS = ("service-role/AmazonECSTaskExecutionRolePolicy", "AWSXRayDaemonWriteAccess")  # within _GOOD


class TasksChangeNoGuard(StackPolicy):
    policy = "CKV2_BG_313"
    title = "Tasks may read and write data, and nothing else"
    requirement = None
    pci = "7.2.5"
    severity = "CRITICAL"
    why = (
        "One flaw of the application then moves traffic, changes roles, or deletes records, backups and keys"
    )
    fix = (
        "take the action out of the role's policies; only data, messages, logs and metrics are the "
        "application's"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        roles, control = stack.derived(_iam.Roles), _control(stack)
        for role in _roles(stack):
            for place, statement in roles.granted(role):
                if _iam.is_allow(statement):
                    yield from (
                        (place, f"allows the task {what}") for what in _excess(statement, control, stack)
                    )
            for place, arn in roles.unseen(role):
                if not arn.endswith(_OF_AWS) or ":iam::aws:policy/" not in arn:
                    yield place, f"gives the task the policy {arn}, which is not in the stack"


def _roles(stack: Stack) -> list[Block]:
    named = [
        task.get(path)
        for task in stack.resources(TASK_DEFINITION)
        for path in ("task_role_arn", "execution_role_arn")
    ]
    return stack.referred(named, "aws_iam_role")


def _control(stack: Stack) -> list[Block]:
    """The tables in which the switch keeps its lock and history."""
    environments = [function.get("environment") for function in stack.derived(Switches).known]
    return stack.referred(environments, "aws_dynamodb_table")


def _excess(statement: dict[str, object], control: list[Block], stack: Stack) -> Iterator[str]:
    if "NotAction" in statement:
        yield "everything but some actions"
    for action in _iam.actions(statement):
        name = action.lower()
        if not any(fnmatchcase(name, good) for good in _GOOD) or "*" in name or "?" in name:
            yield action
        elif name.startswith("dynamodb:") and name not in _READING:
            written = stack.referred(_iam.resources(statement), "aws_dynamodb_table")
            yield from (
                f"{action} on {table.address}, the switch's own" for table in written if table in control
            )


check = TasksChangeNoGuard()

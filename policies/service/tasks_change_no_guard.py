"""The application reads and writes data, and changes nothing that guards it."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from stack_gate.stack import LOAD_BALANCERS, Block, Body, Stack, listed

from policies import _iam
from policies._accounts import Accounts
from policies._arns import Arns
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
_BUCKET = "aws_s3_bucket"
_OF_AWS = ("service-role/AmazonECSTaskExecutionRolePolicy", "AWSXRayDaemonWriteAccess")  # within _GOOD


class TasksChangeNoGuard(StackPolicy):
    policy = "CKV2_BG_313"
    title = "Tasks may read and write data of the application, and nothing else"
    requirement = None
    pci = "7.2.5"
    severity = "CRITICAL"
    why = (
        "One flaw of the application then moves traffic, changes roles, or deletes records, backups and keys"
    )
    fix = (
        "take the action or the resource out of the role's policies; only data, messages, logs and metrics "
        "are the application's. Limit a bucket of another stack by StringEquals aws:ResourceAccount"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        roles, kept = stack.derived(_iam.Roles), list(_kept(stack))
        for role in _roles(stack):
            for place, statement in roles.granted(role):
                if _iam.is_allow(statement):
                    yield from (
                        (place, f"allows the task {what}")
                        for what in (*_excess(statement), *_reached(statement, kept, stack))
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


def _kept(stack: Stack) -> Iterator[tuple[Block, str]]:
    """(block, ARN) of what is not the application's: the switch's tables and records, the bucket of access
    logs.
    """
    arns = stack.derived(Arns)
    environments = [function.get("environment") for function in stack.derived(Switches).known]
    for block in stack.referred(environments, "aws_dynamodb_table", "aws_ssm_parameter"):
        yield block, arns.of(block)
    logs = [balancer.get("access_logs") for balancer in stack.resources(*LOAD_BALANCERS)]
    for bucket in stack.referred(logs, _BUCKET):
        yield bucket, arns.of(bucket)


def _excess(statement: Body) -> Iterator[str]:
    if "NotAction" in statement:
        yield "everything but some actions"
    for action in _iam.actions(statement):
        name = action.lower()
        if not any(fnmatchcase(name, good) for good in _GOOD) or "*" in name or "?" in name:
            yield action


def _reached(statement: Body, kept: list[tuple[Block, str]], stack: Stack) -> Iterator[str]:
    """Data of the platform, and buckets that may be any account's: their ARNs name none."""
    named = _iam.resources(statement)
    for block, arn in kept:
        service = arn.split(":")[2]
        actions = [action for action in _iam.actions(statement) if action.lower().startswith(f"{service}:")]
        if actions and any(_is_of(text, block, arn) for text in named):
            yield f"{actions[0]} on {block.address}, which is the platform's own"
    s3 = [action for action in _iam.actions(statement) if action.lower().startswith("s3:")]
    if s3 and not _is_own(statement, stack):
        yield from (
            f"{s3[0]} on {text}, which may be another account's" for text in named if _is_any(text, stack)
        )


def _is_of(text: str, block: Block, arn: str) -> bool:
    """Whether a resource of a statement is the block, or a pattern or path that has it."""
    if block in block.stack.referred(text, block.type):
        return True
    pattern = block.stack.derived(Arns).put(text)
    return any(fnmatchcase(arn, form) for form in (pattern, f"{pattern}/*", pattern.removesuffix("/*")))


def _is_own(statement: Body, stack: Stack) -> bool:
    """Whether a condition says that the bucket is one of this account."""
    return any(
        key.lower() in ("aws:resourceaccount", "s3:resourceaccount")
        and operator.lower() in ("stringequals", "stringlike")
        and all(stack.derived(Accounts).is_own(value) for value in listed(values))
        for operator, key, values in _iam.conditions(statement)
    )


def _is_any(text: str, stack: Stack) -> bool:
    return not stack.referred(text, _BUCKET) and (text == "*" or ":s3:" in text)


check = TasksChangeNoGuard()

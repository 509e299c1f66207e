"""The role of each function names the tables, secrets and records that its environment names."""

import re
from collections.abc import Iterator

from stack_gate.stack import Block, strings

from policies import _iam
from policies._policy import ResourcePolicy

# Listeners, alarms, log groups and keys have policies of their own.
_TYPES = (
    "aws_dynamodb_table", "aws_rds_cluster", "aws_rds_cluster_instance", "aws_secretsmanager_secret",
    "aws_sqs_queue", "aws_ssm_parameter",
)  # fmt: skip
_GROUP = "aws_cloudwatch_log_group"
_MACHINE = re.compile(r"arn:[\w-]+:states:[^:*]+:\d{12}:stateMachine:[\w-]+")


class RolesNameWhatFunctionsAreTold(ResourcePolicy):
    policy = "CKV_BG_453"
    title = (
        "The role of each function names the tables, secrets, queues and records that the function is told of"
    )
    requirement = None
    pci = "7.2.5"
    severity = "HIGH"
    yields = True
    why = "AWS denies the function's first call, or it reads and rotates what its role was not made for"
    fix = "name the same resources in environment.variables and in the Resource of the role's statements"
    types = ("aws_lambda_function",)

    def defects(self, resource: Block) -> Iterator[str]:
        stack, roles = resource.stack, resource.refers("role", "aws_iam_role")
        if not roles or stack.derived(_iam.Roles).unseen(roles[0]):
            return
        allowed = [
            text
            for statement in stack.derived(_iam.Roles).of(roles[0])
            if _iam.is_allow(statement)
            for text in _iam.resources(statement)
        ]
        given = [resource.get("environment"), resource.get("dead_letter_config")]
        for type_ in _TYPES:
            named, told = stack.referred(allowed, type_), stack.referred(given, type_)
            for block in told if named else ():
                if block not in named:
                    yield f"is told of {block.address}, which its role does not name"
            for block in named if told or _is_told_anything(resource) else ():
                if block not in told:
                    yield f"has a role that names {block.address}, which it is not told of"
        yield from _logs(resource, roles[0])
        yield from _machines(resource, allowed)


def _logs(function: Block, role: Block) -> Iterator[str]:
    """Source: Lambda developer guide, "Sending function logs to CloudWatch Logs"."""
    stack = function.stack
    named = [
        text
        for statement in stack.derived(_iam.Roles).of(role)
        if _iam.allows(statement, "logs:PutLogEvents")
        for text in _iam.resources(statement)
    ]
    groups = stack.referred(named, _GROUP)
    said = function.get("logging_config.log_group") or f"/aws/lambda/{function.called}"
    if groups and "${" not in function.called and len(groups) == len(named):
        own = stack.referred(said, _GROUP) or [g for g in groups if str(g.get("name")) == said]
        if not any(group in own for group in groups):
            yield f"has a role that writes to {groups[0].address}, not to its own log group"


def _machines(function: Block, allowed: list[str]) -> Iterator[str]:
    """A state machine that the function is part of can't be referred to: its ARN is written out."""
    told = " ".join(strings(function.get("environment")))
    for text in dict.fromkeys(allowed):
        if _MACHINE.fullmatch(text) and text.rpartition(":")[2] not in told:
            yield f"has a role that names {text}, which it is not told of"


def _is_told_anything(function: Block) -> bool:
    return bool(function.blocks("environment.variables"))


check = RolesNameWhatFunctionsAreTold()

"""The execution role of each task may do what ECS does in its name before the containers run."""

from collections.abc import Iterator
from typing import Any

from stack_gate.stack import Block, lookup, objects, strings

from policies import _iam
from policies._arns import Arns
from policies._policy import ResourcePolicy
from policies.service._containers import TASK_DEFINITION, containers

_LOGS, _IMAGES, _SECRETS, _PARAMETERS = (
    "aws_cloudwatch_log_group", "aws_ecr_repository", "aws_secretsmanager_secret", "aws_ssm_parameter",
)  # fmt: skip
_PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")


class ExecutionRoleMayStartTasks(ResourcePolicy):
    policy = "CKV_BG_450"
    title = "The execution role of each task may pull its images, write its logs and read its secrets"
    requirement = None
    pci = "12.10.1"
    severity = "HIGH"
    yields = True
    why = "No task of the next deployment starts, and none that fails is replaced"
    fix = "allow the execution role the actions on the repository, the log group and the secret of the task"
    types = (TASK_DEFINITION,)

    def defects(self, resource: Block) -> Iterator[str]:
        roles = resource.refers("execution_role_arn", "aws_iam_role")
        if not roles or resource.stack.derived(_iam.Roles).unseen(roles[0]):
            return  # another policy's finding
        statements = resource.stack.derived(_iam.Roles).of(roles[0])
        for action, types, value in dict.fromkeys(_needs(resource)):
            for target in resource.stack.referred(value, *types):
                if not any(_grants(statement, action, target) for statement in statements):
                    yield f"needs {action} on {target.address}, which {roles[0].address} is not allowed"
        for action in _PULL if any(True for _ in containers(resource)) else ():
            if not any(_met(statement, action, resource) for statement in statements):
                yield f"needs {action}, which {roles[0].address} is not allowed"
        if not any(_met(statement, "ecr:GetAuthorizationToken", resource) for statement in statements):
            yield f"needs ecr:GetAuthorizationToken, which {roles[0].address} is not allowed"


def _needs(definition: Block) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """(action, types, text that names it). Source: ECS developer guide, "Task execution IAM role"."""
    for _, container in containers(definition):
        for action in _PULL:
            yield action, (_IMAGES,), str(container.get("image"))
        group = lookup(container, "logConfiguration.options.awslogs-group")
        for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
            yield action, (_LOGS,), str(group)
        for secret in objects(container.get("secrets")):
            text = str(secret.get("valueFrom"))
            yield "secretsmanager:GetSecretValue", (_SECRETS,), text
            yield "ssm:GetParameters", (_PARAMETERS,), text


def _grants(statement: dict[str, Any], action: str, target: Block) -> bool:
    if not _met(statement, action, target):
        return False
    named = _iam.resources(statement)
    arn = target.stack.derived(Arns).of(target)
    return (
        "*" in named
        or target in target.stack.referred(named, target.type)
        or any(arn.startswith(text.rstrip("*:/")) for text in strings(named) if text.startswith("arn:"))
    )


def _met(statement: dict[str, Any], action: str, block: Block) -> bool:
    """Of the conditions, the region is the one that ECS's requests are known to meet."""
    region = block.stack.derived(Arns).region
    return _iam.allows(statement, action) and all(
        key.lower() != "aws:requestedregion"
        or region in strings([values] if isinstance(values, str) else values)
        for _, key, values in _iam.conditions(statement)
    )


check = ExecutionRoleMayStartTasks()

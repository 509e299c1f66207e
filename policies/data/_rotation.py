"""How secrets rotate: which function does it, and whether an ARN is that of a secret."""

from fnmatch import fnmatchcase
from typing import Any

from stack_gate.stack import Block, strings

from policies.data._databases import DATABASES, SECRET

ROTATION = "aws_secretsmanager_secret_rotation"
FUNCTION = "aws_lambda_function"
# Rotation functions that AWS publishes come as a stack of their own.
_STACKS = ("aws_cloudformation_stack", "aws_serverlessapplicationrepository_cloudformation_stack")
_SUFFIX = "-AbCdEf"  # Secrets Manager ends the ARN of a secret with a hyphen and six characters


def is_managed(rotation: Block) -> bool:
    """Whether RDS rotates the secret, which is then its own, without a function."""
    return bool(rotation.refers("secret_id", *DATABASES))


def functions(rotation: Block) -> list[Block]:
    """The function of this stack that rotates the secret; through its alias, too."""
    argument = "rotation_lambda_arn"
    aliases = rotation.refers(argument, "aws_lambda_alias")
    return [
        *rotation.refers(argument, FUNCTION),
        *(f for a in aliases for f in a.refers("function_name", FUNCTION)),
    ]


def is_published(rotation: Block) -> bool:
    """Whether the function comes from a template of AWS, which brings its permissions along."""
    return bool(rotation.refers("rotation_lambda_arn", *_STACKS))


def concerns(arns: Any, rotation: Block) -> bool:
    """Whether one of the ARNs, wildcards allowed, is the secret's; any is, if it is not in the stack."""
    secrets = rotation.refers("secret_id", SECRET)
    if not secrets or any(secret in rotation.stack.referred(arns, SECRET) for secret in secrets):
        return True
    names = [f"{secret.get('name') or ''}{_SUFFIX}" for secret in secrets]
    patterns = [text.partition(":secret:")[2] for text in strings(arns) if text != "*"]
    return "*" in strings(arns) or any(fnmatchcase(name, pattern) for name in names for pattern in patterns)

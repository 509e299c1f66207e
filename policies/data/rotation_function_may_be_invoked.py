"""Secrets Manager may call the function that rotates."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies.data._rotation import ROTATION, concerns, functions

PRINCIPAL = "secretsmanager.amazonaws.com"
ACTIONS = ("lambda:InvokeFunction", "lambda:*")


class RotationFunctionMayBeInvoked(ResourcePolicy):
    policy = "CKV_BG_102"
    title = "Secrets Manager may invoke the function that rotates a secret"
    requirement = "R04"
    pci = "8.6.3"
    severity = "CRITICAL"
    why = "AWS refuses to turn the rotation on, in the middle of an apply, or every rotation fails"
    fix = (
        f'add an aws_lambda_permission for the function with action = "{ACTIONS[0]}", '
        f'principal = "{PRINCIPAL}" and source_arn = the arn of the secret'
    )
    types = (ROTATION,)

    def defects(self, resource: Block) -> Iterator[str]:
        for function in functions(resource):
            permissions = resource.stack.users(function, "function_name", "aws_lambda_permission")
            if not any(_lets_in(permission, resource) for permission in permissions):
                yield f"may not invoke {function.address} for this secret"


def _lets_in(permission: Block, rotation: Block) -> bool:
    source = permission.get("source_arn")
    return (
        permission.get("principal") == PRINCIPAL
        and permission.get("action") in ACTIONS
        and (not source or concerns(source, rotation))
    )


check = RotationFunctionMayBeInvoked()

"""The function that rotates a secret has the permissions that it takes."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies import _iam
from policies._policy import ResourcePolicy
from policies.data._rotation import ROTATION, concerns, functions

# What the four steps call (Secrets Manager user guide, "Permissions for rotation").
ACTIONS = ("DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage")


class RotationFunctionMayRotate(ResourcePolicy):
    policy = "CKV_BG_103"
    title = "The function that rotates a secret may read and write it"
    requirement = "R04"
    pci = "8.6.3"
    severity = "CRITICAL"
    why = "Each rotation stops half-way, with a version that is pending, and the password stays as it is"
    fix = (
        f"allow secretsmanager:{', secretsmanager:'.join(ACTIONS)} on the secret's arn in the function's role"
    )
    types = (ROTATION,)

    def defects(self, resource: Block) -> Iterator[str]:
        for function in functions(resource):
            statements = resource.stack.derived(_iam.Roles).of_function(function)
            own = [s for s in statements if concerns(_iam.resources(s), resource)]
            lacking = [a for a in ACTIONS if not any(_iam.allows(s, f"secretsmanager:{a}") for s in own)]
            if lacking:
                yield f"has {function.address} rotate, which may not {', '.join(lacking)}"


check = RotationFunctionMayRotate()

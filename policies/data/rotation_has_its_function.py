"""What rotates a secret is deployed along with it."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies.data._rotation import ROTATION, functions, is_managed, is_published


class RotationHasItsFunction(ResourcePolicy):
    policy = "CKV_BG_101"
    title = "The function that rotates a secret is in the stack"
    requirement = "R04"
    pci = "8.6.3"
    severity = "CRITICAL"
    why = "Without a function that is there the schedule passes, and the password stays as it is"
    fix = "set rotation_lambda_arn to the arn of an aws_lambda_function of this stack"
    types = (ROTATION,)

    def defects(self, resource: Block) -> Iterator[str]:
        if is_managed(resource) or functions(resource) or is_published(resource):
            return
        named = resource.get("rotation_lambda_arn")
        yield f"names the function {named}, which is not in the stack" if named else "names no function"


check = RotationHasItsFunction()

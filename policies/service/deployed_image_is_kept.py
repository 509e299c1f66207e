"""An apply keeps the image that was deployed."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_true, listed

from policies import _iam
from policies._policy import ResourcePolicy
from policies._switch import roles_of_switches
from policies.service._containers import TASK_DEFINITION, image_parameter, raw_containers

DEPLOYS = "ecs:RegisterTaskDefinition"


class DeployedImageIsKept(ResourcePolicy):
    policy = "CKV_BG_268"
    title = "Terraform takes the image from the parameter that a deploy writes, and ignores its changes"
    requirement = None
    pci = "6.5.1"
    severity = "HIGH"
    why = "The next apply, whatever it is for, takes the colour back to its first image"
    fix = (
        'set lifecycle.ignore_changes = ["insecure_value"] on the parameter, track_latest = true on the '
        "task definition, and image to the parameter's insecure_value"
    )
    types = (TASK_DEFINITION,)

    def defects(self, resource: Block) -> Iterator[str]:
        found = [image_parameter(body.get("image"), resource.stack) for _, body in raw_containers(resource)]
        parameters = [parameter for parameter in found if parameter]
        for parameter in parameters:
            ignored = {str(path) for path in listed(parameter.get("lifecycle.ignore_changes"))}
            if not ignored & {"all", "insecure_value", "value"}:
                yield f"runs the image of {parameter.address}, which every apply sets back"
        if parameters and not is_true(resource.get("track_latest")):
            yield "is compared with the revision that Terraform registered, not with the newest one"
        if found and not parameters and _is_deployed(resource):
            yield "names its image itself, and the switch deploys others"


def _is_deployed(definition: Block) -> bool:
    """Whether a function that moves traffic registers revisions with the roles of this definition."""
    named = [definition.get("execution_role_arn"), definition.get("task_role_arn")]
    own = {role.address for role in definition.stack.referred(named, "aws_iam_role")}
    roles = definition.stack.derived(_iam.Roles)
    return any(
        _iam.allows(statement, "iam:PassRole")
        and own & {r.address for r in definition.stack.referred(_iam.resources(statement), "aws_iam_role")}
        for function, _ in roles_of_switches(definition.stack)
        for statement in roles.of_function(function)
        if any(_iam.allows(each, DEPLOYS) for each in roles.of_function(function))
    )


check = DeployedImageIsKept()

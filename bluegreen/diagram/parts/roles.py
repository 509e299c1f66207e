"""Who takes a role on, and what it may do."""

import json
import re

from stack_gate.stack import ROUTING, Block, strings

from bluegreen.diagram.scene import Scene

POLICIES = ("aws_iam_role_policy", "aws_iam_role_policy_attachment")
_ASSUMED = re.compile(r'"(ecs-tasks|ec2|lambda|eks|pods\.eks)\.amazonaws\.com"')
_SERVING = ("ecs-tasks", "ec2", "eks", "pods.eks")


def attached_to(scene: Scene, role: Block) -> list[Block]:
    """The policies and attachments of a role; a policy of another role may name it, to pass it."""
    return list(scene.stack.users(role, "role", *POLICIES))


def policies(scene: Scene, role: Block) -> list[str]:
    """The documents that say what a role may do, its own and attached ones."""
    attached = attached_to(scene, role)
    managed = scene.stack.referred([a.body.get("policy_arn") for a in attached], "aws_iam_policy")
    return strings([*(r.body.get("policy") for r in (*attached, *managed)), role.blocks("inline_policy")])


def moves_traffic(scene: Scene, function: Block) -> bool:
    """Whether its role may change a listener; or, where no policy in the stack says what it may do with load
    balancers, whether it is told of a listener and of both colours.
    """
    roles = scene.stack.referred(function.get("role"), "aws_iam_role")
    granted = [text for role in roles for text in policies(scene, role) if "elasticloadbalancing:" in text]
    if granted:
        return any("elasticloadbalancing:Modify" in text for text in granted)
    told = function.blocks("environment")
    groups = {group.type for group in scene.colours.groups.values()}
    return bool(scene.stack.referred(told, *ROUTING)) and len(scene.stack.referred(told, *groups)) > 1


def application_roles(scene: Scene, colour: str) -> list[Block]:
    """The roles of one colour that what serves requests takes on."""
    return [
        role
        for role in scene.stack.resources("aws_iam_role")
        if scene.colours.of(role) == colour and assumed_by(role) in _SERVING
    ]


def assumed_by(role: Block) -> str | None:
    """The service that takes the role on, such as `ecs-tasks`."""
    match = _ASSUMED.search(json.dumps(strings(role.body.get("assume_role_policy"))).replace("\\", ""))
    return match[1] if match else None

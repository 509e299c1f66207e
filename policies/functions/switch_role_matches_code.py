"""The switch function's role and its code agree."""

from collections.abc import Iterator

from stack_gate.stack import Block, Body

from policies import _iam
from policies._package import UnseenError, code, snake
from policies._policy import ResourcePolicy
from policies._switch import SWITCHING, is_switch

_LOAD_BALANCING, _SSM = "elasticloadbalancing", "ssm"
# What a switch calls; names of methods that only these services have.
_CALLS = {
    "describe_listeners": _LOAD_BALANCING,
    "describe_target_groups": _LOAD_BALANCING,
    "describe_target_health": _LOAD_BALANCING,
    "modify_rule": _LOAD_BALANCING,
    "get_parameter": _SSM,
    "get_parameters": _SSM,
    "put_parameter": _SSM,
}


class SwitchRoleMatchesCode(ResourcePolicy):
    policy = "CKV_BG_234"
    title = "The switch function's role allows what its code calls, and nothing else of these services"
    requirement = "R28"
    pci = "7.2.5"
    severity = "MEDIUM"
    why = (
        "A denied call stops a switch in the middle; a permission that nothing uses serves an attacker alone"
    )
    fix = "make the role's actions those that the code calls, each on the resources that it needs"
    types = ("aws_lambda_function",)

    def defects(self, resource: Block) -> Iterator[str]:
        statements = resource.stack.derived(_iam.Roles).of_function(resource)
        if not statements or not is_switch(resource):
            return
        try:
            called = code(resource).calls
        except UnseenError:  # another policy's finding
            return
        for method in sorted(called & set(_CALLS)):
            action = f"{_CALLS[method]}:{method.title().replace('_', '')}"
            if not any(_iam.allows(statement, action) for statement in statements):
                yield f"calls {method}, but its role does not allow {action}"
        if "modify_listener" in called:
            yield from _unused(statements, called)


def _unused(statements: list[Body], called: frozenset[str]) -> Iterator[str]:
    granted = {action for s in statements if _iam.is_allow(s) for action in _iam.actions(s)}
    for action in sorted(granted - {SWITCHING}):
        service, _, name = action.partition(":")
        if service.lower() in (_LOAD_BALANCING, _SSM) and "*" not in name and snake(name) not in called:
            yield f"has a role that allows {action}, which its code never calls"


check = SwitchRoleMatchesCode()

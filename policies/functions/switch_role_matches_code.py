"""The switch function's role and its code agree."""

from collections.abc import Iterator

from stack_gate.stack import Block, Body

from policies import _iam, _rights
from policies._package import UnseenError, code
from policies._policy import ResourcePolicy
from policies._rights import Needs
from policies._switch import SWITCHING, is_switch


class SwitchRoleMatchesCode(ResourcePolicy):
    policy = "CKV_BG_234"
    title = "The switch function's role allows what its code calls, of every service, and nothing else"
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
            found = code(resource)
        except UnseenError:  # another policy's finding
            return
        if "modify_listener" not in found.calls:
            return  # another policy's finding, too
        needed = _rights.needs(resource, found)
        for action in needed.required.values():
            yield from _of(action, statements, resource, needed)
        yield from _unused(statements, needed)


def _of(action: str, statements: list[Body], function: Block, needed: Needs) -> Iterator[str]:
    """What is wrong with one action that the function needs. CKV_BG_228 asks where it may switch."""
    services = _rights.vias(needed)
    allowing = [statement for statement in statements if _iam.allows(statement, action)]
    met = [statement for statement in allowing if _rights.is_met(statement, action, function, services)]
    if not met:
        if allowing:
            yield f"has a role that allows {action} on conditions that the call doesn't meet"
        elif action != SWITCHING:
            yield f"needs {action}, but its role does not allow it"
    elif action != SWITCHING:
        for statement in met:
            yield from (
                f"has a role that allows {action} {what}"
                for what in _rights.wrong(statement, action, function)
            )
        yield from (
            f"needs {action} on {what}, but its role does not allow it"
            for what in _rights.missing(met, action, function)
        )
    # CKV_BG_228 has what takes the switching away without a condition
    apart = [one for one in statements if action != SWITCHING or not _iam.denies(one, action)]
    if any(_rights.is_denied(one, action, function, services) for one in apart):
        yield f"has a role that denies {action}"


def _unused(statements: list[Body], needed: Needs) -> Iterator[str]:
    granted = {action for one in statements if _iam.is_allow(one) for action in _iam.actions(one)}
    for action in sorted(granted):
        if action.lower() not in needed.allowed and action != SWITCHING:
            yield f"has a role that allows {action}, which its code never calls"
    if any(_iam.is_allow(one) and "NotAction" in one for one in statements):
        yield "has a role that allows everything but some actions"


check = SwitchRoleMatchesCode()

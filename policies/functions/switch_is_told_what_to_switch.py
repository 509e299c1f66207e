"""The switch function gets what it needs, in its environment."""

from collections.abc import Iterator

from stack_gate.stack import LISTENERS, TARGET_GROUPS, Block, Forward, Stack, Traffic, objects, strings

from policies._policy import ResourcePolicy
from policies._switch import environment, is_switch

_TYPES = {
    "LISTENER_ARN": LISTENERS,
    "BLUE_TG_ARN": TARGET_GROUPS,
    "GREEN_TG_ARN": TARGET_GROUPS,
    "SSM_PARAM_NAME": ("aws_ssm_parameter",),
}
_GROUPS = {"BLUE_TG_ARN": "green", "GREEN_TG_ARN": "blue"}  # and which one it must not be


class SwitchIsToldWhatToSwitch(ResourcePolicy):
    policy = "CKV_BG_233"
    title = f"The switch function's environment has {', '.join(_TYPES)}, each naming the right thing"
    requirement = "R33"
    pci = "6.5.1"
    severity = "MEDIUM"
    why = "A switch that has to guess moves the wrong traffic, or none"
    fix = (
        "set environment.variables: LISTENER_ARN = the weighted listener's arn, BLUE_TG_ARN and "
        "GREEN_TG_ARN = the arn of the target groups that it forwards to, "
        "SSM_PARAM_NAME = the parameter's name"
    )
    types = ("aws_lambda_function",)

    def defects(self, resource: Block) -> Iterator[str]:
        if not is_switch(resource):
            return
        given = environment(resource)
        for name, types in _TYPES.items():
            value = given.get(name)
            if not value:
                yield f"gets no {name}"
            elif not resource.stack.referred(value, *types) and resource.stack.resources(*types):
                yield f"gets the {name} {value}, which is none of this stack's"
            elif name.endswith("_ARN") and not _is_arn(str(value)):
                yield f"gets the {name} {value}, which is no ARN"
        yield from _forwards(resource, resource.stack.derived(Traffic))


def _is_arn(text: str) -> bool:
    return text.startswith("arn:") or ".arn" in text or ".id" in text  # these resources' id is their ARN


def _forwards(function: Block, traffic: Traffic) -> Iterator[str]:
    """The listener has to be a weighted one, and the target groups those that it forwards to, one each."""
    stack, given = function.stack, environment(function)
    listener = stack.one(given.get("LISTENER_ARN"), *LISTENERS)
    forwards = [forward for forward in traffic.weighted if forward.owner is listener]
    if listener and traffic.weighted and not forwards:
        yield f"gets the LISTENER_ARN of {listener.address}, which does not forward by weight"
    named = {name: stack.one(given.get(name), *TARGET_GROUPS) for name in _GROUPS}
    for name, other in _GROUPS.items():
        group = named[name]
        if group and forwards and group not in _targets(stack, forwards):
            yield f"gets the {name} of {group.address}, which its listener does not forward to"
        elif group and _says(group, other):
            yield f"gets the {name} of {group.address}, which is {other}"
    if named["BLUE_TG_ARN"] and named["BLUE_TG_ARN"] is named["GREEN_TG_ARN"]:
        yield "gets the same target group as BLUE_TG_ARN and as GREEN_TG_ARN"


def _targets(stack: Stack, forwards: list[Forward]) -> list[Block]:
    arns = [entry.get("arn") for forward in forwards for entry in forward.entries]
    return stack.referred(arns, *TARGET_GROUPS)


def _says(group: Block, colour: str) -> bool:
    """Whether it calls itself that, and not the other colour."""
    words = " ".join([group.name, *strings(group.get("name")), *strings(objects(group.get("tags")))]).lower()
    return all((name in words) == (name == colour) for name in ("blue", "green"))


check = SwitchIsToldWhatToSwitch()

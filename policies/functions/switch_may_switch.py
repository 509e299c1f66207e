"""The switch function's role allows it to modify its listeners, and no others."""

import re
from collections.abc import Iterator

from stack_gate.stack import LISTENERS, Block

from policies import _iam
from policies._policy import ResourcePolicy
from policies._switch import SWITCHING, environment, is_switch, switching_statements

# One listener: nothing but its own id may be a wildcard.
_ONE = re.compile(r"^arn:[\w-]+:elasticloadbalancing:[^:*]+:\d{12}:listener/app/[^*?]+/[^*?/]+/[^/]+$")


class SwitchMaySwitch(ResourcePolicy):
    policy = "CKV_BG_228"
    title = "The switch function's role may modify its listeners and no others"
    requirement = "R28"
    pci = "7.2.5"
    severity = "HIGH"
    why = "Without the permission no traffic moves, with too wide a one any load balancer's does"
    fix = (
        "give its role an aws_iam_role_policy that allows elasticloadbalancing:ModifyListener with "
        "the listeners' ARNs as Resource"
    )
    types = ("aws_lambda_function",)

    def defects(self, resource: Block) -> Iterator[str]:
        if not is_switch(resource):
            return
        statements = switching_statements(resource)
        if not statements:
            yield _lacking(resource)
            return
        allowed = [text for statement in statements for text in _iam.resources(statement)]
        yield from _taken_away(resource)
        if any("NotResource" in statement for statement in statements):
            yield f"has a role that allows {SWITCHING} on all but some resources"
        for text in dict.fromkeys(allowed):
            if not resource.stack.referred(text, *LISTENERS) and not _ONE.match(text):
                yield f"has a role that allows {SWITCHING} on {text}"
        told = resource.stack.referred(environment(resource).get("LISTENER_ARN"), *LISTENERS)
        moved = [value for name, value in environment(resource).items() if "REDIRECT" not in name]
        everything = resource.stack.referred(moved, *LISTENERS)
        for listener in resource.stack.referred(allowed, *LISTENERS) if told else ():
            if listener not in everything:
                yield f"has a role that allows {SWITCHING} on {listener.address}, not one to switch"
        for listener in told:
            if listener not in resource.stack.referred(allowed, *LISTENERS) and not _literal(allowed):
                yield f"has a role that does not allow {SWITCHING} on {listener.address}, its LISTENER_ARN"


def _taken_away(function: Block) -> Iterator[str]:
    for statement in function.stack.derived(_iam.Roles).of_function(function):
        denied = _iam.resources(statement) if _iam.denies(statement, SWITCHING) else []
        for text in denied:
            if text == "*" or function.stack.referred(text, *LISTENERS):
                yield f"has a role that denies {SWITCHING} on {text}"


def _literal(allowed: list[str]) -> bool:
    """ARNs in full, or too wide: not to be compared with a reference."""
    return any(text == "*" or text.startswith("arn:") for text in allowed)


def _lacking(function: Block) -> str:
    role = function.stack.one(function.get("role"), "aws_iam_role")
    if role is None:
        named = function.get("role") or "none"
        return f"has a role that is not in this stack ({named}), so its policies can't be seen"
    if not function.stack.derived(_iam.Roles).of(role):
        return f"has a role without a policy that can be read ({role.address})"
    return f"has a role that does not allow {SWITCHING} ({role.address})"


check = SwitchMaySwitch()

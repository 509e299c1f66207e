"""What a role is allowed and denied at once: what takes it on fails at that."""

from collections.abc import Iterator

from stack_gate.stack import Block, Body, Stack

from iam_evaluation import Caller, Kind, Policies, Request, evaluate
from policies import _iam
from policies._arns import Arns
from policies._evaluation import EVERYTHING, parsed

# Where a request comes from is not known of one that AWS makes in the role's name.
_PLACES = frozenset({
    "aws:sourceip", "aws:sourcevpc", "aws:sourcevpcarn", "aws:sourcevpce", "aws:viaawsservice",
    "aws:vpcsourceip",
})  # fmt: skip


def taken_back(stack: Stack) -> Iterator[tuple[Block, str]]:
    """(what denies, what) of each Deny that meets an action that the role's other statements name."""
    roles = stack.derived(_iam.Roles)
    for role in stack.resources("aws_iam_role"):
        granted = roles.granted(role)
        allowed = [statement for _, statement in granted if _iam.is_allow(statement)]
        for place, statement in granted:
            if statement.get("Effect") == "Deny" and not _is_of_places(statement):
                for action in _met(statement, allowed, role):
                    yield place, f"denies {action}, which {role.address} is allowed and there for"
                    break


def _is_of_places(statement: Body) -> bool:
    return any(key.lower() in _PLACES for _, key, _ in _iam.conditions(statement))


def _met(deny: Body, allowed: list[Body], role: Block) -> Iterator[str]:
    arns = role.stack.derived(Arns)
    try:
        policy = parsed({"Version": "2012-10-17", "Statement": [deny]}, role.stack, Kind.IDENTITY)
    except ValueError:
        return  # another policy's finding
    context: dict[str, str | bool] = {
        "aws:PrincipalAccount": arns.account,
        "aws:PrincipalArn": arns.of(role),
        "aws:RequestedRegion": arns.region,
        "aws:ResourceAccount": arns.account,
        "aws:SecureTransport": True,
    }
    caller, policies = Caller.role(arns.of(role)), Policies(identity=(EVERYTHING, policy))
    for statement in allowed:
        for action in _iam.actions(statement):
            if "*" not in action and "?" not in action and _iam.is_about(deny, action):
                for resource in _iam.resources(statement):
                    if not evaluate(Request(caller, action, arns.put(resource), context), policies).allowed:
                        yield action

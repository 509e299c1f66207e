"""What a synthesized role allows, in the words in which the recorder tells what a function calls."""

import re

from tests.lambda_src.recorder import ANY, KINDS, called
from tests.stack_reader import Stack

_REFERENCE = re.compile(r"\$\{(\w+\.[\w-]+)\.")


def allowed(stack: Stack, function: str) -> dict[str, set[str]]:
    """IAM action → the environment variables whose values name what the policy `calls` allows it on."""
    variables = stack.at(f"{function}/function")["environment"]["variables"]
    found: dict[str, set[str]] = {}
    for statement in stack.at(f"{function}/calls").policy():
        resources = {ANY if arn == "*" else _variable(arn, variables, stack) for arn in statement["Resource"]}
        for action in statement["Action"]:
            found.setdefault(action, set()).update(resources)
    return found


def _variable(arn: str, variables: dict[str, str], stack: Stack) -> str:
    """The variable with this very value, or one that names the same resource otherwise; with what the policy
    has after the ARN (an index of a table).
    """
    if known := called(arn):
        return known
    if arn.startswith("${aws_iam_role."):
        return str(called("role/" + stack.named(arn)["name"]))
    same = [name for name, value in variables.items() if value == arn]
    if same:
        (variable,) = same
        return variable + arn.partition("}")[2]
    (resource,) = _REFERENCE.findall(arn)
    named = [name for name, value in variables.items() if resource in _REFERENCE.findall(value)]
    # Of several (a cluster's hosts, its administrator) the one that names the resource.
    (variable,) = [name for name in named if len(named) == 1 or name.endswith(tuple(KINDS))]
    return variable + arn.partition("}")[2]

"""What a synthesized role allows, in the words in which the recorder tells what a function calls."""

from tests.lambda_src.recorder import ANY
from tests.stack_reader import Stack


def allowed(stack: Stack, function: str) -> dict[str, set[str]]:
    """IAM action → the environment variables whose values name what the policy `calls` allows it on."""
    variables = stack.at(f"{function}/function")["environment"]["variables"]
    found: dict[str, set[str]] = {}
    for statement in stack.at(f"{function}/calls").policy():
        resources = {ANY if arn == "*" else _variable(stack, arn, variables) for arn in statement["Resource"]}
        for action in statement["Action"]:
            found.setdefault(action, set()).update(resources)
    return found


def _variable(stack: Stack, arn: str, variables: dict[str, str]) -> str:
    """The variable with this very value, or with a name where the policy has the ARN of the same resource."""
    same = [name for name, value in variables.items() if value == arn]
    (variable,) = same or [
        name
        for name, value in variables.items()
        if value.endswith(".name}") and arn.endswith(".arn}") and stack.named(value) == stack.named(arn)
    ]
    return variable

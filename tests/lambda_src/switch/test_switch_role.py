"""R28: the synthesized role allows exactly the calls that the function makes, on exactly its resources."""

from collections.abc import Mapping

import pytest

from tests.lambda_src.live_platform import LivePlatform
from tests.lambda_src.recorder import ANY, by_variable, every_action
from tests.stack_reader import REFERENCE, Stack


def allowed(stack: Stack, function: str) -> dict[str, set[str]]:
    """IAM action → the environment variables that name the resources which the role `calls` allows it on."""
    variables = stack.at(f"{function}/function")["environment"]["variables"]
    named = {
        stack.named(value): variable for variable, value in variables.items() if REFERENCE.fullmatch(value)
    }
    found: dict[str, set[str]] = {}
    for statement in stack.at(f"{function}/calls").policy():
        resources = {ANY if arn == "*" else named[stack.named(arn)] for arn in statement["Resource"]}
        for action in statement["Action"]:
            found.setdefault(action, set()).update(resources)
    return found


@pytest.mark.parametrize("deployment", ["local", "staging", "production"])
def test_the_role_allows_what_the_function_does_and_nothing_else(
    stacks: Mapping[str, Stack], platform: LivePlatform, deployment: str
) -> None:
    made = by_variable(every_action(platform).permissions(), platform.environment)

    assert allowed(stacks[deployment], "switching/switch") == made

"""R28: the synthesized role allows exactly the calls that the function makes, on exactly its resources."""

from collections.abc import Mapping

import pytest

from tests.lambda_src.live_platform import LivePlatform
from tests.lambda_src.recorder import by_variable, every_action
from tests.lambda_src.roles import allowed
from tests.stack_reader import Stack


@pytest.mark.parametrize("deployment", ["local", "staging", "production"])
def test_the_role_allows_what_the_function_does_and_nothing_else(
    stacks: Mapping[str, Stack], platform: LivePlatform, deployment: str
) -> None:
    made = by_variable(every_action(platform).permissions(), platform.environment)

    assert allowed(stacks[deployment], "switching/switch") == made

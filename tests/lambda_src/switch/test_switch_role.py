"""R28: the synthesized role allows exactly the calls that the function makes, on exactly its resources."""

from collections.abc import Mapping

import pytest

from tests.lambda_src.live_platform import LivePlatform
from tests.lambda_src.recorder import WRITES, by_variable, every_action, every_look
from tests.lambda_src.roles import allowed
from tests.stack_reader import Stack


@pytest.mark.parametrize("deployment", ["local", "staging", "production"])
def test_the_role_allows_what_the_function_does_and_nothing_else(
    stacks: Mapping[str, Stack], platform: LivePlatform, deployment: str
) -> None:
    made = by_variable(every_action(platform).permissions(), platform.environment)

    assert allowed(stacks[deployment], "switching/switch") == made


@pytest.mark.parametrize("deployment", ["local", "staging", "production"])
def test_the_role_for_reading_allows_what_is_looked_at_and_nothing_else(
    stacks: Mapping[str, Stack], platform: LivePlatform, deployment: str
) -> None:
    looks = every_look(platform)
    made = by_variable(looks.permissions(), platform.environment)

    assert looks.writes == []
    assert allowed(stacks[deployment], "switching/read") == made
    assert not set(made) & WRITES

"""The synthesized function gets exactly what its settings ask for, and may do exactly what it does."""

from collections.abc import Mapping

import pytest

from lambda_src.rotation.settings import REQUIRED_VARIABLES
from tests.lambda_src.recorder import by_variable
from tests.lambda_src.roles import allowed
from tests.lambda_src.rotation.recording import every_step
from tests.lambda_src.rotation.rehearsal import Rehearsal
from tests.lambda_src.rotation.test_rotation_administrator import PERMISSIONS
from tests.stack_reader import Stack


@pytest.mark.parametrize("colour", ["blue", "green"])
def test_the_role_allows_what_the_function_does_and_nothing_else(
    stacks: Mapping[str, Stack], rehearsal: Rehearsal, colour: str
) -> None:
    made = by_variable(every_step(rehearsal).permissions(), rehearsal.environment)

    for stack in stacks.values():
        assert allowed(stack, f"{colour}-credentials/rotation") == {
            action: made.get(action, set()) | PERMISSIONS.get(action, set()) for action in made | PERMISSIONS
        }


@pytest.mark.parametrize("colour", ["blue", "green"])
def test_the_environment_is_exactly_what_the_settings_ask_for(stack: Stack, colour: str) -> None:
    function = stack.at(f"{colour}-credentials/rotation/function")
    variables = function["environment"]["variables"]

    assert set(variables) == set(REQUIRED_VARIABLES)
    assert stack.named(variables["SECRET_ARN"]).path == f"{colour}-credentials/secret"
    assert stack.named(variables["DB_HOST"]).path == f"{colour}-database/cluster"

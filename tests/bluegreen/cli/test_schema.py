"""`bluegreen schema`: the JSON Schema of the models."""

import json

from tests.bluegreen.cli.conftest import run
from tools.configuration import schema


def test_it_is_that_of_the_models() -> None:
    result = run("schema")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == json.loads(json.dumps(schema()))

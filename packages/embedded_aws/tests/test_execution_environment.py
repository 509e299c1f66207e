"""The process that holds a function, without a server."""

from pathlib import Path

import pytest
from embedded_aws.functions.environment import ExecutionEnvironment
from embedded_aws.functions.model import Deployed, Request

pytestmark = pytest.mark.integration

ARN = "arn:aws:lambda:us-east-1:123456789012:function:counts"
COUNTS = """
count = 0

def handler(event, context):
    global count
    count += 1
    return count
"""
RUNTIME = {
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "AWS_LAMBDA_FUNCTION_NAME": "counts",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_LOG_FORMAT": "Text",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/counts",
    "_HANDLER": "main.handler",
}


@pytest.mark.usefixtures("crowd")
def test_it_is_used_again_however_many_files_are_open(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(COUNTS)
    function = Deployed(
        ARN, tmp_path, 128, 20.0, (), tuple((RUNTIME | {"PYTHONPATH": str(tmp_path)}).items())
    )
    environment = ExecutionEnvironment(function, tmp_path / "own")
    try:
        answers = [environment.invoke(Request(str(n), {}, ARN)).payload for n in range(2)]
        assert (answers, environment.is_ready()) == (["1", "2"], True)
        environment.close()
        assert not environment.is_ready()
    finally:
        environment.remove()

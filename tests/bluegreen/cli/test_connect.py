"""Which function a verb talks to, and how long it waits for it."""

import json
from collections.abc import Iterator

import pytest

from bluegreen.cli.connect import connect
from bluegreen.cli.deployment import Deployment
from tests.bluegreen.cli.conftest import FUNCTION, Place


@pytest.fixture
def with_function(place: Place) -> Iterator[None]:
    """The stack as it is with a function in it, of which the small one knows only the outputs."""
    file = place.directory / "cdktf.out/stacks/local/cdk.tf.json"
    original = file.read_text()
    document = json.loads(original)
    document["resource"]["aws_lambda_function"] = {
        "other": {"function_name": "other", "timeout": 900},
        "switch": {"function_name": FUNCTION, "timeout": 75},
    }
    file.write_text(json.dumps(document))
    yield
    file.write_text(original)


@pytest.mark.usefixtures("with_function")
def test_the_function_of_a_deployment_is_the_one_that_was_applied(place: Place) -> None:
    function = connect(Deployment("local"))
    assert function.name == f"arn:aws:lambda:us-east-1:123456789012:function:{FUNCTION}"
    assert (function.region, function.timeout_seconds) == ("us-east-1", 75)
    assert function.endpoint_url == place.aws.endpoint


def test_a_local_deployment_is_never_looked_for_elsewhere(place: Place) -> None:
    assert connect(Deployment("local"), None, None, "https://example.com").endpoint_url == place.aws.endpoint


def test_an_arn_tells_its_region_itself() -> None:
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:payments-switch"
    function = connect(Deployment("local"), arn, "us-east-1", None)
    assert (function.name, function.region, function.endpoint_url) == (arn, "eu-west-1", None)

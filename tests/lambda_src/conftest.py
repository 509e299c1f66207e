"""A moto server in each test process, and platforms on it."""

import logging
from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from tests.lambda_src.live_platform import LivePlatform


@pytest.fixture(scope="session")
def aws_endpoint() -> Iterator[str]:
    """URL of an AWS on a free loopback port."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def aws_environment(aws_endpoint: str) -> dict[str, str]:
    """What makes boto3 talk to that AWS and to no other."""
    return {
        "AWS_ENDPOINT_URL": aws_endpoint,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


@pytest.fixture(autouse=True)
def _only_this_aws(aws_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in aws_environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def platform() -> LivePlatform:
    """Blue has the traffic, both sides have two healthy targets, nothing was migrated yet."""
    return LivePlatform.create()

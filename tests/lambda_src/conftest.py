"""An embedded AWS for each test process, and platforms on it."""

from collections.abc import Iterator

import embedded_aws as local_aws
import pytest
from embedded_aws import LocalAws

from tests.default_session import led_to
from tests.lambda_src.live_platform import LivePlatform


@pytest.fixture(scope="session")
def embedded_aws(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    """The embedded AWS of this process."""
    with local_aws.running(tmp_path_factory.mktemp("aws")) as aws:
        yield aws


@pytest.fixture
def only_this_aws(embedded_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 finds no other AWS during the test."""
    led_to(embedded_aws, monkeypatch)


@pytest.fixture
def platform(only_this_aws: None) -> LivePlatform:  # noqa: ARG001 - it is made on that AWS
    """Blue has the traffic, both colours are fit for it, nothing was migrated yet."""
    return LivePlatform.create()

"""An embedded AWS to run state machines on."""

from collections.abc import Iterator

import embedded_aws
import pytest


@pytest.fixture(scope="session")
def aws(_integration: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded_aws.LocalAws]:
    """The one of this worker."""
    with embedded_aws.running(tmp_path_factory.mktemp("aws")) as running:
        yield running

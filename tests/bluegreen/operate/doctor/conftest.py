"""One embedded AWS, in which the staging deployment lacks nothing; each test gives back what it takes."""

from collections.abc import Iterator
from pathlib import Path

import embedded_aws
import pytest

from tests.bluegreen.operate.doctor.world import World, build
from tests.default_session import led_to
from tests.workspaces import stack_of


@pytest.fixture(scope="session")
def doctor_aws(
    _integration: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[embedded_aws.LocalAws]:
    """An embedded AWS for the doctor."""
    with embedded_aws.running(tmp_path_factory.mktemp("doctor-aws")) as aws:
        yield aws


@pytest.fixture(scope="session")
def seeded(
    doctor_aws: embedded_aws.LocalAws, workspace: Path, tmp_path_factory: pytest.TempPathFactory
) -> World:
    """The account, as `build` leaves it."""
    directory = tmp_path_factory.mktemp("doctor")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(directory)
        led_to(doctor_aws, patch)
        return build(doctor_aws, directory, stack_of(workspace, "staging"), "us-east-1")


@pytest.fixture
def world(seeded: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """That account, and an environment that leads to it."""
    monkeypatch.chdir(seeded.directory)
    led_to(seeded.aws, monkeypatch)
    return seeded

"""A platform on an embedded AWS of its own for each of two groups of end-to-end tests, about equally long.

A group stays on one worker, and its platform ends with it (tests/lifetimes.py). They mostly wait, for health
checks, bakes and alarms: they may run side by side.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import embedded_aws
import pytest

from bluegreen.cli.exit_codes import ExitCode
from tests.e2e.platform import Platform, still_running
from tests.workspaces import made_once, synthesize, with_shipped_configuration


@pytest.fixture(scope="session")
def scanned(shared: Path) -> Path:
    """What all platforms are brought up from, synthesized and scanned. Don't write into it."""

    def make(directory: Path) -> None:
        place = Platform(with_shipped_configuration(directory))
        synthesized = synthesize(place.workspace, DEPLOYMENT="local")
        assert synthesized.returncode == 0, synthesized.stderr
        scanned = place.bluegreen("scan", "cdktf.out/stacks/local")
        assert scanned.returncode == 0, scanned.stdout + scanned.stderr

    return made_once(shared / "scanned", make)


@pytest.fixture(scope="session")
def platform(
    _integration: None, scanned: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    """`make up` in a directory of its own, taken down at the end."""
    directory = tmp_path_factory.mktemp("platform")
    place = Platform(shutil.copytree(scanned, directory, symlinks=True, dirs_exist_ok=True))
    try:
        up = place.bluegreen("local", "up")
        assert up.returncode == 0, up.stderr + place.log()
        assert " added, 0 changed, 0 removed" in up.stdout
        place.said = up.stdout
        yield place
    finally:
        pids = place.processes()
        assert len(still_running(pids)) > 1
        down = place.bluegreen("local", "down")
        assert down.returncode == 0, down.stderr
        assert not (place.workspace / ".local").exists()
        assert still_running(pids) == set()


@pytest.fixture
def on_blue(platform: Platform) -> Iterator[Platform]:
    """The platform with all traffic and the ledger on blue and all targets healthy, before and after."""
    assert platform.weights() == {"blue": 100, "green": 0}
    yield platform
    for colour, group in platform.groups.items():
        embedded_aws.set_target_health(platform.aws, group, embedded_aws.CHECKED)
        embedded_aws.set_incident(platform.aws, colour, "none")
    platform.await_healthy("blue", 3)
    status = platform.status()
    if platform.weights() != {"blue": 100, "green": 0} or status["lock"]:
        back = platform.bluegreen("rollback")  # ends a shift that a failed test left, too
        assert back.returncode in (ExitCode.OK, ExitCode.UNMOVED), back.stderr
        restored = platform.bluegreen("switch", "--to", "blue")
        assert restored.returncode == ExitCode.OK, restored.stderr
        status = platform.status()
    if status["ledger"]["writer"] != "blue":  # a shift took it along
        followed = platform.bluegreen("ledger", "move", "--to", "blue", "--yes")
        assert followed.returncode == ExitCode.OK, followed.stderr
    platform.await_healthy("green", 3)
    embedded_aws.forget_metrics(platform.aws)  # or alarms would go on ringing, for minutes

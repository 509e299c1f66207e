"""The whole road: synthesize, scan, apply to the embedded AWS, switch, plan, roll back, take down."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bluegreen import local_aws
from bluegreen.terraform import Terraform
from tests.workspaces import ROOT, stack_directory, synthesize, with_shipped_configuration

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform")]


class Platform:
    """The deployment `local` in a directory of its own, operated as its user does."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace

    def bluegreen(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the command in the workspace, whatever its exit code."""
        return subprocess.run(
            [sys.executable, "-m", "bluegreen", *arguments],
            cwd=self.workspace,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )

    def json(self, *arguments: str) -> dict[str, Any]:
        """What the command answers with `--output json`; fails if it fails."""
        result = self.bluegreen(*arguments, "--output", "json")
        assert result.returncode == 0, result.stderr
        answer: dict[str, Any] = json.loads(result.stdout)
        return answer

    def processes(self) -> list[str]:
        """Command lines of running processes that name the workspace."""
        listed = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True, check=True)  # noqa: S607
        return [line for line in listed.stdout.splitlines() if str(self.workspace) in line]

    def weights(self) -> dict[str, int]:
        """The production listener's weights, as the listener has them."""
        weights: dict[str, int] = self.json("status")["weights"]
        return weights

    @property
    def aws(self) -> local_aws.LocalAws:
        """The embedded AWS."""
        running = local_aws.find(self.workspace / ".local" / "local")
        assert running is not None
        return running

    @property
    def terraform(self) -> Terraform:
        """Terraform in the stack's directory, as a user runs it there."""
        return Terraform(stack_directory(self.workspace, "local"), self.aws.environment())


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """`make up` in a directory of its own, taken down at the end."""
    place = Platform(with_shipped_configuration(tmp_path_factory.mktemp("platform")))
    synthesized = synthesize(place.workspace, DEPLOYMENT="local")
    assert synthesized.returncode == 0, synthesized.stderr
    scanned = place.bluegreen("scan", "cdktf.out/stacks/local")
    assert scanned.returncode == 0, scanned.stdout + scanned.stderr
    try:
        up = place.json("local", "up")
        assert up["changed"] is True
        assert place.processes() != []
        yield place
    finally:
        down = place.bluegreen("local", "down")
        assert down.returncode == 0, down.stderr
        assert not (place.workspace / ".local").exists()
        assert place.processes() == []


@pytest.fixture
def on_blue(platform: Platform) -> Iterator[Platform]:
    """The platform with all traffic on blue and all targets healthy, before and after."""
    assert platform.weights() == {"blue": 100, "green": 0}
    yield platform
    platform.bluegreen("local", "health", "--colour", "blue", "--state", "healthy")
    platform.bluegreen("local", "health", "--colour", "green", "--state", "healthy")
    restored = platform.bluegreen("switch", "--to", "blue")
    assert restored.returncode == 0, restored.stderr


def test_it_starts_on_blue_with_healthy_targets_on_both_sides(on_blue: Platform) -> None:
    status = on_blue.json("status")

    assert status["active"] == status["recorded_active"] == "blue"
    assert status["test_weights"] == {"blue": 0, "green": 100}
    assert {name: (side["healthy"], side["total"]) for name, side in status["sides"].items()} == {
        "blue": (3, 3),
        "green": (3, 3),
    }
    assert status["consistent"] is True


def test_bringing_it_up_again_changes_nothing(on_blue: Platform) -> None:
    again = on_blue.json("local", "up")

    assert again["changed"] is False
    assert again["resources"] == {"added": 0, "changed": 0, "removed": 0}


def test_a_switch_moves_the_traffic_and_no_apply_moves_it_back(on_blue: Platform) -> None:
    moved = on_blue.json("switch", "--to", "green", "--reason", "end-to-end test")
    assert moved["after"] == {"blue": 0, "green": 100}
    parameter = on_blue.terraform.output()["active_environment_parameter"]
    recorded = on_blue.aws.client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"]
    assert recorded == "green"

    assert on_blue.terraform.plan().changes == ()

    on_blue.json("local", "up")
    assert on_blue.weights() == {"blue": 0, "green": 100}
    assert on_blue.terraform.output()["active_environment"] == "green"

    back = on_blue.json("rollback")
    assert back["after"] == {"blue": 100, "green": 0}
    assert on_blue.json("status")["active"] == "blue"


def test_a_side_without_healthy_targets_gets_no_traffic(on_blue: Platform) -> None:
    assert on_blue.bluegreen("local", "health", "--colour", "green", "--state", "unhealthy").returncode == 0

    refused = on_blue.bluegreen("switch", "--to", "green")

    assert refused.returncode == 1
    assert "green has 0 healthy targets of 3" in refused.stderr
    assert on_blue.weights() == {"blue": 100, "green": 0}


def test_a_part_of_the_traffic_can_be_shifted_and_taken_back(on_blue: Platform) -> None:
    part = on_blue.json("shift", "--to", "green", "--percent", "25")
    assert part["after"] == {"blue": 75, "green": 25}
    assert part["active"] == "blue"
    assert on_blue.terraform.plan().changes == ()

    on_blue.json("rollback")
    assert on_blue.weights() == {"blue": 100, "green": 0}

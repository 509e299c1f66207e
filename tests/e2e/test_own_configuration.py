"""A deployment whose configuration differs from the shipped one in each key that an apply can change, and in
its region: synthesized, scanned, applied and operated.
"""

import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.platform import Platform
from tests.workspaces import ROOT, with_shipped_configuration
from tools.permissions.changes import changed
from tools.permissions.lifecycle import shared, toml

pytestmark = [pytest.mark.e2e, pytest.mark.long]

REGION = "eu-central-1"
ON_GREEN = {"blue": 0, "green": 100}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Platform]:
    yield from synthesized(tmp_path, lambda text: toml(changed(text)).replace("us-east-1", REGION))


@pytest.fixture
def of_one_cluster(tmp_path: Path) -> Iterator[Platform]:
    yield from synthesized(tmp_path, lambda text: toml(shared(tomllib.loads(text))))


def synthesized(directory: Path, change: Callable[[str], str]) -> Iterator[Platform]:
    """A platform with another `local.toml`."""
    place = Platform(with_shipped_configuration(directory))
    file = directory / "config" / "local.toml"
    file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    subprocess.run([sys.executable, str(ROOT / "main.py")], cwd=directory, check=True)
    yield place
    down = place.bluegreen("local", "down")
    assert down.returncode == 0, down.stderr


def comes_up_and_shifts(place: Platform) -> None:
    """Clean, applied, and shifted under payments."""
    scan = place.bluegreen("scan", "cdktf.out/stacks/local")
    assert scan.returncode == 0, scan.stdout + scan.stderr
    up = place.json("local", "up")
    assert up["changed"]
    assert up["status"]["consistent"]

    shift = place.json("shift", "--to", "green", "--steps", "50,100", "--bake", "1s", "--yes")
    assert (shift["outcome"], shift["weights"]) == ("completed", ON_GREEN)
    load = place.json("local", "load", "--requests", "200", "--rate", "100")
    assert (load["failed"], load["payments"]["lost"], load["payments"]["split"]) == (0, 0, 0)
    assert load["payments"]["written"] == 200


def test_colours_that_share_a_cluster_come_up_and_shift(of_one_cluster: Platform) -> None:
    comes_up_and_shifts(of_one_cluster)
    assert "has no ledger that moves" in of_one_cluster.bluegreen("ledger", "status").stderr
    back = of_one_cluster.json("rollback")
    assert back["after"] == {"blue": 100, "green": 0}
    assert of_one_cluster.json("local", "up")["changed"] is False
    assert of_one_cluster.json("local", "denials")["denials"] == []


def test_it_is_clean_comes_up_and_takes_the_traffic_there_and_back(place: Platform) -> None:
    comes_up_and_shifts(place)
    assert f".{REGION}.amazonaws.com" in (place.workspace / "cdktf.out/stacks/local/cdk.tf.json").read_text()
    assert place.json("ledger", "status")["writer"] == "green"
    back = place.bluegreen("rollback", "--with-ledger", "--reason", "a rehearsal")
    assert back.returncode == 0, back.stderr
    assert place.json("ledger", "status")["writer"] == "blue"

    assert place.json("local", "up")["changed"] is False
    assert place.json("local", "denials")["denials"] == []

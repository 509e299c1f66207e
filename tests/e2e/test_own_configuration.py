"""A deployment whose configuration differs from the shipped one in each key that an apply can change, and in
its region: synthesized, scanned, applied and operated.
"""

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.platform import Platform
from tests.workspaces import ROOT, with_shipped_configuration
from tools.permissions.changes import changed
from tools.permissions.lifecycle import toml

pytestmark = [pytest.mark.e2e, pytest.mark.long]

REGION = "eu-central-1"
ON_GREEN = {"blue": 0, "green": 100}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Platform]:
    """Synthesized."""
    place = Platform(with_shipped_configuration(tmp_path))
    file = tmp_path / "config" / "local.toml"
    text = toml(changed(file.read_text(encoding="utf-8"))).replace("us-east-1", REGION)
    file.write_text(text, encoding="utf-8")
    assert tomllib.loads(text)["region"] == REGION
    subprocess.run([sys.executable, str(ROOT / "main.py")], cwd=tmp_path, check=True)
    yield place
    down = place.bluegreen("local", "down")
    assert down.returncode == 0, down.stderr


def test_it_is_clean_comes_up_and_takes_the_traffic_there_and_back(place: Platform) -> None:
    scan = place.bluegreen("scan", "cdktf.out/stacks/local")
    assert scan.returncode == 0, scan.stdout + scan.stderr
    up = place.json("local", "up")
    assert up["changed"]
    assert up["status"]["consistent"]

    shift = place.json("shift", "--to", "green", "--steps", "50,100", "--bake", "1s", "--yes")
    assert (shift["outcome"], shift["weights"]) == ("completed", ON_GREEN)
    assert place.json("ledger", "status")["writer"] == "green"
    load = place.json("local", "load", "--requests", "200", "--rate", "100")
    assert (load["failed"], load["payments"]["lost"], load["payments"]["split"]) == (0, 0, 0)
    back = place.bluegreen("rollback", "--with-ledger", "--reason", "a rehearsal")
    assert back.returncode == 0, back.stderr
    assert place.json("ledger", "status")["writer"] == "blue"

    assert place.json("local", "up")["changed"] is False
    assert place.json("local", "denials")["denials"] == []

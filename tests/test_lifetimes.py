"""A fixture that starts processes ends with the last test of its directory or group, not with the run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lifetimes import DEAR
from tests.workspaces import ROOT

pytestmark = pytest.mark.integration

FIXTURES = """
import pytest

def say(what):
    with open("said", "a") as file: file.write(what + "\\n")

@pytest.fixture(scope="session")
def server(_integration):
    say("server starts")
    yield
    say("server ends")

@pytest.fixture(scope="session")
def seeded(server):
    yield
    say("seeded ends")

@pytest.fixture(scope="session")
def plain():
    yield
    say("plain ends")

@pytest.fixture(autouse=True)
def _name(request):
    say(request.node.name)
"""
TESTS = """
import pytest
def test_first(seeded, plain): pass
def test_second(): pass
def test_third(server): pass
@pytest.mark.xdist_group("other")
def test_of_a_group(server): pass
"""
GROUPS = """
import pytest
def test_alone(): pass
@pytest.mark.xdist_group("other")
def test_of_a_group(): pass
def test_with_what_is_dear(dear): pass
@pytest.mark.e2e
@pytest.mark.xdist_group("platform")
def test_on_a_platform(): pass
"""
DEAR_HERE = """
import pathlib, pytest
from tests import lifetimes

lifetimes.ROOT, lifetimes.DEAR = pathlib.Path(__file__).parent, {"a": "dear"}

@pytest.fixture(scope="session")
def dear(_integration): pass
"""
OUTSIDE = "def test_outside(): open('said', 'a').write('test_outside\\n')\n"


def run(directory: Path, *arguments: str) -> str:
    """What pytest prints that runs the tests there, which pass."""
    options = "--import-mode=importlib --dist=loadgroup --no-loadscope-reorder"
    markers = "unit\n integration\n e2e\n xdist_group\n"
    (directory / "pytest.ini").write_text(f"[pytest]\naddopts = {options}\nmarkers = {markers}")
    # Without what a worker around this one has set.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.tiers", "-p", "tests.lifetimes", *arguments],
        cwd=directory,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_it_ends_with_the_last_test_that_may_use_it(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "conftest.py").write_text(FIXTURES)
    (tmp_path / "a" / "test_them.py").write_text(TESTS)
    (tmp_path / "b" / "test_others.py").write_text(OUTSIDE)
    run(tmp_path, "-n", "0", "a", "b")
    assert (tmp_path / "said").read_text().splitlines() == [
        "server starts",
        "test_first",
        "test_second",
        "test_third",
        "seeded ends",
        "server ends",
        "server starts",
        "test_of_a_group",
        "server ends",
        "test_outside",
        "plain ends",
    ]


def test_what_is_dear_is_there() -> None:
    for directory, fixture in DEAR.items():
        text = (ROOT / directory / "conftest.py").read_text(encoding="utf-8")
        assert re.search(rf'scope="session"\)\ndef {fixture}\(\s*_integration: None', text), directory


def test_platforms_come_first_then_the_other_groups(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(DEAR_HERE)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "test_them.py").write_text(GROUPS)
    printed = run(tmp_path, "-n", "1", "-v", "a")
    assert re.findall(r"PASSED a/test_them.py::(\S+)", printed) == [
        "test_on_a_platform@platform",
        "test_of_a_group@other",
        "test_with_what_is_dear@a",
        "test_alone",
    ]

"""A unit test that starts a process fails, however it starts it; others may."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workspaces import ROOT

pytestmark = pytest.mark.integration

TESTS = """
import contextlib, os, subprocess, sys, threading
import pytest

def start():
    subprocess.run([sys.executable, "-c", ""], check=True)

@pytest.fixture
def told(_integration):
    start()

@pytest.fixture
def hidden():
    start()

def test_nothing(): pass
def test_start(): start()
def test_shell(): os.system("true")
def test_fork():
    if not os.fork(): os._exit(0)
def test_swallowed():
    with contextlib.suppress(BaseException): start()
def test_thread():
    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
def test_after_one_that_may(allowed):
    with allowed(): pass
    start()
def test_hidden_in_a_fixture(hidden): pass
def test_allowed(allowed):
    with allowed(): start()

@pytest.mark.integration
def test_marked(): start()
def test_told_by_a_fixture(told): start()
@pytest.mark.e2e
def test_end_to_end(told): start()

@pytest.mark.integration
@pytest.mark.sampled(3)
@pytest.mark.parametrize("case", range(60))
def test_many(case): pass
"""
INNOCENT = {"test_nothing", "test_allowed"}
FAILED = {"test_start", "test_shell", "test_fork", "test_swallowed", "test_thread", "test_after_one_that_may"}


def outcomes(directory: Path, tier: str) -> dict[str, set[str]]:
    """Names of the tests of that tier by their outcome."""
    (directory / "test_them.py").write_text(TESTS)
    (directory / "pytest.ini").write_text("[pytest]\nmarkers = unit\n integration\n e2e\n long\n sampled\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.tiers",
        "-n",
        "0",
        "-rA",
        "-m",
        tier,
        str(directory),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    found: dict[str, set[str]] = {}
    for outcome, name in re.findall(r"^(PASSED|FAILED|ERROR) \S+::([\w\[\]]+)", done.stdout, re.MULTILINE):
        found.setdefault(outcome, set()).add(name)
    return found


def test_a_unit_test_starts_nothing(tmp_path: Path) -> None:
    assert outcomes(tmp_path, "unit") == {
        "PASSED": INNOCENT,
        "FAILED": FAILED,
        "ERROR": {"test_hidden_in_a_fixture"},
    }


@pytest.mark.parametrize(
    ("tier", "names"),
    [("integration", {"test_marked", "test_told_by_a_fixture"}), ("e2e", {"test_end_to_end"})],
)
def test_the_others_may(tmp_path: Path, tier: str, names: set[str]) -> None:
    passed = outcomes(tmp_path, tier)["PASSED"]
    assert {name for name in passed if not name.startswith("test_many")} == names


def test_of_a_sampled_test_one_in_n_is_run_and_the_others_are_long(tmp_path: Path) -> None:
    some, others = (outcomes(tmp_path, tier)["PASSED"] for tier in ("integration", "long"))
    few = {name for name in some if name.startswith("test_many")}
    assert 10 <= len(few) <= 30
    assert (few & others, len(few | others)) == (set(), 60)
    assert outcomes(tmp_path, "integration")["PASSED"] == some  # the same in every run

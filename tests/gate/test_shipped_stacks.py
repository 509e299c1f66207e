"""The platform itself."""

from pathlib import Path

import pytest
from stack_gate import ExitCode

from bluegreen.pack import PACK
from packages.gate.tests.builder import found, messages, scan

pytestmark = pytest.mark.integration  # no process, but scans of whole stacks


def test_the_shipped_stacks_pass(workspace: Path) -> None:
    report = scan(workspace / "cdktf.out", PACK)
    assert found(report) == set()
    assert messages(report) == ""
    assert report.exit_code is ExitCode.PASSED
    assert report.stacks == ("local", "production", "staging")

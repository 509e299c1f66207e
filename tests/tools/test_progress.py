"""What set-up says while it installs."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.workspaces import ROOT

pytestmark = pytest.mark.integration

COMMAND = ["sh", str(ROOT / "scripts" / "progress.sh"), "things", "3", "*.thing", "log"]


def test_a_line_now_and_then_and_one_at_the_end(tmp_path: Path) -> None:
    (tmp_path / "a.thing").touch()
    waits = "until [ -e b.thing ]; do sleep 0.1; done"
    with subprocess.Popen(
        [*COMMAND, "sh", "-c", waits],
        cwd=tmp_path,
        env={**os.environ, "PROGRESS_SECONDS": "0"},
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stderr is not None
        assert child.stderr.readline().startswith("setting up: things: 1 of about 3, ")
        (tmp_path / "b.thing").touch()
        last = child.stderr.read().splitlines()[-1]
    assert child.returncode == 0
    assert last.startswith("set up: things: 2, in ")


def test_what_failed_is_shown(tmp_path: Path) -> None:
    result = subprocess.run(
        [*COMMAND, "sh", "-c", "echo no network; exit 7"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 7
    assert result.stderr.splitlines() == ["no network", "error: setting up: things: exit code 7"]

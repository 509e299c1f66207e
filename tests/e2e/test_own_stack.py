"""The commands of README, "Scan your own stack", run as they stand there, on the small stack of examples."""

import shlex

import pytest
from typer.testing import CliRunner

from bluegreen.cli.app import app
from tests.documents.blocks import lines
from tests.workspaces import ROOT

pytestmark = [
    pytest.mark.integration,  # no process, but Checkov and a hundred scans
    pytest.mark.filterwarnings("ignore::DeprecationWarning:checkov"),
]
MINE = [line for line in lines() if line.run_by == "tests/e2e/test_own_stack.py"]
SAID = {
    "scan": ("CKV_BG_245", "profile: general", "CKV2_BG_260 on 1 blocks", "aws_lightsail_disk.archive"),
    "admit": ('"aws_lightsail_disk"', '"id": "CKV2_BG_260"', '"owner": ""'),
    "mutate": ("mutants tried", "aws_cloudwatch_log_group.retention_in_days"),
}


def test_there_are_some() -> None:
    assert [line.commands[0][1] for line in MINE] == list(SAID)


@pytest.mark.parametrize("line", MINE, ids=str)
def test_a_command(line: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (words,) = line.commands  # type: ignore[attr-defined]
    result = CliRunner().invoke(app, words[1:], env={"COLUMNS": "200"})
    assert result.exit_code == line.exit_code, result.output  # type: ignore[attr-defined]
    assert [text for text in SAID[words[1]] if text not in result.stdout] == [], shlex.join(words)

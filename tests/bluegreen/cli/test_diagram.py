"""`bluegreen diagram`: where the picture goes, and what is said where there is none."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from bluegreen.cli.app import app
from tests.workspaces import stack_directory


def diagram(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["diagram", *arguments])


def test_the_deployment_is_drawn_beside_it(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cdktf.out").symlink_to(workspace / "cdktf.out")

    assert diagram("--deployment", "staging").exit_code == 0
    assert diagram("--format", "mermaid").exit_code == 0

    picture = ElementTree.parse(tmp_path / "topology-staging.svg").getroot()  # noqa: S314 - our own
    assert picture.tag.endswith("svg")
    assert (tmp_path / "topology-local.mmd").read_text().startswith("flowchart")


def test_it_goes_where_it_is_told(workspace: Path, tmp_path: Path) -> None:
    stack, file = str(stack_directory(workspace, "local")), tmp_path / "picture.svg"

    told = diagram(stack, "--out", str(file))
    shown = diagram(stack, "--out", "-")

    assert (told.exit_code, told.stdout) == (0, "")
    assert shown.stdout == file.read_text(encoding="utf-8")


def test_what_can_not_be_drawn_is_an_error(workspace: Path, tmp_path: Path) -> None:
    nowhere = diagram(str(tmp_path / "nothing"))
    unwritable = diagram(str(stack_directory(workspace, "local")), "--out", str(tmp_path / "no" / "file.svg"))

    assert (nowhere.exit_code, unwritable.exit_code) == (2, 2)
    assert "is not a directory" in nowhere.stderr
    assert "fix: synthesize first: make synth" in nowhere.stderr
    assert "file.svg can't be written: No such file or directory" in unwritable.stderr

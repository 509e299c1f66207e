"""`bluegreen policies`: the pack as a table, as JSON, as the page of the documents."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bluegreen.cli.app import app
from bluegreen.cli.policies import COLUMNS
from tests.workspaces import ROOT

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:checkov")


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    result = CliRunner().invoke(app, ["policies", *arguments], env={"COLUMNS": "400"})
    return result.exit_code, result.stdout, result.stderr


def test_the_list_is_the_same_as_json_and_as_a_table() -> None:
    code, listed, _ = run("--output", "json")
    assert code == 0
    rows = json.loads(listed)
    ids = [row["policy"] for row in rows]
    assert len(ids) == len(set(ids)) > 90
    assert ids == sorted(ids, key=lambda id_: (int(id_.rpartition("_")[2]), id_))
    assert all(set(COLUMNS) <= row.keys() and row["why"] and row["fix"] for row in rows)

    code, shown, _ = run()
    assert code == 0
    assert [line.split()[0] for line in shown.splitlines()[1:]] == ids


def test_the_page_of_the_documents(tmp_path: Path) -> None:
    page = tmp_path / "policies.md"
    code, out, err = run("--docs", str(page))
    assert (code, out) == (0, "")
    assert f"policies written to {page}" in err.replace("\n", "")
    assert page.read_text() == (ROOT / "docs" / "policies.md").read_text()


def test_a_page_that_can_not_be_written(tmp_path: Path) -> None:
    code, _, err = run("--docs", str(tmp_path))
    assert code == 2
    assert "can't be written" in err


def test_a_pack_that_can_not_be_loaded(tmp_path: Path) -> None:
    code, out, err = run(str(tmp_path / "nowhere"))
    assert (code, out) == (2, "")
    assert "is no package of policies" in err.replace("\n", " ")

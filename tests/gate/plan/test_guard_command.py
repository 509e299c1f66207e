"""`bluegreen guard`."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bluegreen.cli.app import app
from tests.gate.plan.conftest import Planned
from tests.gate.plan.plans import Edit

pytestmark = pytest.mark.xdist_group("plan")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["guard", *arguments], prog_name="bluegreen")


@pytest.fixture(autouse=True)
def in_an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is deployed there."""
    monkeypatch.chdir(tmp_path)


def test_a_refusal(edit: Edit, tmp_path: Path) -> None:
    address = edit.named("aws_rds_cluster", "blue")
    edit.update(address, engine_version="x").write(tmp_path)
    result = run("plan.json", "--active", "blue", "-f", "json=out/guard.json", "-f", "text=-")
    assert result.exit_code == 1
    assert f"{address}\n    BG_GUARD_ACTIVE_COLOUR it belongs to blue, which has weight 100;" in result.stdout
    (finding,) = json.loads(Path("out/guard.json").read_text())["findings"]
    assert {
        key: finding[key] for key in ("policy", "requirement", "severity", "resource", "file", "line")
    } == {
        "policy": "BG_GUARD_ACTIVE_COLOUR",
        "requirement": None,
        "severity": "CRITICAL",
        "resource": address,
        "file": "plan.json",
        "line": 1,
    }


def test_an_allowance(edit: Edit, tmp_path: Path) -> None:
    address = edit.named("aws_rds_cluster", "blue")
    edit.update(address, engine_version="x").write(tmp_path)
    result = run("plan.json", "--active", "blue", "--allow", f"{address}=CVE-1 = urgent")
    assert result.exit_code == 0
    assert "CVE-1 = urgent" in result.stdout


@pytest.mark.parametrize("value", ["aws_vpc.x", "aws_vpc.x=", "aws_vpc.x=  ", "=why", ""])
def test_an_allowance_without_address_or_reason(edit: Edit, tmp_path: Path, value: str) -> None:
    edit.write(tmp_path)
    result = run("plan.json", "--active", "blue", "--allow", value)
    assert result.exit_code == 2
    assert "ADDRESS=REASON" in result.stderr


def test_allowances_of_a_file(edit: Edit, tmp_path: Path) -> None:
    address = edit.named("aws_rds_cluster", "blue")
    edit.update(address, engine_version="x").write(tmp_path)
    Path("allow.txt").write_text(f"# of release 7\n\n  {address}=CVE-1 = urgent\n")
    result = run("plan.json", "--active", "blue", "--allow", "@allow.txt")
    assert result.exit_code == 0
    assert "CVE-1 = urgent" in result.stdout


@pytest.mark.parametrize("content", [None, "aws_vpc.x=\n", "aws_vpc.x\n"])
def test_a_file_of_allowances_that_is_none(edit: Edit, tmp_path: Path, content: str | None) -> None:
    edit.write(tmp_path)
    if content is not None:
        Path("allow.txt").write_text(content)
    result = run("plan.json", "--active", "blue", "--allow", "@allow.txt")
    assert (result.exit_code, "--allow" in result.stderr) == (2, True)


def test_two_allowances_of_one_address(edit: Edit, tmp_path: Path) -> None:
    edit.write(tmp_path)
    result = run("plan.json", "--active", "blue", "--allow", "a.b=one", "--allow", "a.b=two")
    assert (result.exit_code, "twice" in result.stderr) == (2, True)


def test_an_address_with_a_key(edit: Edit, tmp_path: Path) -> None:
    edit.write(tmp_path)
    result = run("plan.json", "--active", "blue", "--allow", 'a.b["x=y"]=because')
    assert 'a.b["x=y"]' in result.stdout
    assert result.exit_code == 1


def test_when_nobody_can_be_asked_who_serves(edit: Edit, tmp_path: Path) -> None:
    edit.write(tmp_path)
    result = run("plan.json")
    assert result.exit_code == 2
    assert "the active colour could not be read, so the plan was not judged" in result.stderr
    assert "--active blue" in result.stderr


def test_before_the_first_apply_nobody_is_asked(planned: Planned, tmp_path: Path) -> None:
    Edit(planned.create).write(tmp_path)
    result = run("plan.json")
    assert (result.exit_code, result.stderr) == (0, "")


def test_no_plan() -> None:
    result = run("plan.json", "--active", "blue")
    assert (result.exit_code, "can't be read" in result.stdout) == (2, True)

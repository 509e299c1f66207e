"""A change is judged by the lists of the protected branch, too: it can't admit itself."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bluegreen.cli.app import app
from tests.workspaces import ROOT, stack_directory

pytestmark = pytest.mark.integration  # no process, but scans of whole stacks


@pytest.fixture
def checkouts(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """The change, and the protected branch: the same policies, the same stack."""
    made = []
    for name in ("change", "protected"):
        checkout = tmp_path / name
        shutil.copytree(
            ROOT / "policies", checkout / "policies", ignore=shutil.ignore_patterns("__pycache__")
        )
        stack = stack_directory(workspace, "local")
        shutil.copytree(stack, checkout / "cdktf.out" / "stacks" / "local")
        made.append(checkout)
    monkeypatch.chdir(tmp_path)
    return made[0], made[1]


def scan(change: Path, protected: Path) -> tuple[Result, str]:
    variables = change / "variables"
    arguments = ["scan", str(change / "cdktf.out"), "--policies", str(change / "policies")]
    arguments += ["--protected", str(protected), "--variables", str(variables)]
    result = CliRunner().invoke(app, arguments, prog_name="bluegreen")
    return result, variables.read_text() if variables.exists() else ""


def edit(checkout: Path, **arguments: Any) -> str:
    """Of the blue cluster; its address."""
    file = checkout / "cdktf.out" / "stacks" / "local" / "cdk.tf.json"
    document = json.loads(file.read_text())
    clusters = document["resource"]["aws_rds_cluster"]
    name = next(name for name in clusters if "blue" in name)
    clusters[name] |= arguments
    file.write_text(json.dumps(document))
    return f"aws_rds_cluster.{name}"


def test_a_change_that_passes_by_both_lists_waits_for_nobody(checkouts: tuple[Path, Path]) -> None:
    result, variables = scan(*checkouts)
    assert (result.exit_code, variables) == (0, "review=false\n"), result.output


@pytest.mark.long
def test_a_change_that_fails_by_its_own_lists_fails(checkouts: tuple[Path, Path]) -> None:
    edit(checkouts[0], backup_retention_period=1)
    result, variables = scan(*checkouts)
    assert (result.exit_code, variables) == (1, "")


@pytest.mark.long
def test_a_change_that_takes_its_policy_away_waits_for_the_owners(checkouts: tuple[Path, Path]) -> None:
    change, protected = checkouts
    address = edit(change, backup_retention_period=1)
    (change / "policies" / "data" / "database_keeps_backups_a_week.py").unlink()
    result, variables = scan(change, protected)
    assert (result.exit_code, variables) == (0, "review=true\n")
    assert f"CKV_BG_124 {address}" in result.stderr


def test_a_change_that_waives_its_own_finding_waits_for_the_owners(checkouts: tuple[Path, Path]) -> None:
    change, protected = checkouts
    until = (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
    waiver = {"id": "CKV_BG_124", "comment": "later", "expires": until}
    file = change / "cdktf.out" / "stacks" / "local" / "cdk.tf.json"
    document = json.loads(file.read_text())
    name = next(name for name in document["resource"]["aws_rds_cluster"] if "blue" in name)
    cluster = document["resource"]["aws_rds_cluster"][name]
    cluster["backup_retention_period"] = 1
    cluster["//"].setdefault("checkov", {"skip": []})["skip"].append(waiver)
    file.write_text(json.dumps(document))
    result, variables = scan(change, protected)
    assert (result.exit_code, variables) == (0, "review=true\n"), result.output
    assert f"waived until {until}: later" in result.stderr


@pytest.mark.long
def test_a_type_that_only_the_change_admits_waits_for_the_owners(checkouts: tuple[Path, Path]) -> None:
    change, protected = checkouts
    world = protected / "policies" / "_world.py"
    world.write_text(world.read_text().replace('"aws_lambda_alias", ', ""))
    result, variables = scan(change, protected)
    assert (result.exit_code, variables) == (0, "review=true\n")
    assert "CKV2_BG_260" in result.stderr
    assert "aws_lambda_alias" in result.stderr


def test_a_protected_checkout_that_is_none_is_wrong_input(checkouts: tuple[Path, Path]) -> None:
    shutil.rmtree(checkouts[1] / "cdktf.out")
    result, variables = scan(*checkouts)
    assert (result.exit_code, variables) == (2, "")
    assert "is no synthesized checkout: it has no cdktf.out" in result.stderr

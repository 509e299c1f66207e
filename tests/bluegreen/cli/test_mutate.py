"""`bluegreen mutate`: the score as text and as JSON, and what can't be measured."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bluegreen.cli.app import app
from packages.gate.tests.builder import PLAIN_GROUP, SMALL_PACK, write

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:checkov")


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    directory = tmp_path / "small"
    directory.mkdir()
    (directory / "__init__.py").touch()
    (directory / "named.py").write_text(SMALL_PACK)
    return directory


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["mutate", *map(str, arguments)], env={"COLUMNS": "200"})
    return result.exit_code, result.stdout, result.stderr


def test_the_same_as_json_and_as_text(tmp_path: Path, pack: Path) -> None:
    secrets = {"aws_secretsmanager_secret": {"s": {"name": "payments"}}}
    output = write(tmp_path / "out", resource=secrets | {"aws_cloudwatch_log_group": {"g": PLAIN_GROUP}})
    code, said, _ = run(output, "--policies", pack, "--output", "json")
    found = json.loads(said)
    assert (code, found["exit_code"], found["mutants"]) == (1, 1, found["possible"])
    assert "CKV_BG_1" in {row["policy"] for row in found["policies"]}
    assert "aws_cloudwatch_log_group.retention_in_days" in {row["argument"] for row in found["unguarded"]}
    survived = {(row["operator"], row["argument"]) for row in found["survived"]}
    assert ("redirect", "aws_secretsmanager_secret.name") in survived

    code, said, told = run(output, "--policies", pack)
    assert code == 1
    assert f"{found['mutants']} of {found['possible']} mutants tried (seed 0)" in said
    assert "redirect aws_secretsmanager_secret.name in aws_secretsmanager_secret.s of payments" in said
    assert "loading the policies" in told


def test_what_can_not_be_measured(tmp_path: Path, pack: Path) -> None:
    code, said, _ = run(tmp_path / "nowhere", "--policies", pack)
    assert (code, "Nothing was measured." in said) == (2, True)
    assert "fix: synthesize first: make synth" in said

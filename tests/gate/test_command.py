"""`bluegreen scan`."""

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from bluegreen.cli import scan as command
from packages.gate.tests.builder import PLAIN_GROUP, SMALL_PACK, UNENCRYPTED, waived, waiver, write
from tests.workspaces import ROOT

DEFECT = {"aws_cloudwatch_log_group": {"group": PLAIN_GROUP}}
SOON = f"{datetime.now(UTC).date() + timedelta(days=30)}"
WAIVED = {"aws_cloudwatch_log_group": {"group": waived(PLAIN_GROUP, waiver(UNENCRYPTED[0], expires=SOON))}}

app = typer.Typer()
app.command("scan")(command.scan)
SMALL = ("--policies", "small")


@pytest.fixture(autouse=True)
def in_an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The default directory is relative. In it is a pack that says nothing about these small stacks."""
    monkeypatch.chdir(tmp_path)
    Path("small").mkdir()
    Path("small", "__init__.py").touch()
    Path("small", "named.py").write_text(SMALL_PACK)


@pytest.mark.parametrize(
    ("resource", "code"), [({}, 0), (WAIVED, 0), (DEFECT, 1)], ids=["good", "waived", "bad"]
)
def test_the_exit_code_and_the_text(resource: dict[str, object], code: int) -> None:
    write(Path("cdktf.out"), resource=resource)
    result = CliRunner().invoke(app, [*SMALL])
    assert result.exit_code == code
    assert ("FINDINGS" if code else "PASSED") in result.stdout
    assert "cdktf.out/stacks/payments/cdk.tf.json:" in result.stdout or not code
    assert result.stderr in ("", "scanning\n")  # said where it takes long


def test_without_output_of_synthesis() -> None:
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 2
    assert "cdktf.out is not a directory: there is nothing to scan" in result.stdout
    assert "fix: synthesize first: make synth" in result.stdout


def test_any_number_of_formats(tmp_path: Path) -> None:
    output = write(Path("elsewhere"), resource=DEFECT)
    files = {name: tmp_path / "reports" / name for name in ("json", "sarif", "junit", "text")}
    options = [option for name, file in files.items() for option in ("--format", f"{name}={file}")]
    result = CliRunner().invoke(app, [str(output), *SMALL, *options])
    assert result.exit_code == 1
    assert "FINDINGS" in result.stdout
    assert json.loads(files["json"].read_text())["findings"][0]["policy"] == UNENCRYPTED[0]
    assert json.loads(files["sarif"].read_text())["runs"][0]["results"][0]["ruleId"] == UNENCRYPTED[0]
    assert files["junit"].read_text().startswith("<?xml")
    assert files["text"].read_text() == result.stdout


def test_a_format_on_standard_output_is_alone_there() -> None:
    write(Path("cdktf.out"))
    result = CliRunner().invoke(app, [*SMALL, "-f", "json=-"])
    assert (result.exit_code, json.loads(result.stdout)["exit_code"]) == (0, 0)


@pytest.mark.parametrize("value", ["pdf=x", "json", "json=", "=x", ""])
def test_a_format_that_is_none(value: str) -> None:
    write(Path("cdktf.out"))
    result = CliRunner().invoke(app, ["--format", value])
    assert result.exit_code == 2
    assert "NAME=FILE" in result.stderr


def test_a_report_that_can_not_be_written() -> None:
    write(Path("cdktf.out"))
    Path("file").write_text("")
    result = CliRunner().invoke(app, ["-f", "json=file/report.json"])
    assert result.exit_code == 2
    assert "the json report can't be written to file/report.json" in result.stderr


def test_policies_that_are_not_there() -> None:
    write(Path("cdktf.out"))
    result = CliRunner().invoke(app, ["--policies", "policies"])
    assert result.exit_code == 2
    assert "policies is no package of policies" in result.stdout


def run(code: Path) -> tuple[int, str]:
    """The command as a process, with the tool at `code`; its exit code and output."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(code)}
    done = subprocess.run(
        [sys.executable, "-m", "bluegreen", "scan"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.integration
def test_the_platform_s_own_policies_are_the_default_wherever_it_is_run() -> None:
    write(Path("cdktf.out"))
    Path("small").rename("policies")  # and not what happens to have its name there
    code, text = run(ROOT)
    assert code == 1
    assert "CKV2_BG_229 (R29)" in text


@pytest.mark.integration
def test_without_the_platform_s_own_policies_nothing_was_evaluated() -> None:
    write(Path("cdktf.out"))
    Path("small").rename("policies")
    for name in ("bluegreen", "examples", "lambda_src"):
        shutil.copytree(ROOT / name, Path("code", name))
    code, text = run(Path("code").resolve())
    assert code == 2
    assert "policies is no package of policies" in text


def test_it_says_so_when_it_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "PATIENCE", 0.0)
    write(Path("cdktf.out"))
    assert "scanning" in CliRunner().invoke(app, []).stderr


@pytest.mark.integration
def test_importing_the_command_imports_no_checkov() -> None:
    code = "import sys, bluegreen.cli.app, bluegreen.cli.scan; sys.exit('checkov' in sys.modules)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0


def test_stacks_of_one_platform(tmp_path: Path) -> None:
    """Two stacks in a platform are judged as one; a file that is wrong says what is allowed."""
    for name in ("first", "second"):
        write(Path("cdktf.out"), name)
    path = tmp_path / "stacks.toml"
    path.write_text("[payments]\nfirst = []\nsecond = []\n")
    result = CliRunner().invoke(app, [*SMALL, "--platform", str(path)])
    assert (result.exit_code, "stacks: 2" in result.stdout) == (0, True), result.stdout
    path.write_text("[payments]\nthird = []\n")
    result = CliRunner().invoke(app, [*SMALL, "--platform", str(path)], env={"COLUMNS": "300"})
    assert result.exit_code == 2
    assert "has payments.third, and no stack of that name is scanned" in result.stdout
    assert "name one of: first, second" in result.stdout


def test_a_plan_is_of_one_stack() -> None:
    result = CliRunner().invoke(app, ["--plan", "plan.json", "--platform", "platform.toml"])
    assert result.exit_code == 2
    assert "--platform goes without --plan" in result.stderr

"""CDK Terrain synthesizes what CDKTF does, but for the written list."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from stack_gate import ExitCode
from trimmed_bindings import CDKTF, TERRAIN, verify

from packages.gate.tests.builder import found, messages, scan
from tests.workspaces import DEPLOYMENTS, ROOT, stack_of, with_shipped_configuration
from tools.terrain import __main__ as terrain_command
from tools.terrain import synthesis
from tools.terrain.comparison import unexpected_differences

Document = dict[str, Any]


def test_both_toolkits_synthesize_the_same(workspace: Path, terrain: Path) -> None:
    output = workspace / "cdktf.out"
    assert {path.name for path in (output / "stacks").iterdir()} == set(DEPLOYMENTS)
    assert unexpected_differences(output, terrain) == []


def _value(document: Document) -> None:
    next(iter(document["resource"]["aws_lb_listener"].values()))["port"] += 1


def _type(document: Document) -> None:
    table = next(iter(document["resource"]["aws_dynamodb_table"].values()))
    table["deletion_protection_enabled"] = str(table["deletion_protection_enabled"]).lower()


def _resource(document: Document) -> None:
    document["resource"]["aws_vpc"]["second"] = {}


def _output(document: Document) -> None:
    document["output"].popitem()


def _provider(document: Document) -> None:
    document["terraform"]["required_providers"]["aws"]["version"] = "6.69.2"


def _as_cdktf(document: Document) -> None:
    document["terraform"]["required_providers"]["aws"]["version"] = "5.100.0"


@pytest.mark.parametrize("change", [_value, _type, _resource, _output, _provider, _as_cdktf])
def test_a_deliberate_difference_fails(
    workspace: Path, terrain: Path, tmp_path: Path, change: Callable[[Document], None]
) -> None:
    changed = shutil.copytree(terrain, tmp_path / "changed")
    file = changed / "stacks" / "production" / "cdk.tf.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    change(document)
    file.write_text(json.dumps(document), encoding="utf-8")
    differences = unexpected_differences(workspace / "cdktf.out", changed)
    assert {difference.partition(": ")[0] for difference in differences} == {"stacks/production/cdk.tf.json"}


def _another_file(directory: Path) -> None:
    (directory / "another").touch()


def _no_lock(directory: Path) -> None:
    (directory / "stacks" / "local" / ".terraform.lock.hcl").unlink()


def _other_package(directory: Path) -> None:
    package = next((directory / "stacks" / "local" / "assets").rglob("*.zip"))
    package.write_bytes(package.read_bytes()[:-1])


@pytest.mark.parametrize("change", [_another_file, _no_lock, _other_package])
def test_a_file_that_differs_fails(
    workspace: Path, terrain: Path, tmp_path: Path, change: Callable[[Path], None]
) -> None:
    changed = shutil.copytree(terrain, tmp_path / "changed")
    change(changed)
    assert len(unexpected_differences(workspace / "cdktf.out", changed)) == 1


@pytest.mark.integration
@pytest.mark.long
def test_trimmed_bindings_of_provider_6_give_the_same_bytes_as_the_stock_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, variables = synthesis.command(TERRAIN)
    for name, value in (variables | {"DEPLOYMENT": "production"}).items():
        monkeypatch.setenv(name, value)
    assert verify.differences(words, cwd=with_shipped_configuration(tmp_path)) == []


@pytest.mark.long
def test_the_gate_passes_what_provider_6_gets(terrain: Path) -> None:
    report = scan(terrain, ROOT / "policies")
    assert (found(report), messages(report)) == (set(), "")
    assert report.exit_code is ExitCode.PASSED
    assert report.stacks == DEPLOYMENTS


@pytest.mark.parametrize("deployment", DEPLOYMENTS)
@pytest.mark.parametrize(
    "word",
    [
        "inference_accelerator",
        "mutual_authentication",
        "preserve_client_ip",
        "aws_managed_rules_bot_control_rule_set",
        "s3_us_east_1_regional_endpoint",
    ],
)
def test_no_deployment_uses_what_provider_6_reads_otherwise(
    workspace: Path, deployment: str, word: str
) -> None:
    """docs/terrain.md says so; arguments that provider 6 removed are refused by its bindings."""
    assert word not in json.dumps(stack_of(workspace, deployment))


@pytest.mark.integration
@pytest.mark.parametrize(
    ("toolkit", "reason"),
    [("cdktn", "the package cdktn is not installed"), ("cdk", "'cdk' is not a toolkit")],
)
def test_a_toolkit_that_is_not_here_is_refused(tmp_path: Path, toolkit: str, reason: str) -> None:
    workspace = with_shipped_configuration(tmp_path)
    result = subprocess.run(
        [sys.executable, str(ROOT / "main.py")],
        cwd=workspace.parent,
        env={**os.environ, "BLUEGREEN_CDK": toolkit},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stdout) == (2, "")
    assert reason in result.stderr
    assert "  state: nothing was written\n  fix: " in result.stderr
    assert not (workspace.parent / "cdktf.out").exists()


def test_a_missing_environment_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(synthesis.PYTHON, CDKTF, ROOT / ".tools" / "nothing" / "python")
    assert terrain_command.main() == 1
    assert "no synthesis with cdktf: .tools/nothing/python does not exist\n  fix: " in capsys.readouterr().err


def test_the_locked_packages_of_both_environments_agree() -> None:
    """Where a package is named in both, it is the same version; hashes are there, hosts are not."""
    locks = [ROOT / "Pipfile.lock", ROOT / "scripts" / "terrain" / "Pipfile.lock"]
    project, terrain = (json.loads(lock.read_text(encoding="utf-8")) for lock in locks)
    named = ("botocore", "pydantic", "pymysql", "rich")
    assert {name: terrain["default"][name]["version"] for name in named} == {
        name: project["default"][name]["version"] for name in named
    }
    assert all(package["hashes"] for package in terrain["default"].values())
    assert terrain["_meta"]["sources"] == []
    assert "://" not in locks[1].read_text(encoding="utf-8")
